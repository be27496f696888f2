"""Block Kit of watching."""

from collections.abc import Sequence

from bot.sentiment.formatting import EMOJI, plain_label
from bot.slack.blocks import LEAVE_OUT, Block, Reply, View, actions, button, context, input_block, modal, note, section
from bot.slack.parsing.request import COMMAND
from bot.store.channels.watches import Watch

OPEN_SETTINGS = "open_watch_settings"
SETTINGS = "watch_settings"
STOP = "stop_watching"

CHANNELS_ONLY = note("I watch channels only. I answer every direct message anyway.")
ARCHIVED = note("This channel is archived, so nobody writes here any more.")
STOPPED = note("Done.")
CONFIRM_STOP = Reply(
    "Stop watching this channel?",
    [
        section(
            "Stop watching this channel? That deletes its counts, also those of past months, and ends its digest, "
            "alerts and routing rules. Emoji that I have added stay. I'll tell the channel."
        ),
        actions([button(STOP, "Stop and delete", style="danger")]),
    ],
)
CANNOT_ANNOUNCE = note("I don't watch this channel, because I could not announce it here. Am I allowed to post?")
NOT_ALLOWED = note("Slack does not let me see this channel. Whoever runs me can find the reason in my log.")


def announcement(watch: Watch) -> Reply:
    """Tell a channel that it is watched from now on."""
    return Reply(
        "From now on I watch this channel",
        [
            section(
                f"From now on I watch this channel: I react to each message with {_emoji_list(watch)} for its "
                f"sentiment, and count how many messages have each label. <@{watch.asked_by}> requested it."
            ),
            context(
                "I don't store any text. To count people, I store who wrote as hashes, which I delete when the day is "
                f"over. {LEAVE_OUT} Anybody in my workspace can stop it: "
                f"`{COMMAND} unwatch`."
            ),
        ],
    )


def farewell(user: str, *, had_rules: bool) -> Reply:
    """Tell a channel that ``user`` has switched watching off, and that its routing rules ended if it ``had_rules``."""
    deleted = "counts and routing rules" if had_rules else "counts"
    return note(f"I no longer watch this channel, and its {deleted} are deleted. <@{user}> switched it off.")


def status(watch: Watch, more: Sequence[Block] = ()) -> Reply:
    """Say how a channel is watched, with a button to change it, and ``more`` that other features say."""
    # The name is empty if whoever requested it has been deleted.
    requested = f" <@{watch.asked_by}> requested it." if watch.asked_by else ""
    return Reply(
        "I watch this channel",
        [
            section(
                f"I watch this channel: {_emoji_list(watch)} on messages that I am at least "
                f"{round(watch.least_confidence * 100)} % sure of.{requested}"
            ),
            actions([button(OPEN_SETTINGS, "Settings")]),
            *more,
        ],
    )


def settings_view(watch: Watch, channel: str) -> View:
    """Ask how a channel should be watched."""
    emoji = [_emoji_input(label, name) for label, name in watch.emojis.items()]
    element: Block = {"type": "number_input", "is_decimal_allowed": False, "min_value": "0", "max_value": "99"}
    element["initial_value"] = str(round(watch.least_confidence * 100))
    hint = "Messages that I am less sure of get no emoji."
    least = input_block("least_confidence", "Least confidence, in per cent", element, hint=hint)
    return modal("How to watch", [*emoji, least], submit="Save", callback_id=SETTINGS, private_metadata=channel)


def _emoji_input(label: str, name: str) -> Block:
    element: Block = {"type": "plain_text_input", "max_length": 100}
    if name:
        element["initial_value"] = name
    hint = "Its name, such as tada. Leave it empty for no emoji."
    return input_block(label.lower(), f"Emoji for {plain_label(label)} {EMOJI[label]}", element, hint=hint) | {
        "optional": True
    }


def _emoji_list(watch: Watch) -> str:
    return " ".join(f":{name}:" for name in watch.emojis.values() if name) or "no emoji at all"
