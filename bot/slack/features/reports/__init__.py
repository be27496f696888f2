"""Reports of how a channel reads over time: on request, as a digest, as an alert and in the App Home."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.slack.client.slack_client import SlackClient
from bot.slack.client.timezones import TIMEZONE_SCOPE
from bot.slack.feature import ChannelReader, CommandHandler, Extensions, Feature, HelpLine, Services, Where
from bot.slack.features.reports.blocks import SHARE_REPORT
from bot.slack.features.reports.commands import ReportCommand, ReportCommands
from bot.slack.features.reports.reporter import PICTURE_SCOPE, Reporter
from bot.slack.features.reports.samples import samples
from bot.slack.features.reports.scheduler import Scheduler
from bot.slack.parsing.events import ActionSource
from bot.slack.parsing.request import COMMAND


def _set_up(app: AsyncApp, services: Services, extensions: Extensions) -> CommandHandler:
    reporter = Reporter(services.analyzer, services.database)
    commands = ReportCommands(reporter, services.claims, services.database)
    scheduler = Scheduler(reporter, services.claims, services.database, services.workspaces.get)

    @app.action(SHARE_REPORT)
    async def on_share(ack: AsyncAck, action: dict[str, Any], body: dict[str, Any], slack: SlackClient) -> None:
        await ack()
        report = body.get("message") or {}
        source = ActionSource.parse(body)
        reply = await commands.share(slack, source, report, str(action.get("value")))
        await slack.respond(source, reply)

    async def run_scheduler() -> None:
        try:
            while True:
                await scheduler.tick()
                await asyncio.sleep(scheduler.INTERVAL)
        finally:
            await reporter.stop()

    extensions.background_tasks.append(run_scheduler)
    extensions.channel_reader = ChannelReader(FEATURE.required_scopes, commands.read_channel)
    extensions.stop_listener = reporter.stop_reading
    extensions.home_sections.append(reporter.home_section)
    return commands.handle


FEATURE = Feature(
    name="reports",
    set_up=_set_up,
    samples=samples,
    option="watching",
    usage="report",
    commands=("report", "digest", "digest daily", "digest weekly", "digest off", "alert", "alert on", "alert off"),
    opposites={"digest": "digest off", "alert": "alert off", "report": "digest off"},
    is_subcommand=lambda text: ReportCommand.parse(text) is not None,
    scopes=("channels:history", "channels:read", "groups:history", "groups:read", PICTURE_SCOPE),
    optional_scopes=(TIMEZONE_SCOPE, PICTURE_SCOPE),
    help=(
        HelpLine(
            f"`{COMMAND} report` – how a channel that we are both in reads, sent to you; "
            f"`{COMMAND} report #channel 24h`, `7d`, `30d`, `90d`"
        ),
        HelpLine(
            f"`{COMMAND} digest weekly` or `daily` – a report of this channel, posted here; "
            f"`{COMMAND} alert on` – I write to you when this channel reads far worse than usual",
            Where.CHANNEL,
        ),
    ),
)
