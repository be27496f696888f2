"""The embedded model's files: int8 weights, which torch can read too, and the graph in which OpenVINO computes them.

NNCF rounds weights and inputs of matrix multiplications to int8. The range of every input is fixed by sample texts, so
that the result of a text does not depend on others in its batch. SmoothQuant moves part of the range of inputs into the
weights, which is why a matrix has a scale for each column beside that for each row.

``model.xml`` is a graph in OpenVINO's own format. It refers to its constants by their position in the file of weights.
"""

import copy
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import openvino
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn.functional import linear, scaled_dot_product_attention
from transformers import BertForSequenceClassification

from bot.sentiment.models.embedded import COLUMN_SCALE, DIGESTS, GRAPH, GRAPH_CONSTANTS, ROW_SCALE, WEIGHTS, sha256_of

Array = NDArray[np.generic]

_WEIGHT_NODE = re.compile(r"__module\.model\.([\w.]+)/.*/fq_weights_\d")
"""NNCF's name of a multiplication of a weight with its scales; the group is the layer's name in transformers."""
_OWN_CONSTANT = re.compile(r"self\.model\.([\w.]+)\.codes")
"""OpenVINO's name of the integers of the modules below; the group is the layer's name in transformers."""
_ALIGNMENT = 8


def round_rows(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Return ``matrix``, shape (rows, columns), as int8 of that shape, and the scales of its rows, shape (rows, 1)."""
    # The minimum scale avoids a division by zero for rows of zeros.
    scale = (matrix.abs().amax(-1, keepdim=True) / 127).clamp(min=1e-12)
    return (matrix / scale).round().to(torch.int8), scale


class Int8Embedding(nn.Module):
    """An embedding whose rows stay in int8 until they are looked up; in float32 they would take 100 MB more."""

    def __init__(self, embedding: nn.Embedding) -> None:
        super().__init__()
        codes, scale = round_rows(embedding.weight.detach())
        self.codes = nn.Buffer(codes)
        self.scale = nn.Buffer(scale)

    def forward(self, ids: Tensor) -> Tensor:
        """Map ids of shape (…) to rows of shape (…, size)."""
        return self.codes[ids].float() * self.scale[ids]


class Int8Linear(nn.Module):
    """A linear layer with weights in int8, whose inputs are not rounded."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        codes, scale = round_rows(layer.weight.detach())
        self.codes = nn.Buffer(codes)
        self.scale = nn.Buffer(scale)
        self.bias = layer.bias

    def forward(self, inputs: Tensor) -> Tensor:
        """Map (…, inputs) to (…, outputs)."""
        return linear(inputs, self.codes.float() * self.scale, self.bias)


class BertProbabilities(nn.Module):
    """What OpenVINO computes: the probability of each label, with the last layer for the first token only.

    The head reads no other token, so that the result is that of transformers. Of the layers after GELU, whose inputs
    have a few very large values, and of the head, only the weights are in int8.
    """

    def __init__(self, model: BertForSequenceClassification) -> None:
        super().__init__()
        changed: Any = copy.deepcopy(model)
        changed.bert.embeddings.word_embeddings = Int8Embedding(changed.bert.embeddings.word_embeddings)
        for layer in changed.bert.encoder.layer:
            layer.output.dense = Int8Linear(layer.output.dense)
        changed.bert.pooler.dense = Int8Linear(changed.bert.pooler.dense)
        changed.classifier = Int8Linear(changed.classifier)
        self.model = changed

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Map ids and mask of shape (texts, tokens) to probabilities of shape (texts, labels)."""
        bert: Any = self.model.bert
        mask = attention_mask[:, None, None, :].bool()
        hidden = bert.embeddings(input_ids=input_ids)
        for layer in bert.encoder.layer:
            attention = layer.attention.self
            queried = hidden[:, :1] if layer is bert.encoder.layer[-1] else hidden
            projections = (attention.query(queried), attention.key(hidden), attention.value(hidden))
            query, key, value = (
                each.unflatten(-1, (attention.num_attention_heads, -1)).transpose(1, 2) for each in projections
            )
            context = scaled_dot_product_attention(query, key, value, attn_mask=mask).transpose(1, 2).flatten(2)
            attended = layer.attention.output(context, queried)
            hidden = layer.output(layer.intermediate(attended), attended)
        probabilities: Tensor = self.model.classifier(bert.pooler(hidden)).softmax(-1)
        return probabilities


def as_graph(model: BertForSequenceClassification) -> openvino.Model:
    """Return ``model`` as an OpenVINO graph, in which only the weights of the modules above are in int8."""
    mask = torch.ones(2, 8, dtype=torch.int64)
    mask[1, 5:] = 0
    example = {"input_ids": torch.ones_like(mask), "attention_mask": mask}
    any_shape = openvino.PartialShape([-1, -1])
    return openvino.convert_model(BertProbabilities(model).eval(), example_input=example, input=[any_shape] * 2)


def quantize(model: BertForSequenceClassification, texts: Sequence[Sequence[int]]) -> openvino.Model:
    """Return ``model`` as an OpenVINO graph in int8, with ranges from ``texts`` of token ids."""
    import nncf  # in the extra train only

    rows = [np.array([ids]) for ids in texts]
    dataset = nncf.Dataset(rows, lambda ids: {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    # The modules above are in int8 already.
    ignored = nncf.IgnoredScope(patterns=[".*word_embeddings/.*", r".*(\d\.output\.dense|pooler|classifier)/.*MatMul"])
    return nncf.quantize(
        as_graph(model),
        dataset,
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(rows),
        ignored_scope=ignored,
    )


def write_graph(graph: openvino.Model, model: BertForSequenceClassification, folder: Path) -> None:
    """Write ``graph`` and, in int8, the weights of ``model``, from which it was made."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "model.xml")
        openvino.save_model(graph, path, compress_to_fp16=False)  # this is what turns the weights into int8
        weights = list(_weights(openvino.Core().read_model(path)))
        xml, content = ElementTree.parse(path), path.with_suffix(".bin").read_bytes()  # noqa: S314 - the file was written above

    tensors: dict[str, Array] = {name: weight.numpy() for name, weight in model.state_dict().items() if weight.ndim < 2}
    tensor_names = {}  # from the name of a constant in the graph to that of its tensor
    for weight in weights:
        tensors |= {weight.name: weight.codes.data, weight.name + ROW_SCALE: weight.row_scale.data}
        tensor_names[weight.codes.get_friendly_name()] = weight.name
        tensor_names[weight.row_scale.get_friendly_name()] = weight.name + ROW_SCALE
        if weight.column_scale is not None:
            tensors[weight.name + COLUMN_SCALE] = weight.column_scale.data.reshape(1, -1)
    others = {
        data.attrib["offset"]: content[int(data.attrib["offset"]) :][: int(data.attrib["size"])]
        for name, data in _constants(xml)
        if name not in tensor_names
    }
    padded = {offset: value + bytes(-len(value) % _ALIGNMENT) for offset, value in others.items()}
    tensors[GRAPH_CONSTANTS] = np.frombuffer(b"".join(padded.values()), np.int64)
    save_file(tensors, folder / WEIGHTS)
    (folder / WEIGHTS).chmod(0o644)  # safetensors makes it unreadable for other users

    offsets = _tensor_offsets(folder / WEIGHTS)
    starts = accumulate(map(len, padded.values()), initial=offsets[GRAPH_CONSTANTS])
    offset_of_other = dict(zip(padded, starts, strict=False))  # the last start is the end
    for name, data in _constants(xml):
        offset = offsets[tensor_names[name]] if name in tensor_names else offset_of_other[data.attrib["offset"]]
        data.set("offset", str(offset))
    xml.write(folder / GRAPH, encoding="utf-8", xml_declaration=True)


@dataclass(frozen=True, slots=True)
class _Weight:
    """A matrix in a graph: its name in transformers, its int8 codes and its scales."""

    name: str
    codes: Any
    row_scale: Any
    column_scale: Any | None


def _weights(graph: openvino.Model) -> Iterator[_Weight]:
    """Yield the matrices of ``graph``: those that NNCF has rounded, and those of the modules above."""
    constants = {}
    for node in graph.get_ops():
        if node.get_type_name() == "Constant":
            constants[node.get_friendly_name()] = node
        elif match := _WEIGHT_NODE.fullmatch(node.get_friendly_name()):
            convert, row_scale = _inputs(node)
            (codes,) = _inputs(convert)
            (user,) = [each.get_node() for each in node.output(0).get_target_inputs()]
            yield _Weight(f"{match[1]}.weight", codes, row_scale, _column_scale(user))
    for name, node in constants.items():
        if match := _OWN_CONSTANT.fullmatch(name):
            yield _Weight(f"{match[1]}.weight", node, constants[f"self.model.{match[1]}.scale"], None)


def _column_scale(user: Any) -> Any | None:  # noqa: ANN401 - OpenVINO has no public type of nodes
    """Return the factors of the input of a matrix multiplication, which SmoothQuant has divided the weights by."""
    if user.get_type_name() != "MatMul":
        return None
    node = _inputs(user)[0]
    while node.get_type_name() not in ("Multiply", "Parameter"):
        node = _inputs(node)[0]
    return _inputs(node)[1] if node.get_friendly_name().endswith("nncf_smooth_quant") else None


def _inputs(node: Any) -> list[Any]:  # noqa: ANN401 - OpenVINO has no public type of nodes
    return [each.get_node() for each in node.input_values()]


def _constants(xml: "ElementTree.ElementTree[ElementTree.Element]") -> Iterator[tuple[str, ElementTree.Element]]:
    """Yield the name of each constant and the element that says where its value is."""
    for layer in xml.iterfind("layers/layer[@type='Const']"):
        data = layer.find("data")
        assert data is not None  # noqa: S101 - for mypy
        yield layer.attrib["name"], data


def _tensor_offsets(path: Path) -> dict[str, int]:
    """Return the position of each tensor in a safetensors file, in bytes."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    return {name: 8 + size + entry["data_offsets"][0] for name, entry in header.items() if name != "__metadata__"}


def write_digests(folder: Path) -> None:
    """Write the checksums of the model's files in ``folder``."""
    names = ("config.json", GRAPH, WEIGHTS, "tokenizer.json", "tokenizer_config.json")
    (folder / DIGESTS).write_text("".join(f"{sha256_of(folder / name)}  {name}\n" for name in names))
