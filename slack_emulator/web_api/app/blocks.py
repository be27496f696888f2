"""blocks.validate: the errors in blocks, a message or a view, without sending them."""

import json
import re
from typing import Any

from slack_emulator.errors import ApiError
from slack_emulator.validation.blocks import block_errors, view_errors
from slack_emulator.validation.elements import as_object
from slack_emulator.web_api.registry import MethodCall, method

MAX_LENGTH = 100_000
"""Of the JSON."""

_KINDS = ("blocks", "message", "view")
_MESSAGE = re.compile(r"\[ERROR\] (?P<text>.*?)(?: \[json-pointer:(?P<pointer>.*)\])?", re.DOTALL)


@method("blocks.validate")
def blocks_validate(call: MethodCall) -> dict[str, Any]:
    """Validate blocks, a message or a view, of which one has to be given as a string of JSON."""
    given = [name for name in _KINDS if name in call.args]
    if len(given) != 1:
        raise _invalid_arguments(f"exactly one of {', '.join(_KINDS)} is required")
    (name,) = given
    value = call.args[name]
    if not isinstance(value, str) or len(value) > MAX_LENGTH:
        raise _invalid_arguments(f"{name} must be a string of at most {MAX_LENGTH} characters")
    try:
        content = json.loads(value)
    except (ValueError, RecursionError):
        raise _invalid_arguments(f"{name} must be JSON") from None
    if errors := _errors(name, content, call.workspace.state.refused_blocks):
        raise ApiError(f"invalid_{name}", errors=[_error(error, name) for error in errors])
    return {}


def _errors(name: str, content: object, refused: set[str]) -> list[str]:
    if name == "view":
        return view_errors(content, refused)
    if name == "blocks":
        return block_errors(content, "message", refused) if content else ["[ERROR] blocks must not be empty"]
    message = as_object(content)
    if not (message.get("text") or message.get("blocks") or message.get("attachments")):
        return ["[ERROR] a message needs text, blocks or attachments"]
    return block_errors(message.get("blocks"), "message", refused)


def _error(error: str, name: str) -> dict[str, Any]:
    """Return an error of `response_metadata.messages` as an object; the code is the emulator's own."""
    match = _MESSAGE.fullmatch(error)
    text, pointer = (match["text"], match["pointer"]) if match else (error, None)
    pointer = (pointer or "").removeprefix("/blocks" if name == "blocks" else "")
    code = "unsupported_type" if text.startswith("unsupported type") else "invalid_value"
    return {"code": code, "message": text, "pointer": pointer}


def _invalid_arguments(message: str) -> ApiError:
    return ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {message}"]})
