"""What ``doctor`` looks at: versions, the model, and the tokens with their scopes."""

import sys
import time
from collections.abc import AsyncIterator
from importlib.metadata import version

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import BotError
from bot.sentiment.loading import load
from bot.settings import Settings
from bot.slack.access import check_app_token, granted_scopes
from bot.slack.manifest import scopes

_PACKAGES = ("slack-bolt", "slack-sdk", "transformers", "torch", "safetensors")

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
    for package in _PACKAGES:
        yield True, f"{package} {version(package)}"
    yield _model(settings)
    client = AsyncWebClient(settings.slack_bot_token, base_url=settings.slack_api_url)
    yield await _bot_token(settings, client)
    # Without an app token but with a signing secret, the bot is meant for HTTP.
    if settings.slack_signing_secret and not settings.slack_app_token:
        complaints = settings.faults("SLACK_SIGNING_SECRET")
        yield not complaints, complaints[0] if complaints else "SLACK_SIGNING_SECRET looks right, for run --http"
    else:
        yield await _app_token(settings, client)


async def _bot_token(settings: Settings, client: AsyncWebClient) -> Finding:
    """Compare what the bot token may do with what the manifest asks for."""
    try:
        settings.require("SLACK_BOT_TOKEN")
        missing = sorted(set(scopes()) - await granted_scopes(client))
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
        await check_app_token(client, settings.slack_app_token)
    except BotError as error:
        return False, str(error)
    return True, "SLACK_APP_TOKEN opens Socket Mode"


def _model(settings: Settings) -> Finding:
    """Load the model and judge a sentence with it."""
    try:
        classifier = load(settings.sentiment_model, settings.sentiment_model_revision)
    except BotError as error:
        return False, str(error)
    started = time.perf_counter()
    classifier.classify(["Is everything all right?"])
    took = (time.perf_counter() - started) * 1000
    labels = ", ".join(classifier.id2label.values())
    return True, f"The model {classifier.name} answers in {took:.0f} ms with one of {labels}"
