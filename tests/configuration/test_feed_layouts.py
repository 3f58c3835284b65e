"""Layouts without a header, in fixed width and in workbooks: how their columns must be found."""

from pathlib import Path

import pytest

from configuration.feed import Feed
from configuration.problems import ConfigurationError
from configuration.yamlfile import read_yaml_model

CARD_EVENTS = """\
feed: card_events
kind: card_event
title: {zh: 卡, en: Cards}
files:
  pattern: 'cards_(?P<date>\\d{8})\\.dat'
  identity: [date]
format: {type: fixed_width, encodings: [gb18030], line_bytes: 28}
columns:
  - {field: person_id, span: [1, 18], parse: identity}
  - {field: event, span: [19, 2], parse: code, values: {"01": applied}}
  - {field: occurred_on, span: [21, 8], parse: date, formats: ["%Y%m%d"]}
campaign: none
"""


def _read(tmp_path: Path, text: str) -> Feed:
    path = tmp_path / "card_events.yaml"
    path.write_text(text, encoding="utf-8")
    return read_yaml_model(path, Feed)


def _problem(tmp_path: Path, right: str, wrong: str) -> str:
    assert right in CARD_EVENTS
    with pytest.raises(ConfigurationError) as caught:
        _read(tmp_path, CARD_EVENTS.replace(right, wrong))
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_fixed_width_feed_is_read(tmp_path: Path) -> None:
    assert [column.span for column in _read(tmp_path, CARD_EVENTS).columns] == [(1, 18), (19, 2), (21, 8)]


def test_span_beyond_the_line(tmp_path: Path) -> None:
    assert _problem(tmp_path, "line_bytes: 28", "line_bytes: 27") == (
        "card_events.yaml:11: columns.2.span: found [21, 8]; [first byte, length] within the 27 bytes of a line"
    )


def test_header_in_fixed_width(tmp_path: Path) -> None:
    assert _problem(tmp_path, "span: [19, 2]", "headers: [event]") == (
        "card_events.yaml:10: columns.1: found headers; columns of this format are found by span"
    )


def test_card_events_belong_to_no_campaign(tmp_path: Path) -> None:
    assert _problem(tmp_path, "campaign: none", "campaign: payment_time") == (
        "card_events.yaml:12: campaign: found payment_time; "
        "allowed for kind card_event: none: these rows belong to no campaign"
    )


def test_spans_in_a_delimited_file(tmp_path: Path) -> None:
    layout = "{type: fixed_width, encodings: [gb18030], line_bytes: 28}"
    delimited = '{type: delimited, encodings: [utf-8], delimiter: "|", has_header: false}'
    problems = _problem(tmp_path, layout, delimited).splitlines()
    assert problems == [
        f"card_events.yaml:{line}: columns.{index}: found span; columns of this format are found by position"
        for index, line in enumerate((9, 10, 11))
    ]


def test_tab_stays_a_tab(tmp_path: Path) -> None:
    text = CARD_EVENTS.replace(
        "{type: fixed_width, encodings: [gb18030], line_bytes: 28}",
        '{type: delimited, encodings: [utf-8], delimiter: "\\t", has_header: false}',
    )
    for span, position in (("[1, 18]", 1), ("[19, 2]", 2), ("[21, 8]", 3)):
        text = text.replace(f"span: {span}", f"position: {position}")
    layout = _read(tmp_path, text).format
    assert layout.type == "delimited"
    assert layout.delimiter == "\t"


def test_pattern_that_is_no_expression(tmp_path: Path) -> None:
    problem = _problem(tmp_path, "(?P<date>", "(?P<date")
    assert problem.startswith("card_events.yaml:4: files: pattern is not a regular expression: ")
