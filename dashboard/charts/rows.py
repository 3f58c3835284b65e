"""What charts with one row a thing share: room for names, and table columns as plain Python numbers."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dashboard.figures import FigureStyle, axis, bare_axis, base_layout, label, rows_height

Figure = dict[str, object]

_NARROW_LETTER_EM = 0.58
_MOST_NAME_PX = 176
_NAME_ABOVE_PX = 20


def text_width_px(text: str, size_px: int = 13) -> int:
    """About how wide `text` is drawn: wide characters one em, the others a little over half."""
    return round(size_px * sum(1.0 if ord(c) > 0x2E80 else _NARROW_LETTER_EM for c in text))


@dataclass(frozen=True)
class RowNames:
    """Where the names of rows stand: left of them, or on a phone above them, where the side has no room.

    Attributes:
        axis: the vertical axis, rows at 0, 1, 2 … from top to bottom.
        annotations: names above the rows; none where the axis carries them.
        margin_px: room at the left.
        extra_px: height that a row needs for its name.
    """

    axis: Figure
    annotations: list[Figure]
    margin_px: int
    extra_px: int


def row_names(names: Sequence[str], style: FigureStyle, is_above_when_narrow: bool = True) -> RowNames:
    """Names of rows for the room there is."""
    span = [len(names) - 0.5, -0.5]
    if style.is_narrow and is_above_when_narrow:
        above = [
            label(style, name, 0, place, xref="paper", yshift=_NAME_ABOVE_PX, font={"color": style.palette.ink_2})
            for place, name in enumerate(names)
        ]
        return RowNames(bare_axis(range=[span[0], span[1] - 0.2]), above, 2, _NAME_ABOVE_PX)
    widest = max((text_width_px(name) for name in names), default=0)
    ticks = axis(
        style,
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=list(names),
        range=span,
        showgrid=False,
        ticklabelstandoff=6,
        tickfont={"size": 13, "color": style.palette.ink_2},
    )
    return RowNames(ticks, [], min(max(widest, 48), _MOST_NAME_PX) + 24, 0)


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
    names = row_names([row.name for row in rows], style)
    thickness = 18 / (row_px + names.extra_px)
    body: Figure = {
        "type": "bar",
        "orientation": "h",
        "x": [row.value for row in rows],
        "y": places,
        "width": thickness,
        "marker": {"color": [row.colour or palette.accent for row in rows]},
        "hoverinfo": "skip",
    }
    track = {**body, "x": [full] * len(rows), "marker": {"color": palette.grid}}
    ends = [
        label(style, row.text, full if full is not None else row.value or 0.0, place, xshift=8)
        for place, row in zip(places, rows, strict=True)
    ]
    layout = base_layout(
        style,
        rows_height(len(rows), row_px + names.extra_px, 8),
        (names.margin_px, max((text_width_px(row.text) for row in rows), default=0) + 16, 4, 4),
        barmode="overlay",
        xaxis=bare_axis(range=[0, longest]),
        yaxis=names.axis,
        annotations=names.annotations + ends,
    )
    return {"data": [track, body] if full is not None else [body], "layout": layout}


def numbers(column: "pd.Series[Any]") -> list[float | None]:
    """A column as floats, None where it is unknown or hidden."""
    return [None if value is None else float(value) for value in _plain(column)]


def records(df: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """Rows as dictionaries, None for every missing value."""
    names = list(df.columns)
    columns = [_plain(df[name]) for name in names]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def _plain(column: "pd.Series[Any]") -> list[Any]:
    """Values as Python has them; missing ones are looked for once a column, which is most of the cost otherwise."""
    values: list[Any] = column.tolist()
    for place in np.flatnonzero(column.isna().to_numpy()):
        values[place] = None
    return values
