"""The commands ``manifest`` and ``doctor``, for setting up the bot."""

import asyncio
import json
import logging
import re
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING, Annotated

import typer
from packaging.requirements import Requirement

from bot.cli.block_check import check_blocks
from bot.cli.database import open_existing
from bot.cli.formatting import fit, painter
from bot.errors import BotError, ConfigurationError
from bot.reports.text import plural
from bot.settings import WHERE_TO_SET, Settings

if TYPE_CHECKING:
    from bot.slack.client.slack_client import SlackClient

app = typer.Typer()

_DISTRIBUTION = {
    "internal": "DISTRIBUTION is internal: your own app, which Slack lets read histories at its usual rate",
    "marketplace": "DISTRIBUTION is marketplace: an app approved by Slack, which may read histories at its usual rate",
    "commercial": (
        "DISTRIBUTION is commercial: an app outside the Marketplace, which Slack lets read 15 messages a minute, so "
        "reports come from counts, and catch-up reads the newest messages only"
    ),
}
"""What each kind of app means."""


@app.command(epilog="Example: sentiment-bot manifest > manifest.json")
def manifest(
    url: Annotated[str | None, typer.Option(help="For HTTP: the bot's URL, such as https://bot.example.com")] = None,
    many_workspaces: Annotated[
        bool, typer.Option("--many-workspaces", help="With --url: let other workspaces install the app.")
    ] = False,
) -> None:
    """Print the manifest to create the Slack app from."""
    from bot.slack.feature import enabled
    from bot.slack.features import ALL_FEATURES
    from bot.slack.transport.manifest import build_manifest

    if url is not None and not re.fullmatch(r"https://[\w.-]+(:[0-9]{1,5})?/?", url):
        raise typer.BadParameter("it must be https:// and a host, without a path", param_hint="--url")
    if many_workspaces and url is None:
        raise typer.BadParameter("installation needs HTTP: add --url", param_hint="--many-workspaces")
    features = enabled(ALL_FEATURES, Settings.read().features)
    print(json.dumps(build_manifest(features, url, many_workspaces=many_workspaces), indent=2))


@app.command(epilog="Example: sentiment-bot doctor --all")
def doctor(
    show_all: Annotated[bool, typer.Option("--all", help="Then list what is right, too.")] = False,
    blocks: Annotated[
        bool, typer.Option("--blocks", help="Instead, let Slack check the blocks of every answer; nothing is posted.")
    ] = False,
) -> None:
    """Check versions, the model and the tokens; say what is wrong."""
    settings = Settings.read()
    if blocks:
        asyncio.run(check_blocks(settings))
        return
    failed, passed = asyncio.run(_run_checks(settings, painter(sys.stdout)))
    if show_all:
        print(*passed, sep="\n")
    elif settings.distribution == "commercial":
        print(_DISTRIBUTION["commercial"])
    rest = f"{plural(len(passed), 'check')} passed{'' if show_all else '; --all lists them'}"
    if failed:
        raise ConfigurationError(f"{plural(failed, 'check')} failed. {rest}.")
    print(f"Nothing is wrong: {rest}.")


async def _run_checks(settings: Settings, paint: Callable[[str, str], str]) -> tuple[int, list[str]]:
    """Print a line for each check that fails; return how many did, and a line for each other check."""
    failed, passed, shown = 0, [], {WHERE_TO_SET}
    hint = ""
    for check in _checks(settings):
        try:
            passed.append(f"{paint('✓', 'POSITIVE')} {await check}")
        except BotError as error:
            failed += 1
            lines = str(error).splitlines()
            hint = hint or (WHERE_TO_SET if WHERE_TO_SET in lines else "")
            for line in lines:
                if line not in shown:  # as if Slack cannot be reached with either token
                    shown.add(line)
                    print(fit(f"✗ {line}", sys.stdout, "  ").replace("✗", paint("✗", "NEGATIVE"), 1), flush=True)
    if hint:
        print(fit(hint, sys.stdout))
    return failed, passed


def _checks(settings: Settings) -> Iterator[Coroutine[None, None, str]]:
    """Yield the checks: each returns a line about what it found, or raises BotError."""
    yield _check_python()
    try:
        requirements = [Requirement(line) for line in requires("sentiment-bot") or []]
    except PackageNotFoundError:
        requirements = [Requirement("sentiment-bot")]
    yield from (_check_package(each) for each in requirements if each.marker is None)  # only extras have one
    yield _check_model(settings)
    yield _check_distribution(settings)
    if settings.many_workspaces:
        yield _check_many_workspaces(settings)
        return
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.client.executor import CallExecutor
    from bot.slack.client.slack_client import SlackClient
    from bot.slack.timing import DEFAULT_TIMING

    token = settings.slack_bot_token.get_secret_value()
    web = AsyncWebClient(token, base_url=settings.slack_api_url, retry_handlers=[])
    logging.getLogger("bot").addHandler(logging.NullHandler())  # the checks say what failed
    slack = SlackClient(web, CallExecutor(DEFAULT_TIMING, attempts=1), team="")
    yield _check_bot_token(settings, slack)
    if settings.slack_signing_secret:
        yield _check_signing_secret(settings)
    if settings.slack_app_token or not settings.slack_signing_secret:
        yield _check_app_token(settings, slack)


async def _check_python() -> str:
    return f"Python {sys.version.split()[0]}"


async def _check_package(requirement: Requirement) -> str:
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        raise BotError(f"{requirement.name} is not installed. Install the bot again: make clean run.") from None
    if not requirement.specifier.contains(installed, prereleases=True):
        raise BotError(f"{requirement} is needed, {installed} is installed. Install the bot again: make clean run.")
    return f"{requirement.name} {installed}"


async def _check_model(settings: Settings) -> str:
    """Load the model and measure its speed."""
    from bot.sentiment.cluster import client
    from bot.sentiment.models.loading import load
    from bot.sentiment.models.speed import describe

    classifier = load(
        settings.sentiment_model,
        settings.sentiment_model_revision,
        precision=settings.sentiment_precision,
        device=settings.sentiment_device,
    )
    if settings.sentiment_cluster:
        with closing(client.connect(classifier, settings.sentiment_cluster)):
            return f"The model {classifier.name} is served by the cluster at {settings.sentiment_cluster}"
    labels = ", ".join(classifier.id2label.values())
    return f"The model {classifier.name} has the labels {labels}; it computes in {describe(classifier.model)}"


async def _check_distribution(settings: Settings) -> str:
    kind = _DISTRIBUTION[settings.distribution]
    if settings.many_workspaces and settings.distribution == "internal":
        return f"{kind}; other workspaces can install it, so set commercial if you sell it outside Slack's Marketplace"
    return kind


async def _check_many_workspaces(settings: Settings) -> str:
    """Check the credentials, and decrypt the stored tokens."""
    from bot.store import installations
    from bot.store.token_cipher import TokenCipher

    settings.require_for_run(http=True)
    with open_existing(settings) as database:
        cipher = TokenCipher(settings.secrets_key.get_secret_value())
        database.run_sync(installations.reencrypt_all, cipher)
        count = len(database.run_sync(installations.teams))
    return f"Installed in {count} workspaces; SECRETS_KEY decrypts their tokens"


async def _check_bot_token(settings: Settings, slack: "SlackClient") -> str:
    """Compare the token's scopes with the manifest's."""
    from bot.slack.feature import enabled
    from bot.slack.features import ALL_FEATURES
    from bot.slack.transport.manifest import scopes
    from bot.slack.transport.workspaces import granted_scopes

    settings.require("SLACK_BOT_TOKEN")
    granted = await granted_scopes(slack)
    if granted is None:
        return "SLACK_BOT_TOKEN is valid; scopes unknown, because Slack's answer has no x-oauth-scopes"
    if missing := sorted(set(scopes(enabled(ALL_FEATURES, settings.features))) - granted):
        raise BotError(
            f"SLACK_BOT_TOKEN lacks {', '.join(missing)}. Paste the manifest again on your app's page under App "
            "Manifest, then install the app again under OAuth & Permissions."
        )
    return "SLACK_BOT_TOKEN is valid and has every scope of the manifest"


async def _check_signing_secret(settings: Settings) -> str:
    settings.require("SLACK_SIGNING_SECRET")
    return "SLACK_SIGNING_SECRET is well-formed, for run --http"


async def _check_app_token(settings: Settings, slack: "SlackClient") -> str:
    from bot.slack.transport.workspaces import check_app_token

    if not (settings.slack_app_token or settings.slack_signing_secret):
        socket_mode, http = settings.faults("SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")
        raise BotError(f"For Socket Mode: {socket_mode} Or, for run --http: {http}\n{WHERE_TO_SET}")
    settings.require("SLACK_APP_TOKEN")
    await check_app_token(slack, settings.slack_app_token.get_secret_value())
    return "SLACK_APP_TOKEN is valid for Socket Mode"
