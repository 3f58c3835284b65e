"""Addresses: everything that a page depends on stands in its address, so that it can be shared and gone back to.

Known parameters: city, year, town, lang, theme. Only what differs from the default is written. Unknown, repeated or
malformed parameters are refused with a message, never guessed and never a server error.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from dashboard.texts import LANGUAGES

THEMES = ("light", "dark")
MAX_QUERY_CHARACTERS = 2000
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "city": re.compile(r"[a-z_]{1,40}", re.ASCII),
    "year": re.compile(r"20\d\d", re.ASCII),
    "town": re.compile(r"\d{12}", re.ASCII),
    "lang": re.compile("|".join(LANGUAGES)),
    "theme": re.compile("|".join(THEMES)),
}


class AddressError(ValueError):
    """The address cannot be followed. `key` is a text of the shell catalogue, `values` its fields."""

    def __init__(self, key: str, **values: str) -> None:
        self.key = key
        self.values = values
        super().__init__(f"{key} {values}")


@dataclass(frozen=True)
class Query:
    """Parameters of an address; None where the address does not say."""

    city: str | None = None
    year: int | None = None
    town: str | None = None
    lang: str | None = None
    theme: str | None = None


def parse_query(search: str) -> Query:
    """`?city=…&year=…` as a Query. Raises AddressError."""
    if len(search) > MAX_QUERY_CHARACTERS:
        raise AddressError("shell.refused.too_long")
    found: dict[str, str] = {}
    for name, value in parse_qsl(search.removeprefix("?"), keep_blank_values=True):
        if name not in _PATTERNS:
            raise AddressError("shell.refused.unknown_parameter", name=_shown(name))
        if name in found:
            raise AddressError("shell.refused.repeated_parameter", name=name)
        if not _PATTERNS[name].fullmatch(value):
            raise AddressError("shell.refused.bad_value", name=name, value=_shown(value))
        found[name] = value
    year = int(found["year"]) if "year" in found else None
    return Query(found.get("city"), year, found.get("town"), found.get("lang"), found.get("theme"))


def languages_of(search: str) -> tuple[str, str]:
    """Language and theme for a message about an address that may be broken: the first sound values, or the defaults."""
    pairs = dict(reversed(parse_qsl(search.removeprefix("?")[:MAX_QUERY_CHARACTERS])))
    lang = pairs.get("lang", "")
    theme = pairs.get("theme", "")
    return (lang if lang in LANGUAGES else LANGUAGES[0], theme if theme in THEMES else THEMES[0])


def join(path: str, parameters: Mapping[str, str | int | None]) -> str:
    """`path` with the parameters that are not None, in a fixed order."""
    given = {name: str(parameters[name]) for name in _PATTERNS if parameters.get(name) is not None}
    return f"{path}?{urlencode(given)}" if given else path


def local_path(target: str) -> str:
    """`target` when it is an address of this server, else "/": where a form may send the viewer back to."""
    is_local = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if is_local else "/"


def _shown(value: str) -> str:
    return value if len(value) <= 40 else value[:39] + "…"
