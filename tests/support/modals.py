"""Helpers for tests of modals."""

from slack_emulator import Message, View
from slack_emulator.payloads.elements import interactive_elements
from tests.support.bot_in_emulator import RunningBot, text_in


def current_modal(bot: RunningBot, user: str) -> View:
    """Return the topmost modal of a user; one must be open."""
    view = bot.workspace.modal(user)
    assert view is not None
    return view


def view_text(view: View) -> str:
    """Return all text in a view's blocks."""
    return text_in(Message("", "", "", "", "", blocks=view.content["blocks"]))


async def wait_for_modal(bot: RunningBot, user: str, words: str) -> View:
    """Wait until the topmost modal of a user contains ``words``; return it."""
    await bot.workspace.until(lambda: (view := bot.workspace.modal(user)) and words in view_text(view))
    return current_modal(bot, user)


def buttons(message: Message) -> list[str]:
    """Return the action ids of a message's buttons."""
    return [element["action_id"] for _, element in interactive_elements(message.blocks)]
