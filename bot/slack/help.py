"""Help: every way to use the bot that is open where somebody asks, in one message."""

from collections.abc import Collection

from bot.slack.blocks import Reply, context, section

PRIVACY = (
    "• No text of anybody, ever. I read it, answer, and forget it; my log has ids only.\n"
    "• That you opted out, if you do. Which channels I watch, and who asked for it, for a digest or an alert.\n"
    "• For a week, which message got an answer and, where it was private, who asked: by their ids, so that nothing is "
    "answered twice.\n"
    "• Of watched channels: how many messages of each hour read how, and how many people wrote on a day. Not who.\n"
    "• Of 👍 and 👎: the label given and meant, the model, the language and the day. Not the text, not who.\n"
    "• What I made of a message goes to whoever asked, and to nobody else unless they share it.\n"
    "• `/sentiment optout`, and your messages are never judged for anybody else, nor watched."
)
"""What is kept, in plain words."""


def help_reply(
    command: str, trigger_emoji: str, bot_user_id: str | None, features: Collection[str], *, direct: bool = False
) -> Reply:
    """Explain the bot, naming the command, emoji and bot user of this workspace.

    Args:
        command: the slash command.
        trigger_emoji: the emoji that asks about a message.
        bot_user_id: the bot's own user, if Slack told.
        features: what is switched on besides.
        direct: whether it is asked for in a direct message, where there is no channel to speak of.
    """
    bot = f"<@{bot_user_id}>" if bot_user_id else "@sentiment"
    here = ["• Write to me directly – I answer there; `tokens TEXT` adds the words that decided it"]
    anywhere = [
        f"• `{command} TEXT` – only you see the answer; `{command} tokens TEXT` adds the words that decided it",
        "• *Analyze sentiment* in a message's ⋮ menu – that message, only for you",
        "• *Check a draft* in the shortcuts menu – before you send it",
    ]
    channel = [
        f"• {bot} `TEXT` – I answer in the thread; {bot} `tokens TEXT` adds the words",
        f"• {bot} alone, in a thread – the message that started it, only for you",
        f"• React with :{trigger_emoji}: `:{trigger_emoji}:` – that message, only for you",
        "• Write to me directly – I answer there",
    ]
    if "watching" in features:
        channel.append(
            f"• `{command} watch` – I react to this channel's messages with an emoji for how they read; "
            f"`{command} watch settings`, `{command} watch status`, `{command} unwatch`"
        )
        anywhere.append(
            f"• `{command} report` – the mood of a channel that both of us are in, sent to you; "
            f"`{command} report #channel 24h`, `7d`, `30d`, `90d`"
        )
        channel.append(
            f"• `{command} digest weekly` or `daily` – that, posted here; `{command} alert on` – I write to you when "
            "this channel reads far worse than usual"
        )
    if "workflows" in features:
        anywhere.append("• *Analyze sentiment* is a step for Workflow Builder, too")
    own = [f"• `{command} optout` – your messages are not judged for others; `{command} optin` takes it back"]
    own.append(f"• `{command} help` – this help")
    lines = [*(here if direct else []), *anywhere, *([] if direct else channel), *own]
    return Reply(
        "How to ask me for the sentiment of a text",
        [
            section("*I read the mood of a message, and say how I know.*"),
            section("\n".join(lines)),
            context("I keep no text. A model can be wrong: read the message before you believe me."),
        ],
    )
