"""blocks.validate."""

from slack_sdk.web.async_client import AsyncWebClient

from tests.slack_emulator.web_api.conftest import error_of


async def test_blocks_validate(client: AsyncWebClient) -> None:
    """blocks.validate accepts valid blocks and returns the errors of others."""
    await client.api_call("blocks.validate", json={"blocks": [{"type": "divider"}]})
    assert await error_of(client.api_call("blocks.validate", json={"blocks": [{"type": "x"}]})) == "invalid_blocks"
