"""The control API's acts on doors that few apps have: files of people, menus that the app fills, workflow steps."""

import base64
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from bot.workspace.errors import SlackError
from bot.workspace.steps import Step
from bot.workspace.workspace import Workspace

_LONGEST_WAIT = 60  # seconds that one request waits for a step to end


def routes(workspace: Workspace, admit: Callable[[web.Request], None]) -> list[web.RouteDef]:
    """Give the routes of these acts; `admit` refuses whoever may not come in."""
    acts: dict[str, Callable[[dict[str, Any]], Awaitable[object]]] = {
        "upload": lambda told: _upload(workspace, told),
        "suggest": lambda told: _suggest(workspace, told),
        "run_step": lambda told: _run_step(workspace, told),
        "step": lambda told: _step(workspace, told),
    }

    async def act(request: web.Request) -> web.Response:
        admit(request)
        try:
            told = await request.json()
            result = await acts[request.match_info["act"]](told if isinstance(told, dict) else {})
        except SlackError as error:
            return web.json_response({"ok": False, "error": error.code, **error.details}, status=400)
        except (ValueError, TypeError, KeyError) as error:
            return web.json_response({"ok": False, "error": "invalid_arguments", "reason": str(error)}, status=400)
        return web.json_response({"ok": True, "result": result})

    return [web.post(f"/control/{{act:{'|'.join(acts)}}}", act)]


async def _upload(workspace: Workspace, told: dict[str, Any]) -> object:
    """Upload a file whose `content` is base64, and share it if there is a `channel`."""
    told["content"] = base64.b64decode(told["content"], validate=True)
    return await workspace.upload(**told)


async def _suggest(workspace: Workspace, told: dict[str, Any]) -> object:
    """Type into a menu that the app fills, and give what it suggests."""
    outcome = await workspace.suggest(**told)
    return {"error": outcome.error, "payload": outcome.payload}


async def _run_step(workspace: Workspace, told: dict[str, Any]) -> object:
    """Run a function of the manifest, and give what has come of it after at most `wait` seconds."""
    wait = min(float(told.pop("wait", 3)), _LONGEST_WAIT)
    step = await workspace.run_step(**told)
    with contextlib.suppress(TimeoutError):
        await workspace.changes.until(lambda: step.status != "running", wait)
    return _shown(step)


async def _step(workspace: Workspace, told: Mapping[str, Any]) -> object:
    """Give what has come of the run with that `id`."""
    return _shown(workspace.steps.found(told["id"]))


def _shown(step: Step) -> dict[str, Any]:
    return {"id": step.id, "status": step.status, "outputs": step.outputs, "error": step.error}
