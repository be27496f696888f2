"""Which language a text is in, if it is clearly not English.

The letters decide where they are not Latin; else py3langid does, which compares the likelihood of languages.
Whatever says nothing of a language is left out: addresses, code, mentions, emoji, numbers.
"""

import re
import unicodedata
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_READ = 400
"""Characters that are looked at: more tell nothing new."""

MIN_LIKELIHOOD_RATIO = 20.0
"""How many times as likely as English a language must be; ``python -m benchmarks.languages`` shows what others give."""

_ENGLISH = {
    "embedded",
    "distilbert-base-uncased-finetuned-sst-2-english",
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
}
"""Models that are known to read English and nothing else."""

NAMES = dict(
    pair.split(" ", 1)
    for pair in """
af Afrikaans|am Amharic|ar Arabic|az Azerbaijani|be Belarusian|bg Bulgarian|bn Bengali|ca Catalan|cs Czech
da Danish|de German|el Greek|en English|es Spanish|et Estonian|fa Persian|fi Finnish|fr French|gu Gujarati
he Hebrew|hi Hindi|hr Croatian|hu Hungarian|hy Armenian|id Indonesian or Malay|is Icelandic|it Italian
ja Japanese|ka Georgian|kk Kazakh|km Khmer|kn Kannada|ko Korean|lo Lao|lt Lithuanian|lv Latvian
mk Macedonian|ml Malayalam|mr Marathi|ms Indonesian or Malay|my Burmese|ne Nepali|nl Dutch|no Norwegian
pa Punjabi|pl Polish|pt Portuguese|ro Romanian|ru Russian|si Sinhala|sk Slovak|sl Slovenian|sq Albanian
sr Serbian|sv Swedish|sw Swahili|ta Tamil|te Telugu|th Thai|tl Tagalog|tr Turkish|uk Ukrainian|ur Urdu
vi Vietnamese|zh Chinese
""".strip()
    .replace("\n", "|")
    .split("|")
)
"""Languages that can be found, by their codes of ISO 639-1. More would be taken for each other in short texts."""

_SCRIPTS = {
    "ARABIC": "ar fa ur",
    "ARMENIAN": "hy",
    "BENGALI": "bn",
    "CJK": "ja zh",
    "CYRILLIC": "be bg kk mk ru sr uk",
    "DEVANAGARI": "hi mr ne",
    "ETHIOPIC": "am",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "HEBREW": "he",
    "KANNADA": "kn",
    "KHMER": "km",
    "LAO": "lo",
    "MALAYALAM": "ml",
    "MYANMAR": "my",
    "SINHALA": "si",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
}
"""Which of the languages are written in a script, by the first word of its letters' names in Unicode."""

# Letters and their marks from Greek on, without what is Latin, and without ಠ and 彡, which are parts of faces.
_OTHER = "\u0370-\u0c9f\u0ca1-\u1cff\u1f00-\u1fff\u3041-\u318f\u3400-\u5f60\u5f62-\u9fff\ua800-\ud7ff"
# One letter alone is a face, a unit or a formula, such as ツ, µ or Δ; only a syllable of Korean is a word.
_OTHER_WORD = re.compile(rf"[{_OTHER}]{{2,}}|[\uac00-\ud7a3]")
_HANGUL = re.compile("[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
# A word of Latin letters only, between blanks; @name, :emoji:, name.py and v2 are none.
_LATIN = "a-zA-ZÀ-ÖØ-öø-ɏḀ-ỿ"
_LATIN_WORD = re.compile(
    rf"""(?<!\S) [¿¡"'(“„«*_~]* ( [{_LATIN}]+ (?:['’-][{_LATIN}]+)* ) [.,;:!?…)"'”»*_~]* (?!\S)""", re.VERBOSE
)
_CODE = re.compile(r"```.*?```|`[^`]*`|https?://\S+", re.DOTALL)


def unsupported_language(text: str, model: str) -> str | None:
    """Return the language that ``text`` is clearly in, if ``model`` is known not to read it.

    Args:
        text: what was judged.
        model: what results call the model. Of most models nobody here knows what they read: then it is None.
    """
    name, _, _ = model.partition("@")  # a model of the Hub carries its commit
    return detect_foreign_language(text) if name in _ENGLISH else None


def detect_foreign_language(text: str, sure: float = MIN_LIKELIHOOD_RATIO) -> str | None:
    """Return the English name of the language that ``text`` is clearly in, such as ``Korean``.

    None where it is English, mostly English, or hard to tell: fewer than two words in Latin letters, or names,
    code and emoji alone. Only the first 400 characters count. Safe to call from several threads. The first call
    that needs py3langid loads its model: half a second and 80 MB.
    """
    text = _CODE.sub(" ", unicodedata.normalize("NFKC", text[:_READ]))
    other = [word for word in _OTHER_WORD.findall(text) if any(map(str.isalpha, word))]
    latin = _LATIN_WORD.findall(text)
    if sum(map(_weight, other)) > sum(map(len, latin)):
        return _by_letters("".join(other)) or _by_script(" ".join(other))
    if len(latin) < 2:
        return None
    (best, score), *_ = ranking = _likely(" ".join(latin).lower())
    return NAMES[best] if score > sure * dict(ranking)["en"] else None


def _by_letters(text: str) -> str | None:
    """Name the language whose letters no other has."""
    if _HANGUL.search(text):
        return "Korean"
    return "Japanese" if _KANA.search(text) else None


def _by_script(text: str) -> str:
    """Name the likeliest of the languages that are written in the script of most of the letters."""
    scripts = Counter(unicodedata.name(letter, "").split(" ", 1)[0] for letter in text if letter.isalpha())
    ((script, _),) = scripts.most_common(1)
    codes = _SCRIPTS.get(script, "").split()
    found = next((code for code, _ in _likely(text) if code in codes), None)
    return NAMES[found] if found else "another language"


def _weight(word: str) -> int:
    """Count letters; a letter of East Asia says as much as three."""
    return sum(3 if character >= "\u2e80" else 1 for character in word)


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(NAMES)
    return identifier


def _likely(text: str) -> list[tuple[str, float]]:
    """Return codes of languages with their likelihood, best first; together they have 1."""
    ranking: list[tuple[str, float]] = _identifier().rank(text)
    return ranking
