"""Documents say what is: files they name exist, keys and ids they must explain are there, examples can be read."""

import argparse
import re
from pathlib import Path

import pytest

from configuration.city import Campaign, Channel, ChannelKind, City, Demo, Need
from configuration.divisions import FIXED_COLUMNS
from configuration.feed import Column, Delimited, Excel, Feed, Files, FixedWidth, Trailer
from configuration.record_kinds import CANONICAL_CODES, RECORD_KINDS
from configuration.yamlfile import read_yaml_model
from dashboard.__main__ import _parser as dashboard_parser
from etl.__main__ import _parser as etl_parser
from insurance.values import Model

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ROOMS = sorted(
    path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".") and path.name != "var"
)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def _text(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def _named_paths(text: str) -> set[str]:
    """Paths in backticks that begin with a room of the house, and Python or Markdown files without a folder."""
    quoted = re.findall(r"`([^`\s]+)`", FENCED.sub("", text))
    in_rooms = {name for name in quoted if name.split("/")[0] in ROOMS and "/" in name}
    return in_rooms | {name for name in quoted if re.fullmatch(r"[\w.-]+\.(py|md)", name)}


def _exists(name: str) -> bool:
    pattern = re.sub(r"<[^>]*>", "*", name).rstrip("/")
    if any(ROOT.glob(pattern)):
        return True
    return "/" not in name and any(next((ROOT / room).rglob(pattern), None) for room in ROOMS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_named_files_exist(document: Path) -> None:
    missing = sorted(name for name in _named_paths(document.read_text(encoding="utf-8")) if not _exists(name))
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)", text) if not re.match(r"[a-z]+:", target)]
    assert [target for target in targets if not (document.parent / target).exists()] == []


def _commands(text: str) -> list[tuple[str, list[str]]]:
    """(program, arguments) of every `python -m etl …` and `python -m dashboard …` in listings and backticks."""
    places = [*FENCED.findall(text), *re.findall(r"`[^`\n]+`", FENCED.sub("", text))]
    found = re.findall(r"python -m (etl|dashboard) ([^`#\n]+)", "\n".join(places))
    return [(program, re.sub(r"[\[\]]", " ", arguments).split()) for program, arguments in found]


def _options_of(parser: argparse.ArgumentParser, words: list[str]) -> set[str]:
    """Options of the command that `words` begin with. Raises KeyError for a command that does not exist."""
    options = set(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return options | _options_of(action.choices[words[0]], words[1:])
    return options


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_are_understood(document: Path) -> None:
    for program, words in _commands(document.read_text(encoding="utf-8")):
        known = _options_of({"etl": etl_parser, "dashboard": dashboard_parser}[program](), words)
        assert {word for word in words if word.startswith("--")} <= known, words


def test_a_command_that_is_not_there_would_be_noticed() -> None:
    assert _commands("```\npython -m etl gobble --fast  # no\n```\n") == [("etl", ["gobble", "--fast"])]
    with pytest.raises(KeyError):
        _options_of(etl_parser(), ["gobble", "--fast"])
    assert "--fast" not in _options_of(etl_parser(), ["load"])


def _listings(path: Path) -> list[str]:
    return FENCED.findall(path.read_text(encoding="utf-8"))


def test_both_readmes_list_the_same_commands() -> None:
    english, chinese = (
        [line.split("#")[0].strip() for block in _listings(path) for line in block.splitlines()]
        for path in (ROOT / "README.md", ROOT / "README.zh-CN.md")
    )
    assert english == chinese
    assert len(english) > 10


def test_a_file_that_is_not_there_would_be_noticed() -> None:
    text = "see `configuration/no_such.py`, `no_such.md`, `docs/`\n```\n`docs/in_a_listing.md`\n```\n"
    assert {name for name in _named_paths(text) if not _exists(name)} == {"configuration/no_such.py", "no_such.md"}


def test_requirements_have_every_id() -> None:
    text = _text("requirements.md")
    wanted = [f"H{n}" for n in range(1, 17)] + [f"W{n}" for n in range(1, 14)] + [str(n) for n in range(1, 68)]
    assert re.findall(r"^\| (H\d+|W\d+|\d+) \|", text, re.MULTILINE) == wanted


@pytest.mark.parametrize("model", [Feed, Files, Delimited, FixedWidth, Excel, Trailer, Column])
def test_every_key_of_a_feed_file_is_explained(model: type[Model]) -> None:
    text = _text("feed-files.md")
    assert [key for key in model.model_fields if f"`{key}`" not in text and f"`{key}:" not in text] == []


def test_every_kind_field_and_code_is_explained() -> None:
    kinds = _text("feed-files.md").split("## Kinds of record")[1]
    sections = re.split(r"^### `(\w+)`$", kinds, flags=re.MULTILINE)
    by_kind = dict(zip(sections[1::2], sections[2::2], strict=True))
    assert set(by_kind) == set(RECORD_KINDS)
    for kind, fields in RECORD_KINDS.items():
        for name, spec in fields.items():
            row = f"| `{name}` | {spec.parse} | {'yes' if spec.is_required else ''} |"
            assert row in by_kind[kind]
            line = by_kind[kind].split(row)[1].split("\n")[0]
            assert all(f"`{code}`" in line for code in CANONICAL_CODES.get((kind, name), ()))


def test_worked_example_is_a_feed_file(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```", _text("feed-files.md"), re.MULTILINE | re.DOTALL)
    path = tmp_path / "coop_batch.yaml"
    path.write_text(example, encoding="utf-8")
    feed = read_yaml_model(path, Feed)
    assert re.fullmatch(feed.files.pattern, "COOP_20180315_01.txt")


@pytest.mark.parametrize("model", [City, Campaign, Channel, Demo])
def test_every_key_of_a_city_file_is_explained(model: type[Model]) -> None:
    text = _text("adding-a-city.md")
    assert [key for key in model.model_fields if f"`{key}`" not in text and key != "year"] == []


def test_every_channel_kind_need_and_division_column_is_explained() -> None:
    text = _text("adding-a-city.md")
    words = [*map(str, ChannelKind), *map(str, Need), *FIXED_COLUMNS]
    assert [word for word in words if f"`{word}`" not in text] == []
