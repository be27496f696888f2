"""Language detection: how often other languages are detected, and how often English is taken for one.

    python -m benchmarks.languages [--data FOLDER] [--lingua low|high]

Runs on the lines in ``languages.tsv``, written in the style of chats: those with use ``measure`` are measured, those
with use ``choose`` are for choosing the threshold. With a folder of data sets, runs also on their dev sets, and the
threshold's table on their train sets. ``--lingua`` replaces py3langid by that library, in its low or high accuracy
mode; it is not a dependency: ``.venv/bin/pip install lingua-language-detector``.
"""

import argparse
import csv
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from unittest.mock import patch

from benchmarks.results import keep, show
from bot.sentiment import language
from bot.sentiment.language import LANGUAGE_NAMES, MIN_LIKELIHOOD_RATIO, detect_foreign_language
from training.data import read_tsv

LINES = Path(__file__).parent / "languages.tsv"
ENGLISH = "English"
SETS = ("sst2", "github", "jira", "stackoverflow", "tweeteval", "tweets-rated")
KOREAN = "nsmc-korean"
MIN_WORDS = 4
"""English texts of fewer words are counted separately, as short ones."""
THRESHOLDS = (3.0, 5.0, 10.0, MIN_LIKELIHOOD_RATIO, 50.0, 100.0)

Text = tuple[str, str]
"""The name of a language, and a text in it."""


def lines(use: str) -> list[Text]:
    """Return the lines for ``use``: measure or choose."""
    with LINES.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["language"], row["text"]) for row in rows if row["use"] == use]


def count_by_language(texts: Iterable[Text]) -> dict[str, Counter[str]]:
    """Count the results for each language except English: right, wrong (another language) and missed."""
    counts: dict[str, Counter[str]] = {}
    for expected, text in texts:
        if expected != ENGLISH:
            detected = detect_foreign_language(text)
            kind = "right" if detected == expected else "wrong" if detected else "missed"
            counts.setdefault(expected, Counter())[kind] += 1
    return counts


def count_false_positives(texts: Sequence[str], min_ratio: float = MIN_LIKELIHOOD_RATIO) -> dict[str, tuple[int, int]]:
    """Count the English texts taken for another language, and all English texts, separately for short and long ones."""
    long = [text for text in texts if len(text.split()) >= MIN_WORDS]
    short = [text for text in texts if len(text.split()) < MIN_WORDS]
    groups = {"short": short, "long": long}
    return {
        name: (sum(detect_foreign_language(text, min_ratio) is not None for text in group), len(group))
        for name, group in groups.items()
    }


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


def texts_of(data: Path, name: str, part: str) -> list[str]:
    """Return the texts of one data set, without their labels."""
    return [text for text, _ in read_tsv(data / name / f"{part}.tsv")]


def peak_memory() -> float:
    """Return the maximum resident memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def share(counts: tuple[int, int]) -> str:
    """Format a count, a total and their ratio."""
    count, total = counts
    return f"{count} of {total} ({count / total:.1%})" if total else "–"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the data sets, each with a dev.tsv and a train.tsv")
    parser.add_argument("--lingua", choices=("low", "high"), help="measure this library instead")
    args = parser.parse_args()
    if args.lingua:
        with patch.object(language, "rank_languages", lingua_ranker(args.lingua)):
            measure(args.data)
    else:
        measure(args.data)


def measure(data: Path | None) -> None:
    """Print the tables."""
    measured = lines("measure")
    before, started = peak_memory(), time.perf_counter()
    detect_foreign_language("the first text, which loads the model")
    loading, memory = time.perf_counter() - started, peak_memory() - before
    languages = count_by_language(measured)
    if data and (data / KOREAN).is_dir():  # not one of the model's sources, so it may be missing
        languages |= {
            f"Korean, {KOREAN}": count_by_language(("Korean", t) for t in texts_of(data, KOREAN, "dev"))["Korean"]
        }
    show(
        "Texts in other languages",
        ("", "lines", "right", "wrong language", "missed"),
        [
            (name, str(c.total()), str(c["right"]), str(c["wrong"]), str(c["missed"]))
            for name, c in (languages | {"all lines": sum((count_by_language(measured).values()), Counter())}).items()
        ],
    )

    english = {"developers' chat": [text for name, text in measured if name == ENGLISH]}
    if data:
        english |= {name: texts_of(data, name, "dev") for name in SETS}
    false_positives = {name: count_false_positives(texts) for name, texts in english.items()}
    show(
        "English taken for another language",
        ("", f"1 to {MIN_WORDS - 1} words", f"{MIN_WORDS} words and more"),
        [(name, share(counts["short"]), share(counts["long"])) for name, counts in false_positives.items()],
    )

    chosen = lines("choose")
    train = [text for name, text in chosen if name == ENGLISH]
    if data:
        train += [text for name in SETS for text in texts_of(data, name, "train")[:1500]]
    others = [text for name, text in chosen if name != ENGLISH]
    rows = []
    for threshold in THRESHOLDS:
        counts = count_false_positives(train, threshold)
        detected = sum(detect_foreign_language(text, threshold) is not None for text in others), len(others)
        rows.append((f"{threshold:g}", share(detected), share(counts["short"]), share(counts["long"])))
    show(
        f"By minimum likelihood ratio; {MIN_LIKELIHOOD_RATIO:g} was chosen on these lines, which are not counted above",
        ("", "detected", f"English, 1 to {MIN_WORDS - 1} words", f"English, {MIN_WORDS} and more"),
        rows,
    )

    every = [text for _, text in measured]
    started = time.perf_counter()
    for text in every:
        detect_foreign_language(text)
    line_seconds = (time.perf_counter() - started) / len(every)
    print(f"loading {loading:.2f} s and {memory:.0f} MB peak memory, then {line_seconds * 1e6:.0f} µs per line")
    keep(
        "languages",
        {
            "languages": languages,
            "English": false_positives,
            "loading_s": loading,
            "line_s": line_seconds,
            "MB": memory,
        },
    )


if __name__ == "__main__":
    main()
