"""The intermediate results of classification, step by step, as the Hugging Face course shows its pipeline."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from bot.sentiment.models.checkpoint import Checkpoint
from bot.sentiment.models.transformers_model import TransformersModel
from bot.sentiment.text import split_at_punctuation, without_surrogates


@dataclass(frozen=True, slots=True)
class Trace:
    """The intermediate results for one batch of texts."""

    texts: list[str]
    words: list[list[str]]  # split at whitespace
    punctuation: list[list[str]]  # split at whitespace and punctuation
    characters: list[list[str]]  # composed, so that a syllable of Hangul is one
    subwords: list[list[str]]  # tokens, special ones included
    input_ids: list[list[int]]  # padded to (texts, tokens)
    attention_mask: list[list[int]]  # 1 for a token, 0 for padding
    last_hidden_state_shape: list[int]  # (texts, tokens, hidden size)
    logits: list[list[float]]  # (texts, labels)
    probabilities: list[list[float]]  # the logits after softmax, or sigmoid for multi-label models
    id2label: dict[int, str]
    truncated: list[bool]  # whether each text was longer than the model's maximum


def trace(checkpoint: Checkpoint, texts: Sequence[str]) -> Trace:
    """Run ``texts`` as one padded batch and return the result of every step."""
    tokenizer, model = checkpoint.tokenizer, checkpoint.model
    texts = [without_surrogates(text) for text in texts]
    encoded = tokenizer(texts, truncation=True, max_length=checkpoint.max_tokens)
    inputs = tokenizer.pad(encoded, return_tensors="pt")
    with torch.inference_mode():
        output = model(**inputs, output_hidden_states=True)
    classifier = TransformersModel(model, tokenizer)
    return Trace(
        texts=texts,
        words=[text.split() for text in texts],
        punctuation=[split_at_punctuation(text) for text in texts],
        characters=[list(unicodedata.normalize("NFC", text)) for text in texts],
        subwords=[[token.strip() for token in encoding.tokens] for encoding in encoded.encodings or []],
        input_ids=inputs["input_ids"].tolist(),
        attention_mask=inputs["attention_mask"].tolist(),
        last_hidden_state_shape=list(output.hidden_states[-1].shape),
        logits=output.logits.tolist(),
        probabilities=classifier.probabilities(output.logits).tolist(),
        id2label=classifier.id2label,
        truncated=[bool(encoding.overflowing) for encoding in encoded.encodings or []],
    )
