"""YAML into frozen models, with errors that name file, line, key, what was found and what is allowed."""

from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from configuration.problems import ConfigurationError, Mistake, MistakesError, Problem, file_problem

KeyPath = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)
_PLAIN_WORDS = {
    "missing": "this key is required",
    "extra_forbidden": "unknown key: remove it or correct its spelling",
    "string_type": "must be a text: put it in quotes (YAML reads yes, no, 01 and dates as something else)",
    "tuple_type": "must be a list, [a, b], or a line with '- ' for each item",
    "dict_type": "must be a section: keys with values",
    "model_type": "must be a section: keys with values",
}
_SECTION_WORDS = {
    "Bilingual": "a text for people has two languages: {zh: …, en: …}",
    "Sourced": "a value says how sure it is: {value: …, certainty: …, source: …}, or {certainty: unknown}",
    "Source": "a source has keys: {document: …, section: …}",
}
_PATTERN_WORDS = {
    "^[a-z_]+$": "small letters a to z and _ only",
    "^[a-z0-9_]+$": "small letters a to z, digits and _ only",
    r"^\d{12}$": "12 digits",
}


def read_yaml_model(path: Path, model: type[M]) -> M:
    """The file at `path` as `model`. Raises ConfigurationError with every mistake in the file."""
    node = _compose(path)
    lines: dict[KeyPath, int] = {}
    problems: list[Problem] = []
    data = _plain(node, (), lines, path, problems)
    if problems:
        raise ConfigurationError(problems)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigurationError(_problems_of(error, path, lines)) from None


def key_lines(path: Path) -> dict[KeyPath, int]:
    """The line of every key path of a readable YAML file, for problems found across files."""
    lines: dict[KeyPath, int] = {}
    _plain(_compose(path), (), lines, path, [])
    return lines


def _compose(path: Path) -> yaml.Node:
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise ConfigurationError([file_problem(path, "this file must exist")]) from None
    except UnicodeDecodeError:
        raise ConfigurationError([file_problem(path, "save the file as UTF-8", found="another encoding")]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        what = getattr(error, "problem", None) or str(error)
        raise ConfigurationError([file_problem(path, f"must be valid YAML ({what})", line=line)]) from None
    if node is None:
        raise ConfigurationError([file_problem(path, "must hold at least one key", found="an empty file")])
    return node


def _plain(node: yaml.Node, at: KeyPath, lines: dict[KeyPath, int], path: Path, problems: list[Problem]) -> Any:
    """`node` as plain Python, recording the line of every key path and refusing repeated keys."""
    lines[at] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                problems.append(file_problem(path, "a key is one word", key=_dotted(at), line=line))
                continue
            key = _scalar(key_node, at, path, problems)
            if key in mapping:
                allowed = "each key may stand once"
                problems.append(file_problem(path, allowed, key=_dotted((*at, key)), line=line))
            mapping[key] = _plain(value_node, (*at, key), lines, path, problems)
            lines[(*at, key)] = line
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*at, index), lines, path, problems) for index, child in enumerate(node.value)]
    return _scalar(node, at, path, problems)


def _scalar(node: yaml.Node, at: KeyPath, path: Path, problems: list[Problem]) -> Any:
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (ValueError, yaml.YAMLError) as error:
        # 2018-02-30 looks like a date to YAML and is none; a tag such as !!python asks for an object.
        reason = getattr(error, "problem", None) or str(error)
        line = node.start_mark.line + 1
        found = repr(getattr(node, "value", ""))
        problems.append(file_problem(path, f"a value that can be ({reason})", found=found, key=_dotted(at), line=line))
        return None


def _problems_of(error: ValidationError, path: Path, lines: dict[KeyPath, int]) -> list[Problem]:
    problems: list[Problem] = []
    details = error.errors()
    for detail in details:
        if detail["type"] == "too_short" and any(_lies_in(other["loc"], detail["loc"]) for other in details):
            continue  # the items are there, and wrong themselves
        location = _without_tags(detail["loc"], lines)
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, MistakesError):
            problems.extend(_problem_of(mistake, location, path, lines) for mistake in cause.mistakes)
            continue
        allowed = _allowed_words(detail)
        # What is wrong between keys names them itself; the whole section would only bury that.
        is_between_keys = detail["type"] == "value_error" and isinstance(detail["input"], dict)
        found = "" if detail["type"] == "missing" or is_between_keys else _short(detail["input"])
        line = _nearest_line(location, lines)
        problems.append(file_problem(path, allowed, found=found, key=_dotted(location), line=line))
    return problems


def _allowed_words(detail: ErrorDetails) -> str:
    """What would be right, in words of the file rather than of the program."""
    context = detail.get("ctx", {})
    section = str(context.get("class_name", "")).partition("[")[0]
    return (
        _SECTION_WORDS.get(section)
        or _PATTERN_WORDS.get(str(context.get("pattern")))
        or _PLAIN_WORDS.get(detail["type"])
        or detail["msg"].removeprefix("Value error, ")
    )


def _lies_in(location: KeyPath, section: KeyPath) -> bool:
    return len(location) > len(section) and location[: len(section)] == section


def _without_tags(location: KeyPath, lines: dict[KeyPath, int]) -> KeyPath:
    """`location` as the file has it: a choice between sections puts the chosen one's name among the keys."""
    plain: KeyPath = ()
    for index, part in enumerate(location):
        following = location[index + 1] if index + 1 < len(location) else ""
        if isinstance(part, int) or (*plain, part) in lines or (*plain, following) not in lines:
            plain = (*plain, part)
    return plain


def _problem_of(mistake: Mistake, above: KeyPath, path: Path, lines: dict[KeyPath, int]) -> Problem:
    location = (*above, *mistake.keys)
    line = _nearest_line(location, lines)
    return file_problem(path, mistake.allowed, found=mistake.found, key=_dotted(location), line=line)


def _nearest_line(location: KeyPath, lines: dict[KeyPath, int]) -> int | None:
    while location and location not in lines:
        location = location[:-1]
    return lines.get(location)


def _dotted(location: KeyPath) -> str:
    return ".".join(str(part) for part in location)


def _short(value: object) -> str:
    text = str(value) if isinstance(value, date) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
