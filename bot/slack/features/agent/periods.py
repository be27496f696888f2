"""Periods in requests: "in the last 30 days", "this week", "지난 7일"."""

import re

_PERIODS = {
    "24h": r"24 ?h(?:ours|rs)?|1 ?d|(?:(?:1|one) )?day|today|24시간|하루|오늘",
    "7d": r"(?:7|seven) ?d(?:ays)?|(?:(?:1|one) )?week|7일|(?:일)?주일|주",
    "30d": r"(?:30|thirty) ?d(?:ays)?|(?:(?:1|one) )?month|(?:4|four) weeks|30일|(?:한 ?)?달",
    "90d": r"(?:90|ninety) ?d(?:ays)?|(?:3|three) months|quarter|90일|3개월|분기",
}
_UNKNOWN = (
    r"\d+ ?(?:h|hours?|d|days?|w|weeks?|months?|시간|일|주|개월)|yesterday|year|어제"  # the answer says which there are
)
_BEFORE = r"(?:(?:in|over|for|during|of|within|from|a|the|these|this|last|past|previous) |(?:지난|최근|이번) ?)*"
_PERIOD = re.compile(
    rf"(?:^| ){_BEFORE}(?:{'|'.join(f'(?P<w{name}>{pattern})' for name, pattern in _PERIODS.items())}"
    rf"|(?P<unknown>{_UNKNOWN}))(?: ?(?:동안|간))?(?= |$)"
)


def split_period(words: str) -> tuple[str, str]:
    """Return the words of a request without its period, and the name of the report's window; empty if it has none."""
    found = [*_PERIOD.finditer(words)]
    if not found:
        return words, ""
    last = found[-1]
    name = last["unknown"] or str(last.lastgroup).removeprefix("w")
    return f"{words[: last.start()]}{words[last.end() :]}".strip(), name
