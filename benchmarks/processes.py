"""Contenders of a benchmark, each in a separate process.

The idle threads of one contender would take time from another in the same process. A contender's process calls
:func:`report`; the benchmark calls :func:`measure`. Only the standard library is imported, so that a contender can run
in another Python than the bot's.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
FIRST_TEXT = "hi"
_ENVIRONMENT = {"HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1"}

Answers = list[tuple[str, float]]
"""For each text, its label and the score of that label."""

Run = Callable[[Sequence[str]], Answers]
"""Classifies texts."""

Texts = Mapping[str, Sequence[str]]
"""Sets of texts, by name."""


class ContenderError(Exception):
    """A contender's process failed; the message has the end of its standard error."""


@dataclass(frozen=True, slots=True)
class Contender:
    """The command that runs a contender, its first element the Python, and the texts that it classifies."""

    command: Sequence[str]
    texts: Texts


@dataclass(frozen=True, slots=True)
class Figures:
    """What a contender's process measured.

    ``rates`` are texts per second and ``answers`` those to the texts, both by set. ``seconds`` is the time from the
    start of the process's own code to the first answer, imports and loading included; ``megabytes`` the memory then, as
    :func:`read_memory` returns it.
    """

    rates: dict[str, float]
    answers: dict[str, Answers]
    seconds: float
    megabytes: dict[str, float]


def report(load: Callable[[], AbstractContextManager[Run]]) -> None:
    """Read a request from standard input, and print the figures of what ``load`` returns as the last line of output.

    ``load`` has to do all imports that are to be part of the time to the first answer.
    """
    request = json.load(sys.stdin)
    started = time.perf_counter()
    with load() as run:
        run([FIRST_TEXT])
        seconds, megabytes = time.perf_counter() - started, read_memory(os.getpid())
        rates, answers = {}, {}
        for name, texts in request["texts"].items():
            answers[name] = run(texts)  # warms up
            durations = []
            for _ in range(request["repeats"]):
                started = time.perf_counter()
                run(texts)
                durations.append(time.perf_counter() - started)
            rates[name] = len(texts) / statistics.median(durations)
    figures = {"rates": rates, "answers": answers, "seconds": seconds, "megabytes": megabytes}
    print("\n" + json.dumps(figures), flush=True)


def read_memory(pid: int) -> dict[str, float]:
    """Return the current and the maximum resident memory of a process, in MB; nothing on other systems than Linux."""
    if sys.platform != "linux":
        return {}
    sizes = dict(re.findall(r"(VmRSS|VmHWM):\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text()))
    return {"resident": int(sizes["VmRSS"]) / 1000, "at most": int(sizes["VmHWM"]) / 1000}


def run_python(command: Sequence[str], request: str = "") -> str:
    """Run a Python on a module of the repository, and return the last line of its output.

    Raise a ContenderError if it fails.
    """
    process = subprocess.run(  # noqa: S603 - our own commands
        command,
        cwd=REPOSITORY,
        env=os.environ | _ENVIRONMENT,
        input=request,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = process.stdout.splitlines()
    if process.returncode or not lines:
        raise ContenderError(f"{' '.join(command)} ended with {process.returncode}:\n{process.stderr[-2000:]}")
    return lines[-1]


def measure(contenders: Mapping[str, Contender], rounds: int, *, repeats: int = 3) -> dict[str, Figures]:
    """Run each contender ``rounds`` times in a new process, and return its figures.

    The contenders take turns, so that other load on the machine affects all of them, and only one runs at a time. A
    process classifies its texts ``repeats`` times after a warm-up. Rates, seconds and memory are medians of the rounds.
    """
    found: dict[str, list[Figures]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            request = {"texts": contender.texts, "repeats": repeats}
            found[name].append(Figures(**json.loads(run_python(contender.command, json.dumps(request)))))
    return {name: _medians(figures) for name, figures in found.items()}


def _medians(rounds: Sequence[Figures]) -> Figures:
    last = rounds[-1]
    return Figures(
        {name: statistics.median(figures.rates[name] for figures in rounds) for name in last.rates},
        last.answers,
        statistics.median(figures.seconds for figures in rounds),
        {name: statistics.median(figures.megabytes[name] for figures in rounds) for name in last.megabytes},
    )


def share_of_labels_changed(answers: Sequence[Sequence[object]], reference: Sequence[Sequence[object]]) -> float:
    """Return the share of texts with another label than in ``reference``; both have the label first."""
    return statistics.mean(ours[0] != theirs[0] for ours, theirs in zip(answers, reference, strict=True))
