"""How good a model is on the dev sets, beside a list of words and the commonest label: ``make evaluate DATA=…``.

Judges the model of the settings; ``SENTIMENT_MODEL`` names another. On SST-2, whose annotators had no NEUTRAL to
choose, that label is dropped and the others share its probability.
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
from bot.sentiment.evaluation import accuracy, calibration_error, confusion, macro_f1, reliability
from bot.sentiment.models.loading import EMBEDDED_FOLDER, load
from bot.sentiment.models.precision import prepare
from bot.settings import Settings
from tests.behaviour.messages import MESSAGES, SAME
from training.card import as_table, draw_reliability, write_card
from training.data import LABELS, SOURCES, TWO_CLASS, read_tsv
from training.metrics import sure_of_neutral, without_neutral

Judge = Callable[[Sequence[str]], Tensor]
"""Texts to scores of shape (texts, labels), in the order of ``LABELS``."""


def judge_of(classifier: Classifier) -> Judge:
    """Let ``classifier`` judge; a label that it does not have gets 0.

    Raises:
        SystemExit: it has labels that the data do not have.
    """
    named = [label.upper() for label in classifier.id2label.values()]
    if not set(named) <= set(LABELS):
        raise SystemExit(
            f"{classifier.name} has the labels {', '.join(named)}. "
            f"Choose a model whose labels are among {', '.join(LABELS)}."
        )
    columns = [LABELS.index(label) for label in named]

    def classify(texts: Sequence[str]) -> Tensor:
        scores = torch.zeros(len(texts), len(LABELS))
        rows = [classifier.row(encoding) for encoding in classifier.encode(texts)]
        scores[:, columns] = torch.tensor(classifier.scores(rows))
        return scores

    return classify


def vader(texts: Sequence[str]) -> Tensor:
    """Judge by VADER, a list of words with rules; what it finds within ±0.05 is NEUTRAL, as its authors advise."""
    analyzer = SentimentIntensityAnalyzer()
    found = torch.tensor([analyzer.polarity_scores(text)["compound"] for text in texts])
    votes = torch.stack([found <= -0.05, found.abs() < 0.05, found >= 0.05], -1).float()
    # Where NEUTRAL is dropped, the smaller findings decide, and nothing found is POSITIVE.
    votes[:, LABELS.index("NEGATIVE")] += (found < 0) * 1e-6
    votes[:, LABELS.index("POSITIVE")] += (found >= 0) * 1e-6
    return votes


def scores_of(judge: Judge, source: str, texts: Sequence[str]) -> Tensor:
    """Let ``judge`` score the texts of a set."""
    scores = judge(texts)
    return without_neutral(scores) if source == TWO_CLASS else scores


def behaviour_of(judge: Judge) -> list[Sequence[object]]:
    """Return for each group of the behaviour table its size and how much of it is as it should be."""

    def labels(texts: Sequence[str]) -> list[str]:
        return [LABELS[i] for i in judge(texts).argmax(-1).tolist()]

    rows: list[Sequence[object]] = []
    for group, cases in (MESSAGES | SAME).items():
        first, second = map(list, zip(*cases, strict=True))
        same = group in SAME
        right = [a == b for a, b in zip(labels(first), labels(second) if same else second, strict=True)]
        rows.append((group, len(cases), f"{sum(right) / len(right):.1%}"))
    return rows


def report(
    judge: Judge, in_less: Mapping[str, Judge], sets: Mapping[str, tuple[list[str], Tensor]]
) -> tuple[str, Tensor, Tensor]:
    """Measure ``judge``, and how ``in_less`` precise numbers it differs.

    Returns:
        The tables in Markdown, and the scores and labels of all sets together.
    """
    main_table, changes, tables, all_scores, all_golds = [], [], [], [], []
    for source, (texts, gold) in track(sets.items(), "judging", transient=True):
        scores = scores_of(judge, source, texts)
        rough = [scores_of(each, source, texts) for each in in_less.values()]
        changed = [(each.argmax(-1) != scores.argmax(-1)).sum().item() for each in rough]
        changes.append((source, len(gold), *(f"{count} ({count / len(gold):.1%})" for count in changed)))
        most = one_hot(gold.mode().values, len(LABELS)).float().expand(len(gold), -1)
        measure = accuracy if source == TWO_CLASS else macro_f1
        main_table.append(
            (
                source,
                len(gold),
                *(f"{measure(each, gold):.4f}" for each in (scores, *rough, scores_of(vader, source, texts), most)),
                f"{accuracy(scores, gold):.4f}",
                f"{calibration_error(scores, gold):.3f}",
                "–" if source == TWO_CLASS else f"{sure_of_neutral(scores, gold):.1%}",
            )
        )
        rows = [(label, *row) for label, row in zip(LABELS, confusion(scores, gold).tolist(), strict=True) if sum(row)]
        tables.append(as_table((f"{source}: is ↓ called →", *LABELS), rows))
        all_scores.append(scores)
        all_golds.append(gold)
    scores, gold = torch.cat(all_scores), torch.cat(all_golds)
    tenths = [(f"{b.confidence:.3f}", f"{b.accuracy:.3f}", b.count) for b in reliability(scores, gold, 10)]
    figures = ("figure", *(f"in {precision}" for precision in in_less), "VADER", "majority")
    tables = [
        as_table(("dev set", "texts", *figures, "accuracy", "calibration error", "too sure"), main_table),
        as_table(("labels changed against fp32", "texts", *in_less), changes),
        as_table(("behaviour", "messages", "as expected"), behaviour_of(judge)),
        as_table(("confidence, by tenths", "right", "texts"), tenths),
        *tables,
    ]
    return "\n\n".join(tables), scores, gold


def main() -> None:
    """Print the figures, and with ``--card`` write them into the model card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the sources, each with a dev.tsv")
    parser.add_argument("--card", action="store_true", help="write the figures into the embedded model's card")
    args = parser.parse_args()
    try:
        settings = Settings.read()
        # The card is that of the embedded model, whatever the settings say.
        name = None if args.card else settings.sentiment_model
        judges = {}
        for precision in ("fp32", "bf16", "int8"):
            classifier = load(name, settings.sentiment_model_revision)
            prepare(classifier, precision)
            judges[precision] = judge_of(classifier)
    except BotError as error:
        raise SystemExit(str(error)) from None
    sets = {}
    for source in SOURCES:
        texts, labels = zip(*read_tsv(args.data / source / "dev.tsv"), strict=True)
        sets[source] = (list(texts), torch.tensor([LABELS.index(label) for label in labels]))
    measured, scores, gold = report(judges.pop("fp32"), judges, sets)
    print(measured)
    if args.card:
        draw_reliability(list(reliability(scores, gold, 10)), EMBEDDED_FOLDER / "reliability.png")
        write_card(EMBEDDED_FOLDER / "MODEL_CARD.md", measured)


if __name__ == "__main__":
    main()
