"""Help: every way to use the bot, in one message."""

from bot.slack.blocks.reply import Reply, context, section


def help_reply(command: str, trigger_emoji: str, bot_user_id: str | None) -> Reply:
    """Explain the bot, naming the command, emoji and bot user of this workspace."""
    bot = f"<@{bot_user_id}>" if bot_user_id else "@sentiment"
    return Reply(
        "How to ask me for the sentiment of a text",
        [
            section(
                "*I read the mood of a message, and say how I know.*\n"
                f"• `{command} TEXT` – only you see the answer\n"
                f"• `{command} tokens TEXT` – with the words that decided it\n"
                f"• {bot} `TEXT` – I answer in the thread; {bot} `tokens TEXT` adds the words\n"
                f"• {bot} alone, in a thread – the message that started it, only for you\n"
                f"• React with :{trigger_emoji}: `:{trigger_emoji}:` – that message, only for you\n"
                "• Write to me directly – I answer there; `tokens TEXT` works too\n"
                f"• `{command} help` – this help"
            ),
            context("I keep no text. A model can be wrong: read the message before you believe me."),
        ],
    )
