"""Texts for people: one YAML catalogue per area and language, `dashboard/texts/<area>.<language>.yaml`.

A key is the area and the path in its file, joined by dots: `shell.nav.overview`. Values are format strings with named
fields. A missing key raises: a page with a hole in it must not pass its tests.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

LANGUAGES = ("zh", "en")
FOLDER = Path(__file__).parent / "texts"


class MissingTextError(KeyError):
    """No catalogue has this key in this language."""


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every text of `language` by its full key."""
    texts: dict[str, str] = {}
    for path in sorted(FOLDER.glob(f"*.{language}.yaml")):
        area = path.name.split(".")[0]
        _flatten(yaml.safe_load(path.read_text(encoding="utf-8")), area, texts)
    return texts


def text(language: str, key: str, **values: object) -> str:
    """The text of `key` with `values` filled in. Raises MissingTextError for an unknown key."""
    try:
        template = catalogue(language)[key]
    except KeyError:
        raise MissingTextError(f"{key} ({language})") from None
    return template.format(**values) if values else template


def _flatten(node: object, prefix: str, into: dict[str, str]) -> None:
    if isinstance(node, Mapping):
        for key, child in node.items():
            _flatten(child, f"{prefix}.{key}", into)
    else:
        into[prefix] = str(node)
