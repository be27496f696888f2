"""Settings: where they come from, what is valid, and how errors are reported."""

import os
import re
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.errors import ConfigurationError
from bot.settings import FEATURES, PRECISIONS, Settings, nearest_setting

ROOT = Path(__file__).parents[1]
NAMES = [name.upper() for name in Settings.model_fields]

# Variables that are common in environments, or that other programs use.
OTHERS = re.findall(
    r"\w+",
    """
    HOME PATH HOST HOSTNAME USER SHELL LANG PORTS PORT_X PORT2 POST DATABASE DATABASES DATABASE_URI
    DATABASE_NAME TEST_DATABASE_URL DATABASE_URL_TEST KEEP KEEPALIVE KEEP_ALIVE FEATURE FEATURE_FLAGS SECRET_KEY
    SECRET SECRETS SLACK_TOKEN SLACK_API_TOKEN SLACK_API_KEY SLACK_WEBHOOK_URL SLACK_CHANNEL SLACK_APP_ID
    SLACK_BOT_ID SLACK_BOT_TOKENS SLACK_BOT_TOKEN2 SLACK_USER_TOKEN SLACK_BOT_TOKEN_2 METRICS METRICS_PATH METRICS_URL
    METRIC_PORT SLACK_CLI_XAPP SLACK_CLI_XOXB SLACK_APP_PATH SLACK_CLI_CUSTOM_FILE_PATH SLACK_WORKSPACE SLACK_ENV
    TRIGGER MODEL MODEL_REVISION SENTIMENT SENTIMENT_API_KEY SENTIMENT_MODELS SENTIMENT_THRESHOLD
    """,
)


@pytest.fixture
def env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the path of the ``.env`` that is read, and clear the environment."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / ".env"


def errors() -> list[str]:
    """Read the settings; return the lines of the error."""
    with pytest.raises(ConfigurationError) as raised:
        Settings.read()
    return str(raised.value).splitlines()


def test_the_constructor_ignores_the_environment(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keyword arguments are all that counts, and secrets may be plain strings."""
    monkeypatch.setenv("PORT", "1")
    env_file.write_text("SENTIMENT_DEVICE=cuda\n")
    settings = Settings(slack_bot_token="xoxb-1-2-abc", features=frozenset({"watching"}))
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1-2-abc"
    assert (settings.port, settings.sentiment_device, settings.features) == (3000, "cpu", frozenset({"watching"}))
    with pytest.raises(ValidationError):
        Settings(slack_bot_tokn="xoxb-1-2-abc")
    with pytest.raises(ValidationError):
        settings.port = 1


def test_environment_and_file(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment overrides `.env`, unless a variable is empty; an empty one is unset."""
    env_file.write_text("PORT=1\nKEEP_DAYS=2\nCATCH_UP_HOURS=3\nSENTIMENT_MODEL=\nPATH=/nowhere\nOTHER=4\n")
    monkeypatch.setenv("PORT", "5")
    monkeypatch.setenv("KEEP_DAYS", " ")
    settings = Settings.read()
    assert (settings.port, settings.keep_days, settings.catch_up_hours) == (5, 2, 3)
    assert settings.sentiment_model is None


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("SLACK_API_URL", "http://127.0.0.1:3000/api", "http://127.0.0.1:3000/api/"),
        ("PORT", " 3001 ", 3001),
        ("TRIGGER_EMOJI", ":+1:", "+1"),
        ("FEATURES", "Watching, workflows", {"watching", "workflows"}),
        ("FEATURES", "watching,", {"watching"}),
        ("DISTRIBUTION", "Commercial", "commercial"),
        ("WEBHOOK_PRIVATE_ADDRESSES", "Allow", "allow"),
        ("LEAST_CONFIDENCE", "29", 0.29),
        ("CATCH_UP_HOURS", "0", 0),
        ("SENTIMENT_CLUSTER", "auto", "auto"),
        ("SENTIMENT_CLUSTER", "10.0.0.5:6380", "10.0.0.5:6380"),
    ],
)
def test_valid_values(env_file: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object) -> None:
    """Text becomes a value of the right type and form."""
    monkeypatch.setenv(name, text)
    assert getattr(Settings.read(), name.lower()) == value


def test_precision_of_another_model(env_file: Path) -> None:
    """A precision, in any case of letters, needs a model, since the embedded one computes in int8."""
    env_file.write_text("SENTIMENT_MODEL=folder\nSENTIMENT_PRECISION=BF16\n")
    assert Settings.read().sentiment_precision == "bf16"
    env_file.write_text("SENTIMENT_MODEL=folder\nSENTIMENT_PRECISION=fp16\n")
    assert errors() == ["SENTIMENT_PRECISION must be one of auto, fp32, bf16."]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SLACK_API_URL", "nonsense"),
        ("SLACK_API_URL", "http://[::1"),
        ("PORT", "eighty"),
        ("PORT", "9" * 5000),
        ("METRICS_PORT", "0"),
        ("HOST", "not a host"),
        ("METRICS_HOST", "not a host"),
        ("TRIGGER_EMOJI", "not an emoji"),
        ("FEATURES", "watching, nonsense, more"),
        ("DISTRIBUTION", "public"),
        ("WEBHOOK_PRIVATE_ADDRESSES", "yes"),
        ("LEAST_CONFIDENCE", "100"),
        ("LEAST_CONFIDENCE", "0.6"),
        ("CATCH_UP_HOURS", "1000"),
        ("KEEP_DAYS", "0"),
        ("KEEP_CLAIMS_DAYS", "a week"),
        ("SENTIMENT_MODEL_REVISION", "7" * 40),
        ("SENTIMENT_PRECISION", "bf16"),
        ("SENTIMENT_DEVICE", "cuda"),
        ("SENTIMENT_CLUSTER", "10.0.0.5"),
        ("SENTIMENT_CLUSTER", "10.0.0.5:99999"),
    ],
)
def test_invalid_values(env_file: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    """One line names the variable and says what it must be."""
    monkeypatch.setenv(name, text)
    (line,) = errors()
    assert line.startswith(name)
    assert line.endswith(".")


def test_all_errors_at_once(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every fault is a line of its own, whatever its kind."""
    env_file.write_text("KEEP_DAYS=0\nKEEP_CLAIM_DAYS=3\nSENTIMENT_MODEL_REVISION=abc\n")
    monkeypatch.setenv("PORT", "x")
    monkeypatch.setenv("SENTIMENT_MODLE", "y")
    names = ["PORT", "KEEP_DAYS", "SENTIMENT_MODEL_REVISION", "KEEP_CLAIM_DAYS", "SENTIMENT_MODLE"]
    assert [line.split()[0] for line in errors()] == names


def test_secrets_are_not_shown() -> None:
    """Neither the settings nor the complaints about them contain a secret."""
    secrets = ["slack_bot_token", "slack_app_token", "slack_signing_secret", "slack_client_secret", "secrets_key"]
    settings = Settings(slack_client_id="wrong-kind", database_url="wrong-kind", **dict.fromkeys(secrets, "wrong-kind"))
    assert repr(settings).count("wrong-kind") == str(settings).count("wrong-kind") == 1  # the client id
    faults = settings.faults("SLACK_CLIENT_ID", *map(str.upper, secrets))
    assert all("is malformed" in fault for fault in faults)
    assert "wrong-kind" not in "".join(faults)


def test_a_file_in_another_encoding(env_file: Path) -> None:
    """A `.env` that is not UTF-8 is reported in one line."""
    env_file.write_bytes(b"PORT=\xff\xfe\n")
    assert errors() == ["The file .env is not UTF-8 text. Save it as UTF-8."]


def test_an_unreadable_file(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `.env` that may not be read is reported in one line."""
    env_file.write_text("PORT=3000\n")

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)  # root may read every file
    assert errors() == ["The file .env cannot be read (Permission denied). Check its permissions."]


def test_malformed_lines(env_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Malformed lines of `.env` are reported by number and not shown, since they may hold a secret."""
    env_file.write_text("PORT=3000\n# fine\nxoxb secret token\nxoxb-secret\nTRIGGER_EMOJI=tada\n'more secret\n")
    (line,) = errors()
    assert "line 3, 4, 6" in line
    assert "secret" not in line + caplog.text


@pytest.mark.parametrize("in_file", [True, False])
@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("LEAST_CONFIDANCE", "LEAST_CONFIDENCE"),
        ("SENTIMENT_MODLE", "SENTIMENT_MODEL"),
        ("SLACK_BOT_TOKN", "SLACK_BOT_TOKEN"),
        ("Featuers", "FEATURES"),
        ("SENTIMENTT_DEVICE", "SENTIMENT_DEVICE"),
    ],
)
def test_a_misspelled_name(
    env_file: Path, monkeypatch: pytest.MonkeyPatch, name: str, setting: str, in_file: bool
) -> None:
    """The nearest setting is named, but not the value; an empty variable is ignored."""
    for value in ("", "secret"):
        if in_file:
            env_file.write_text(f"{name}={value}\n")
        else:
            monkeypatch.setenv(name, value)
        if not value:
            Settings.read()
    place = ".env" if in_file else "the environment"
    assert errors() == [f"{name.upper()} in {place} is not a setting. Did you mean {setting}? Rename or remove it."]


@pytest.mark.parametrize("name", ["METRIC_PORT", "KEEP_DAY", "CATCHUP_HOURS", "SECRET_KEY", "PROT", "SLACK_API_TOKEN"])
def test_the_file_is_checked_more_strictly(name: str) -> None:
    """Names of other programs are unlikely in `.env`, so any single mistake there is reported."""
    assert nearest_setting(name, strict=True) in NAMES
    assert nearest_setting(name, strict=False) is None


@pytest.mark.parametrize("name", OTHERS)
def test_other_variables(name: str) -> None:
    """Variables of other programs are ignored, in any case of letters."""
    assert nearest_setting(name, strict=False) is None
    assert nearest_setting(name.lower(), strict=False) is None


def test_this_environment() -> None:
    """Nothing in the environment of these tests is taken for a misspelled setting."""
    assert [name for name in os.environ if nearest_setting(name, strict=False)] == []


LETTERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=1)


@given(st.sampled_from(NAMES), st.data())
def test_any_single_mistake_in_a_long_word(setting: str, data: st.DataObject) -> None:
    """A letter that is missing, extra, wrong or swapped with its neighbour is noticed, except for a plural."""
    words = setting.split("_")
    if not (long := [i for i, word in enumerate(words) if len(word) >= 5]):
        return
    index = data.draw(st.sampled_from(long))
    word, letter = words[index], data.draw(LETTERS)
    i = data.draw(st.integers(0, len(word) - 2))
    mistakes = [
        word[:i] + word[i + 1 :],
        word[:i] + letter + word[i:],
        word[:i] + letter + word[i + 1 :],
        word[:i] + word[i + 1] + word[i] + word[i + 2 :],
    ]
    words[index] = data.draw(st.sampled_from(mistakes))
    name = "_".join(words)
    plural = f"{words[index]}S" == word or words[index] == f"{word}S"
    for strict in (True, False):
        found = nearest_setting(name, strict=strict)
        assert (found is None) == (name in NAMES or (plural and not strict))


@given(st.sampled_from(NAMES), st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=8), st.booleans())
def test_a_longer_name_is_another_name(setting: str, word: str, in_front: bool) -> None:
    """A setting's name with a word before or after it belongs to something else, even in `.env`."""
    name = f"{word}_{setting}" if in_front else f"{setting}_{word}"
    if name not in NAMES:
        assert nearest_setting(name, strict=False) is None
        assert nearest_setting(name, strict=True) in (None, *NAMES)


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1, max_size=12))
def test_arbitrary_names(name: str) -> None:
    """Whatever is reported resembles a setting: nearly as long, with the same first or last character."""
    if setting := nearest_setting(name, strict=True):
        assert abs(len(setting) - len(name)) <= 1
        assert setting[:1] == name[:1] or setting[-1:] == name[-1:]


def test_the_documentation_and_the_example_explain_every_setting() -> None:
    """The table in `docs/settings.md` and `.env.example` have exactly the settings, with their defaults."""
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = [row.split("|") for row in page.splitlines() if row.startswith("| `")]
    in_page = [name for row in rows for name in re.findall(r"`(\w+)`", row[1])]
    example = (ROOT / ".env.example").read_text("utf-8")
    in_example = re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)
    assert sorted(in_page) == sorted(in_example) == sorted(NAMES)
    for words in (*FEATURES, *PRECISIONS):
        assert words in page
        assert words in example
    defaults = {name: default.strip().strip("`") for _, name, default, *_ in rows for name in re.findall(r"\w+", name)}
    for name in ("PORT", "METRICS_HOST", "TRIGGER_EMOJI", "CATCH_UP_HOURS", "KEEP_DAYS", "KEEP_CLAIMS_DAYS"):
        assert defaults[name] == str(Settings.model_fields[name.lower()].default)


def test_the_example_is_valid(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.env.example` can be used as it is, and with every line uncommented."""
    example = (ROOT / ".env.example").read_text("utf-8")
    env_file.write_text(example)
    assert Settings.read() == Settings(slack_bot_token="")
    env_file.write_text(re.sub(r"^#(?=[A-Z_]+=)", "", example, flags=re.MULTILINE))
    assert len(dotenv_values(env_file)) == len(NAMES)
    assert Settings.read().features == frozenset(FEATURES)
