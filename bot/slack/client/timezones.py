"""The time zones of people, from their Slack profiles."""

from collections.abc import Callable, Mapping

from bot.errors import ConfigurationError, SlackError
from bot.reports.windows import parse_timezone
from bot.slack.client.executor import Call
from bot.slack.client.slack_client import SlackClient

TIMEZONE_SCOPE = "users:read"

_ANYBODY = ""
_KEEP_SECONDS = 60 * 60.0
_MAX_KNOWN = 10_000


class UserTimezones:
    """Looks up time zones, which needs ``TIMEZONE_SCOPE``, and remembers them for an hour."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[str | None, float]] = {}  # by team and user, with when they expire

    async def find(self, slack: SlackClient, user: str) -> str | None:
        """Return a person's time zone (IANA); None if the scope was not granted, or there is no valid one."""
        now = self._clock()
        for key in ((slack.team, _ANYBODY), (slack.team, user)):
            zone, until = self._known.get(key, (None, 0.0))
            if until > now:
                return zone
        call = Call("users.info", {"user": user}, idempotent=True, ok_errors={"missing_scope"}, attempts=1)
        try:
            answer = (await slack.call(call)).data
        except SlackError:
            return None
        zone, key_user = _zone_of(answer), _ANYBODY if answer.get("error") else user
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        self._known[slack.team, key_user] = zone, now + _KEEP_SECONDS
        return zone


def _zone_of(answer: Mapping[str, object]) -> str | None:
    user = answer.get("user")
    name = user.get("tz") if isinstance(user, dict) else None
    try:
        return parse_timezone(name).key if isinstance(name, str) else None
    except ConfigurationError:
        return None
