"""What charts with one row a thing share: room for names, and table columns as plain Python numbers."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.figures import FigureStyle, axis, bare_axis, base_layout, label, rows_height

Figure = dict[str, object]

_EM_PX = 13
_NARROW_LETTER_EM = 0.56


def names_width_px(names: Iterable[str], least_px: int = 48, most_px: int = 176) -> int:
    """Width in px of the longest of `names` at 13 px, within limits, plus the gap to the chart."""
    widest = max((sum(1.0 if ord(c) > 0x2E80 else _NARROW_LETTER_EM for c in name) for name in names), default=0.0)
    return min(max(round(widest * _EM_PX), least_px), most_px) + 24


@dataclass(frozen=True)
class BarRow:
    """One bar: name, length (None: unknown or hidden), the text at its end, colour ("": the accent)."""

    name: str
    value: float | None
    text: str
    colour: str = ""


def bars(rows: Sequence[BarRow], style: FigureStyle, *, full: float | None = None, row_px: int = 36) -> Figure:
    """Horizontal bars from top to bottom, each with its text at its end; no axis, since every bar says its value.

    `full` is the length of the whole (1 for rates): the rest of it is drawn as a faint track.
    """
    palette = style.palette
    places = list(range(len(rows)))
    longest = full or max((row.value or 0.0 for row in rows), default=0.0) or 1.0
    room = 0.06 + 0.018 * max((len(row.text) for row in rows), default=0) * (1.7 if style.is_narrow else 1.0)
    track: Figure = {
        "type": "bar",
        "orientation": "h",
        "x": [full] * len(rows),
        "y": places,
        "width": 0.5,
        "marker": {"color": palette.grid},
        "hoverinfo": "skip",
    }
    body: Figure = {
        "type": "bar",
        "orientation": "h",
        "x": [row.value for row in rows],
        "y": places,
        "width": 0.5,
        "marker": {"color": [row.colour or palette.accent for row in rows]},
        "hoverinfo": "skip",
    }
    names = [row.name for row in rows]
    layout = base_layout(
        style,
        rows_height(len(rows), row_px, 8),
        (names_width_px(names), 8, 4, 4),
        barmode="overlay",
        xaxis=bare_axis(range=[0, longest * (1 + room)]),
        yaxis=names_axis(style, names),
        annotations=[
            label(style, row.text, full if full is not None else row.value or 0.0, place, xshift=8)
            for place, row in zip(places, rows, strict=True)
        ],
    )
    return {"data": [track, body] if full is not None else [body], "layout": layout}


def names_axis(style: FigureStyle, names: list[str]) -> dict[str, object]:
    """The vertical axis of a row chart: `names` from top to bottom at 0, 1, 2 …"""
    return axis(
        style,
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=names,
        range=[len(names) - 0.4, -0.6],
        showgrid=False,
        ticklabelstandoff=6,
        tickfont={"size": 13, "color": style.palette.ink_2},
    )


def numbers(column: "pd.Series[Any]") -> list[float | None]:
    """A column as floats, None where it is unknown or hidden."""
    return [None if pd.isna(value) else float(value) for value in column]


def records(df: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """Rows as dictionaries, None for every missing value."""
    return [{k: None if pd.isna(v) else v for k, v in row.items()} for row in df.to_dict("records")]
