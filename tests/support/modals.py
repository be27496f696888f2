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


async def rate(bot: RunningBot, user: str, message: Message, *, right: bool) -> None:
    """Press one of the feedback buttons of a message."""
    (element,) = [one for _, one in interactive_elements(message.blocks) if one["type"] == "feedback_buttons"]
    half = element["positive_button" if right else "negative_button"]
    await bot.workspace.press(user, message, element["action_id"], half["value"])


def buttons(message: Message) -> list[str]:
    """Return the action ids of a message's buttons."""
    return [element["action_id"] for _, element in interactive_elements(message.blocks)]
