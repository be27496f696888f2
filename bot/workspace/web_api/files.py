"""files.*: uploading in three steps."""

import mimetypes
import secrets
from typing import Any

from bot.workspace.errors import SlackError
from bot.workspace.installation import new_id
from bot.workspace.web_api.registry import Call, method


@method("files.getUploadURLExternal", scope="files:write")
def files_get_upload_url_external(call: Call) -> dict[str, Any]:
    """Give the address to which the bytes of a file go."""
    workspace, name = call.workspace, call.args.required("filename")
    length = call.args.required("length")
    if not length.isdigit() or length == "0":
        raise SlackError("invalid_arguments")
    file_id, secret = new_id("F"), secrets.token_urlsafe(24)
    workspace.state.files[file_id] = {
        "id": file_id,
        "name": name,
        "title": name,
        "size": int(length),
        "mimetype": mimetypes.guess_type(name)[0] or "application/octet-stream",
        "secret": secret,
        "content": None,
        "alt_txt": call.args.text("alt_txt"),
    }
    return {"file_id": file_id, "upload_url": f"{workspace.url}/upload/v1/{secret}"}


@method("files.completeUploadExternal", scope="files:write")
def files_complete_upload_external(call: Call) -> dict[str, Any]:
    """Share uploaded files in a channel."""
    workspace, args = call.workspace, call.args
    args.required("files")
    files = [_finished(call, entry) for entry in args.objects("files", "invalid_arguments")]
    if args.text("channel_id") or args.text("channels"):
        channel = call.channel("channel_id" if args.text("channel_id") else "channels")
        if workspace.bot_user_id not in channel.members:
            raise SlackError("not_in_channel")
        workspace.messages.post(
            channel,
            workspace.bot_user_id,
            args.text("initial_comment"),
            thread_ts=args.text("thread_ts") or None,
            subtype="file_share",
            files=files,
        )
    return {"files": files}


def _finished(call: Call, entry: dict[str, Any]) -> dict[str, Any]:
    workspace = call.workspace
    file = workspace.state.files.get(str(entry.get("id")))
    if file is None or file["content"] is None:
        raise SlackError("file_not_found")
    file["title"] = entry.get("title") or file["title"]
    shown = {name: file[name] for name in ("id", "name", "title", "mimetype", "size", "alt_txt")}
    address = f"{workspace.url}/files-pri/{file['secret']}/{file['name']}"
    return shown | {"url_private": address, "permalink": address, "user": workspace.bot_user_id}
