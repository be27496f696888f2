"""Language detection: notes on languages that the model does not read, and false ones on those that it reads.

    python -m benchmarks.languages [--data FOLDER] [--model NAME] [--lingua low|high]

Runs on the lines in ``languages.tsv``, written in the style of chats: those with use ``measure`` are measured, those
with use ``choose`` are for choosing the threshold. With a folder of data sets, runs also on their dev sets, and the
threshold's table on their train sets. ``--model`` measures for the languages of another model in ``MODEL_LANGUAGES``.
``--lingua`` replaces py3langid by that library, in its low or high accuracy mode; it is not a dependency:
``.venv/bin/pip install lingua-language-detector``.
"""

import argparse
import csv
import resource
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from unittest.mock import patch

from benchmarks.results import keep, show
from bot.sentiment import language
from bot.sentiment.language import LANGUAGE_NAMES, MIN_LIKELIHOOD_RATIO, MODEL_LANGUAGES, detect_other_language
from training.data import read_tsv

LINES = Path(__file__).parent / "languages.tsv"
KINDS = ("right", "other language", "missed", "false", "none")
"""Notes on texts in other languages, which name theirs, another or are missing; and on texts that the model reads."""
THRESHOLDS = (1.0, 3.0, 5.0, 10.0, MIN_LIKELIHOOD_RATIO, 50.0, 100.0)
_TRAIN_TEXTS = 1500  # of each data set, for choosing the threshold

Text = tuple[str, str]
"""The name of a language, and a text in it."""


def lines(use: str) -> list[Text]:
    """Return the lines for ``use``: measure or choose."""
    with LINES.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["language"], row["text"]) for row in rows if row["use"] == use]


def data_sets(data: Path, part: str) -> dict[str, list[Text]]:
    """Return the texts of each data set, without their labels. Its language is the end of its name, or English."""
    found = {}
    for file in sorted(data.glob(f"*/{part}.tsv")):
        suffix = file.parent.name.rpartition("-")[2]
        name = next((name for name in LANGUAGE_NAMES.values() if name.lower().startswith(suffix)), "English")
        found[file.parent.name] = [(name, text) for text, _ in read_tsv(file)]
    return found


def count(texts: Iterable[Text], read: Collection[str], min_ratio: float = MIN_LIKELIHOOD_RATIO) -> Counter[str]:
    """Count the notes on ``texts`` by kind, for a model that reads the languages with the codes ``read``."""
    names = {LANGUAGE_NAMES[code] for code in read}
    counts: Counter[str] = Counter()
    for name, text in texts:
        noted = detect_other_language(text, read, min_ratio)
        if name in names:
            counts["false" if noted else "none"] += 1
        else:
            counts["right" if noted == name else "other language" if noted else "missed"] += 1
    return counts


def lingua_ranker(mode: str) -> Callable[[str], list[tuple[str, float]]]:
    """Return a replacement of ``rank_languages`` that uses lingua, with the languages that both libraries support."""
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, code.upper()) for code in LANGUAGE_NAMES if hasattr(IsoCode639_1, code.upper())]
    builder = LanguageDetectorBuilder.from_iso_codes_639_1(*codes, IsoCode639_1.NB)
    detector = (builder.with_low_accuracy_mode() if mode == "low" else builder).build()

    def rank_languages(text: str) -> list[tuple[str, float]]:
        ranking = detector.compute_language_confidence_values(text)
        return [(each.language.iso_code_639_1.name.lower().replace("nb", "no"), each.value) for each in ranking]

    return rank_languages


def peak_memory() -> float:
    """Return the maximum resident memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the data sets, each with a dev.tsv and a train.tsv")
    parser.add_argument("--model", choices=list(MODEL_LANGUAGES), default="embedded", help="whose languages count")
    parser.add_argument("--lingua", choices=("low", "high"), help="measure this library instead")
    args = parser.parse_args()
    if args.lingua:
        with patch.object(language, "rank_languages", lingua_ranker(args.lingua)):
            measure(args.data, args.model)
    else:
        measure(args.data, args.model)


def measure(data: Path | None, model: str) -> None:
    """Print the tables."""
    read = MODEL_LANGUAGES[model]
    before, started = peak_memory(), time.perf_counter()
    language.rank_languages("the first text, which loads the model")
    loading, memory = time.perf_counter() - started, peak_memory() - before
    measured = lines("measure")
    groups = {name: [text for text in measured if text[0] == name] for name in dict(measured)}
    groups |= data_sets(data, "dev") if data else {}
    counts = {name: count(texts, read) for name, texts in groups.items()}
    not_read = {name: each for name, each in counts.items() if not each["false"] + each["none"]}
    not_read["all lines"] = sum((not_read[name] for name in dict(measured) if name in not_read), Counter())
    show(
        f"Texts in languages that {model} does not read",
        ("", "texts", "right", "other language", "missed"),
        [
            (name, str(each.total()), str(each["right"]), str(each["other language"]), str(each["missed"]))
            for name, each in not_read.items()
        ],
    )
    others = {name: each for name, each in counts.items() if name not in not_read}
    others["all lines"] = sum((others[name] for name in dict(measured) if name in others), Counter())
    if data:
        others["all data sets"] = sum((others[name] for name in others if (data / name).is_dir()), Counter())
    show(
        "Texts in languages that it reads",
        ("", "texts", "false notes"),
        [(name, str(each.total()), str(each["false"])) for name, each in others.items()],
    )

    train = lines("choose")
    for texts in (data_sets(data, "train") if data else {}).values():
        train += texts[:_TRAIN_TEXTS]
    by_threshold = {threshold: count(train, read, threshold) for threshold in THRESHOLDS}
    show(
        f"By minimum likelihood ratio; {MIN_LIKELIHOOD_RATIO:g} was chosen on these texts, which are not counted above",
        ("", *KINDS),
        [(f"{threshold:g}", *(str(each[kind]) for kind in KINDS)) for threshold, each in by_threshold.items()],
    )

    started = time.perf_counter()
    for _, text in measured:
        detect_other_language(text, read)
    line_seconds = (time.perf_counter() - started) / len(measured)
    print(f"loading {loading:.2f} s and {memory:.0f} MB peak memory, then {line_seconds * 1e6:.0f} µs per line")
    keep(
        "languages",
        {"counts": counts, "loading_s": loading, "line_s": line_seconds, "MB": memory},
    )


if __name__ == "__main__":
    main()
