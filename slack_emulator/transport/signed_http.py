"""Signed HTTP: payloads posted to the app's own address, as Slack does without Socket Mode."""

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp
from slack_sdk.signature import SignatureVerifier

from slack_emulator.errors import NobodyThere, Undelivered
from slack_emulator.transport.delivery import Kind


class SignedHttp:
    """A transport that posts to one request URL for events, commands and interactions."""

    def __init__(self, url: str, signing_secret: str) -> None:
        self._url = url
        self._signer = SignatureVerifier(signing_secret)

    @property
    def ready(self) -> bool:
        """Whether there is an address to post to: always."""
        return True

    async def send(
        self, kind: Kind, payload: Mapping[str, Any], within: float, *, attempt: int = 0, reason: str = ""
    ) -> Mapping[str, Any]:
        """Post one payload and give what the answer carried.

        Raises:
            NobodyThere: If the address cannot be reached.
            Undelivered: If the answer was late, or no success.
        """
        retry = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason} if attempt else {}
        if kind == "events_api":
            return await self._post(json.dumps(payload), "application/json", within, retry)
        form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
        return await self._post(urlencode(form), "application/x-www-form-urlencoded", within, retry)

    async def verify(self) -> bool:
        """Send the challenge with which Slack checks a request URL.

        Returns:
            Whether the app answered with the challenge.
        """
        challenge = {"challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}
        try:
            answer = await self._post(json.dumps(challenge | {"type": "url_verification"}), "application/json", 3, {})
        except Undelivered:
            return False
        return challenge["challenge"] in answer.values()

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
                    raise Undelivered("http_error")
        except TimeoutError:
            raise Undelivered("http_timeout") from None
        except aiohttp.ClientError:
            raise NobodyThere("connection_failed") from None
        return _answer(text)


def _answer(text: str) -> Mapping[str, Any]:
    """Read the body of a 200 answer: JSON, or the text of a reply."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return {"text": text} if text.strip() else {}
    return parsed if isinstance(parsed, dict) else {"text": text}
