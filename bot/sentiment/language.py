"""Detection of texts that are clearly in a language which the model does not read.

The letters of a non-Latin script leave only the languages that are written in it; py3langid decides between them, and
between those in Latin script. URLs, code, mentions, emoji and numbers are ignored.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection
from functools import cache

_MAX_CHARACTERS = 400  # of a text; more do not improve the result
MIN_LIKELIHOOD_RATIO = 20.0
"""How many times as likely as all languages that the model reads, together, another language must be.

``python -m benchmarks.languages`` compares thresholds.
"""

_EMBEDDED = "en ko ja zh ar cs nl fi fr de hi id it pl pt ro ru es sv tr vi"
MODEL_LANGUAGES: dict[str, tuple[str, ...]] = {
    "embedded": tuple(_EMBEDDED.split()),
    "distilbert-base-uncased-finetuned-sst-2-english": ("en",),
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english": ("en",),
}
"""The languages that a model reads, by ISO 639-1 code, in the order of the help. Those of other models are unknown."""


def _read_table(text: str) -> dict[str, str]:
    return dict(entry.split(" ", 1) for entry in text.strip().replace("\n", "|").split("|"))


LANGUAGE_NAMES = _read_table("""
af Afrikaans|am Amharic|ar Arabic|az Azerbaijani|be Belarusian|bg Bulgarian|bn Bengali|ca Catalan|cs Czech
da Danish|de German|el Greek|en English|es Spanish|et Estonian|fa Persian|fi Finnish|fr French|gu Gujarati
he Hebrew|hi Hindi|hr Croatian|hu Hungarian|hy Armenian|id Indonesian or Malay|is Icelandic|it Italian
ja Japanese|ka Georgian|kk Kazakh|km Khmer|kn Kannada|ko Korean|lo Lao|lt Lithuanian|lv Latvian
mk Macedonian|ml Malayalam|mr Marathi|ms Indonesian or Malay|my Burmese|ne Nepali|nl Dutch|no Norwegian
pa Punjabi|pl Polish|pt Portuguese|ro Romanian|ru Russian|si Sinhala|sk Slovak|sl Slovenian|sq Albanian
sr Serbian|sv Swedish|sw Swahili|ta Tamil|te Telugu|th Thai|tl Tagalog|tr Turkish|uk Ukrainian|ur Urdu
vi Vietnamese|zh Chinese
""")
"""The languages that can be detected, by ISO 639-1 code. More would be confused with each other in short texts."""

_LANGUAGES_OF_SCRIPTS = _read_table("""
ARABIC ar fa ur|ARMENIAN hy|BENGALI bn|CJK ja zh|CYRILLIC be bg kk mk ru sr uk|DEVANAGARI hi mr ne|ETHIOPIC am
GEORGIAN ka|GREEK el|GUJARATI gu|GURMUKHI pa|HEBREW he|KANNADA kn|KHMER km|LAO lo|MALAYALAM ml|MYANMAR my
SINHALA si|TAMIL ta|TELUGU te|THAI th
""")
"""The languages written in each non-Latin script, by the first word of the script's Unicode character names."""

# Letters and combining marks from Greek on, without Latin ones, and without ಠ and 彡, which are parts of emoticons.
_NON_LATIN = "\u0370-\u0c9f\u0ca1-\u1cff\u1f00-\u1fff\u3041-\u318f\u3400-\u5f60\u5f62-\u9fff\ua800-\ud7ff"
# A single letter is an emoticon, a unit or a formula, such as ツ, µ or Δ; only a Korean syllable is a word.
_NON_LATIN_WORD = re.compile(rf"[{_NON_LATIN}]{{2,}}|[\uac00-\ud7a3]")
_HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc]")
# A word of Latin letters only, between spaces; @name, :emoji:, name.py and v2 are not words.
_LATIN = "a-zA-ZÀ-ÖØ-öø-ɏḀ-ỿ"
_LATIN_WORD = re.compile(
    rf"""(?<!\S) [¿¡"'(“„«*_~]* ( [{_LATIN}]+ (?:['’-][{_LATIN}]+)* ) [.,;:!?…)"'”»*_~]* (?!\S)""", re.VERBOSE
)
_CODE = re.compile(r"```.*?```|`[^`]*`|https?://\S+", re.DOTALL)


def languages_of(model: str) -> list[str]:
    """Return the English names of the languages that the model named ``model`` reads; empty if they are unknown."""
    # Detection cannot tell Indonesian from Malay, but models read Indonesian.
    return [LANGUAGE_NAMES[code].removesuffix(" or Malay") for code in _codes_of(model)]


def unsupported_language(text: str, model: str) -> str | None:
    """Return the English name of the language of ``text`` if it is clearly none that the model named ``model`` reads.

    None if the model's languages are unknown.
    """
    languages = _codes_of(model)
    return detect_other_language(text, languages) if languages else None


def _codes_of(model: str) -> Collection[str]:
    name, _, _ = model.partition("@")  # the names of models from the Hub end in their commit
    return MODEL_LANGUAGES.get(name, ())


def detect_other_language(text: str, languages: Collection[str], min_ratio: float = MIN_LIKELIHOOD_RATIO) -> str | None:
    """Return the English name of the language of ``text``, such as ``Korean``, if it is clearly none of ``languages``.

    ``languages`` are ISO 639-1 codes. None if the text is, or may be, mostly in one of them, or is too short to tell:
    fewer than two words in Latin letters, or only names, code and emoji. Only the first 400 characters are examined.
    Thread-safe. The first call that needs py3langid loads its model, which takes half a second and 102 MB.
    """
    text = _CODE.sub(" ", unicodedata.normalize("NFKC", text[:_MAX_CHARACTERS]))
    non_latin = [word for word in _NON_LATIN_WORD.findall(text) if any(map(str.isalpha, word))]
    latin = _LATIN_WORD.findall(text)
    # An East Asian character counts as three letters.
    if sum(3 if character >= "\u2e80" else 1 for character in "".join(non_latin)) > sum(map(len, latin)):
        words = " ".join(non_latin)
        if not (candidates := _languages_of_letters(words)):
            return "another language"
    elif len(latin) < 2:
        return None
    else:
        words, candidates = " ".join(latin).lower(), list(LANGUAGE_NAMES)
    others, known = _partition(tuple(candidates), tuple(languages))
    if not others or len(candidates) == 1:
        return LANGUAGE_NAMES[others[0]] if others else None
    likelihoods = dict(rank_languages(words))
    best = max(others, key=likelihoods.__getitem__)
    threshold = min_ratio * sum(likelihoods[code] for code in known)
    return LANGUAGE_NAMES[best] if not known or likelihoods[best] > threshold else None


@cache
def _partition(candidates: tuple[str, ...], languages: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the candidates that are none of ``languages``, and those that are."""
    names = {LANGUAGE_NAMES[code] for code in languages}  # some codes share one
    others = [code for code in candidates if LANGUAGE_NAMES[code] not in names]
    return others, [code for code in candidates if code not in others]


def _languages_of_letters(text: str) -> list[str]:
    """Return the languages written in the non-Latin script of most letters of ``text``; empty if they are unknown."""
    if _HANGUL.search(text):
        return ["ko"]
    if _KANA.search(text):
        return ["ja"]
    scripts = Counter(unicodedata.name(letter, "").split(" ", 1)[0] for letter in text if letter.isalpha())
    ((script, _),) = scripts.most_common(1)
    return _LANGUAGES_OF_SCRIPTS.get(script, "").split()


def rank_languages(text: str) -> list[tuple[str, float]]:
    """Return all language codes with their probabilities, most likely first; they add up to 1."""
    return _load_detector()(text)


@cache
def _load_detector() -> Callable[[str], list[tuple[str, float]]]:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LANGUAGE_NAMES)
    rank: Callable[[str], list[tuple[str, float]]] = identifier.rank
    return rank
