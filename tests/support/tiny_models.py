"""Tiny random models of many architectures, with a tokenizer of each architecture's type."""

import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    AlbertConfig,
    AutoModelForSequenceClassification,
    BertConfig,
    DebertaV2Config,
    DistilBertConfig,
    ElectraConfig,
    ModernBertConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    XLMRobertaConfig,
    XLNetConfig,
)

from bot.sentiment.models.checkpoint import Checkpoint

POSITIONS = 96
"""Maximum length of the tiny models, for architectures that have one."""

CORPUS = [
    "I've been waiting for a HuggingFace course my whole life.",
    "I hate this so much!",
    "the build is broken again, nobody cares; the release was calm and lovely",
    "naïve café 🎉 déjà vu: ünïcödé wörds",
    "good bad ugly nice awful great terrible wonderful",
]

PIECES = """
▁ ▁나는 ▁평생 ▁Hu gging Face ▁강의 를 ▁기다려 왔 어요 ▁이거 ▁너무 ▁싫어 요 ㅋㅋ ㅠㅠ
▁これは 最高 です ▁I ' ve ▁been ▁bad . ! : )
"""
"""The vocabulary of the multilingual tokenizer, apart from emoji."""

_SHAPE: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
_LABELS: dict[str, Any] = {"id2label": {0: "NEGATIVE", 1: "NEUTRAL", 2: "POSITIVE"}, "initializer_range": 0.3}


def _word_piece() -> PreTrainedTokenizerFast:
    """Return a tokenizer like BERT's: [CLS] text [SEP], with ## before continued words."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=150, special_tokens=special))
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def _byte_pairs() -> PreTrainedTokenizerFast:
    """Return a tokenizer like RoBERTa's: <s> text </s>, byte-pair encoding."""
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=350, special_tokens=special, initial_alphabet=alphabet)
    )
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        cls_token="<s>",
        sep_token="</s>",
        mask_token="<mask>",
        model_input_names=["input_ids", "attention_mask"],
    )


def _unigrams(*, cls_last: bool = False) -> PreTrainedTokenizerFast:
    """Return a tokenizer like SentencePiece: ▁ before words; XLNet has <cls> at the end and pads on the left."""
    special = ["<s>", "<pad>", "</s>", "<unk>", "<cls>", "<sep>"]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.train_from_iterator(
        CORPUS, trainers.UnigramTrainer(vocab_size=120, special_tokens=special, unk_token="<unk>")
    )
    ids = {name: tokenizer.token_to_id(name) for name in special}
    template, tokens = ("$A:0 <sep>:0 <cls>:2", ["<sep>", "<cls>"]) if cls_last else ("<s> $A </s>", ["<s>", "</s>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=template, special_tokens=[(name, ids[name]) for name in tokens]
    )
    names = ["input_ids", "token_type_ids", "attention_mask"] if cls_last else ["input_ids", "attention_mask"]
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        unk_token="<unk>",
        padding_side="left" if cls_last else "right",
        pad_token_type_id=3 if cls_last else 0,
        model_input_names=names,
    )


def _xlnet_tokenizer() -> PreTrainedTokenizerFast:
    return _unigrams(cls_last=True)


_ARCHITECTURES: dict[str, tuple[Callable[[], PreTrainedTokenizerFast], Callable[[int], PreTrainedConfig]]] = {
    "distilbert": (
        _word_piece,
        lambda size: DistilBertConfig(
            vocab_size=size, dim=32, n_layers=2, n_heads=2, hidden_dim=64, max_position_embeddings=POSITIONS, **_LABELS
        ),
    ),
    "bert": (
        _word_piece,
        lambda size: BertConfig(vocab_size=size, max_position_embeddings=POSITIONS, **_SHAPE, **_LABELS),
    ),
    "roberta": (
        _byte_pairs,
        lambda size: RobertaConfig(
            vocab_size=size, pad_token_id=1, max_position_embeddings=POSITIONS + 2, **_SHAPE, **_LABELS
        ),
    ),
    "xlm-roberta": (
        _unigrams,
        lambda size: XLMRobertaConfig(
            vocab_size=size, pad_token_id=1, max_position_embeddings=POSITIONS + 2, **_SHAPE, **_LABELS
        ),
    ),
    "electra": (
        _word_piece,
        lambda size: ElectraConfig(
            vocab_size=size, embedding_size=16, max_position_embeddings=POSITIONS, **_SHAPE, **_LABELS
        ),
    ),
    "albert": (
        _unigrams,
        lambda size: AlbertConfig(
            vocab_size=size,
            embedding_size=16,
            pad_token_id=1,
            max_position_embeddings=POSITIONS,
            **_SHAPE,
            **_LABELS,
        ),
    ),
    "deberta-v2": (
        _unigrams,
        lambda size: DebertaV2Config(
            vocab_size=size,
            pad_token_id=1,
            max_position_embeddings=POSITIONS,
            relative_attention=True,
            position_biased_input=False,
            pos_att_type=["p2c", "c2p"],
            **_SHAPE,
            **_LABELS,
        ),
    ),
    "xlnet": (
        _xlnet_tokenizer,
        lambda size: XLNetConfig(
            vocab_size=size, d_model=32, n_layer=2, n_head=2, d_inner=64, pad_token_id=1, **_LABELS
        ),
    ),
    "modernbert": (
        _byte_pairs,
        lambda size: ModernBertConfig(
            vocab_size=size,
            pad_token_id=1,
            cls_token_id=0,
            bos_token_id=0,
            sep_token_id=2,
            eos_token_id=2,
            max_position_embeddings=POSITIONS,
            local_attention=16,
            **_SHAPE,
            **_LABELS,
        ),
    ),
}

ARCHITECTURES = list(_ARCHITECTURES)


@cache
def tiny(architecture: str) -> Checkpoint:
    """Return a random model of ``architecture`` and its tokenizer, which differ between processes."""
    make_tokenizer, make_config = _ARCHITECTURES[architecture]
    tokenizer = make_tokenizer()
    torch.manual_seed(0)
    model: PreTrainedModel = AutoModelForSequenceClassification.from_config(make_config(len(tokenizer)))
    return Checkpoint(model.eval(), tokenizer, architecture)


@cache
def tiny_multilingual() -> Checkpoint:
    """Return a random BERT with a tokenizer like SentencePiece's, and a vocabulary of given words."""
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    pieces = unicodedata.normalize("NFKC", PIECES).split()
    tokenizer = Tokenizer(models.Unigram([(piece, -2.0) for piece in [*special, *pieces]], unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_tokens([AddedToken(emoji, lstrip=True, normalized=False) for emoji in ("😂", "👍", "👩", "👧")])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        unk_token="<unk>",
        model_input_names=["input_ids", "attention_mask"],
    )
    torch.manual_seed(0)
    config = BertConfig(vocab_size=len(fast), pad_token_id=1, max_position_embeddings=POSITIONS, **_SHAPE, **_LABELS)
    model: PreTrainedModel = AutoModelForSequenceClassification.from_config(config)
    return Checkpoint(model.eval(), fast, "multilingual")
