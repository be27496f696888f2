"""Training, on tiny models."""

import random
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from training.data import LABELS, Example
from training.exits import MultiExitBert
from training.train import EXITS, compute_loss, fit, predict

LAYERS = max(EXITS)


def tiny_model() -> MultiExitBert:
    """Return a tiny encoder with random weights, always the same ones, and a head after each exit."""
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=100, hidden_size=16, num_hidden_layers=LAYERS, num_attention_heads=2, intermediate_size=32
    )
    config.id2label = dict(enumerate(LABELS))
    state = BertForSequenceClassification(config).state_dict()
    return MultiExitBert(config.to_dict(), state, tuple(EXITS))


def make_examples(count: int, *, two_class: bool = False) -> list[Example]:
    """Return texts of different lengths whose label follows from their first token."""
    rng = random.Random(count)
    labels = [rng.choice((0, 2) if two_class else (0, 1, 2)) for _ in range(count)]
    return [
        Example([2, 10 + label, *(rng.randrange(20, 90) for _ in range(rng.randrange(9))), 3], label, two_class)
        for label in labels
    ]


def interrupt(model: MultiExitBert, after: int) -> None:
    """Make ``model`` raise KeyboardInterrupt after so many steps."""
    steps = 0

    def count(_module: torch.nn.Module, _arguments: object) -> None:
        nonlocal steps
        steps += 1
        if steps > after:
            raise KeyboardInterrupt

    model.register_forward_pre_hook(count)


def test_resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Training that was interrupted and resumed ends with the same weights."""
    monkeypatch.setattr("training.train.STEPS_PER_CHECKPOINT", 4)
    sources = {"github": make_examples(300)}
    (tmp_path / "whole").mkdir()
    (tmp_path / "resumed").mkdir()
    whole = tiny_model()
    fit(whole, sources, tmp_path / "whole", epochs=2)

    interrupted = tiny_model()
    interrupt(interrupted, after=9)  # of 10 steps, one after the second checkpoint
    with pytest.raises(KeyboardInterrupt):
        fit(interrupted, sources, tmp_path / "resumed", epochs=2)
    resumed = tiny_model()
    fit(resumed, sources, tmp_path / "resumed", epochs=2)
    for name, weight in whole.state_dict().items():
        assert torch.allclose(weight, resumed.state_dict()[name], atol=1e-6), name


def test_two_class_examples() -> None:
    """Examples of a source without NEUTRAL do not change the weights of that label."""
    model, examples = tiny_model(), make_examples(8, two_class=True)
    compute_loss(model([example.ids for example in examples]), examples).backward()
    for classifier in model.classifiers:
        for parameter in classifier.parameters():
            assert parameter.grad is not None
            assert parameter.grad[LABELS.index("NEUTRAL")].abs().max() == 0
            assert parameter.grad[LABELS.index("POSITIVE")].abs().max() > 0


@pytest.mark.parametrize("layers", EXITS)
def test_exit_as_model_of_transformers(layers: int) -> None:
    """The weights of an exit give BertForSequenceClassification the same logits."""
    model, examples = tiny_model(), make_examples(5)
    config = BertConfig(
        vocab_size=100, hidden_size=16, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=32
    )
    config.num_labels = len(LABELS)
    exported = BertForSequenceClassification(config).eval()
    exported.load_state_dict(model.state_of(layers))
    logits = predict(model, examples)[list(EXITS).index(layers)]
    for example, expected in zip(examples, logits, strict=True):
        with torch.inference_mode():
            found = exported(input_ids=torch.tensor([example.ids])).logits[0]
        assert torch.allclose(found, expected, atol=1e-5)
