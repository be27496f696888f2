"""Every setting of the bot, in one frozen object. ``docs/settings.md`` and ``.env.example`` say what each is for."""

import re
from collections.abc import Iterator, Mapping
from io import StringIO
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from dotenv.parser import parse_stream
from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, SecretStr, ValidationError
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource, NoDecode, SettingsConfigDict

from bot.errors import ConfigurationError

FeatureOption = Literal["agent", "threads", "watching", "workflows"]
FEATURES: tuple[str, ...] = get_args(FeatureOption)
"""The optional features; each needs more scopes."""

Precision = Literal["auto", "fp32", "bf16"]
PRECISIONS: tuple[str, ...] = get_args(Precision)
"""The number formats that a model other than the embedded one can compute in; auto is the faster one."""

PrivateAddresses = Literal["refuse", "allow"]
PRIVATE_ADDRESSES: tuple[str, ...] = get_args(PrivateAddresses)
"""Whether webhooks may be in private networks."""

Distribution = Literal["internal", "marketplace", "commercial"]
DISTRIBUTIONS: tuple[str, ...] = get_args(Distribution)
"""How the app reaches its users: their own app, Slack's Marketplace, or commercially outside it."""

_APP_PAGE = "on your app's page at api.slack.com/apps under"
_HOST = r"^[\w.:-]+$"
_KEY = "[A-Za-z0-9_-]{43}="
_GENERATE_KEY = "python3 -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
_HEXADECIMAL = ("[0-9a-f]{32}", f"32 hexadecimal digits: {_APP_PAGE} Basic Information, App Credentials")
_CREDENTIALS = {
    "SLACK_BOT_TOKEN": (r"xoxb-[\w-]{6,}", f"xoxb-…, {_APP_PAGE} OAuth & Permissions, Bot User OAuth Token"),
    "SLACK_APP_TOKEN": (r"xapp-[\w-]{6,}", f"xapp-…, {_APP_PAGE} Basic Information, App-Level Tokens"),
    "SLACK_SIGNING_SECRET": _HEXADECIMAL,
    "SLACK_CLIENT_ID": (r"[0-9]+\.[0-9]+", f"123.456, {_APP_PAGE} Basic Information, App Credentials"),
    "SLACK_CLIENT_SECRET": _HEXADECIMAL,
    "SECRETS_KEY": (rf"{_KEY}(\s*,\s*{_KEY})*", f"44 characters. Generate it once and keep it: {_GENERATE_KEY}"),
}
"""The pattern of each credential, and where to find it."""
_SLACK_CLI = {"slack_cli_xoxb": "slack_bot_token", "slack_cli_xapp": "slack_app_token"}
"""The variables in which the Slack CLI passes tokens to its hook `start`, and the settings that they stand in for."""

WHERE_TO_SET = 'Write it into .env. "Connect your workspace" in README.md has the steps.'


def is_address(text: str) -> bool:
    """Return whether ``text`` is a host and a port."""
    match = re.fullmatch(r"[\w.-]+:([0-9]{1,5})", text)
    return match is not None and 0 < int(match[1]) < 65536


def _check_cluster(text: str) -> str:
    if text != "auto" and not is_address(text):
        raise ValueError
    return text


class Settings(BaseSettings):
    """The settings; a field's description says which texts are valid. Only `read` reads the environment."""

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)

    slack_bot_token: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_signing_secret: SecretStr = SecretStr("")
    slack_client_id: str = ""
    slack_client_secret: SecretStr = SecretStr("")
    secrets_key: SecretStr = SecretStr("")
    slack_api_url: Annotated[str, AfterValidator(lambda url: url.rstrip("/") + "/")] = Field(
        "https://slack.com/api/",
        pattern=r"^https?://[\w.-]+(:[0-9]{1,5})?(/[\w./-]*)?$",
        description="a web address, such as https://slack.com/api/",
    )
    public_url: Annotated[str | None, AfterValidator(lambda url: url and url.rstrip("/"))] = Field(
        None,
        pattern=r"^https://[\w.-]+(:[0-9]{1,5})?/?$",
        description="https:// and a host, such as https://bot.example.com",
    )
    port: int = Field(3000, ge=1, le=65535, description="a number from 1 to 65535, such as 3000")
    host: str | None = Field(None, pattern=_HOST, description="an address of this machine, such as 127.0.0.1")
    metrics_port: int | None = Field(None, ge=1, le=65535, description="a number from 1 to 65535, such as 9464")
    metrics_host: str = Field(
        "127.0.0.1", pattern=_HOST, description="an address of this machine, or 0.0.0.0 for all of them"
    )
    trigger_emoji: Annotated[str, AfterValidator(lambda name: name.strip(":"))] = Field(
        "thermometer", pattern="^:*[a-z0-9_+'-]+:*$", description="the name of an emoji in Slack, such as thermometer"
    )
    features: Annotated[
        frozenset[FeatureOption],
        NoDecode,
        BeforeValidator(lambda value: re.findall(r"[^\s,]+", value.lower()) if isinstance(value, str) else value),
    ] = Field(frozenset(), description=f"a list of features from {', '.join(FEATURES)}, such as watching")
    distribution: Annotated[Distribution, BeforeValidator(str.lower)] = Field(
        "internal", description=f"one of {', '.join(DISTRIBUTIONS)}"
    )
    least_confidence: Annotated[
        float,
        Field(ge=0, le=99, multiple_of=1, description="a whole percentage from 0 to 99, such as 60"),
        AfterValidator(lambda percentage: percentage / 100),
    ] = 60  # as a share: 0.6
    catch_up_hours: int = Field(24, ge=0, le=999, description="a number of hours from 0 (never) to 999, such as 24")
    database_url: SecretStr = SecretStr("sqlite:///sentiment-bot.db")  # may hold a password
    keep_days: int = Field(400, ge=1, le=99999, description="a number of days, at least 1, such as 400")
    keep_claims_days: int = Field(7, ge=1, le=99999, description="a number of days, at least 1, such as 7")
    webhook_private_addresses: Annotated[PrivateAddresses, BeforeValidator(str.lower)] = Field(
        "refuse", description=f"one of {', '.join(PRIVATE_ADDRESSES)}"
    )
    sentiment_model: str | None = None
    sentiment_model_revision: str | None = None
    sentiment_precision: Annotated[Precision, BeforeValidator(str.lower)] = Field(
        "auto", description=f"one of {', '.join(PRECISIONS)}"
    )
    sentiment_device: str = "cpu"
    sentiment_cluster: Annotated[str, AfterValidator(_check_cluster)] | None = Field(
        None, description="auto, or a host and a port such as 10.0.0.5:6380"
    )

    _slack_cli: dict[str, str] = PrivateAttr(default_factory=dict)  # by setting, the CLI's variable that was read

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - pydantic checks their types
        super(BaseSettings, self).__init__(**values)  # not BaseSettings' own, which reads the environment

    @classmethod
    def read(cls) -> Self:
        """Read the environment, and ``.env`` for what is empty there; raise ConfigurationError, one line per fault."""
        _check_syntax(Path(".env"))
        file, environment = DotEnvSettingsSource(cls, ".env", "utf-8"), EnvSettingsSource(cls)
        slack_cli = {setting: environment.env_vars.get(name) for name, setting in _SLACK_CLI.items()}
        given = [*slack_cli.items(), *file().items(), *environment().items()]  # later ones win
        texts = {name: text.strip() for name, text in given if (text or "").strip()}
        faults = []
        try:
            settings = cls(**{name: text for name, text in texts.items() if name in cls.model_fields})
        except ValidationError as error:
            names = dict.fromkeys(str(each["loc"][0]) for each in error.errors())
            faults = [f"{name.upper()} must be {cls.model_fields[name].description}." for name in names]
        if "sentiment_model" not in texts:
            faults += [
                f"{name.upper()} is set without SENTIMENT_MODEL. Set both or neither."
                for name in ("sentiment_model_revision", "sentiment_precision", "sentiment_device")
                if name in texts
            ]
        faults += [*_misspellings(file.env_vars, ".env"), *_misspellings(environment.env_vars, "the environment")]
        if faults:
            raise ConfigurationError("\n".join(faults))
        for name, setting in _SLACK_CLI.items():
            if slack_cli[setting] and not file().get(setting) and not environment().get(setting):
                settings._slack_cli[setting] = f"{name.upper()}, from the Slack CLI,"
        return settings

    @property
    def many_workspaces(self) -> bool:
        """Whether the bot serves every workspace that installs it, rather than the one of its token."""
        return bool(self.slack_client_id or self.slack_client_secret)

    def require_for_run(self, *, http: bool) -> None:
        """Raise ConfigurationError if credentials for ``run`` are missing, malformed or contradict each other."""
        if not self.many_workspaces:
            key = ["SECRETS_KEY"] if self.secrets_key else []
            self.require("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET" if http else "SLACK_APP_TOKEN", *key)
            return
        if not http:
            raise ConfigurationError("SLACK_CLIENT_ID is for many workspaces: use run --http. For one, unset it.")
        if self.slack_bot_token:
            raise ConfigurationError("SLACK_BOT_TOKEN is for one workspace, SLACK_CLIENT_ID for many. Unset one.")
        self.require("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "SECRETS_KEY")

    def require(self, *names: str) -> None:
        """Raise ConfigurationError if any of the named credentials is missing or malformed; one line for each."""
        if faults := self.faults(*names):
            raise ConfigurationError("\n".join([*faults, WHERE_TO_SET]))

    def faults(self, *names: str) -> list[str]:
        """Return a line for each of the named credentials that is missing or malformed, without its value."""
        faults = []
        for name in names:
            pattern, hint = _CREDENTIALS[name]
            value = getattr(self, name.lower())
            text = value.get_secret_value() if isinstance(value, SecretStr) else value
            if not re.fullmatch(pattern, text):
                variable = self._slack_cli.get(name.lower(), name)
                faults.append(f"{variable} is {'malformed' if text else 'not set'}. Expected: {hint}.")
        return faults


def _check_syntax(file: Path) -> None:
    """Raise ConfigurationError if ``file`` is malformed. Its lines may hold secrets, so they are named by number."""
    try:
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
    except UnicodeDecodeError:
        raise ConfigurationError(f"The file {file} is not UTF-8 text. Save it as UTF-8.") from None
    except OSError as error:
        raise ConfigurationError(f"The file {file} cannot be read ({error.strerror}). Check its permissions.") from None
    bindings = parse_stream(StringIO(text))
    wrong = [str(found.original.line) for found in bindings if found.error or (found.key and found.value is None)]
    if wrong:
        lines = ", ".join(wrong)
        raise ConfigurationError(f"The file {file} is malformed in line {lines}. Write NAME=value, or remove the line.")


def _misspellings(variables: Mapping[str, str | None], place: str) -> Iterator[str]:
    """Yield a line for each non-empty variable whose name is a misspelled setting."""
    for name, value in variables.items():  # other programs share the environment, so its check is not strict
        if (value or "").strip() and (setting := nearest_setting(name, strict=place == ".env")):
            yield f"{name.upper()} in {place} is not a setting. Did you mean {setting}? Rename or remove it."


def nearest_setting(name: str, *, strict: bool) -> str | None:
    """Return the setting that ``name`` misspells by one edit, or None; unless ``strict``, only one in a long word."""
    name, settings = name.upper(), [field.upper() for field in Settings.model_fields]
    misspells = _one_edit if strict else _one_edit_in_long_word
    return None if name in settings else next((setting for setting in settings if misspells(name, setting)), None)


def _one_edit_in_long_word(name: str, setting: str) -> bool:
    """Return whether one word of five letters or more differs by one edit, other than a plural s or a number."""
    pairs = zip_longest(name.split("_"), setting.split("_"), fillvalue="")
    (word, right), *more = [(word, right) for word, right in pairs if word != right]
    return (
        not more
        and len(right) >= 5
        and _one_edit(word, right)
        and right not in (f"{word}S", word.rstrip("S0123456789"))
    )


def _one_edit(a: str, b: str) -> bool:
    """Return whether ``b`` is ``a`` with one character missing, extra, wrong or swapped with its neighbour."""
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    a, b = a[start:], b[start:]
    return a != b and (a[1:] in (b, b[1:]) or a == b[1:] or (a[1::-1] == b[:2] and a[2:] == b[2:]))
