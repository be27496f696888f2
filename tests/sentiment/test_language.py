"""Detection of languages other than English."""

import csv
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import benchmarks
from bot.sentiment.language import detect_foreign_language, unsupported_language

with (Path(benchmarks.__file__).parent / "languages.tsv").open(encoding="utf-8", newline="") as _file:
    LINES = [(row["language"], row["text"]) for row in csv.DictReader(_file, delimiter="\t", quoting=csv.QUOTE_NONE)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("넵", "Korean"),
        ("ㅋㅋㅋㅋ", "Korean"),
        ("PR review 부탁드립니다", "Korean"),
        ("お願いします", "Japanese"),
        ("PRのreviewお願いします", "Japanese"),
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
    assert detect_foreign_language(text) == language


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
    assert detect_foreign_language(text) is None


def test_english_of_four_words() -> None:
    """At most 2 % of English lines of four words or more are taken for another language."""
    texts = [text for language, text in LINES if language == "English" and len(text.split()) >= 4]
    detected = [text for text in texts if detect_foreign_language(text)]
    assert len(texts) > 100
    assert len(detected) <= 0.02 * len(texts), detected


@pytest.mark.parametrize("language", sorted({language for language, _ in LINES} - {"English"}))
def test_each_language(language: str) -> None:
    """At least 75 % of the short lines in each language are detected correctly."""
    detected = Counter(detect_foreign_language(text) for name, text in LINES if name == language)
    assert detected[language] >= 0.75 * detected.total(), detected


@given(st.text() | st.text(alphabet="`<>@#:'’-_. aé한のж\u0301\u200d\ud83d", max_size=300))
def test_any_text(text: str) -> None:
    """No text fails, and the result is deterministic."""
    assert detect_foreign_language(text) == detect_foreign_language(text)


@pytest.mark.parametrize("piece", ["a", "한", "`", "a-", "http", "¿", "''", "\u0301", "ﷺ", "a "])
def test_a_long_text(piece: str) -> None:
    """Only the beginning of a long text is examined."""
    assert detect_foreign_language(piece * 1_000_000) == detect_foreign_language(piece * 10_000)


def test_threads() -> None:
    """Detection is thread-safe."""
    texts = [text for _, text in LINES[::5]]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(detect_foreign_language, texts)) == [detect_foreign_language(text) for text in texts]


@pytest.mark.parametrize(
    ("model", "language"),
    [
        ("embedded", "Korean"),
        ("distilbert-base-uncased-finetuned-sst-2-english@714eb0fa89d2f80546fda750413ed43d93601a13", "Korean"),
        ("someone/multilingual@714eb0fa89d2f80546fda750413ed43d93601a13", None),
        ("./my-model", None),
    ],
)
def test_only_for_english_models(model: str, language: str | None) -> None:
    """A language is unsupported only by models that are known to support English only."""
    assert unsupported_language("감사합니다", model) == language
