"""Signed HTTP requests to the app's request URL, as Slack sends them without Socket Mode.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

from slack_emulator.errors import NotAcknowledgedError, NotConnectedError
from slack_emulator.transport.delivery import PayloadKind


class SignedHttpTransport:
    """A transport that posts events, commands and interactions to one request URL."""

    def __init__(self, url: str, signing_secret: str) -> None:
        self._url = url
        self._signer = SignatureVerifier(signing_secret)

    @property
    def ready(self) -> bool:
        """Always true: there is no connection to wait for."""
        return True

    async def send(
        self, kind: PayloadKind, payload: Mapping[str, Any], within: float, *, attempt: int = 0, reason: str = ""
    ) -> Mapping[str, Any]:
        """Post one payload and return the parsed response.

        Raises:
            NotConnectedError: If the request URL cannot be reached.
            NotAcknowledgedError: If the response was late or not successful.
        """
        retry = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if attempt else {}
        if kind == "events_api":
            return await self._post(json.dumps(payload), "application/json", within, retry)
        form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
        return await self._post(urlencode(form), "application/x-www-form-urlencoded", within, retry)

    async def verify(self) -> bool:
        """Verify the request URL with a `url_verification` challenge.

        Returns:
            Whether the app returned the challenge.
        """
        challenge = {"challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}
        try:
            response = await self._post(json.dumps(challenge | {"type": "url_verification"}), "application/json", 3, {})
        except NotAcknowledgedError:
            return False
        return challenge["challenge"] in response.values()

    async def _post(self, body: str, content_type: str, within: float, headers: Mapping[str, str]) -> Mapping[str, Any]:
        timestamp = str(int(time.time()))
        signature = self._signer.generate_signature(timestamp=timestamp, body=body)
        signed = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": str(signature),
            **headers,
        }
        timeout = aiohttp.ClientTimeout(total=within)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self._url, data=body, headers=signed, allow_redirects=False) as response,
            ):
                text = await response.text()
                if not response.ok:
                    raise NotAcknowledgedError("http_error")
        except TimeoutError:
            raise NotAcknowledgedError("http_timeout") from None
        except aiohttp.ClientError:
            raise NotConnectedError("connection_failed") from None
        return _parse_response(text)


def _parse_response(text: str) -> Mapping[str, Any]:
    """Parse the body of a successful response: JSON, or the text of a reply."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return {"text": text} if text.strip() else {}
    return parsed if isinstance(parsed, dict) else {"text": text}
