"""Emoji as words: a token of its own for each emoji that chats use, and for its names in colons."""

import re

import emoji
import torch
from tokenizers import AddedToken, Regex, normalizers, pre_tokenizers
from torch.nn import Parameter
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PreTrainedTokenizerFast

# Faces, gestures, hands and hearts are taken whole; of the rest, what is common in work chats.
_BLOCKS = ((0x1F600, 0x1F64F), (0x1F90C, 0x1F93A), (0x1F970, 0x1F97A), (0x1FAE0, 0x1FAE8), (0x1F440, 0x1F450))
_HEARTS = ((0x1F493, 0x1F49F), (0x1FAF0, 0x1FAF8), (0x1F9E0, 0x1F9E1))
_OTHERS = (
    "❤🧡💛💚💙💜🖤🤍🤎💋♥☹☺☝✊✋✌✍👋🎉🎊🎈🎂🎁🏆🏅🥇🥈🥉🚀🔥💯✨⭐🌟💫💥⚡☀⛅🌈❄⛄🌊🌸🌹🌻🌱🌳🍀🌍🌙"
    "💪💩💀☠👻👽👾🤖🎃😈👿🙈🙉🙊🐐🦄🐶🐱🐛🐞🐢🐍🐳🐧🦆🐌🍕🍔🍟🍿🍩🍪🍫🍰🍎🍌🍺🍻🥂🍷🍸🍾☕🍵🧁🥳"
    "✅☑✔❌❎✖❗❓⁉‼⚠🚨🚧🛑⛔🚫🔴🟠🟡🟢🔵🟣⚪⚫🆗🆕🆘🔝🔜➕➖♻🔁🔄⬆⬇➡⬅↩🔺🔻"
    "💡🔧🔨🛠⚙🔩🔒🔓🔑📌📍📎🔗📅📆🗓⏰⏱⏳⌛🕐📝✏📄📃📋📁📂📦📧📨✉📬📣📢🔔🔕💬💭🗨📞☎📱💻🖥⌨🖨💾"
    "📷📸🎥🎬📺🎵🎶🎧🎤🎮🎯🎲⚽🏀🏈⚾🎾🏃🚶💃🕺🏖🏠🏢🏥🏦✈🚗🚕🚌🚂🚢🚲💰💵💸💳💎📈📉📊🧪🔬🔭🧵🧹🧯🪲🪦"
    "👶👦👧👨👩👴👵👮👷👑🎓👀👁🧠🗑📚📖🔍🔎🥲🧐🤷🤦🙋🙇🙅🙆💁🙍🙎🧑"
)
_LOOK = ":skin-tone-[2-6]:|\u200d[♀♂]|[\ufe0f\U0001f3fb-\U0001f3ff]"
"""How an emoji is to be drawn: skin tone, gender, in colour. It does not change what is said."""


def emoji_names() -> dict[str, list[str]]:
    """Return each emoji that gets a token, without variation selector, with its names in colons."""
    wanted = {chr(point) for first, last in _BLOCKS + _HEARTS for point in range(first, last + 1)} | set(_OTHERS)
    names: dict[str, list[str]] = {}
    taken = set[str]()  # three names are those of two emoji, such as :calendar:
    for character, data in emoji.EMOJI_DATA.items():
        bare = character.replace("\ufe0f", "")
        if bare in wanted:
            known = {data["en"].lower(), *data.get("alias", [])} - taken
            taken |= known
            names[bare] = sorted({*names.get(bare, []), *known})
    return names


def with_emoji(tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel) -> PreTrainedTokenizerBase:
    """Return ``tokenizer`` with tokens for emoji and their names, and give ``model`` a row of embeddings for each.

    The row of an emoji starts as the mean of the rows of its names' words, so that it means something from the first.
    """
    names = emoji_names()
    words = tokenizer([" ".join(map(_in_words, known)) for known in names.values()], add_special_tokens=False)
    known_rows = _embeddings(model).detach().clone()

    backend = tokenizer.backend_tokenizer
    backend.normalizer = normalizers.Sequence([normalizers.Replace(Regex(_LOOK), ""), backend.normalizer])
    # Emoji without a token stand alone, so that only they are unknown and not the word that they touch.
    alone = pre_tokenizers.Split(Regex(r"\p{So}"), "isolated")
    backend.pre_tokenizer = pre_tokenizers.Sequence([alone, backend.pre_tokenizer])
    # The class of BERT's tokenizer would build its own normalizer when it is loaded again, without that rule.
    wider = PreTrainedTokenizerFast(
        tokenizer_object=backend, model_max_length=tokenizer.model_max_length, **tokenizer.special_tokens_map
    )
    tokens = [*names, *(name for known in names.values() for name in known)]
    wider.add_tokens([AddedToken(token, normalized=False, special=False) for token in tokens])
    model.resize_token_embeddings(len(wider), mean_resizing=False)
    with torch.no_grad():
        for character, ids in zip(names, words.input_ids, strict=True):
            _embeddings(model)[wider.convert_tokens_to_ids(character)] = known_rows[ids].mean(0)
    tie_names(wider, model)
    return wider


def tie_names(tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel) -> None:
    """Make each name in colons mean what its emoji means; training sees the emoji alone."""
    with torch.no_grad():
        weight = _embeddings(model)
        for character, known in emoji_names().items():
            row = weight[tokenizer.convert_tokens_to_ids(character)].clone()
            weight[tokenizer.convert_tokens_to_ids(known)] = row


def _embeddings(model: PreTrainedModel) -> Parameter:
    return model.get_parameter("bert.embeddings.word_embeddings.weight")


def _in_words(name: str) -> str:
    return re.sub("[_-]+", " ", name.strip(":"))
