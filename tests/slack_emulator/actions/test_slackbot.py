"""Slackbot's messages about mentions."""

from slack_emulator import Workspace


async def test_invite(workspace: Workspace, ana: str, ben: str) -> None:
    """The author of a mention can invite the missing app with Slackbot's button."""
    lonely, bot = workspace.channel_id("lonely"), workspace.bot_user_id
    await workspace.post(ana, lonely, f"<@{bot}> and <@{ben}>, hello")
    offer = workspace.seen_by(ana, lonely)[-1]
    assert (offer.visible_to, f"<@{bot}>" in offer.text, f"<@{ben}>" in offer.text) == (ana, True, False)
    assert len(workspace.seen_by(ben, lonely)) == 1
    await workspace.press(ana, offer, "invite")
    assert bot in workspace.state.channels[lonely].members
    assert offer not in workspace.seen_by(ana, lonely)
    assert not [one for one in workspace.log if one.kind == "interaction"]


async def test_ignore(workspace: Workspace, ana: str, general: str) -> None:
    """Slackbot's message can be dismissed; if all are members, there is none."""
    lonely, bot = workspace.channel_id("lonely"), workspace.bot_user_id
    await workspace.post(ana, lonely, f"<@{bot}>")
    await workspace.press(ana, workspace.seen_by(ana, lonely)[-1], "nothing")
    await workspace.post(ana, general, f"<@{bot}>")
    await workspace.post(ana, workspace.dm_id("ana"), f"<@{workspace.user_id('ben')}>")
    for channel in (lonely, general, workspace.dm_id("ana")):
        assert len(workspace.seen_by(ana, channel)) == 1
    assert bot not in workspace.state.channels[lonely].members
