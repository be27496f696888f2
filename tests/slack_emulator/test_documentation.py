"""The commands and the code of docs/emulator.md work."""

import asyncio
import json
import re
import sys
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port

from tests.support import processes

PAGE = Path("docs/emulator.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
ACKNOWLEDGE = """
from slack_bolt import BoltResponse

@app.middleware
async def acknowledge(body, next):
    return await next() if "command" in body else BoltResponse(status=200)

"""
"""Code that the page's app needs to acknowledge what it has no listener for."""
MISSING = ("There is no element with", "This person has no open modal")
"""Errors of actions for messages and windows that the page's app does not have."""


@pytest.mark.slow
async def test_documentation() -> None:
    """The page's app connects, answers a command, and each action of the control API is performed."""
    start, _, *actions = [code for language, code in BLOCKS if language == "sh"]
    app, *_ = [code for language, code in BLOCKS if language == "python"]
    emulator = start.removeprefix(".venv/bin/python -m bot ").partition(" | ")[0].split()
    async with asyncio.timeout(60), processes.bot_process(*emulator, PORT=str(unused_port())) as emulator_process:
        assert emulator_process.stdout
        environment: dict[str, str] = {}
        while b"in a browser" not in (line := await emulator_process.stdout.readline()):
            environment |= re.findall(r"^([A-Z_]+)=(\S+)$", line.decode())
        code = app.replace("@app.command", f"{ACKNOWLEDGE}@app.command", 1)
        async with processes.process(sys.executable, "-u", "-c", code, environment=environment) as app_process:
            await processes.line_with(app_process.stdout, "running")
            async with processes.process("bash", "-ec", "".join(actions), environment=environment) as shell:
                out, err = await shell.communicate()
    assert shell.returncode == 0, err.decode()
    responses = [json.loads(line) for line in out.decode().splitlines()]
    assert len(responses) == len(re.findall(r"^perform ", "".join(actions), re.MULTILINE))
    failed = [response for response in responses if not response["ok"]]
    assert all(response["reason"].startswith(MISSING) for response in failed)
    results = [response["result"] for response in responses if response["ok"]]
    assert [result for result in results if isinstance(result, dict) and result.get("error")] == []
    assert "Hello, world" in out.decode()
