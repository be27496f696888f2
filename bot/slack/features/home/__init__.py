"""The App Home, with sections of other features."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.client.slack_client import SlackClient
from bot.slack.feature import Extensions, Feature, Services
from bot.slack.features.home import blocks


def _set_up(app: AsyncApp, services: Services, extensions: Extensions) -> None:
    async def publish(slack: SlackClient, user: str) -> None:
        sections = [await section(slack, user) for section in extensions.home_sections]
        await slack.publish_home(user, blocks.home_view(sections))

    async def is_opened(event: dict[str, Any]) -> bool:
        return event.get("tab") == "home"

    @app.event("app_home_opened", matchers=[is_opened])
    async def on_opened(event: dict[str, Any], slack: SlackClient) -> None:
        user = event.get("user")
        if slack.team and isinstance(user, str):
            await publish(slack, user)

    extensions.home_listeners.append(publish)


FEATURE = Feature(
    name="home",
    set_up=_set_up,
    samples=lambda: [blocks.home_view([])],
    events=("app_home_opened",),
    manifest={"features": {"app_home": {"home_tab_enabled": True}}},
)
