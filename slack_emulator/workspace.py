"""The workspace: a few people and channels, one installed app, and everything that people can do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slack_emulator.actions.agent_view import AgentView
from slack_emulator.actions.events import EventPublisher
from slack_emulator.actions.files import Files
from slack_emulator.actions.interactions import Interactions
from slack_emulator.actions.members import Members
from slack_emulator.actions.messages import Messages
from slack_emulator.actions.oauth_app import OAuthApp
from slack_emulator.actions.response_urls import ResponseUrls
from slack_emulator.actions.slackbot import Slackbot
from slack_emulator.actions.views import Views
from slack_emulator.actions.workflow_steps import WorkflowSteps
from slack_emulator.person_actions import PersonActions
from slack_emulator.state.ids import new_id as random_id
from slack_emulator.state.installation import InstalledApp
from slack_emulator.state.models import Suggestion
from slack_emulator.state.notifier import ChangeNotifier
from slack_emulator.state.organization import Organization
from slack_emulator.state.seed import seed
from slack_emulator.state.state import State
from slack_emulator.transport.delivery import Delivery, Schedule
from slack_emulator.transport.faults import Faults
from slack_emulator.transport.socket_mode import SocketModeTransport
from slack_emulator.transport.traffic_log import TrafficLog
from slack_emulator.validation.manifest import manifest_error

if TYPE_CHECKING:
    from slack_emulator.transport.history_limit import HistoryLimit

_TEAM_NAMES = ("Acme", "Globex", "Initech")


class Workspace(PersonActions):
    """A small Slack workspace in memory, with one app.

    The methods do what a person does, and send the app the events and interactions that Slack would send. The app
    uses the Web API, once the workspace is served by `serve`.

    Args:
        manifest: The app's manifest, as Slack defines it: name, scopes, commands, shortcuts, events and so on.
        schedule: The timing of deliveries to the app.
        example: The example message that the page suggests in an empty channel.
        suggestions: The steps that the page suggests above the composer until they are done.
        same_app_as: Another workspace that has the same app. Its Web API accepts the tokens of both workspaces.
        organization: The organization that the workspace belongs to; it can install the app for all its workspaces.
        installed: Whether the app is installed from the start, with `bot_token`, or is to be installed by OAuth.
        new_id: Returns an id for a prefix, used for the initial people and channels.

    Raises:
        ValueError: If Slack would refuse the manifest.

    Attributes:
        faults: The injected faults.
        history_limit: Set for an app that is distributed commercially outside the Marketplace.
        sockets: The Socket Mode connections of the app.
        delivery: The delivery of payloads to the app.
        oauth_app: The OAuth credentials and tokens, shared by the workspaces of the app.
    """

    def __init__(
        self,
        manifest: Mapping[str, Any],
        *,
        schedule: Schedule | None = None,
        example: str = "hello",
        suggestions: Sequence[Suggestion] = (),
        same_app_as: "Workspace | None" = None,
        organization: Organization | None = None,
        installed: bool = True,
        new_id: Callable[[str], str] = random_id,
    ) -> None:
        if reason := manifest_error(manifest):
            raise ValueError(f"The app manifest is invalid: {reason}.")
        self.oauth_app: OAuthApp = same_app_as.oauth_app if same_app_as else OAuthApp.from_manifest(manifest)
        name = _TEAM_NAMES[len(self.oauth_app.workspaces) % len(_TEAM_NAMES)]
        self.oauth_app.workspaces.append(self)
        self.oauth_app.organization = organization or self.oauth_app.organization
        other = same_app_as.installation if same_app_as else None
        self.installation: InstalledApp = InstalledApp.from_manifest(manifest, name, other)
        if other and organization:  # the bot is one user in all workspaces of the organization
            self.installation = replace(self.installation, bot_id=other.bot_id, bot_user_id=other.bot_user_id)
        app = self.installation
        self.bot_token, self.app_token, self.signing_secret = app.bot_token, app.app_token, app.signing_secret
        self.team_id, self.app_id = app.team_id, app.app_id
        self.bot_id, self.bot_user_id = app.bot_id, app.bot_user_id
        self.example, self.suggestions = example, suggestions
        changes = ChangeNotifier()
        super().__init__(State(app, organization), changes, TrafficLog(changes))
        seed(self.state, new_id)
        if installed:
            self.state.tokens[self.bot_token] = float("inf")
        self.faults = Faults()
        self.history_limit: HistoryLimit | None = None
        self.sockets = SocketModeTransport(app.app_id, self.log)
        self.delivery = Delivery(self.sockets, schedule or Schedule(), self.faults, changes, self.log)
        self.events = EventPublisher(self.state, self.delivery)
        self.messages = Messages(self.state, self.events, changes)
        self.members = Members(self.state, self.events, self.messages)
        self.slackbot = Slackbot(self.state, self.messages, self.members)
        self.views = Views(self.state, changes)
        self._agent_view = AgentView(self.state, self.events, changes)
        self.files = Files(self.state, self.messages, self.events)
        self.steps = WorkflowSteps(self.state, self.events, changes)
        self.response_urls = ResponseUrls(self.state, self.messages)
        self._interactions = Interactions(
            self.state, self.slackbot, self.views, self.steps, self.response_urls, self.delivery
        )

    def has_id(self, value: str) -> bool:
        """Return whether something in the workspace has this id: a person, a channel, a view or a trigger."""
        found = value in self.state.channels or (value in self.state.users and value != self.bot_user_id)
        return found or self.views.has_trigger(value) or self.state.find_view(view_id=value) is not None

    async def deliver(self, event: Mapping[str, Any]) -> bool:
        """Send any event, even one that the app does not subscribe to; return whether the app acknowledged it."""
        return await self.events.send(event)

    def uninstall(self) -> None:
        """Uninstall the app: revoke all tokens and send `app_uninstalled`."""
        self.events.publish({"type": "app_uninstalled"})
        self.revoke(*self.state.tokens)

    def revoke(self, *tokens: str) -> None:
        """Revoke tokens of the app, and send `tokens_revoked`."""
        self.events.publish({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.bot_user_id]}})
        for token in tokens:
            self.state.tokens.pop(token, None)
