"""The client through which every call to Slack is made."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.errors import SlackCallError, SlackError
from bot.slack.blocks import Reply, View
from bot.slack.client.block_versions import REFUSALS, Version, reply_versions, send_accepted, view_versions
from bot.slack.client.executor import Call, CallExecutor, Response
from bot.slack.client.rate_limiter import HISTORY_METHODS, HistoryLimit
from bot.slack.client.retry import HttpStatusError
from bot.slack.parsing.events import ActionSource

_PAGE = 200  # items; Slack recommends no more
_NO_PREVIEWS = {"unfurl_links": False, "unfurl_media": False}


class MessageRef(NamedTuple):
    """A message, by its channel and timestamp."""

    channel: str
    ts: str


class SlackClient:
    """The bot in one workspace.

    Methods that send something return whether Slack accepted it; a refusal is logged. If Slack refuses the blocks of a
    message or a view, a plainer version is sent. Posts, ephemeral messages and reactions raise DeliveryError where
    Slack could not be reached, so that the caller can try again later.
    """

    def __init__(
        self,
        web: AsyncWebClient,
        executor: CallExecutor,
        team: str,
        bot_user_id: str = "",
        scopes: Collection[str] | None = None,
    ) -> None:
        self.web = web
        self._executor = executor
        self.team = team
        self.bot_user_id = bot_user_id
        self._scopes = scopes  # that were granted; None if that is unknown

    def missing_scopes(self, scopes: Iterable[str]) -> list[str]:
        """Return those of ``scopes`` that are known not to be granted."""
        return [] if self._scopes is None else sorted({*scopes} - {*self._scopes})

    @property
    def history(self) -> HistoryLimit:
        """How fast Slack lets the bot read messages."""
        return self._executor.history

    @property
    def refused_types(self) -> set[str]:
        """The types of blocks that this workspace has refused since the start."""
        return self._executor.refused_types(self.team)

    async def call(self, call: Call) -> Response:
        """Call a method of the Web API; raises what :meth:`CallExecutor.execute` raises."""
        method = getattr(self.web, call.method.replace(".", "_"))  # as the SDK names its methods

        async def send() -> Response:
            response = await method(**call.arguments)
            return Response(response.data, response.headers)

        return await self._executor.execute(self.web.token, call, send)

    async def read(
        self,
        method: str,
        *,
        background: bool = False,
        **arguments: Any,  # noqa: ANN401 - arguments of any method
    ) -> Response:
        """Call a method that only reads, perhaps in the ``background``; raises what :meth:`call` raises."""
        if "limit" in arguments and method in HISTORY_METHODS:
            arguments["limit"] = min(arguments["limit"], self.history.messages)
        return await self.call(Call(method, arguments, idempotent=True, background=background))

    async def pages(self, method: str, **arguments: Any) -> AsyncIterator[Response]:  # noqa: ANN401 - likewise
        """Yield every page of a method that answers in pages; takes and raises what :meth:`read` does."""
        cursor: str | None = None
        while cursor != "":
            page = await self.read(method, **{"limit": _PAGE, **arguments}, cursor=cursor)
            yield page
            cursor = (page.data.get("response_metadata") or {}).get("next_cursor") or ""

    async def post(
        self,
        channel: str,
        reply: Reply,
        thread_ts: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        find_applied: Callable[[], Awaitable[Mapping[str, Any] | None]] | None = None,
    ) -> MessageRef | None:
        """Post to a channel or a user; return the message, or None if Slack refused it or may have posted it.

        If the message that ``thread_ts`` names has been deleted, Slack may post to the channel instead of the thread.
        Such a post is deleted.

        For ``metadata`` see https://docs.slack.dev/messaging/message-metadata, for ``find_applied`` :class:`Call`.
        """
        # Without previews: that of a link to a message would show its text.
        arguments = {"channel": channel, "thread_ts": thread_ts, "metadata": metadata, **_NO_PREVIEWS}
        written = await self._write(Call("chat.postMessage", arguments, find_applied=find_applied), reply)
        if written is None:
            return None
        posted, message = _message_ref(written, channel), written.get("message")
        if thread_ts and isinstance(message, dict) and not message.get("thread_ts"):
            await self.delete(posted)
            return None
        return posted

    async def delete(self, message: MessageRef) -> None:
        """Delete a message of the bot's own."""
        call = Call("chat.delete", message._asdict(), idempotent=True, ok_errors={"message_not_found"})
        with suppress(SlackError):
            await self.call(call)

    async def update(self, message: MessageRef, reply: Reply) -> MessageRef | None:
        """Replace a message of the bot's own; returns and raises what :meth:`post` does."""
        # The old blocks are removed if there are no new ones.
        call = Call("chat.update", {**message._asdict(), "blocks": []}, idempotent=True)
        written = await self._write(call, reply)
        return None if written is None else _message_ref(written, message.channel)

    async def _write(self, call: Call, reply: Reply) -> Mapping[str, Any] | None:
        """Make a call that posts or updates; return what Slack answered, or None if it refused."""
        try:
            return (await self._send_reply(call, reply)).data
        except SlackCallError:
            return None

    async def _send_reply(self, call: Call, reply: Reply) -> Response:
        async def send(call: Call, version: Version) -> Response:
            return await self.call(replace(call, arguments={**call.arguments, **version}))

        return await send_accepted(call, reply_versions(reply), send, self.refused_types)

    async def _send_view(self, call: Call, view: View) -> Response:
        async def send(call: Call, version: Version) -> Response:
            return await self.call(replace(call, arguments={**call.arguments, "view": version}))

        return await send_accepted(call, view_versions(view), send, self.refused_types)

    async def post_ephemeral(
        self,
        channel: str,
        user: str,
        reply: Reply,
        thread_ts: str | None = None,
        on_attempt: Callable[[bool], Awaitable[None]] | None = None,
    ) -> bool:
        """Show a message to one user.

        Slack does not tell whether it was shown, so it is not shown again if that is unknown.
        """
        arguments = {"channel": channel, "user": user, "thread_ts": thread_ts}
        return await self._write(Call("chat.postEphemeral", arguments, on_attempt=on_attempt), reply) is not None

    async def react(self, message: MessageRef, emoji: str, *, remove: bool = False) -> bool:
        """Add the bot's emoji to a message, or remove it, unless that is done already or the message was deleted."""
        method, done = ("reactions.remove", "no_reaction") if remove else ("reactions.add", "already_reacted")
        arguments = {"channel": message.channel, "timestamp": message.ts, "name": emoji}
        try:
            await self.call(Call(method, arguments, idempotent=True, ok_errors={done, "message_not_found"}))
        except SlackCallError:
            return False
        return True

    async def open_view(self, trigger_id: str, view: View, *, on_top: bool = False) -> str | None:
        """Open a modal, or push it ``on_top``; return its id, or None if Slack refused it.

        A ``trigger_id`` expires after three seconds, so there is one attempt for each version.
        """
        call = Call("views.push" if on_top else "views.open", {"trigger_id": trigger_id}, attempts=1)
        try:
            return ((await self._send_view(call, view)).data.get("view") or {}).get("id")
        except SlackError:
            return None

    async def update_view(self, view_id: str, view: View) -> None:
        """Update a modal. It is not an error if it was closed."""
        closed = {"not_found", "view_not_found"}
        with suppress(SlackError):
            await self._send_view(Call("views.update", {"view_id": view_id}, idempotent=True, ok_errors=closed), view)

    async def publish_home(self, user: str, view: View) -> None:
        """Publish somebody's App Home."""
        with suppress(SlackError):
            await self._send_view(Call("views.publish", {"user_id": user}, idempotent=True), view)

    async def respond(
        self,
        source: ActionSource,
        reply: Reply,
        *,
        public: bool = False,
        replace_original: bool = False,
    ) -> bool:
        """Answer a command or an interaction: to the user alone, or ``public``ly.

        Without a ``response_url``, the original cannot be replaced and the answer is a message of its own.
        """
        if not source.response_url:
            try:
                if public:
                    return await self.post(source.channel, reply, source.thread_ts) is not None
                return await self.post_ephemeral(source.channel, source.user, reply, source.thread_ts)
            except SlackError:
                return False
        body = {
            "response_type": "in_channel" if public else "ephemeral",
            "replace_original": replace_original,
            **({"thread_ts": source.thread_ts} if source.thread_ts and not replace_original else {}),
        }
        webhook = AsyncWebhookClient(source.response_url, session=self.web.session, retry_handlers=[])

        async def send(call: Call, version: Version) -> Response:
            async def post() -> Response:
                response = await webhook.send_dict({**body, **version})
                answer = _webhook_answer(response.body)
                if response.status_code != 200 or answer.get("error"):
                    raise HttpStatusError(response.status_code, response.headers, answer)
                return Response()

            return await self._executor.execute(self.web.token, call, post)

        call = Call("response_url", {"channel_id": source.channel, "user": source.user})  # ids for the log
        try:
            await send_accepted(call, reply_versions(reply), send, self.refused_types)
        except SlackError:
            return False
        return True

    async def upload_png(
        self, channel: str, content: bytes, title: str, alt_text: str, thread_ts: str | None = None
    ) -> bool:
        """Post a picture; ``alt_text`` describes it for people who do not see it. Return whether Slack accepted it."""
        file: dict[str, Any] = {"filename": "mood.png", "length": len(content), "alt_txt": alt_text}
        try:
            upload = (await self.read("files.getUploadURLExternal", **file)).data
            put = Call("upload_url", {"channel": channel}, idempotent=True)
            await self._executor.execute(self.web.token, put, lambda: self._put(upload["upload_url"], content))
            files = [{"id": upload["file_id"], "title": title}]
            arguments = {"files": files, "channel_id": channel, "thread_ts": thread_ts}
            await self.call(Call("files.completeUploadExternal", arguments))
        except SlackError:
            return False
        return True

    async def _put(self, url: str, content: bytes) -> Response:
        timeout = aiohttp.ClientTimeout(total=self.web.timeout)
        async with aiohttp.request("POST", url, data=content, proxy=self.web.proxy, timeout=timeout) as response:
            if response.status != 200:
                raise HttpStatusError(response.status, response.headers)
        return Response()


def _message_ref(written: Mapping[str, Any], channel: str) -> MessageRef:
    return MessageRef(written.get("channel") or channel, written.get("ts") or "")


def _webhook_answer(body: str) -> Mapping[str, Any]:
    """Return what Slack answered at a ``response_url``: a JSON object, or an error code alone."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {"error": body} if body in REFUSALS else {}
    return answer if isinstance(answer, dict) else {}
