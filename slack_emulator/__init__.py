"""A stand-in for Slack on this machine: a small workspace in memory, and a server for any Slack app."""

from slack_emulator.actions.workflow_steps import Step
from slack_emulator.errors import SlackError
from slack_emulator.payloads.interactions import CommandOutcome, Outcome
from slack_emulator.server import Server, serve
from slack_emulator.state.models import Channel, Message, User, View
from slack_emulator.transport.delivery import Schedule
from slack_emulator.transport.faults import ApiFault, EventFault, Faults
from slack_emulator.transport.traffic_log import Exchange
from slack_emulator.workspace import Workspace

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
