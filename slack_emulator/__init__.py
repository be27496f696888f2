"""A Slack emulator for developing and testing Slack apps: a workspace in memory, served over HTTP and WebSocket.

Real Slack SDKs can talk to it, since they accept another base URL of the Web API. A test of a Bolt app::

    workspace = Workspace(default_manifest())
    async with serve(workspace) as server:
        app = AsyncApp(client=AsyncWebClient(workspace.bot_token, base_url=server.api_url))

        @app.event("app_mention")
        async def answer(event, say):
            await say("Hello!", thread_ts=event["ts"])

        await AsyncSocketModeHandler(app, workspace.app_token).connect_async()
        ana, general = workspace.user_id("ana"), workspace.channel_id("general")
        ts = await workspace.post(ana, general, f"<@{workspace.bot_user_id}> hi")
        (reply,) = await workspace.until(lambda: workspace.replies(general, ts))
        assert reply.text == "Hello!"

The methods of `Workspace` do what people do in Slack. `ApiFault` and `EventFault`, added to `workspace.faults`, make
calls and deliveries fail. A browser shows the workspace at `server.url`.
"""

from slack_emulator.actions.workflow_steps import Step
from slack_emulator.errors import ApiError, NotAcknowledgedError, NotConnectedError
from slack_emulator.manifests import default_manifest, read_manifest
from slack_emulator.payloads.interactions import CommandOutcome, Outcome
from slack_emulator.server import Server, serve
from slack_emulator.state.models import Channel, File, Message, Suggestion, User, View
from slack_emulator.state.organization import Organization
from slack_emulator.transport.delivery import Schedule
from slack_emulator.transport.faults import ApiFault, EventFault, Faults
from slack_emulator.transport.history_limit import HistoryLimit
from slack_emulator.transport.traffic_log import LogEntry
from slack_emulator.workspace import Workspace

__all__ = [
    "ApiError",
    "ApiFault",
    "Channel",
    "CommandOutcome",
    "EventFault",
    "Faults",
    "File",
    "HistoryLimit",
    "LogEntry",
    "Message",
    "NotAcknowledgedError",
    "NotConnectedError",
    "Organization",
    "Outcome",
    "Schedule",
    "Server",
    "Step",
    "Suggestion",
    "User",
    "View",
    "Workspace",
    "default_manifest",
    "read_manifest",
    "serve",
]
