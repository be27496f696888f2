"""The embedded model in torch, as the bot computes it, and in OpenVINO: speed, start, memory, and what precision costs.

All tokenize texts and compute batches of similar length, one batch on each core, each runtime in a separate process.
OpenVINO is not among the bot's packages:

    python3 -m venv build/openvino
    build/openvino/bin/pip install torch transformers openvino nncf
    build/openvino/bin/opt_in_out --opt_out    # OpenVINO sends statistics of use unless told otherwise
    .venv/bin/python -m benchmarks.runtimes --openvino build/openvino/bin/python --texts DATA/github/dev.tsv

The seconds to the first answer leave out the start of Python itself. Labels are compared with those of torch in fp32.
"Alone" is a text that is not in a batch with others: its result should be the same.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.openvino_model import PRECISIONS
from benchmarks.processes import Answers, Contender, Figures, Texts, measure, run_python, share_of_labels_changed
from benchmarks.results import keep, show
from benchmarks.texts import as_in_chat, of_length, of_lengths
from bot.sentiment.classifier import MAX_BATCH_TOKENS
from bot.sentiment.engine.engine import count_cores
from bot.sentiment.models import checkpoint

TOKENS, SHORTEST, LONGEST = 20, 10, 30
EQUAL, MIXED, CHECK = f"{TOKENS} tokens", f"{SHORTEST} to {LONGEST} tokens", "check"
CALIBRATION_TEXTS = 300


def read_texts(path: Path | None, count: int) -> tuple[list[str], list[str]]:
    """Return texts to calibrate with, and up to ``count`` others to compare labels with.

    ``path`` has one text per line, which ends at the first tab; without it the texts are random.
    """
    if path is None:
        texts = as_in_chat(CALIBRATION_TEXTS + count)
    else:
        lines = path.read_text(encoding="utf-8").splitlines()
        texts = [text for line in lines if (text := line.split("\t")[0].strip())]
        random.Random(0).shuffle(texts)
    calibration = texts[: min(CALIBRATION_TEXTS, len(texts) // 2)]
    return calibration, texts[len(calibration) :][:count]


def batch_dependence(answers: Answers, alone: Answers) -> tuple[float, float]:
    """Return how far results depend on the batch.

    That is the share of texts with another label alone, and the largest difference of a score with the same label.
    """
    pairs = list(zip(answers, alone, strict=False))  # only some texts were classified alone
    differences = [abs(ours[1] - theirs[1]) for ours, theirs in pairs if ours[0] == theirs[0]]
    return share_of_labels_changed(answers[: len(alone)], alone), max(differences, default=0.0)


def make_contenders(openvino: str | None, folder: Path, texts: Texts, budgets: Sequence[int]) -> dict[str, Contender]:
    """Return the runtimes, each with every one of ``budgets``, the maximum numbers of tokens of a batch."""
    ours = (sys.executable, "-m", "benchmarks.contenders", "forward", "embedded")
    commands: dict[str, tuple[str, ...]] = {
        f"torch {precision}": (*ours, precision) for precision in ("fp32", "bf16", "int8")
    }
    if openvino:
        theirs, cores = (openvino, "-m", "benchmarks.openvino_model"), str(count_cores())
        commands |= {f"OpenVINO {precision}": (*theirs, precision, str(folder), cores) for precision in PRECISIONS}
    return {
        name if len(budgets) == 1 else f"{name}, batches of {budget} tokens": Contender((*command, str(budget)), texts)
        for budget in budgets
        for name, command in commands.items()
    }


def print_tables(
    figures: dict[str, Figures], dependence: dict[str, tuple[float, float]], changed: dict[str, float]
) -> None:
    """Print the results."""
    base = next(iter(figures.values())).rates
    show(
        f"Texts per second on {count_cores()} cores, with tokenizing; the start of a process up to its first answer",
        ("", EQUAL, MIXED, "relative to the first", "start, s", "resident, MB", "at most, MB"),
        [
            (
                name,
                f"{figure.rates[EQUAL]:.0f}",
                f"{figure.rates[MIXED]:.0f}",
                f"{figure.rates[MIXED] / base[MIXED]:.2f} ×",
                f"{figure.seconds:.2f}",
                *(f"{megabytes:.0f}" for megabytes in figure.megabytes.values()),
            )
            for name, figure in figures.items()
        ],
    )
    show(
        "What precision costs",
        ("", "labels changed", "labels changed alone", "score changed alone, at most"),
        [
            (name, f"{100 * changed[name]:.2f} %", f"{100 * labels:.2f} %", f"{difference:.4f}")
            for name, (labels, difference) in dependence.items()
        ],
    )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer texts and rounds")
    parser.add_argument("--openvino", metavar="PYTHON", help="a Python that has OpenVINO and NNCF")
    parser.add_argument("--texts", metavar="FILE", type=Path, help="texts to calibrate int8 and to compare labels with")
    parser.add_argument("--max-tokens", metavar="N", type=int, nargs="+", default=[MAX_BATCH_TOKENS], help="of a batch")
    args = parser.parse_args()
    rounds, count, check = (1, 60, 200) if args.quick else (5, 1800, 2000)

    calibration, checked = read_texts(args.texts, check)
    texts = {EQUAL: of_length(TOKENS, count), MIXED: of_lengths(SHORTEST, LONGEST, count), CHECK: checked}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "model")
        if args.openvino:
            checkpoint.save(checkpoint.load(), folder)
            command = (args.openvino, "-m", "benchmarks.openvino_model", "convert", str(folder))
            run_python(command, json.dumps(calibration))
        contenders = make_contenders(args.openvino, folder, texts, args.max_tokens)
        figures = measure(contenders, rounds, repeats=1, alone=check // 10)
    reference = next(iter(figures.values())).answers[CHECK]
    changed = {name: share_of_labels_changed(figure.answers[CHECK], reference) for name, figure in figures.items()}
    dependence = {
        name: batch_dependence(figure.answers[CHECK], figure.alone[CHECK]) for name, figure in figures.items()
    }
    print_tables(figures, dependence, changed)
    if not args.openvino:
        print("OpenVINO was not measured: name a Python that has it with --openvino")
    keep(
        "runtimes",
        {
            name: {
                "rates": figure.rates,
                "seconds": figure.seconds,
                "megabytes": figure.megabytes,
                "labels changed": changed[name],
                "batch dependence": dependence[name],
            }
            for name, figure in figures.items()
        },
    )


if __name__ == "__main__":
    main()
