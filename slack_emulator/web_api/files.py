"""files.*: uploading in three steps, and looking at what was uploaded."""

from typing import Any

from slack_emulator.errors import SlackError
from slack_emulator.state.models import File
from slack_emulator.web_api.registry import Call, method


@method("files.getUploadURLExternal", scope="files:write")
def files_get_upload_url_external(call: Call) -> dict[str, Any]:
    """Give the address to which the bytes of a file go."""
    files, args = call.workspace.files, call.args
    name, length = args.required("filename"), args.required("length")
    if not length.isdigit() or length == "0":
        raise SlackError("invalid_arguments")
    file = files.begin(call.workspace.bot_user_id, name, int(length), args.text("alt_txt"))
    return {"file_id": file.id, "upload_url": files.upload_url(file)}


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
        comment, thread_ts = args.text("initial_comment"), args.text("thread_ts") or None
        workspace.files.share(files, channel, workspace.bot_user_id, comment, thread_ts)
    return {"files": [file.as_slack() for file in files]}


@method("files.info", scope="files:read")
def files_info(call: Call) -> dict[str, Any]:
    """Tell about one file."""
    file = call.workspace.state.files.get(call.args.required("file"))
    if file is None or file.content is None:
        raise SlackError("file_not_found")
    return {"file": file.as_slack(), "comments": [], "response_metadata": {"next_cursor": ""}}


def _finished(call: Call, entry: dict[str, Any]) -> File:
    file = call.workspace.state.files.get(str(entry.get("id")))
    if file is None or file.content is None:
        raise SlackError("file_not_found")
    file.title = entry.get("title") or file.title
    return file
