"""Does the bot notice that a text is not English? How often it does, and how often it says so of English.

    python -m benchmarks.languages [--data FOLDER] [--lingua low|high]

Over the lines in ``languages.tsv``, written for this in the manner of chats: those to ``measure`` by are no part of
those to ``choose`` the threshold by. With a folder of data sets also over their dev sets, and the threshold's table
over their train sets. ``--lingua`` puts that library in the place of py3langid, in the mode of low or of high accuracy;
it is no dependency: ``.venv/bin/pip install lingua-language-detector``.
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
from bot.sentiment import language as own
from bot.sentiment.language import MIN_LIKELIHOOD_RATIO, detect_foreign_language
from training.data import read_tsv

LINES = Path(__file__).parent / "languages.tsv"
ENGLISH = "English"
SETS = ("sst2", "github", "jira", "stackoverflow", "tweeteval", "tweets-rated")
KOREAN = "nsmc-korean"
SHORT = 4
"""English texts of fewer words are counted apart."""
OTHERS = (3.0, 5.0, 10.0, MIN_LIKELIHOOD_RATIO, 50.0, 100.0)

Text = tuple[str, str]
"""The name of a language, and a text in it."""


def lines(use: str) -> list[Text]:
    """Return the lines to ``measure`` or to ``choose`` by."""
    with LINES.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["language"], row["text"]) for row in rows if row["use"] == use]


def by_language(texts: Iterable[Text]) -> dict[str, Counter[str]]:
    """Count for each language but English what was said of its texts: right, another language, nothing."""
    found: dict[str, Counter[str]] = {}
    for language, text in texts:
        if language != ENGLISH:
            said = detect_foreign_language(text)
            kind = "right" if said == language else "wrong" if said else "missed"
            found.setdefault(language, Counter())[kind] += 1
    return found


def warned(texts: Sequence[str], sure: float = MIN_LIKELIHOOD_RATIO) -> dict[str, tuple[int, int]]:
    """Count the English texts that are taken for another language, and all of them, short ones apart."""
    long = [text for text in texts if len(text.split()) >= SHORT]
    short = [text for text in texts if len(text.split()) < SHORT]
    named = {"short": short, "long": long}
    return {
        name: (sum(detect_foreign_language(text, sure) is not None for text in those), len(those))
        for name, those in named.items()
    }


def lingua(mode: str) -> Callable[[str], list[tuple[str, float]]]:
    """Return what ranks languages with lingua, over those that both libraries know."""
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, code.upper()) for code in own.NAMES if hasattr(IsoCode639_1, code.upper())]
    builder = LanguageDetectorBuilder.from_iso_codes_639_1(*codes, IsoCode639_1.NB)
    detector = (builder.with_low_accuracy_mode() if mode == "low" else builder).build()

    def likely(text: str) -> list[tuple[str, float]]:
        found = detector.compute_language_confidence_values(text)
        return [(each.language.iso_code_639_1.name.lower().replace("nb", "no"), each.value) for each in found]

    return likely


def texts_of(data: Path, name: str, part: str) -> list[str]:
    """Return the texts of one data set, without their labels."""
    return [text for text, _ in read_tsv(data / name / f"{part}.tsv")]


def peak() -> float:
    """Return the most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def share(counts: tuple[int, int]) -> str:
    """Write so many of so many, with the share."""
    some, of = counts
    return f"{some} of {of} ({some / of:.1%})" if of else "–"


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder that holds sst2/dev.tsv and so on")
    parser.add_argument("--lingua", choices=("low", "high"), help="measure this library instead")
    args = parser.parse_args()
    if args.lingua:
        with patch.object(own, "_likely", lingua(args.lingua)):
            measure(args.data)
    else:
        measure(args.data)


def measure(data: Path | None) -> None:
    """Print the tables."""
    measured = lines("measure")
    before, started = peak(), time.perf_counter()
    detect_foreign_language("the first text that is looked at")
    loading, memory = time.perf_counter() - started, peak() - before
    languages = by_language(measured)
    if data and (data / KOREAN).is_dir():  # no source of the model, so not everybody has it
        languages |= {f"Korean, {KOREAN}": by_language(("Korean", t) for t in texts_of(data, KOREAN, "dev"))["Korean"]}
    show(
        "Texts in other languages",
        ("", "lines", "right", "another language named", "missed"),
        [
            (name, str(c.total()), str(c["right"]), str(c["wrong"]), str(c["missed"]))
            for name, c in (languages | {"all lines": sum((by_language(measured).values()), Counter())}).items()
        ],
    )

    english = {"developers' chat": [text for language, text in measured if language == ENGLISH]}
    if data:
        english |= {name: texts_of(data, name, "dev") for name in SETS}
    false = {name: warned(texts) for name, texts in english.items()}
    show(
        "English taken for another language",
        ("", f"1 to {SHORT - 1} words", f"{SHORT} words and more"),
        [(name, share(counts["short"]), share(counts["long"])) for name, counts in false.items()],
    )

    chosen = lines("choose")
    train = [text for language, text in chosen if language == ENGLISH]
    if data:
        train += [text for name in SETS for text in texts_of(data, name, "train")[:1500]]
    others = [text for language, text in chosen if language != ENGLISH]
    rows = []
    for sure in OTHERS:
        counts = warned(train, sure)
        noticed = sum(detect_foreign_language(text, sure) is not None for text in others), len(others)
        rows.append((f"{sure:g}", share(noticed), share(counts["short"]), share(counts["long"])))
    show(
        f"How many times as likely as English: {MIN_LIKELIHOOD_RATIO:g} was chosen by lines that are not counted above",
        ("", "noticed", f"English, 1 to {SHORT - 1} words", f"English, {SHORT} and more"),
        rows,
    )

    every = [text for _, text in measured]
    started = time.perf_counter()
    for text in every:
        detect_foreign_language(text)
    each = (time.perf_counter() - started) / len(every)
    print(f"loading {loading:.2f} s and {memory:.0f} MB at its peak, then {each * 1e6:.0f} µs a line")
    keep("languages", {"languages": languages, "English": false, "loading_s": loading, "line_s": each, "MB": memory})


if __name__ == "__main__":
    main()
