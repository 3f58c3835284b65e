"""Components as trees, without a browser."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from dash import html

from dashboard.components import (
    TableCell,
    TableColumn,
    TableRow,
    chart_card,
    data_table,
    headline,
    hidden_cell,
    kpi,
    marked,
    unmarked,
)
from dashboard.figures import DARK, LIGHT, Palette, readable_on, spread
from dashboard.formats import UNKNOWN
from tests.dashboard.charts.test_progress import Reader

STYLE_SHEET = Path(__file__).parents[2] / "assets" / "canbao.css"


def found(component: object, kind: type) -> list[object]:
    """Every `kind` inside `component`, in order."""
    here = [component] if isinstance(component, kind) else []
    children = getattr(component, "children", None)
    for child in children if isinstance(children, list) else [children]:
        if child is not None:
            here += found(child, kind)
    return here


def test_marks_become_coloured_words_and_nothing_is_lost() -> None:
    children = marked("**41 days** left, !!740 short!!.")
    assert [getattr(child, "children", child) for child in children] == ["41 days", " left, ", "740 short", "."]
    assert [getattr(child, "className", "") for child in children] == ["cb-mark", "", "cb-mark cb-mark--warn", ""]
    assert unmarked("**41 days** left, !!740 short!!.") == "41 days left, 740 short."


def test_markup_in_a_text_stays_text() -> None:
    (child,) = headline("<b>x</b>").children
    assert child == "<b>x</b>"


def test_unknown_figure_looks_unknown() -> None:
    figure = kpi("Paid", UNKNOWN, note="nobody says").children[1]
    assert "cb-kpi__figure--unknown" in figure.className


def table(*rows: TableRow) -> object:
    columns = [TableColumn("name", "Name", is_number=False), TableColumn("paid", "Paid")]
    return data_table("Paid by town", columns, rows, sorted_by=("paid", "descending"))


def row(name: str, paid: TableCell, **more: object) -> TableRow:
    return TableRow({"name": TableCell(name, name), "paid": paid}, **more)  # type: ignore[arg-type]


def told(made: object) -> dict[str, Any]:
    """What a table's frame tells the browser to draw."""
    table: dict[str, Any] = json.loads(getattr(made, "data-table"))
    return table


def test_table_tells_its_caption_heads_and_order() -> None:
    made = table(row("A", TableCell("5", 5.0, 0.5)))
    assert (made.role, getattr(made, "aria-label"), made.tabIndex) == ("region", "Paid by town", 0)  # type: ignore[attr-defined]
    drawn = told(made)
    assert drawn["caption"] == "Paid by town"
    assert drawn["columns"] == [["Name", False, ""], ["Paid", True, ""]]
    assert drawn["sorted"] == [1, "descending"]
    assert drawn["rows"] == [[[["A", "A"], ["5", 5.0, 0.5]]]]


def test_a_town_carries_its_villages() -> None:
    village = row("A1", TableCell("2", 2.0))
    ((cells, below),) = told(table(row("A", TableCell("5", 5.0), children=(village,))))["rows"]
    assert cells[0] == ["A", "A"]
    assert below == [[[["A1", "A1"], ["2", 2.0]]]]


def test_the_total_is_marked() -> None:
    rows = told(table(row("A", TableCell("5", 5.0)), row("All", TableCell("5"), is_total=True)))["rows"]
    assert [len(each) for each in rows] == [1, 3]
    assert rows[1][1:] == [[], True]


def test_hidden_cells_say_why_once_and_have_nothing_to_sort_by() -> None:
    hidden = hidden_cell(Reader("en"))
    drawn = told(table(row("A", hidden), row("B", hidden)))
    (why,) = drawn["reasons"]
    assert "protect" in why
    assert [cells[1] for (cells,) in drawn["rows"]] == [["hidden", None, None, "muted", 0]] * 2


def test_chart_is_read_aloud_by_its_sentence() -> None:
    figure = {"data": [], "layout": {"height": 300}}
    made = chart_card(Reader("en"), "Title", "Sub", figure, sentence="**5** of 6")
    spoken = [getattr(box, "aria-label") for box in found(made, html.Div) if hasattr(box, "aria-label")]
    assert spoken == ["5 of 6"]


@pytest.mark.parametrize(("theme", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_figures_and_style_sheet_name_the_same_colours(theme: str, palette: Palette) -> None:
    block = re.search(rf'\[data-theme="{theme}"\] \{{(.*?)\}}', STYLE_SHEET.read_text(encoding="utf-8"), re.S)
    assert block is not None
    tokens = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block[1]))
    shared = ["card", "line", "grid", "ink", "ink_2", "muted", "faint", "accent", "accent_soft", "warn", "warn_text"]
    assert {name: getattr(palette, name) for name in shared} == {
        name: tokens[name.replace("_", "-")] for name in shared
    }


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio after WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_text_can_be_read_on_cards(palette: Palette) -> None:
    for colour in (palette.ink, palette.ink_2, palette.muted, palette.accent, palette.warn_text):
        assert contrast(colour, palette.card) >= 4.5
    for colour in (*palette.hues, palette.rest):
        assert contrast(readable_on(colour), colour) >= 4.5


def test_labels_that_collide_move_apart_and_keep_their_order() -> None:
    placed = spread([0.92, 0.95, 0.5, 0.94], 0.05)
    assert placed[2] == 0.5
    top = sorted([placed[0], placed[1], placed[3]])
    assert placed[0] < placed[3] < placed[1]
    assert top[1] - top[0] == pytest.approx(0.05)
    assert sum(top) / 3 == pytest.approx((0.92 + 0.94 + 0.95) / 3)
