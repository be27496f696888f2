"""An organization (Enterprise Grid): workspaces that can have an app in common.

https://docs.slack.dev/enterprise
"""

from dataclasses import dataclass, field

from slack_emulator.state.ids import new_id


@dataclass
class Organization:
    """An organization, and its installation of the app.

    Attributes:
        granted: The ids of the workspaces that the app may work in. Its installation begins without any.
        tokens: The valid tokens of the organization and their expiry, as in `State`.
        scopes: The granted scopes.
    """

    name: str = "Acme Corp"
    id: str = field(default_factory=lambda: new_id("E"))
    granted: set[str] = field(default_factory=set)
    tokens: dict[str, float] = field(default_factory=dict, repr=False)
    scopes: tuple[str, ...] = ()
