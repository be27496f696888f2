"""Addresses in a text, whose words are not what a person says."""

import re

# A path ends before a bracket that it does not open, an escaped one, emoji and characters of East Asia, which may be
# the text after it; but not if a later part of the path begins with them.
_EAST_ASIA = r"[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]"
_PATH = rf"(?:[/=_-]{_EAST_ASIA}+|(?!&[lg]t;)[^\s<>()\u2e80-\U0010ffff]|\([^\s<>()]*\))*"
_DOMAIN = r"(?:[\w-]+\.)+[a-zA-Z]{2,}"
# None starts within a word, which keeps the search linear in the length of the text.
_ADDRESSES = [
    # https://example.com/path, and git@example.com:path/to
    re.compile(
        r"(?:(?<![a-zA-Z0-9+-])[a-zA-Z][a-zA-Z0-9+-]{0,30}://(?=[^\s<>&])(?:[^\s<>/?#@]*@)?"
        rf"|(?<![\w.+-])[\w.+-]+@(?={_DOMAIN}:[\w.~-]*/))"
        rf"(?P<host>\[[0-9a-fA-F:.]+\]|[\w-]+(?:\.[\w-]+)*)?(?P<path>[:/?#]{_PATH})?"
    ),
    # ana@example.com
    re.compile(rf"(?<![\w.+-])(?:mailto:)?[\w.+-]+@(?a:{_DOMAIN})(?P<host>)(?P<path>\?{_PATH})?"),
    # example.com/path, without a scheme
    re.compile(
        rf"(?<![\w.@/-])(?P<host>localhost|[0-9]+(?:\.[0-9]+){{3}}|{_DOMAIN})(?P<path>(?:(?::[0-9]+)?/|\?[\w.~-]+=){_PATH})"
    ),
]
_OTHER_SCHEME = re.compile(r"(?!tel:)[a-zA-Z][a-zA-Z0-9+.-]*:")  # without a host
_WITHOUT_HOST = "an address"
_PUNCTUATION = ".,;:!?'\"*_~`|]}’”»…"  # that may follow an address


def addresses_to_hosts(text: str) -> str:
    """Replace each address in ``text`` by its host, and a mail address by the words "an address"."""
    for address in _ADDRESSES:
        text = address.sub(_host, text)
    return text


def link_text(target: str, label: str) -> str:
    """Return what a link shows, with an address as its host. A telephone number stays."""
    shown = label or target
    matches = (address.match(shown) for address in _ADDRESSES if not re.search(r"\s", shown))
    if whole := next(filter(None, matches), None):
        return whole["host"] or _WITHOUT_HOST
    if not label and _OTHER_SCHEME.match(target):
        return _WITHOUT_HOST
    return addresses_to_hosts(shown.removeprefix("tel:"))


def without_addresses(text: str) -> str:
    """Remove each address in ``text``."""
    for address in _ADDRESSES:
        text = address.sub(" ", text)
    return text


def _host(address: re.Match[str]) -> str:
    path = address["path"] or ""
    return (address["host"] or _WITHOUT_HOST) + path[len(path.rstrip(_PUNCTUATION)) :]
