"""What ``doctor`` looks at: versions, the model, and the tokens with their scopes."""

import sys
from collections.abc import AsyncIterator
from contextlib import closing
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BotError
from bot.sentiment.cluster import client
from bot.sentiment.models.loading import load
from bot.sentiment.models.precision import prepare
from bot.settings import Settings
from bot.slack.transport.manifest import scopes
from bot.slack.transport.token_check import check_app_token, granted_scopes
from bot.store import installations
from bot.store.database import open_database
from bot.store.token_cipher import TokenCipher

Finding = tuple[bool, str]
"""Whether something is as it should be, and a line about it."""


async def examine(settings: Settings) -> int:
    """Print a line for each thing looked at; return how many of them need mending."""
    faults = 0
    async for good, line in _findings(settings):
        print(f"{'✓' if good else '✗'} {line}")
        faults += not good
    return faults


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
    yield True, f"Python {sys.version.split()[0]}"
    try:
        requirements = [Requirement(line) for line in requires("sentiment-bot") or []]
    except PackageNotFoundError:
        yield False, "The bot itself is not installed here. Run make run, or pip install -e ."
        requirements = []
    for requirement in requirements:
        if requirement.marker is None:  # the extras have one
            yield _package(requirement)
    yield _model(settings)
    if settings.many_workspaces:
        yield _many_workspaces(settings)
        return
    client = AsyncWebClient(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url)
    yield await _bot_token(settings, client)
    if settings.slack_signing_secret:
        complaints = settings.faults("SLACK_SIGNING_SECRET")
        yield not complaints, complaints[0] if complaints else "SLACK_SIGNING_SECRET looks right, for run --http"
    if settings.slack_app_token:
        yield await _app_token(settings, client)
    if not (settings.slack_app_token or settings.slack_signing_secret):
        yield (
            False,
            (
                f"For Socket Mode: {settings.faults('SLACK_APP_TOKEN')[0]} "
                f"Or, for run --http: {settings.faults('SLACK_SIGNING_SECRET')[0]}"
            ),
        )


def _package(requirement: Requirement) -> Finding:
    """Compare an installed package with what this version of the bot asks for."""
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        return False, f"{requirement.name} is not installed. Install the bot again: make clean run."
    if not requirement.specifier.contains(installed, prereleases=True):
        return False, f"{requirement} is needed, {installed} is installed. Install the bot again: make clean run."
    return True, f"{requirement.name} {installed}"


def _many_workspaces(settings: Settings) -> Finding:
    """Look whether the bot has what it needs to be installed, and opens the tokens that it has."""
    try:
        settings.require_for_run(http=True)
        with open_database(settings.database_url.get_secret_value()) as database:
            count = database.run_sync(installations.reencrypt_all, TokenCipher(settings.secrets_key.get_secret_value()))
    except BotError as error:
        return False, str(error)
    return True, f"Installed in {count} workspaces; SECRETS_KEY opens their tokens"


async def _bot_token(settings: Settings, client: AsyncWebClient) -> Finding:
    """Compare what the bot token may do with what the manifest asks for."""
    try:
        settings.require("SLACK_BOT_TOKEN")
        missing = sorted(set(scopes(settings.features)) - await granted_scopes(client))
    except BotError as error:
        return False, str(error)
    if missing:
        return False, (
            f"SLACK_BOT_TOKEN lacks {', '.join(missing)}. Paste the manifest again on your app's page under App "
            "Manifest, then install the app again under OAuth & Permissions."
        )
    return True, "SLACK_BOT_TOKEN is taken by Slack and has every scope of the manifest"


async def _app_token(settings: Settings, client: AsyncWebClient) -> Finding:
    try:
        settings.require("SLACK_APP_TOKEN")
        await check_app_token(client, settings.slack_app_token.get_secret_value())
    except BotError as error:
        return False, str(error)
    return True, "SLACK_APP_TOKEN opens Socket Mode"


def _model(settings: Settings) -> Finding:
    """Load the model and see how fast it judges."""
    try:
        classifier = load(settings.sentiment_model, settings.sentiment_model_revision)
        if settings.sentiment_cluster:
            with closing(client.connect(classifier, settings.sentiment_cluster)):
                return True, f"The model {classifier.name} is served by the cluster at {settings.sentiment_cluster}"
        speed = prepare(classifier, settings.sentiment_precision, settings.sentiment_device)
    except BotError as error:
        return False, str(error)
    labels = ", ".join(classifier.id2label.values())
    return True, f"The model {classifier.name} knows {labels}; it computes in {speed}"
