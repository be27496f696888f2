"""Emoji tokens: one token for each common emoji and for each of its names in colons."""

import re

import emoji
import torch
from tokenizers import AddedToken, Regex, normalizers, pre_tokenizers
from torch.nn import Parameter
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PreTrainedTokenizerFast

# All faces, gestures, hands and hearts, and of the others those that are common in work chats.
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
_PRESENTATION = ":skin-tone-[2-6]:|\u200d[♀♂]|[\ufe0f\U0001f3fb-\U0001f3ff]"
"""The skin tone, gender and colour variants of an emoji, which do not change its sentiment."""


def emoji_names() -> dict[str, list[str]]:
    """Return the names in colons of each emoji that gets a token; the keys have no variation selector."""
    characters = {chr(point) for first, last in _BLOCKS + _HEARTS for point in range(first, last + 1)} | set(_OTHERS)
    names: dict[str, list[str]] = {}
    used = set[str]()  # three names, such as :calendar:, belong to two emoji
    for character, data in emoji.EMOJI_DATA.items():
        bare = character.replace("\ufe0f", "")
        if bare in characters:
            own_names = {data["en"].lower(), *data.get("alias", [])} - used
            used |= own_names
            names[bare] = sorted({*names.get(bare, []), *own_names})
    return names


def add_emoji(tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel) -> PreTrainedTokenizerBase:
    """Return ``tokenizer`` with tokens for emoji and their names, and add an embedding for each to ``model``.

    The embedding of an emoji is initialised with the mean of the embeddings of the words in its names.
    """
    names = emoji_names()
    words = tokenizer([" ".join(map(_as_words, aliases)) for aliases in names.values()], add_special_tokens=False)
    word_rows = _embeddings(model).detach().clone()

    backend = tokenizer.backend_tokenizer
    backend.normalizer = normalizers.Sequence([normalizers.Replace(Regex(_PRESENTATION), ""), backend.normalizer])
    # Emoji without a token are split off, so that they alone become unknown and not the word before or after them.
    isolate = pre_tokenizers.Split(Regex(r"\p{So}"), "isolated")
    backend.pre_tokenizer = pre_tokenizers.Sequence([isolate, backend.pre_tokenizer])
    # BERT's tokenizer class would restore its own normalizer, without that rule, when it is loaded.
    extended = PreTrainedTokenizerFast(
        tokenizer_object=backend, model_max_length=tokenizer.model_max_length, **tokenizer.special_tokens_map
    )
    tokens = [*names, *(name for aliases in names.values() for name in aliases)]
    extended.add_tokens([AddedToken(token, normalized=False, special=False) for token in tokens])
    model.resize_token_embeddings(len(extended), mean_resizing=False)
    with torch.no_grad():
        for character, ids in zip(names, words.input_ids, strict=True):
            _embeddings(model)[extended.convert_tokens_to_ids(character)] = word_rows[ids].mean(0)
    tie_names(extended, model)
    return extended


def tie_names(tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel) -> None:
    """Copy the embedding of each emoji to its names in colons, since training has only the emoji."""
    with torch.no_grad():
        weight = _embeddings(model)
        for character, aliases in emoji_names().items():
            row = weight[tokenizer.convert_tokens_to_ids(character)].clone()
            weight[tokenizer.convert_tokens_to_ids(aliases)] = row


def _embeddings(model: PreTrainedModel) -> Parameter:
    return model.get_parameter("bert.embeddings.word_embeddings.weight")


def _as_words(name: str) -> str:
    return re.sub("[_-]+", " ", name.strip(":"))
