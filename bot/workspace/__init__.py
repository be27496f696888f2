"""A stand-in for Slack on this machine: a small workspace in memory, and a server for any Slack app."""

from bot.workspace.delivery import Schedule
from bot.workspace.errors import SlackError
from bot.workspace.faults import ApiFault, EventFault, Faults
from bot.workspace.interactions import CommandOutcome, Outcome
from bot.workspace.log import Exchange
from bot.workspace.server import Server, serve
from bot.workspace.state import Channel, Message, User, View
from bot.workspace.steps import Step
from bot.workspace.workspace import Workspace

__all__ = [
    "ApiFault",
    "Channel",
    "CommandOutcome",
    "EventFault",
    "Exchange",
    "Faults",
    "Message",
    "Outcome",
    "Schedule",
    "Server",
    "SlackError",
    "Step",
    "User",
    "View",
    "Workspace",
    "serve",
]
