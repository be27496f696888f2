r"""Throughput of the engine, of ``pipeline()`` and of other software, each in a separate process.

They classify the same texts with the weights of the embedded model, and the first two also with a model of DistilBERT's
size. That one has random weights, which cost as much as trained ones.

``--peers PYTHON`` measures ONNX Runtime and OpenVINO (through optimum) and infinity as well, in a Python of their own,
because they need an older transformers than the bot:

    python3 -m venv build/peers
    build/peers/bin/pip install torch "optimum-onnx[onnxruntime]==0.1.*" "optimum-intel[openvino]==1.27.*" \
        "infinity-emb[torch,optimum]==0.0.78"
    build/peers/bin/opt_in_out --opt_out    # OpenVINO sends statistics of use unless told otherwise
    .venv/bin/python -m benchmarks.engine --peers build/peers/bin/python
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import torch
from transformers import DistilBertConfig, DistilBertForSequenceClassification, PreTrainedModel, PreTrainedTokenizerBase

from benchmarks import speed_plot
from benchmarks.processes import Contender, Figures, Texts, measure, run_python, share_of_labels_changed
from benchmarks.results import RESULTS, keep, show
from benchmarks.texts import as_in_chat, of_length
from bot.sentiment.engine.engine import count_cores
from bot.sentiment.models import checkpoint
from bot.sentiment.models.checkpoint import Checkpoint

CORES = count_cores()
MESSAGE_TOKENS = 20
"""Length of a typical message."""

BASE = "DistilBERT's size, pipeline()"
LARGE_ENGINE = "DistilBERT's size, engine"
PIPELINE = "bot's model, pipeline()"
BATCHES = "bot's model, pipeline(batch_size=32)"
ENGINE = "bot's model, engine"
PEERS = {
    "bot's model, ONNX Runtime in pipeline(batch_size=32)": "onnxruntime",
    "bot's model, OpenVINO in pipeline(batch_size=32)": "openvino",
    "bot's model, infinity with torch": "infinity-torch",
    "bot's model, infinity with ONNX Runtime": "infinity-optimum",
}
"""Names of peers, and what :mod:`benchmarks.peers` calls them."""


def make_distilbert(tokenizer: PreTrainedTokenizerBase) -> PreTrainedModel:
    """Return a model of DistilBERT's size with random weights, for ``tokenizer``."""
    torch.manual_seed(0)
    model = DistilBertForSequenceClassification(DistilBertConfig(vocab_size=len(tokenizer)))
    model.eval()
    return model


def find_peers(python: str | None, model: Checkpoint, folder: Path, texts: Texts) -> dict[str, Contender]:
    """Return the peers that are installed in ``python``, for ``model``, which is written to the new ``folder``."""
    if python is None:
        return {}
    checkpoint.save(model, folder)
    installed = json.loads(run_python((python, "-m", "benchmarks.peers", "convert", str(folder))))
    return {
        name: Contender((python, "-m", "benchmarks.peers", peer, str(folder), str(CORES)), texts)
        for name, peer in PEERS.items()
        if peer in installed
    }


def make_contenders(small: Path, large: Path, scale: int) -> dict[str, Contender]:
    """Return the contenders that need no other packages, for the models in the folders ``small`` and ``large``."""
    messages, chat = of_length(MESSAGE_TOKENS, 600 * scale), as_in_chat(600 * scale)
    ours = (sys.executable, "-m", "benchmarks.contenders")
    pipeline, engine = (*ours, "pipeline"), (*ours, "engine")
    return {
        BASE: Contender((*pipeline, str(large), "1"), {"messages": messages[: 60 * scale]}),
        LARGE_ENGINE: Contender((*engine, str(large)), {"messages": messages[: 240 * scale]}),
        PIPELINE: Contender((*pipeline, str(small), "1"), {"messages": messages[: 120 * scale]}),
        BATCHES: Contender(
            (*pipeline, str(small), "32"), {"messages": messages[: 300 * scale], "chat": chat[: 300 * scale]}
        ),
        ENGINE: Contender((*engine, "embedded"), {"messages": messages, "chat": chat}),
    }


def make_ratios(rates: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return how many times faster the engine is than the others."""
    ours, base = rates[ENGINE], rates[BASE]["messages"]
    ratios = {
        "the bot's engine against pipeline() on DistilBERT's size": ours["messages"] / base,
        "engine against pipeline(), both DistilBERT's size": rates[LARGE_ENGINE]["messages"] / base,
        "engine against pipeline(), both the bot's model": ours["messages"] / rates[PIPELINE]["messages"],
    }
    for name in (BATCHES, *PEERS):
        if name in rates:
            software = name.removeprefix("bot's model, ")
            ratios[f"engine against {software}"] = ours["messages"] / rates[name]["messages"]
            ratios[f"engine against {software}, chat"] = ours["chat"] / rates[name]["chat"]
    return ratios


def format_figures(figures: Figures, others: Mapping[str, Figures]) -> tuple[str, str, str, str]:
    """Return the cells of a contender: its rates, and the share of chat texts labelled otherwise than by pipeline()."""
    messages, chat = figures.rates["messages"], figures.rates.get("chat")
    relative = messages / others[BASE].rates["messages"]
    if chat is None:
        return f"{messages:.0f}", f"{relative:.1f} ×", "", ""
    reference = others[BATCHES].answers["chat"]
    changed = share_of_labels_changed(figures.answers["chat"][: len(reference)], reference)
    return f"{messages:.0f}", f"{relative:.1f} ×", f"{chat:.0f}", f"{100 * changed:.1f} %"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer texts and rounds")
    parser.add_argument("--peers", metavar="PYTHON", help="a Python that has other software to compare with")
    args = parser.parse_args()
    rounds, scale = (2, 1) if args.quick else (5, 2)

    plain = checkpoint.load()
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder, "small"), Path(folder, "large")
        checkpoint.save(plain, small)
        checkpoint.save(Checkpoint(make_distilbert(plain.tokenizer), plain.tokenizer, "DistilBERT's size"), large)
        contenders = make_contenders(small, large, scale)
        contenders |= find_peers(args.peers, plain, Path(folder, "peers"), contenders[BATCHES].texts)
        figures = measure(contenders, rounds, repeats=1)
    rates = {name: figure.rates for name, figure in figures.items()}
    ratios = make_ratios(rates)
    rows = [(name, *format_figures(figure, figures)) for name, figure in figures.items()]
    rows += [(name, "not installed", "", "", "") for name in PEERS if name not in figures]
    show(
        f"Texts per second, {CORES} cores",
        ("", f"{MESSAGE_TOKENS} tokens each", "relative to the first", "lengths as in chat", "labels changed"),
        rows,
    )
    show("Ratios", ("", "ratio"), [(name, f"{ratio:.2f}") for name, ratio in ratios.items()])
    keep("engine", {"cores": CORES, "rates": rates, "ratios": ratios})
    speed_plot.draw(rates, CORES, RESULTS)


if __name__ == "__main__":
    main()
