"""Noticing that a text is in another language than English."""

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
    """Another script is told by a word or two, another language in Latin letters by a few; marks do not hide it."""
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
def test_what_is_left_alone(text: str) -> None:
    """English with names, code, borrowed words or faces is English; and what has no words is in no language."""
    assert detect_foreign_language(text) is None


def test_english_of_four_words() -> None:
    """At most two in a hundred English lines of four words or more are taken for another language."""
    texts = [text for language, text in LINES if language == "English" and len(text.split()) >= 4]
    warned = [text for text in texts if detect_foreign_language(text)]
    assert len(texts) > 100
    assert len(warned) <= 0.02 * len(texts), warned


@pytest.mark.parametrize("language", sorted({language for language, _ in LINES} - {"English"}))
def test_each_language(language: str) -> None:
    """Of each language three in four short lines are noticed and named."""
    said = Counter(detect_foreign_language(text) for name, text in LINES if name == language)
    assert said[language] >= 0.75 * said.total(), said


@given(st.text() | st.text(alphabet="`<>@#:'’-_. aé한のж\u0301\u200d\ud83d", max_size=300))
def test_any_text(text: str) -> None:
    """No text fails, and the same text always gets the same answer."""
    assert detect_foreign_language(text) == detect_foreign_language(text)


@pytest.mark.parametrize("piece", ["a", "한", "`", "a-", "http", "¿", "''", "\u0301", "ﷺ", "a "])
def test_a_long_text(piece: str) -> None:
    """A text of any length costs no more than its beginning."""
    assert detect_foreign_language(piece * 1_000_000) == detect_foreign_language(piece * 10_000)


def test_threads() -> None:
    """Several threads at once get what one gets."""
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
def test_only_for_models_known_to_read_english(model: str, language: str | None) -> None:
    """Nothing is said where nobody knows which languages the model reads."""
    assert unsupported_language("감사합니다", model) == language
