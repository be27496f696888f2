"""The intermediate results of classification, step by step, as the Hugging Face course shows its pipeline."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from bot.sentiment.models.checkpoint import Checkpoint, as_classifier
from bot.sentiment.text import without_surrogates


@dataclass(frozen=True, slots=True)
class Trace:
    """The intermediate results for one batch of texts."""

    texts: list[str]
    words: list[list[str]]  # split at whitespace
    punctuation: list[list[str]]  # split at whitespace and punctuation
    characters: list[list[str]]
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
    classifier = as_classifier(checkpoint)
    return Trace(
        texts=texts,
        words=[text.split() for text in texts],
        punctuation=[re.findall(r"\w+|[^\w\s]", text) for text in texts],
        characters=[list(text) for text in texts],
        subwords=[encoding.tokens for encoding in encoded.encodings or []],
        input_ids=inputs["input_ids"].tolist(),
        attention_mask=inputs["attention_mask"].tolist(),
        last_hidden_state_shape=list(output.hidden_states[-1].shape),
        logits=output.logits.tolist(),
        probabilities=classifier.probabilities(output.logits).tolist(),
        id2label=classifier.id2label,
        truncated=[bool(encoding.overflowing) for encoding in encoded.encodings or []],
    )
