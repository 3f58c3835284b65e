"""File names from the pattern of a feed: a small inverse of regular expressions.

Understood: literal text, escaped characters, `^`, `$`, named groups (filled with the first candidate that fits the
group), other groups and character classes (their first alternative or character), `\\d`, counts `{n}` and `{n,m}`
(n times), `+` (once), `?` and `*` (left out). Anything else is refused with the pattern named.
"""

import re
from collections.abc import Mapping, Sequence

_COUNT = re.compile(r"\{(\d+)(?:,\d*)?\}")


def fill_pattern(pattern: str, candidates: Mapping[str, Sequence[str]]) -> str:
    """A name that matches `pattern` and holds, for every named group, the first of its candidates that fits.

    Raises ValueError when a group has no candidates, none fits, or the pattern uses notation not understood here.
    """
    name = _fill(pattern, candidates)
    if not re.fullmatch(pattern, name):
        raise ValueError(f"cannot invent a file name for pattern {pattern!r}: {name!r} does not match it")
    return name


def groups_of(pattern: str) -> tuple[str, ...]:
    """Named groups of `pattern`, in order."""
    index = re.compile(pattern).groupindex
    return tuple(sorted(index, key=lambda name: index[name]))


def _fill(pattern: str, candidates: Mapping[str, Sequence[str]]) -> str:
    made: list[str] = []
    at = 0
    while at < len(pattern):
        piece, at = _atom(pattern, at, candidates)
        count, at = _repetition(pattern, at)
        made.append(piece * count)
    return "".join(made)


def _atom(pattern: str, at: int, candidates: Mapping[str, Sequence[str]]) -> tuple[str, int]:
    """The text for the atom at `at`, and where the next one starts."""
    char = pattern[at]
    if char in "^$":
        return "", at + 1
    if char == "\\":
        return {"d": "0", "w": "a", "s": " "}.get(pattern[at + 1], pattern[at + 1]), at + 2
    if char == "[":
        end = pattern.index("]", at + 2)
        return _atom(pattern, at + 1, candidates)[0], end + 1
    if char == "(":
        end = _closing(pattern, at)
        inner = pattern[at + 1 : end]
        if named := re.match(r"\?P<(\w+)>", inner):
            return _candidate(named.group(1), inner[named.end() :], candidates), end + 1
        if inner.startswith(("?=", "?!", "?<")):
            raise ValueError(f"cannot invent a file name for pattern {pattern!r}: look-around is not understood")
        inner = re.sub(r"^\?[a-zA-Z]*:", "", inner)
        return _fill(_first_alternative(inner), candidates), end + 1
    return ("x" if char == "." else char), at + 1


def _candidate(group: str, sub_pattern: str, candidates: Mapping[str, Sequence[str]]) -> str:
    if group not in candidates:
        raise ValueError(
            f"cannot invent a value for the group '{group}'; known groups: {', '.join(sorted(candidates))}"
        )
    for candidate in candidates[group]:
        if re.fullmatch(sub_pattern, candidate):
            return candidate
    raise ValueError(f"none of {list(candidates[group])} fits the group '{group}' ({sub_pattern})")


def _closing(pattern: str, at: int) -> int:
    depth = 0
    while at < len(pattern):
        if pattern[at] == "\\":
            at += 1
        elif pattern[at] == "(":
            depth += 1
        elif pattern[at] == ")":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    raise ValueError(f"pattern {pattern!r} has an open group")


def _first_alternative(inner: str) -> str:
    depth = 0
    for at, char in enumerate(inner):
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            return inner[:at]
    return inner


def _repetition(pattern: str, at: int) -> tuple[int, int]:
    if at < len(pattern):
        if pattern[at] in "?*":
            return 0, at + 1
        if pattern[at] == "+":
            return 1, at + 1
        if count := _COUNT.match(pattern, at):
            return int(count.group(1)), count.end()
    return 1, at
