"""How often a model is right: ``make evaluate DATA=…``."""

import argparse
from pathlib import Path

from bot.sentiment.loading import load
from bot.settings import Settings
from training.data import read_tsv


def main() -> None:
    """Print the share of SST-2's dev set that the model of the settings gets right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds sst2/dev.tsv")
    rows = read_tsv(parser.parse_args().data / "sst2" / "dev.tsv")
    settings = Settings.read()
    classifier = load(settings.sentiment_model, settings.sentiment_model_revision)
    judged = classifier.classify([text for text, _ in rows])
    right = sum(sentiment.label == label for sentiment, (_, label) in zip(judged, rows, strict=True))
    print(f"{classifier.name}: {right} of {len(rows)} right, accuracy {right / len(rows):.4f}")


if __name__ == "__main__":
    main()
