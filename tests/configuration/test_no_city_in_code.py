"""Code never names a city, a division or a channel: they are data."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from configuration.cities import load_cities
from configuration.settings import BUILT_IN_CITIES

ROOT = BUILT_IN_CITIES.parent
ROOMS = ("configuration", "insurance", "warehouse", "etl", "dashboard", "pages")
MODULES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def _texts(path: Path) -> Iterator[str]:
    """String literals of a module, docstrings included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.fixture(scope="module")
def city_words() -> set[str]:
    """Codes and names of cities, and their root codes."""
    cities = [folder.city for folder in load_cities([BUILT_IN_CITIES]).values()]
    return {word for c in cities for word in (c.code, c.name.zh, c.name.en.lower(), c.root_division_code)}


@pytest.fixture(scope="module")
def channel_codes() -> set[str]:
    """Channel codes; the one named like its kind may stand for the kind."""
    folders = load_cities([BUILT_IN_CITIES]).values()
    return {channel.code for folder in folders for channel in folder.city.channels if channel.code != channel.kind}


def test_there_are_modules_to_look_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} >= {"configuration", "insurance", "etl"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_city_in_code(path: Path, city_words: set[str]) -> None:
    named = {word for word in city_words for text in _texts(path) if word in text.lower()}
    assert named == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_channel_in_code(path: Path, channel_codes: set[str]) -> None:
    assert channel_codes & set(_texts(path)) == set()
