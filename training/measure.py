"""Measure a model on the dev sets, beside VADER and the majority label: ``make evaluate DATA=…``.

The model is that of the settings; ``SENTIMENT_MODEL`` selects another. In sources whose annotators could not choose
NEUTRAL, that label is dropped and the others share its probability.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from rich.progress import track
from torch import Tensor
from torch.nn.functional import one_hot
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from bot.errors import BotError
from bot.sentiment.classifier import Classifier
from bot.sentiment.evaluation import accuracy, calibration_error, confusion, reliability
from bot.sentiment.models import checkpoint
from bot.sentiment.models.embedded import EMBEDDED_FOLDER
from bot.sentiment.models.loading import load
from bot.settings import Settings
from training.behaviour import expected_labels, invariant_pairs
from training.data import LABELS, SOURCES, SUBTITLES, TWEETS, TWO_CLASS, read_tsv
from training.model_card import as_table, draw_reliability, write_card
from training.neutral import drop_neutral, figure, overconfidence
from training.vocabulary import LANGUAGES

Scorer = Callable[[Sequence[str]], Tensor]
"""From texts to scores of shape (texts, labels), in the order of ``LABELS``."""


def make_scorer(classifier: Classifier) -> Scorer:
    """Return a scorer that uses ``classifier``; labels that it does not have get 0.

    Raises:
        SystemExit: the classifier has labels that the data does not have.
    """
    labels = [label.upper() for label in classifier.id2label.values()]
    if not set(labels) <= set(LABELS):
        raise SystemExit(
            f"{classifier.name} has the labels {', '.join(labels)}. "
            f"Choose a model whose labels are among {', '.join(LABELS)}."
        )
    columns = [LABELS.index(label) for label in labels]

    def score(texts: Sequence[str]) -> Tensor:
        scores = torch.zeros(len(texts), len(LABELS))
        rows = [classifier.row(encoding) for encoding in classifier.encode(texts)]
        scores[:, columns] = torch.tensor(classifier.scores(rows))
        return scores

    return score


def score_with_vader(texts: Sequence[str]) -> Tensor:
    """Score texts with VADER, a lexicon with rules; a compound score within ±0.05 is NEUTRAL, as its authors advise."""
    analyzer = SentimentIntensityAnalyzer()
    compound = torch.tensor([analyzer.polarity_scores(text)["compound"] for text in texts])
    scores = torch.stack([compound <= -0.05, compound.abs() < 0.05, compound >= 0.05], -1).float()
    # Where NEUTRAL is dropped, smaller compound scores decide, and 0 is POSITIVE.
    scores[:, LABELS.index("NEGATIVE")] += (compound < 0) * 1e-6
    scores[:, LABELS.index("POSITIVE")] += (compound >= 0) * 1e-6
    return scores


def score_set(scorer: Scorer, source: str, texts: Sequence[str]) -> Tensor:
    """Return the scores of the texts of a dev set."""
    scores = scorer(texts)
    return drop_neutral(scores) if source in TWO_CLASS else scores


def measure_behaviour(scorer: Scorer) -> list[Sequence[object]]:
    """Return the size and the share of correct results of each group of behaviour cases in English and of pairs."""
    rows = [_share(group, scorer, cases) for group, cases in expected_labels("english").items()]
    for group, pairs in invariant_pairs().items():
        expected = _labels(scorer, [text for text, _ in pairs])
        rows.append(_share(group, scorer, [(label, text) for label, (_, text) in zip(expected, pairs, strict=True)]))
    return rows


def measure_languages(scorer: Scorer) -> list[Sequence[object]]:
    """Return the size and the share of correct results of the behaviour cases of each other language."""
    rows = []
    for language in LANGUAGES:
        if language != "english":
            groups = expected_labels(language).values()
            rows.append(_share(language.capitalize(), scorer, [case for cases in groups for case in cases]))
    return rows


def _share(name: str, scorer: Scorer, cases: Sequence[tuple[str, str]]) -> Sequence[object]:
    """Return the name, the size and the share of correct results of (label, text) cases."""
    found = _labels(scorer, [text for _, text in cases])
    correct = [label == expected for label, (expected, _) in zip(found, cases, strict=True)]
    return name, len(cases), f"{sum(correct) / len(correct):.1%}"


def _labels(scorer: Scorer, texts: Sequence[str]) -> list[str]:
    return [LABELS[i] for i in scorer(texts).argmax(-1).tolist()]


def measure(
    scorer: Scorer, fp32_scorer: Scorer, sets: Mapping[str, tuple[list[str], Tensor]]
) -> tuple[str, Tensor, Tensor]:
    """Measure ``scorer`` on the dev sets, and compare it with that of the same weights in fp32.

    Returns:
        The tables in Markdown, and the scores and gold labels of all sets together.
    """
    main_table, all_scores, all_golds = [], [], []
    figures_by_source = {}
    for source, (texts, gold) in track(sets.items(), "measuring", transient=True):
        scores = score_set(scorer, source, texts)
        fp32_scores = score_set(fp32_scorer, source, texts)
        changed = (fp32_scores.argmax(-1) != scores.argmax(-1)).sum().item() / len(gold)
        majority = one_hot(gold.mode().values, len(LABELS)).float().expand(len(gold), -1)
        vader = score_set(score_with_vader, source, texts)
        figures_by_source[source] = figure(source, scores, gold)
        main_table.append(
            (
                source,
                len(gold),
                *(f"{figure(source, each, gold):.4f}" for each in (scores, fp32_scores, vader, majority)),
                f"{changed:.1%}",
                f"{accuracy(scores, gold):.4f}",
                f"{calibration_error(scores, gold):.3f}",
                "–" if source in TWO_CLASS else f"{overconfidence(scores, gold):.1%}",
            )
        )
        all_scores.append(scores)
        all_golds.append(gold)
    scores, gold = torch.cat(all_scores), torch.cat(all_golds)
    means = [
        (name, f"{sum(figures_by_source[source] for source in sources) / len(sources):.4f}")
        for name, sources in (
            ("all dev sets", SOURCES),
            ("tweets in seven languages", TWEETS),
            ("subtitles", SUBTITLES),
        )
    ]
    three_class = [source not in TWO_CLASS for source in sets for _ in sets[source][0]]
    table = confusion(scores[three_class], gold[three_class]).tolist()
    tenths = [(f"{b.confidence:.3f}", f"{b.accuracy:.3f}", b.count) for b in reliability(scores, gold, 10)]
    figures = ("figure", "in fp32", "VADER", "majority", "labels changed")
    tables = [
        as_table(("dev set", "texts", *figures, "accuracy", "calibration error", "too sure"), main_table),
        as_table(("mean of", "figure"), means),
        as_table(("behaviour, English and pairs", "messages", "as expected"), measure_behaviour(scorer)),
        as_table(("behaviour, work chat in", "messages", "as expected"), measure_languages(scorer)),
        as_table(("confidence, by tenths", "right", "texts"), tenths),
        as_table(
            ("sets with three labels: is ↓ called →", *LABELS),
            [(label, *row) for label, row in zip(LABELS, table, strict=True)],
        ),
    ]
    return "\n\n".join(tables), scores, gold


def main() -> None:
    """Print the results, and with ``--card`` write them into the model card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the sources, each with a dev.tsv")
    parser.add_argument("--card", action="store_true", help="write the results into the embedded model's card")
    args = parser.parse_args()
    try:
        settings = Settings.read()
        # The card describes the embedded model, whatever the settings are.
        name = None if args.card else settings.sentiment_model
        revision = settings.sentiment_model_revision
        scorer = make_scorer(load(name, revision, precision=settings.sentiment_precision))
        fp32_scorer = make_scorer(checkpoint.as_classifier(checkpoint.load(name, revision)))
    except BotError as error:
        raise SystemExit(str(error)) from None
    sets = {}
    for source in SOURCES:
        texts, labels = zip(*read_tsv(args.data / source / "dev.tsv"), strict=True)
        sets[source] = (list(texts), torch.tensor([LABELS.index(label) for label in labels]))
    measured, scores, gold = measure(scorer, fp32_scorer, sets)
    print(measured)
    if args.card:
        draw_reliability(list(reliability(scores, gold, 10)), EMBEDDED_FOLDER / "reliability.png")
        write_card(EMBEDDED_FOLDER / "MODEL_CARD.md", measured)


if __name__ == "__main__":
    main()
