"""Every option, read once from the environment and ``.env`` into one frozen dataclass."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from io import StringIO
from pathlib import Path
from typing import Any, Self

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from bot.errors import ConfigurationError

TOKENS = {
    "SLACK_BOT_TOKEN": (
        re.compile(r"xoxb-[\w-]{6,}"),
        "xoxb-… : on your app's page at api.slack.com/apps under OAuth & Permissions, Bot User OAuth Token",
    ),
    "SLACK_APP_TOKEN": (
        re.compile(r"xapp-[\w-]{6,}"),
        "xapp-… : on your app's page at api.slack.com/apps under Basic Information, App-Level Tokens",
    ),
    "SLACK_SIGNING_SECRET": (
        re.compile(r"[0-9a-f]{32}"),
        "32 hexadecimal digits: on your app's page at api.slack.com/apps under Basic Information, App Credentials",
    ),
    "SLACK_CLIENT_ID": (
        re.compile(r"[0-9]+\.[0-9]+"),
        "123.456: on your app's page at api.slack.com/apps under Basic Information, App Credentials",
    ),
    "SLACK_CLIENT_SECRET": (
        re.compile(r"[0-9a-f]{32}"),
        "32 hexadecimal digits: on your app's page at api.slack.com/apps under Basic Information, App Credentials",
    ),
    "SECRETS_KEY": (
        re.compile(r"[A-Za-z0-9_-]{43}=(\s*,\s*[A-Za-z0-9_-]{43}=)*"),
        (
            "44 characters, made once and kept: "
            "python3 -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"
        ),
    ),
}
"""What each secret looks like, and where a person finds it."""

PRECISIONS = ("auto", "fp32", "bf16", "int8")
"""In which numbers the running bot's model may compute; auto is fp32 or bf16, whichever is faster."""

FEATURES = ("watching", "workflows")
"""What can be switched on besides; each asks Slack for more."""

SLACK_API_URL = "https://slack.com/api/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a person can set; the README's table and ``.env.example`` explain each.

    The secrets stay out of ``repr``, so that no log shows them.
    """

    slack_bot_token: str = field(default="", repr=False)
    slack_app_token: str = field(default="", repr=False)
    slack_signing_secret: str = field(default="", repr=False)
    slack_client_id: str = ""
    slack_client_secret: str = field(default="", repr=False)
    secrets_key: str = field(default="", repr=False)
    slack_api_url: str = SLACK_API_URL
    port: int = 3000
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"
    trigger_emoji: str = "thermometer"
    features: frozenset[str] = frozenset()
    least_confidence: float = 0.6
    catch_up_hours: int = 24
    database_url: str = field(default="sqlite:///sentiment-bot.db", repr=False)  # may hold a password
    keep_days: int = 400
    keep_claims_days: int = 7
    sentiment_model: str | None = None
    sentiment_model_revision: str | None = None
    sentiment_precision: str = "auto"
    sentiment_device: str = "cpu"
    sentiment_cluster: str | None = None

    @classmethod
    def read(cls) -> Self:
        """Read the environment, and below it ``.env`` of the working folder. An empty variable is one not set.

        Raises:
            ConfigurationError: a variable is malformed; one line for each.
        """
        given = _given(_from_file(Path(".env"))) | _given(os.environ)
        faults = [fault for name, (fits, fault) in _FORMS.items() if name in given and not fits(given[name])]
        if "SENTIMENT_MODEL_REVISION" in given and "SENTIMENT_MODEL" not in given:
            faults.append(
                "SENTIMENT_MODEL_REVISION is set without SENTIMENT_MODEL: name the model it is of, or unset it."
            )
        if faults:
            raise ConfigurationError("\n".join(faults))
        names = {one.name: one.name.upper() for one in fields(cls)}
        return cls(**{key: _READ.get(name, str)(given[name]) for key, name in names.items() if name in given})

    @property
    def many_workspaces(self) -> bool:
        """Whether the bot serves every workspace that installs it, and not the one that a token is of."""
        return bool(self.slack_client_id or self.slack_client_secret)

    @property
    def keep(self) -> Mapping[str, int]:
        """For how many days what grows old is kept, by the name of the setting."""
        return {"keep_days": self.keep_days, "keep_claims_days": self.keep_claims_days}

    def require_for_run(self, *, http: bool) -> None:
        """Check the secrets that the bot needs to serve.

        Raises:
            ConfigurationError: one line for each that is missing or malformed, or one if they contradict each other.
        """
        if not self.many_workspaces:
            self.require("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET" if http else "SLACK_APP_TOKEN")
            return
        if self.slack_bot_token:
            raise ConfigurationError(
                "SLACK_BOT_TOKEN is of one workspace and SLACK_CLIENT_ID with SLACK_CLIENT_SECRET for many: unset the "
                "one or the others."
            )
        if not http:
            raise ConfigurationError("SLACK_CLIENT_ID is for many workspaces, who install over HTTP: use run --http.")
        self.require("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "SECRETS_KEY")

    def faults(self, *names: str) -> list[str]:
        """Say in one line each what is wrong with the secrets called ``names``; the secrets are not shown."""
        faults = []
        for name in names:
            pattern, where = TOKENS[name]
            value: str = getattr(self, name.lower())
            if not value:
                faults.append(f"{name} is not set. It looks like {where}.")
            elif not pattern.fullmatch(value):
                faults.append(f"{name} is malformed. It looks like {where}.")
        return faults

    def require(self, *names: str) -> None:
        """Check the secrets called ``names``.

        Raises:
            ConfigurationError: one line for each that is missing or malformed.
        """
        faults = self.faults(*names)
        if faults:
            raise ConfigurationError("\n".join(faults))


def is_address(text: str) -> bool:
    """Tell whether ``text`` is a host and a port."""
    host, _, port = text.rpartition(":")
    return bool(re.fullmatch(r"[\w.-]+", host)) and _is_port(port)


def _is_port(text: str) -> bool:
    return bool(re.fullmatch("[0-9]{1,5}", text)) and 0 < int(text) < 65536


def _are_days(text: str) -> bool:
    return bool(re.fullmatch("[0-9]{1,5}", text)) and int(text) > 0


def _features(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\s,]+", text.lower()))


_READ: Mapping[str, Callable[[str], Any]] = {
    "SLACK_API_URL": lambda text: text.rstrip("/") + "/",
    "PORT": int,
    "METRICS_PORT": int,
    "TRIGGER_EMOJI": lambda text: text.strip(":"),
    "FEATURES": _features,
    "LEAST_CONFIDENCE": lambda text: int(text) / 100,
    "CATCH_UP_HOURS": int,
    "KEEP_DAYS": int,
    "KEEP_CLAIMS_DAYS": int,
    "SENTIMENT_PRECISION": str.lower,
}
"""How a variable's text becomes what it means; all others stay text."""

_FORMS: Mapping[str, tuple[Callable[[str], object], str]] = {
    "SLACK_API_URL": (
        re.compile(r"https?://[\w.-]+(:[0-9]{1,5})?(/[\w./-]*)?").fullmatch,
        "SLACK_API_URL must be a web address, such as https://slack.com/api/.",
    ),
    "PORT": (_is_port, "PORT must be a number from 1 to 65535, such as 3000."),
    "METRICS_PORT": (_is_port, "METRICS_PORT must be a number from 1 to 65535, such as 9464."),
    "METRICS_HOST": (
        re.compile(r"[\w.:-]+").fullmatch,
        "METRICS_HOST must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all.",
    ),
    "TRIGGER_EMOJI": (
        re.compile(r":*[a-z0-9_+'-]+:*").fullmatch,
        "TRIGGER_EMOJI must be an emoji's name in Slack, such as thermometer.",
    ),
    "FEATURES": (
        lambda text: _features(text) <= {*FEATURES},
        f"FEATURES must name some of {', '.join(FEATURES)}, such as watching.",
    ),
    "LEAST_CONFIDENCE": (
        re.compile("[0-9]{1,2}").fullmatch,
        "LEAST_CONFIDENCE must be a number of per cent from 0 to 99, such as 60.",
    ),
    "CATCH_UP_HOURS": (
        re.compile("[0-9]{1,3}").fullmatch,
        "CATCH_UP_HOURS must be a number of hours from 0 (never) to 999, such as 24.",
    ),
    "KEEP_DAYS": (_are_days, "KEEP_DAYS must be a number of days, at least 1, such as 400."),
    "KEEP_CLAIMS_DAYS": (_are_days, "KEEP_CLAIMS_DAYS must be a number of days, at least 1, such as 7."),
    "SENTIMENT_PRECISION": (
        lambda text: text.lower() in PRECISIONS,
        f"SENTIMENT_PRECISION must be one of {', '.join(PRECISIONS)}.",
    ),
    "SENTIMENT_CLUSTER": (
        lambda text: text == "auto" or is_address(text),
        "SENTIMENT_CLUSTER must be auto or a host and a port, such as 10.0.0.5:6380.",
    ),
}
"""What a variable must look like, and what a person is told where it does not."""


def _from_file(path: Path) -> Mapping[str, str | None]:
    """Read a file of variables, if there is one.

    Raises:
        ConfigurationError: it is no text, or lines of it are no variables; they are named by number, since they may
            hold a secret.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
    except UnicodeDecodeError:
        raise ConfigurationError(f"The file {path} is not UTF-8 text: save it as UTF-8.") from None
    wrong = [str(found.original.line) for found in parse_stream(StringIO(text)) if found.error]
    if wrong:
        raise ConfigurationError(f"The file {path} has no NAME=value in line {', '.join(wrong)}: mend or remove it.")
    return dotenv_values(stream=StringIO(text))


def _given(environment: Mapping[str, str | None]) -> dict[str, str]:
    """Leave out the variables that are empty."""
    return {name: value.strip() for name, value in environment.items() if value and value.strip()}
