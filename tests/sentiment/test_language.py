"""Detection of languages that a model does not read."""

import csv
from collections import Counter
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import benchmarks
from bot.sentiment.language import (
    LANGUAGE_NAMES,
    MODEL_LANGUAGES,
    detect_other_language,
    languages_of,
    unsupported_language,
)

with (Path(benchmarks.__file__).parent / "languages.tsv").open(encoding="utf-8", newline="") as _file:
    LINES = [(row["language"], row["text"]) for row in csv.DictReader(_file, delimiter="\t", quoting=csv.QUOTE_NONE)]

MULTILINGUAL = MODEL_LANGUAGES["embedded"]
READ = {LANGUAGE_NAMES[code] for code in MULTILINGUAL}
# Related to a language that the embedded model reads, so that short lines in them may be in either.
RELATED = {"Bulgarian", "Catalan", "Croatian", "Marathi", "Nepali", "Slovak", "Ukrainian"}


def detect_other_than_english(text: str) -> str | None:
    """Detect the language of a text for a model that reads English only."""
    return detect_other_language(text, {"en"})


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("넵", "Korean"),
        ("ㅋㅋㅋㅋ", "Korean"),
        ("PR review 부탁드립니다", "Korean"),
        ("お願いします", "Japanese"),
        ("PRのreviewお願いします", "Japanese"),
        ("ーーー", "Japanese"),
        ("ｰｰ", "Japanese"),
        ("谢谢", "Chinese"),
        ("спасибо", "Russian"),
        ("شكرا", "Arabic"),
        ("תודה", "Hebrew"),
        ("ευχαριστώ", "Greek"),
        ("ขอบคุณ", "Thai"),
        ("बहुत अच्छा काम किया", "Hindi"),
        ("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ", "another language"),
        ("བཀྲ་ཤིས་བདེ་ལེགས།", "another language"),
        ("ދިވެހި ބަހެކެވެ", "another language"),
        ("esto no tiene sentido", "Spanish"),
        ("ich verstehe das nicht :cry:", "German"),
        ("@dana ça n'a aucun sens https://example.com/the/page", "French"),
        ("não funciona nada hoje 😡", "Portuguese"),
    ],
)
def test_clear_cases(text: str, language: str) -> None:
    """A word or two suffice in another script, a few in Latin script; markup does not prevent detection."""
    assert detect_other_than_english(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "42",
        "🎉🎉",
        ":tada: :ship:",
        "¯\\_(ツ)_/¯",
        "lol (ノಠ益ಠ)ノ彡┻━┻",
        "@maria @joão #général",
        "https://example.com/merci/beaucoup/pour",
        "`el perro no funciona` fails",
        "10 µs, Δt = 3 λ",
        "voilà",
        "lgtm ship it",
        "thx, pls rebase",
        "naïve approach, but fine",
        "what does спасибо mean here",
        "thanks ㅋㅋ",
        "𝓼𝓱𝓲𝓹 𝓲𝓽, this looks really good",
        "Katarzyna and Wojciech pair with Giulia",
    ],
)
def test_english_or_unclear(text: str) -> None:
    """English with names, code, loanwords or emoticons is English; a text without words has no language."""
    assert detect_other_than_english(text) is None
    assert detect_other_language(text, MULTILINGUAL) is None


def test_english_of_four_words() -> None:
    """At most 2 % of English lines of four words or more are taken for another language."""
    texts = [text for language, text in LINES if language == "English" and len(text.split()) >= 4]
    detected = [text for text in texts if detect_other_than_english(text)]
    assert len(texts) > 100
    assert len(detected) <= 0.02 * len(texts), detected


@pytest.mark.parametrize("language", sorted({language for language, _ in LINES} - {"English"} - RELATED))
def test_each_language(language: str) -> None:
    """At least 75 % of the short lines in each language are detected correctly, if the model reads only English."""
    detected = Counter(detect_other_than_english(text) for name, text in LINES if name == language)
    if language == "Hindi":  # some lines are in Latin letters
        del detected[None]
    assert detected[language] >= 0.75 * detected.total(), detected


@pytest.mark.parametrize("language", sorted({language for language, _ in LINES} - READ - RELATED))
def test_each_language_that_is_not_read(language: str) -> None:
    """At least 75 % of the short lines in a language that the embedded model does not read are noticed."""
    noticed = [detect_other_language(text, MULTILINGUAL) is not None for name, text in LINES if name == language]
    assert sum(noticed) >= 0.75 * len(noticed)


def test_languages_that_are_read() -> None:
    """No line in a language that the embedded model reads is taken for another language."""
    lines = [(language, text) for language, text in LINES if language in READ]
    noticed = [(*line, other) for line in lines if (other := detect_other_language(line[1], MULTILINGUAL))]
    assert len({language for language, _ in lines}) == len(MULTILINGUAL)
    assert not noticed


@pytest.mark.parametrize(
    "text",
    [
        "дуже дякую",  # Ukrainian, may be Russian
        "किती वाईट बैठक होती",  # Marathi, may be Hindi
        "dnes nič nefunguje",  # Slovak, may be Czech
        "yaar ye kya bakwas hai",  # Hindi in Latin letters
        "terima kasih banyak kawan-kawan",  # Malay
        "ขอบคุณ thanks a lot for this",  # mostly English
    ],
)
def test_doubt(text: str) -> None:
    """A text that may be in a language that the model reads gets no note."""
    assert detect_other_language(text, MULTILINGUAL) is None


@pytest.mark.parametrize(
    ("text", "languages", "other"),
    [
        ("ขอบคุณ", MULTILINGUAL, "Thai"),
        ("ez tényleg nagyon rossz", MULTILINGUAL, "Hungarian"),
        ("مجھے نتیجہ پسند نہیں آیا", MULTILINGUAL, "Urdu"),
        ("不好意思，我不明白这个问题", {"en", "ja"}, "Chinese"),
        ("ええ、わかりました", {"en", "zh"}, "Japanese"),
        ("ещё не работает", {"en", "uk"}, "Russian"),
        ("넵", {"en", "ko"}, None),
        ("お願いします", {"ja"}, None),
        ("ーーー", MULTILINGUAL, None),
        ("thanks a lot for all of this", {"ko"}, "English"),
    ],
)
def test_the_model_s_languages(text: str, languages: Collection[str], other: str | None) -> None:
    """Languages in the same script are told apart if they are clear; a model need not read English."""
    assert detect_other_language(text, languages) == other


@given(st.text() | st.text(alphabet="`<>@#:'’-_. aé한のж\u0301\u200d\ud83d", max_size=300))
def test_any_text(text: str) -> None:
    """No text fails, and the result is deterministic."""
    for languages in ({"en"}, MULTILINGUAL):
        assert detect_other_language(text, languages) == detect_other_language(text, languages)


@pytest.mark.parametrize("piece", ["a", "한", "`", "a-", "http", "¿", "''", "\u0301", "ﷺ", "a "])
def test_a_long_text(piece: str) -> None:
    """Only the beginning of a long text is examined."""
    assert detect_other_than_english(piece * 1_000_000) == detect_other_than_english(piece * 10_000)


def test_threads() -> None:
    """Detection is thread-safe."""
    texts = [text for _, text in LINES[::5]]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(detect_other_than_english, texts)) == list(map(detect_other_than_english, texts))


@pytest.mark.parametrize(
    ("model", "text", "language"),
    [
        ("embedded", "감사합니다", None),
        ("embedded", "ขอบคุณ", "Thai"),
        (
            "distilbert-base-uncased-finetuned-sst-2-english@714eb0fa89d2f80546fda750413ed43d93601a13",
            "감사합니다",
            "Korean",
        ),
        ("someone/multilingual@714eb0fa89d2f80546fda750413ed43d93601a13", "감사합니다", None),
        ("./my-model", "ขอบคุณ", None),
    ],
)
def test_models(model: str, text: str, language: str | None) -> None:
    """A language is unsupported only by models whose languages are known."""
    assert unsupported_language(text, model) == language


def test_languages_of() -> None:
    """The languages that a model reads have their English names; those of other models are unknown."""
    embedded = languages_of("embedded")
    assert embedded[:2] == ["English", "Korean"]
    assert "Indonesian" in embedded
    assert len(set(embedded)) == len(embedded) == 21
    assert languages_of("distilbert-base-uncased-finetuned-sst-2-english@714eb0f") == ["English"]
    assert languages_of("someone/multilingual@714eb0f") == languages_of("./my-model") == []
