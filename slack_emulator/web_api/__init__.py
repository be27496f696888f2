"""Slack's Web API: the methods, by family, and how a call finds its method."""

from slack_emulator.web_api import apps, chat, conversations, files, functions, oauth, reactions, users, views
from slack_emulator.web_api.registry import METHODS, Args, Call, answer

__all__ = [
    "METHODS",
    "Args",
    "Call",
    "answer",
    "apps",
    "chat",
    "conversations",
    "files",
    "functions",
    "oauth",
    "reactions",
    "users",
    "views",
]
