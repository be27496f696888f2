"""The hook ``get-manifest`` of the Slack CLI, a command that ``.slack/hooks.json`` names; people use ``manifest``."""

import json
import sys
from typing import Annotated

import typer

from bot.errors import BotError
from bot.settings import Settings

app = typer.Typer()

PROTOCOLS = ("default", "message-boundaries")


# The CLI also passes --source, unquoted, and later versions may pass more.
@app.command(hidden=True, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def slack_cli_manifest(
    protocol: Annotated[str, typer.Option(help="One of default and message-boundaries.")] = "default",
    boundary: Annotated[str, typer.Option(help="For message-boundaries: what to print around the answer.")] = "",
) -> None:
    """Print the manifest for the Slack CLI, for Socket Mode."""
    from bot.slack.feature import enabled
    from bot.slack.features import ALL_FEATURES
    from bot.slack.transport.manifest import build_manifest

    if protocol not in PROTOCOLS:
        raise BotError(f"--protocol must be {' or '.join(PROTOCOLS)}. Update the bot, or the Slack CLI.")
    if protocol == "message-boundaries" and not boundary:
        raise BotError("--protocol=message-boundaries needs --boundary. Update the Slack CLI.")
    around = boundary if protocol == "message-boundaries" else ""
    manifest = build_manifest(enabled(ALL_FEATURES, Settings.read().features))
    # In one line and one write, since the CLI looks for the boundary in each chunk that it reads.
    sys.stdout.write(f"{around}{json.dumps(manifest)}{around}\n")
