"""Of those due: within the collection period, late, unpaid. One bar a group, the furthest behind first."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboard.charts.rows import Figure, numbers, records, row_names
from dashboard.figures import FigureStyle, bare_axis, base_layout, label, readable_on, rows_height

PARTS = ("on_time", "late", "unpaid")
COUNTS = ["due_persons", "due_on_time_persons", "due_late_persons", "due_unpaid_persons"]
RATES = ["on_time_rate", "late_rate", "unpaid_rate", "paid_rate"]
BASES = ["eligible_persons", "paid_persons", "last_year_paid_persons", "renewed_persons"]


def shape(cells: pd.DataFrame, group: str) -> pd.DataFrame:
    """One row a group: counts as read, and each part as a rate (0-1) of those due.

    `cells`: `group`, the persons columns of mart_coverage (COUNTS and BASES, as far as read), is_hidden. A part that is
    hidden has no rate; a group with nobody due has none either. Sorted by paid_rate, lowest first, unknown last.
    """
    rows = [{"group": row.pop(group), **row, **_rates(row)} for row in records(cells)]
    rows.sort(key=lambda row: (row["paid_rate"] is None, row["paid_rate"] or 0.0, row["group"]))
    names = ["group", *(name for name in cells.columns if name != group), *RATES]
    kinds = {name: "Int64" for name in COUNTS + BASES if name in names} | dict.fromkeys(RATES, "Float64")
    return pd.DataFrame(rows, columns=names).astype(kinds)


def _rates(row: Mapping[Any, Any]) -> dict[str, float | None]:
    """RATES of one row, None where a part of them is hidden or nobody is due."""
    parts = {part: row[f"due_{part}_persons"] for part in PARTS}
    # Rounded parts need not add up to a rounded whole; over their own sum they make 100 %.
    due = row["due_persons"] if None in parts.values() else sum(parts.values())
    rates = {f"{part}_rate": persons / due if due and persons is not None else None for part, persons in parts.items()}
    unpaid = rates["unpaid_rate"]
    return rates | {"paid_rate": None if unpaid is None else max(1.0 - unpaid, 0.0)}


ROOM_FOR_LABEL_RATE = 0.1  # a narrower part carries no text of its own
FEW_ROWS = 6


def figure(df: pd.DataFrame, style: FigureStyle, called: Mapping[str, str], few_px: int = 60) -> Figure:
    """One bar a group over everyone due: within the collection period, late, unpaid; named above the first bar.

    Args:
        df: result of `shape`, drawn from top to bottom.
        style: theme, language, room.
        called: what each group is called.
        few_px: height of a row where there are few.
    """
    palette = style.palette
    colours = {"on_time": palette.accent, "late": palette.warn, "unpaid": palette.rest}
    titles = [called.get(str(group), str(group)) for group in df["group"]]
    names = row_names(titles, style, is_above_when_narrow=False)
    places = list(range(len(df)))
    rows = records(df)
    traces: list[Figure] = [
        {
            "type": "bar",
            "orientation": "h",
            "x": numbers(df[f"{part}_rate"]),
            "y": places,
            "width": 0.62 if len(df) > FEW_ROWS else 0.5,
            "marker": {"color": colours[part], "line": {"color": palette.card, "width": 1}},
            "text": [_inside(row[f"{part}_rate"], style) for row in rows],
            "textposition": "inside",
            "insidetextanchor": "start" if part != "unpaid" else "end",
            "textangle": 0,
            "textfont": {"size": 12, "color": readable_on(colours[part])},
            "constraintext": "none",
            "customdata": [_hover(row, part, style) for row in rows],
            "hovertemplate": "%{customdata}<extra></extra>",
        }
        for part in PARTS
    ]
    layout = base_layout(
        style,
        rows_height(len(df), few_px if len(df) <= FEW_ROWS else 28, 36),
        (names.margin_px, 16, 28, 4),
        barmode="stack",
        xaxis=bare_axis(range=[0, 1]),
        yaxis=names.axis,
        annotations=[*_heads(df, style), *_hidden(rows, style)],
    )
    return {"data": traces, "layout": layout}


def sentence(df: pd.DataFrame, style: FigureStyle, names: Mapping[str, str]) -> str:
    """The finding: the group with the largest unpaid share, the one with the smallest, and the gap in points."""
    known = df.dropna(subset=["paid_rate"])
    if len(known) < 2:
        return style.text("coverage.finding_none")
    last, first = records(known)[0], records(known)[-1]
    return style.text(
        "coverage.finding_gap",
        last=names.get(last["group"], last["group"]),
        first=names.get(first["group"], first["group"]),
        last_rate=style.formats.percent(last["paid_rate"]),
        first_rate=style.formats.percent(first["paid_rate"]),
        gap=style.formats.percent(first["paid_rate"] - last["paid_rate"]).removesuffix("%"),
    )


def _inside(rate: float | None, style: FigureStyle) -> str:
    room_rate = ROOM_FOR_LABEL_RATE * (1.7 if style.is_narrow else 1)
    return "" if rate is None or rate < room_rate else f" {style.formats.percent(rate)} "


def _hover(row: Mapping[object, object], part: str, style: FigureStyle) -> str:
    persons, rate = row[f"due_{part}_persons"], row[f"{part}_rate"]
    assert persons is None or isinstance(persons, int | float)
    assert rate is None or isinstance(rate, float)
    return style.text(
        f"coverage.hover_{part}", persons=style.formats.persons(persons), rate=style.formats.percent(rate)
    )


def _heads(df: pd.DataFrame, style: FigureStyle) -> list[Figure]:
    """The names of the parts above the first bar; the late part is named only when there is one."""
    palette = style.palette
    above = {"yref": "paper", "xref": "paper", "yanchor": "bottom", "yshift": 4}
    heads = [
        label(style, style.text("coverage.part_on_time"), 0, 1, font={"size": 12, "color": palette.accent}, **above),
        label(
            style, style.text("coverage.part_unpaid"), 1, 1, xanchor="right",
            font={"size": 12, "color": palette.muted}, **above,
        ),
    ]  # fmt: skip
    with_late = df[df["late_rate"].fillna(0.0) > 0]
    if len(with_late):
        # Above the middle of the first late part, but clear of the names at both ends.
        first = with_late.iloc[0]
        middle = min(max(float(first["on_time_rate"] + first["late_rate"] / 2), 0.3), 0.6 if style.is_narrow else 0.78)
        late = style.text("coverage.part_late")
        font = {"size": 12, "color": palette.warn_text}
        heads.append(label(style, late, middle, 1, xanchor="center", font=font, **above))
    return heads


def _hidden(rows: list[dict[object, object]], style: FigureStyle) -> list[Figure]:
    """Words in place of a bar that cannot be drawn."""
    return [
        label(
            style, style.text("coverage.row_hidden" if row.get("is_hidden") else "coverage.row_unknown"), 0, place,
            font={"size": 12, "color": style.palette.muted},
        )
        for place, row in enumerate(rows)
        if row["paid_rate"] is None
    ]  # fmt: skip
