"""Block Kit of opting out."""

from bot.slack.blocks import Block, Reply, actions, button, note, section
from bot.slack.parsing.request import COMMAND

OPT_OUT = "opt_out"
OPT_IN = "opt_in"
SHOW_PRIVACY = "show_privacy"

_OTHER_ORGANIZATIONS = (
    "In a channel shared with another organization, their bot does not know of your opt-out: mention that bot in the "
    "channel with `optout`."
)

OPTED_OUT_NOW = note(
    "Done: I don't analyse your messages for anybody else, and I don't react to them. I still answer your own "
    f"requests. {_OTHER_ORGANIZATIONS}"
)
OPTED_IN_NOW = note("Done: people who see a message of yours can ask me about it again.")

STORED_DATA = section(
    "• No text, ever. I read it, answer and forget it; my log contains no text.\n"
    "• Whether you have opted out. Which channels I watch, and who requested that, a digest, an alert or a "
    "routing rule.\n"
    "• For 7 days, unless whoever runs me changed that, which message got an answer and, if it was private, who "
    "requested it. I store ids only, so that nothing is answered twice.\n"
    "• For watched channels: how many messages of each hour had which label, and how many people wrote on a day. To "
    "count them, I store who wrote as hashes, which I delete when the day is over.\n"
    "• For channels with routing rules: the rules, the timestamps of messages that met one, their confidence until "
    "they are sent, whether each of the last 20 messages reads negative, and the address and secret of a webhook.\n"
    "• For 👍 and 👎: the label given and the one meant, the model, the language if the model does not read it, and "
    "the date. Not the text, not who.\n"
    "• A result about a message goes to the person who requested it, and to nobody else unless they share it. In a "
    "watched channel, everybody in it sees the emoji of each result, and those whom its routing rules name get links "
    "to messages; the channel is told of both first.\n"
    f"• After `{COMMAND} optout` your messages are not analysed for anybody else, nor watched. {_OTHER_ORGANIZATIONS}"
)


_OPTED_OUT = "*You have opted out.* I don't analyse your messages for anybody else. I still answer your own requests."
_OPTED_IN = "*You have not opted out.* People who see a message of yours can ask me how it reads, and only they see it."


def home_section(*, opted_out: bool) -> list[Block]:
    """Say whether a user has opted out, with a button to change that, and one for what is stored."""
    more = actions([button(SHOW_PRIVACY, "What I store")])
    if opted_out:
        return [{**section(_OPTED_OUT), "accessory": button(OPT_IN, "Opt in again")}, more]
    return [{**section(_OPTED_IN), "accessory": button(OPT_OUT, "Opt out")}, more]


def stored_data(*, opted_out: bool) -> Reply:
    """Say what is stored, and whether a user has opted out."""
    status = (
        f"{_OPTED_OUT} Write `optin` to reverse it." if opted_out else f"{_OPTED_IN} Write `optout` to change that."
    )
    return Reply("What I store", [section(status), STORED_DATA])
