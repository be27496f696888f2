"""Made-up messages of work chats, each with its label, for what the public data sets do not cover.

Sentence shapes are written by hand, one a line in ``shapes/``; ``{slots}`` in them are filled from the lists of
``fillers.txt``, which may hold slots themselves. Names and places fill shapes of all three labels alike; groups of
people stand in shapes without a mood. A part of the rows gets typos and other noise of chats.
"""

import random
import re
from collections.abc import Callable
from pathlib import Path

from training.data import LABELS

NEGATIVE, NEUTRAL, POSITIVE = LABELS
_SIZES = {NEGATIVE: 2200, NEUTRAL: 2700, POSITIVE: 2200}
_MOST_PER_SHAPE = 14


def _lines(name: str) -> list[str]:
    return (Path(__file__).parent / "shapes" / f"{name}.txt").read_text(encoding="utf-8").splitlines()


_FILLERS = {name: values.split(" | ") for name, values in (line.split(": ", 1) for line in _lines("fillers"))}
_PASTED = _lines("pasted")
_SHAPES = {NEGATIVE: _lines("negative"), NEUTRAL: _lines("neutral") + _PASTED, POSITIVE: _lines("positive")}

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
_WITH_SIGN = {
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

_SLOT = re.compile(r"\{(\w+)\}")
_NO_ON = re.compile(r"\bon (?=tomorrow|next )")
_ARTICLE = re.compile(r"\b(a) (?=[aeioAEIO]|un(?!i)|up)")


def _filled(shape: str, rng: random.Random) -> str:
    while _SLOT.search(shape):
        shape = _SLOT.sub(lambda slot: rng.choice(_FILLERS[slot[1]]), shape)
    return _ARTICLE.sub(r"\1n ", _NO_ON.sub("", shape))


def _typo(text: str, rng: random.Random) -> str:
    words = text.split(" ")
    long = [place for place, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not long:
        return text
    place = rng.choice(long)
    word = words[place]
    at = rng.randrange(1, len(word) - 2)
    words[place] = (
        word[:at] + rng.choice((word[at + 1] + word[at], word[at + 1], word[at] * 2 + word[at + 1])) + word[at + 2 :]
    )
    return " ".join(words)


def _before(text: str, rng: random.Random) -> str:
    return rng.choice(("hey, ", "@user ", "well, ", "tbh ", "so ", "hmm, ", "btw ", "Hi all, ", "ok, ")) + text


def _after(text: str, rng: random.Random) -> str:
    return text.rstrip(".") + rng.choice((" tbh", " imo", " ...", "...", "  ", " ngl", " fwiw"))


def _loud(text: str, rng: random.Random) -> str:
    return text.rstrip(".") + rng.choice(("!", "!!", "!!!", " lol", " !!", "!!!!"))


_NOISES: tuple[Callable[[str, random.Random], str], ...] = (
    _typo,
    _typo,
    _before,
    _after,
    lambda text, _: text.upper(),
    lambda text, _: text.lower(),
    lambda text, _: text.replace("'", ""),
)


def _written(text: str, label: str, rng: random.Random) -> str:
    """Give ``text`` a capital, a full stop and noise, each in a part of the cases."""
    if rng.random() < 0.6:
        text = text[0].upper() + text[1:]
    if text[-1].isalnum() and rng.random() < 0.4:
        text += "."
    if rng.random() < 0.3:
        text = rng.choice(_NOISES)(text, rng)
    if label != NEUTRAL and text[-1] not in "?!" and rng.random() < 0.2:
        text = _loud(text, rng)
    return text


def _rows_of_signs(label: str, rng: random.Random) -> list[str]:
    """Emoji and emoticons of one label, alone, repeated, and with words that are neutral or agree."""
    emoji, emoticons = _EMOJI[label].split(), _EMOTICONS[label].split()
    rows = emoji + emoticons + [sign * 2 for sign in emoji[::2]] + [sign * 3 for sign in emoji[1::2]]
    rows += [f"{first} {second}" for first, second in zip(emoji[::4], reversed(emoji[::4]), strict=True)]
    for shapes, count in ((("{event}",), 110), (_WITH_SIGN[label], 110)):
        for _ in range(count):
            sign = rng.choice(emoticons) if rng.random() < 0.25 else rng.choice(emoji) * rng.choice((1, 1, 1, 2, 3))
            text = _written(_filled(rng.choice(shapes), rng), NEUTRAL, rng)
            rows.append(f"{sign} {text}" if rng.random() < 0.15 else f"{text} {sign}")
    return rows


def chat_rows(rng: random.Random) -> list[tuple[str, str]]:
    """Make about 7,000 different rows of text and label, the same ones for the same seed, in random order."""
    pasted = frozenset(_PASTED)
    labels: dict[str, str] = {}
    for label, size in _SIZES.items():
        made = _rows_of_signs(label, rng)
        for turn in range(_MOST_PER_SHAPE):
            for shape in rng.sample(_SHAPES[label], len(_SHAPES[label])):
                if turn < 2 or _SLOT.search(shape):
                    text = _filled(shape, rng)
                    made.append(text if shape in pasted else _written(text, label, rng))
        labels |= dict.fromkeys(list(dict.fromkeys(made))[:size], label)
    rows = list(labels.items())
    rng.shuffle(rows)
    return rows
