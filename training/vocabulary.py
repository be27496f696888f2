"""The vocabulary of the embedded model: pieces of multilingual-e5-small that its languages use, and emoji."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import emoji
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

LANGUAGES = {
    "english": "en",
    "korean": "ko",
    "japanese": "ja",
    "chinese": "zh",
    "german": "de",
    "french": "fr",
    "spanish": "es",
    "portuguese": "pt",
    "italian": "it",
    "dutch": "nl",
    "polish": "pl",
    "turkish": "tr",
    "hindi": "hi",
    "indonesian": "id",
    "russian": "ru",
    "vietnamese": "vi",
    "swedish": "sv",
}
"""The languages with training messages of their own, and their ISO 639-1 codes."""
FURTHER_LANGUAGES = ("ar", "cs", "fi", "ro", "da", "nb", "uk", "el", "bg", "hu", "fa", "he", "ca")
"""Languages with other training data, or none, whose most frequent words are kept."""
WordFrequencies = Callable[[str], Mapping[str, float]]
"""From the code of a language to the frequencies of its words."""
SIZE = 90_000  # of the vocabulary without emoji
_SPECIAL = 4  # <s>, <pad>, </s>, <unk>
_FURTHER_WEIGHT = 0.25  # of a word's frequency in a further language
_CAPITALISED = 0.13  # share of words that begin with a capital
_MINIMUM_COUNT = 3  # of a piece in the training data, to be kept for certain

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


def make_tokenizer(pieces: Sequence[str], scores: Sequence[float], *, with_emoji: bool = True) -> Tokenizer:
    """Return a tokenizer like that of multilingual-e5-small, usually with emoji tokens after ``pieces``."""
    tokenizer = Tokenizer(models.Unigram(list(zip(pieces, scores, strict=True)), unk_id=3))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(_PRESENTATION), ""),
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
    if with_emoji:
        names = emoji_names()
        tokens = [*names, *(name for aliases in names.values() for name in aliases)]
        tokenizer.add_tokens([AddedToken(token, lstrip=True, normalized=False, special=False) for token in tokens])
    return tokenizer


def choose_pieces(tokenizer: Tokenizer, texts: Iterable[str], word_frequencies: WordFrequencies) -> list[int]:
    """Return the sorted ids of the pieces to keep, by their frequency in ``texts`` and in the words of each language.

    ``tokenizer`` is that of the base model, without emoji tokens.
    """
    counts = Counter(i for encoding in tokenizer.encode_batch(list(texts)) for i in encoding.ids)
    shares = _shares(tokenizer, word_frequencies)
    keep = {*range(_SPECIAL)} | {i for i, count in counts.items() if count >= _MINIMUM_COUNT}
    keep |= {i for i in shares if len(tokenizer.id_to_token(i) or "") == 1}
    for piece in sorted(shares, key=lambda i: (-shares[i], i)):
        if len(keep) >= SIZE:
            break
        keep.add(piece)
    return sorted(keep)


def _shares(tokenizer: Tokenizer, word_frequencies: WordFrequencies) -> Mapping[int, float]:
    """Return for each piece its share of the pieces of the language that it is most frequent in."""
    shares: dict[int, float] = {}
    for language in (*LANGUAGES.values(), *FURTHER_LANGUAGES):
        weight = 1.0 if language in LANGUAGES.values() else _FURTHER_WEIGHT
        counts = _count_pieces(tokenizer, word_frequencies(language))
        total = sum(counts.values())
        for piece, count in counts.items():
            shares[piece] = max(shares.get(piece, 0), weight * count / total)
    return shares


def _count_pieces(tokenizer: Tokenizer, frequencies: Mapping[str, float]) -> dict[int, float]:
    """Return the frequency of each piece in words of these frequencies, some of them with a capital."""
    lower = list(frequencies)
    capitalised = [word.capitalize() for word in lower]
    counts: dict[int, float] = {}
    for words, weight in ((lower, 1 - _CAPITALISED), (capitalised, _CAPITALISED)):
        encodings = tokenizer.encode_batch(words, add_special_tokens=False)
        for frequency, encoding in zip(frequencies.values(), encodings, strict=True):
            for piece in encoding.ids:
                counts[piece] = counts.get(piece, 0) + frequency * weight
    return counts


def name_as_words(name: str) -> str:
    """Return the words of an emoji's name in colons."""
    return re.sub("[_-]+", " ", name.strip(":"))
