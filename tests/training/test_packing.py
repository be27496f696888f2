"""The files of the embedded model: what torch and OpenVINO read from them."""

import json
from pathlib import Path

import numpy as np
import openvino
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from transformers import BertConfig, BertForSequenceClassification

from bot.sentiment.models.embedded import GRAPH, GRAPH_CONSTANTS, ROW_SCALE, WEIGHTS, unpack
from bot.sentiment.models.openvino_model import OpenVinoModel
from training.packing import BertProbabilities, as_graph, round_rows, write_graph

TEXTS = [[2, 17, 4, 3], [2, 3], [2, *range(5, 60), 3]]


@given(rows=st.integers(1, 4), columns=st.integers(1, 90), size=st.floats(1e-6, 100), seed=st.integers(0, 99))
@settings(deadline=None)
def test_round_trip(rows: int, columns: int, size: float, seed: int) -> None:
    """Each weight is restored within half its row's scale, with its shape, in float32."""
    weight = torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed)) * size
    codes, scale = round_rows(weight)
    unpacked = unpack({"weight": codes, "weight" + ROW_SCALE: scale})["weight"]
    step = weight.abs().amax(-1, keepdim=True) / 127
    assert unpacked.shape == weight.shape
    assert unpacked.dtype == torch.float32
    assert ((unpacked - weight).abs() <= step * 0.5001).all()


def test_zeros() -> None:
    """Rows of zeros are restored exactly."""
    codes, scale = round_rows(torch.zeros(2, 3))
    assert unpack({"weight": codes, "weight" + ROW_SCALE: scale})["weight"].abs().max() == 0


@pytest.fixture
def model() -> BertForSequenceClassification:
    """Return a tiny classifier with random weights."""
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=100, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    config.num_labels = 3
    model = BertForSequenceClassification(config)
    model.eval()
    return model


def test_last_layer(model: BertForSequenceClassification) -> None:
    """Computing the last layer for the first token only gives the probabilities of transformers."""
    for text in TEXTS:
        inputs = {"input_ids": torch.tensor([text]), "attention_mask": torch.ones(1, len(text), dtype=torch.int64)}
        with torch.inference_mode():
            expected = model(**inputs).logits.softmax(-1)
            found = BertProbabilities(model)(**inputs)
        assert torch.allclose(found, expected, atol=2e-3)  # the word embeddings are in int8


def test_graph_in_a_file_of_weights(model: BertForSequenceClassification, tmp_path: Path) -> None:
    """A graph computes the same after its constants were moved into the file of weights."""
    graph = as_graph(model)
    write_graph(graph, model, tmp_path)
    moved = OpenVinoModel(tmp_path / GRAPH, tmp_path / WEIGHTS, {"id2label": {0: "A", 1: "B", 2: "C"}}, threads=1)
    original = openvino.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    for text, found in zip(TEXTS, moved.run([{"input_ids": text} for text in TEXTS]), strict=True):
        ids = np.array([text])
        expected = original({"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        assert found == pytest.approx(expected, abs=0.02)  # inputs are rounded for each token


def test_weights_of_a_graph(model: BertForSequenceClassification, tmp_path: Path) -> None:
    """The file has the word embeddings in int8 under their name, and each constant is at a multiple of eight bytes."""
    write_graph(as_graph(model), model, tmp_path)
    name = "bert.embeddings.word_embeddings.weight"
    weights = load_file(tmp_path / WEIGHTS)
    assert weights[name].dtype == torch.int8
    assert torch.allclose(unpack(weights)[name], model.state_dict()[name], atol=1e-3)
    header = (tmp_path / WEIGHTS).read_bytes()[8:]
    entries = json.loads(header[: header.index(b"}}") + 2])
    assert entries[GRAPH_CONSTANTS]["data_offsets"][0] % 8 == 0
