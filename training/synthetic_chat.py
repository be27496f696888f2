"""Synthetic messages of work chats, each with its label, for what the public data sets do not cover.

The files in ``templates/<language>/`` have one hand-written template per line. ``{slots}`` are filled from the lists in
``fillers.txt``, whose entries may contain slots too. Names and places appear with all three labels alike, groups of
people in neutral templates only. Some of the messages get typos and other noise of chats.
"""

import random
import re
from collections.abc import Callable
from pathlib import Path

from training.data import LABELS

NEGATIVE, NEUTRAL, POSITIVE = LABELS
_SIZES = {NEGATIVE: 4400, NEUTRAL: 4600, POSITIVE: 4400}
"""The number of English messages of each label."""
_MAX_PER_TEMPLATE = 14
_REPETITIONS = 4  # of a template with slots in the other languages
_TEMPLATES = Path(__file__).parent / "templates"
_SLOT = re.compile(r"\{(\w+)\}")


class Templates:
    """The templates of one language.

    Attributes:
        by_label: for each label its templates.
        pasted: those of them that stay as they are, without typos.
    """

    def __init__(self, language: str) -> None:
        def lines(name: str) -> list[str]:
            path = _TEMPLATES / language / f"{name}.txt"
            return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

        self._fillers = {
            name: values.split(" | ") for name, values in (line.split(": ", 1) for line in lines("fillers"))
        }
        self.pasted = frozenset(lines("pasted"))
        self.by_label = {label: lines(label.lower()) for label in LABELS}
        self.by_label[NEUTRAL] += sorted(self.pasted)

    def fill(self, template: str, rng: random.Random) -> str:
        """Return ``template`` with its slots filled at random."""
        while _SLOT.search(template):
            template = _SLOT.sub(lambda slot: rng.choice(self._fillers[slot[1]]), template)
        return template


_EMOJI = {
    POSITIVE: """😀 😃 😄 😁 😆 😊 🙂 😍 🥰 😘 🤩 🥳 😎 😋 😇 🤗 😻 😺 😸 😹 😂 🤣 ☺️ 😌 😉 🤠 😙 😚 😽 🫶 👍
        👍🏽 👍🏿 👏 👏🏻 👏🏾 🙌 🙌🏼 🙌🏿 👌 👌🏽 💪 💪🏾 🤝 ✌️ 🤘 🤟 🫡 🙏 🙏🏽 🙆 💃 🕺 💃🏿 ❤️ 🧡 💛 💚 💙
        💜 🤍 🖤 🤎 💖 💗 💓 💞 💕 💝 💘 💟 🎉 🎊 🥂 🍻 🍾 🎂 🎁 🎈 🚀 💯 🏆 🥇 🏅 ✨ 🌟 ⭐ 💫 🌈 ☀️ 🔥
        ✅ ✔️ 🍀 🌸 🌹 🤌 💎 🐐 🦄""",
    NEGATIVE: """😠 😡 🤬 😤 😾 👿 😢 😞 😔 😟 🙁 ☹️ 😣 😖 😫 😩 😿 😥 😓 😰 😨 😧 😦 😒 🙄 😑 🤢 🤮 🤒 🤕 😵
        😵‍💫 🥴 😪 🥱 🙀 💔 👎 👎🏻 👎🏽 👎🏿 💩 🤦 🤦‍♀️ 🤦‍♂️ 🤦🏾 🤦🏼‍♀️ 😕 🫤 🙅 🙅🏽‍♂️
        🙍 🙎 🙎🏿‍♀️ 🤥 ❌""",
    NEUTRAL: """👀 📅 🗓️ 📝 💻 ☕ 🔗 🕐 ⏰ ⌛ ⏳ 📌 📍 🤔 💬 🗨️ ➡️ ⬅️ ⬆️ ⬇️ 🔄 🔁 📎 📁 📂 📄 📊 📈 📉 🔍 🔎
        🖥️ ⌨️ 🖨️ 📞 📱 ✉️ 📧 📨 📦 🏠 🏢 🚗 ✈️ 🚲 🔧 🔨 ⚙️ 🧪 🔒 🔑 ❓ 😐 🤷 🤷🏽‍♀️ 🤷‍♂️ 🧵
        📣 🔔 🔕 🎧 👉 👉🏿 ☝️ 🧑‍💻 👩🏾‍💻 🌍""",
}
_EMOTICONS = {
    POSITIVE: ":) :-) :D :-D ;) ;-) <3 \\o/ ^^ =) (: :)) xD ^_^ :P <3<3",
    NEGATIVE: ":( :-( :/ :-/ :'( >:( D: -_- =( ): :(( :'-( D-: >_< ;_;",
    NEUTRAL: ":| :-| =|",
}
_EMOJI_TEMPLATES = {
    POSITIVE: [
        "{a_thing} {good_vp}",
        "thanks {person}",
        "{a_thing} is {good_is}",
        "{win}",
        "yes",
        "so {good}",
        "congrats {person}",
    ],
    NEGATIVE: [
        "{a_thing} {bad_vp}",
        "not again",
        "{a_thing} is {bad_is}",
        "{loss}",
        "no",
        "so {bad}",
        "down again",
        "missing {place}",
    ],
    NEUTRAL: [
        "{a_thing} {neu_vp}",
        "{big}",
        "{day}, {time}",
        "{place}",
        "looking at {big}",
        "{person}?",
        "see {file}",
        "who has it?",
    ],
}

_SUPERFLUOUS_ON = re.compile(r"\bon (?=tomorrow|next )")
_ARTICLE = re.compile(r"\b(a) (?=[aeioAEIO]|un(?!i)|up)")


def _add_typo(text: str, rng: random.Random) -> str:
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not long:
        return text
    chosen = rng.choice(long)
    word = words[chosen]
    at = rng.randrange(1, len(word) - 2)
    words[chosen] = (
        word[:at] + rng.choice((word[at + 1] + word[at], word[at + 1], word[at] * 2 + word[at + 1])) + word[at + 2 :]
    )
    return " ".join(words)


def _add_opening(text: str, rng: random.Random) -> str:
    return rng.choice(("hey, ", "@user ", "well, ", "tbh ", "so ", "hmm, ", "btw ", "Hi all, ", "ok, ")) + text


def _add_ending(text: str, rng: random.Random) -> str:
    return text.rstrip(".") + rng.choice((" tbh", " imo", " ...", "...", "  ", " ngl", " fwiw"))


def _emphasise(text: str, rng: random.Random) -> str:
    return text.rstrip(".") + rng.choice(("!", "!!", "!!!", " lol", " !!", "!!!!"))


_NOISES: tuple[Callable[[str, random.Random], str], ...] = (
    _add_typo,
    _add_typo,
    _add_opening,
    _add_ending,
    lambda text, _: text.upper(),
    lambda text, _: text.lower(),
    lambda text, _: text.replace("'", ""),
)


_NOISES_OF_ALL_LANGUAGES: tuple[Callable[[str, random.Random], str], ...] = (
    _add_typo,
    lambda text, _: text.replace("İ", "i").lower(),  # lower() alone would add a combining dot to the Turkish i
    lambda text, _: text.rstrip(".。") or text,
    lambda text, rng: text.rstrip(".。") + rng.choice(("...", " ...", "…")),
)


def generate_english(rng: random.Random) -> list[tuple[str, str]]:
    """Return about 13,000 distinct English (text, label) rows in random order, the same for the same seed."""
    templates = Templates("english")
    labels: dict[str, str] = {}
    for label, size in _SIZES.items():
        texts = _emoji_messages(label, templates, rng)
        for repetition in range(_MAX_PER_TEMPLATE):
            for template in rng.sample(templates.by_label[label], len(templates.by_label[label])):
                if repetition < 1 or _SLOT.search(template):
                    text = _fill_english(template, templates, rng)
                    texts.append(text if template in templates.pasted else _vary_english(text, label, rng))
        labels |= dict.fromkeys(list(dict.fromkeys(texts))[:size], label)
    return _shuffled(labels, rng)


def generate(language: str, rng: random.Random) -> list[tuple[str, str]]:
    """Return about 2,000 distinct (text, label) rows of a language but English, the same for the same seed."""
    templates = Templates(language)
    labels: dict[str, str] = {}
    for label, lines in templates.by_label.items():
        for template in lines:
            for _ in range(_REPETITIONS if _SLOT.search(template) else 1):
                text = templates.fill(template, rng)
                if rng.random() < 0.3:
                    text = rng.choice(_NOISES_OF_ALL_LANGUAGES)(text, rng)
                if rng.random() < 0.15:
                    text = f"{text} {rng.choice(_EMOJI[label].split())}"
                if label != NEUTRAL and text[-1].isalpha() and rng.random() < 0.1:
                    text += rng.choice(("!", "!!", "!!!"))
                labels[text] = label
    return _shuffled(labels, rng)


def _shuffled(labels: dict[str, str], rng: random.Random) -> list[tuple[str, str]]:
    rows = list(labels.items())
    rng.shuffle(rows)
    return rows


def _fill_english(template: str, templates: Templates, rng: random.Random) -> str:
    return _ARTICLE.sub(r"\1n ", _SUPERFLUOUS_ON.sub("", templates.fill(template, rng)))


def _vary_english(text: str, label: str, rng: random.Random) -> str:
    """Add a capital, a full stop and noise, each at random."""
    if rng.random() < 0.6:
        text = text[0].upper() + text[1:]
    if text[-1].isalnum() and rng.random() < 0.4:
        text += "."
    if rng.random() < 0.3:
        text = rng.choice(_NOISES)(text, rng)
    if label != NEUTRAL and text[-1] not in "?!" and rng.random() < 0.2:
        text = _emphasise(text, rng)
    return text


def _emoji_messages(label: str, templates: Templates, rng: random.Random) -> list[str]:
    """Return emoji and emoticons of one label, alone, repeated, and with words that are neutral or of that label."""
    emoji, emoticons = _EMOJI[label].split(), _EMOTICONS[label].split()
    messages = emoji + emoticons + [symbol * 2 for symbol in emoji[::2]] + [symbol * 3 for symbol in emoji[1::2]]
    messages += [f"{first} {second}" for first, second in zip(emoji[::4], reversed(emoji[::4]), strict=True)]
    for with_words, count in ((("{event}",), 110), (_EMOJI_TEMPLATES[label], 110)):
        for _ in range(count):
            symbol = rng.choice(emoticons) if rng.random() < 0.25 else rng.choice(emoji) * rng.choice((1, 1, 1, 2, 3))
            text = _vary_english(_fill_english(rng.choice(with_words), templates, rng), NEUTRAL, rng)
            messages.append(f"{symbol} {text}" if rng.random() < 0.15 else f"{text} {symbol}")
    return messages
