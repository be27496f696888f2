"""files.*: uploading files in three steps, and reading them."""

from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.payloads.objects import file_object
from slack_emulator.state.models import File
from slack_emulator.web_api.registry import DEFAULT_LIMIT, MethodCall, method


@method("files.getUploadURLExternal", scope="files:write")
def files_get_upload_url_external(call: MethodCall) -> dict[str, Any]:
    """Return the URL for a file's content."""
    files, args = call.workspace.files, call.args
    name, length = args.required("filename"), args.required("length")
    if not length.isdecimal() or length == "0":
        raise ApiError("invalid_arguments")
    file = files.create(call.workspace.bot_user_id, name, int(length), args.text("alt_txt"))
    return {"file_id": file.id, "upload_url": files.upload_url(file)}


@method("files.completeUploadExternal", scope="files:write")
def files_complete_upload_external(call: MethodCall) -> dict[str, Any]:
    """Share uploaded files in a channel."""
    workspace, args = call.workspace, call.args
    args.required("files")
    files = [_uploaded_file(call, entry) for entry in args.objects("files", "invalid_arguments")]
    if args.text("channel_id") or args.text("channels"):
        channel = call.channel("channel_id" if args.text("channel_id") else "channels")
        if workspace.bot_user_id not in channel.members:
            raise ApiError("not_in_channel")
        comment, thread_ts = args.text("initial_comment"), args.text("thread_ts") or None
        workspace.files.share(files, channel, workspace.bot_user_id, comment, thread_ts)
    return {"files": [file_object(file) for file in files]}


@method("files.info", scope="files:read")
def files_info(call: MethodCall) -> dict[str, Any]:
    """Return a file."""
    file = call.workspace.files.get_uploaded(call.args.required("file"))
    return {"file": file_object(file), "comments": [], "response_metadata": {"next_cursor": ""}}


@method("files.list", scope="files:read")
def files_list(call: MethodCall) -> dict[str, Any]:
    """List the files, the latest first, in pages of `count`, by `channel` and `user`."""
    args, files = call.args, call.workspace.state.files.values()
    channel_id = call.channel().id if args.text("channel") else None
    user = args.text("user")
    if user and user not in call.workspace.state.users:
        raise ApiError("user_not_found")
    found = [
        file_object(file)
        for file in files
        if file.content is not None and user in ("", file.user) and (channel_id is None or channel_id in file.channels)
    ][::-1]
    count, page = (int(args.text(name)) if args.text(name).isdecimal() else 0 for name in ("count", "page"))
    count, page = count or DEFAULT_LIMIT, page or 1
    paging = {"count": count, "total": len(found), "page": page, "pages": -(-len(found) // count)}
    return {"files": found[(page - 1) * count : page * count], "paging": paging}


def _uploaded_file(call: MethodCall, entry: dict[str, Any]) -> File:
    file = call.workspace.files.get_uploaded(str(entry.get("id")))
    file.title = entry.get("title") or file.title
    return file
