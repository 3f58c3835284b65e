"""Which towns run behind or ahead of themselves a year ago, on the same day before the deadline."""

from collections.abc import Callable

import pandas as pd

from dashboard.figures import FigureStyle, axis, bare_axis, base_layout, label, rows_height, text_px

ROW_PX = 32


def shape(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """Share of those due who paid, this year and last, by town.

    Args:
        now, before: town_code, due_paid_persons (up to the same days to the deadline), due_persons; NA where hidden.

    Returns:
        town_code, now_rate, before_rate, change_rate (0–1), furthest behind first; without towns that lack a rate.
    """
    both = _rates(now, "now_rate").join(_rates(before, "before_rate"), how="inner").dropna()
    both["change_rate"] = both["now_rate"] - both["before_rate"]
    return both.sort_values(["change_rate", "now_rate"]).reset_index()


def extremes(frame: pd.DataFrame, behind: int = 5, ahead: int = 3) -> pd.DataFrame:
    """The `behind` rows furthest behind and the `ahead` rows that do best, in order, none twice."""
    rest = frame.iloc[behind:]
    return pd.concat([frame.head(behind), rest.tail(ahead)], ignore_index=True)


def figure(frame: pd.DataFrame, style: FigureStyle, name_of: Callable[[str], str]) -> dict[str, object]:
    """A row a town: a ring for last year, a dot for this year, the difference written at the end.

    Args:
        frame: rows of `shape`, drawn from the top.
        style: theme and language.
        name_of: town code → name.
    """
    palette, formats = style.palette, style.formats
    rows = list(range(len(frame)))
    names = [name_of(code) for code in frame["town_code"]]
    colours = [palette.warn if change < 0 else palette.accent for change in frame["change_rate"]]
    texts = [palette.warn_text if change < 0 else palette.accent for change in frame["change_rate"]]
    now, before = frame["now_rate"].astype(float).tolist(), frame["before_rate"].astype(float).tolist()
    bars = [
        {
            "type": "line", "x0": before[row], "x1": now[row], "y0": row, "y1": row, "layer": "below",
            "line": {"color": colours[row], "width": 3}, "opacity": 0.5,
        }
        for row in rows
    ]  # fmt: skip
    hover = [
        style.text("overview.towns.hover", town=name, now=formats.percent(this), before=formats.percent(last))
        for name, this, last in zip(names, now, before, strict=True)
    ]
    ring = {"color": palette.card, "size": 11, "line": {"color": palette.muted, "width": 2}}
    points = [
        _points(before, rows, hover, ring),
        _points(now, rows, hover, {"color": colours, "size": 12}),
    ]
    notes = []
    for row in rows:
        notes.append(label(style, names[row], 0, row, xref="paper", xanchor="right", xshift=-12))
        change = f"<b>{formats.points(float(frame['change_rate'].iloc[row]))}</b>"
        end = {"color": texts[row], "size": 13}
        notes.append(label(style, change, 1, row, xref="paper", xanchor="right", xshift=72, font=end))
    low, high = min(now + before, default=0.0), max(now + before, default=1.0)
    room = max(high - low, 0.02) * 0.08
    left = max((text_px(name) for name in names), default=0) + 16
    return {
        "data": points,
        "layout": base_layout(
            style,
            rows_height(len(frame), ROW_PX, 40),
            (left, 76, 0, 36),
            xaxis=axis(style, range=[low - room, high + room], tickformat=".0%", nticks=3, tickangle=0),
            yaxis=bare_axis(range=[len(frame) - 0.5, -0.5]),
            shapes=bars,
            annotations=notes,
        ),
    }


def sentence(frame: pd.DataFrame, style: FigureStyle, name_of: Callable[[str], str]) -> str:
    """How many towns run behind, and which furthest."""
    behind = frame[frame["change_rate"] < 0]
    if behind.empty:
        return style.text("overview.towns.none_behind", towns=len(frame))
    worst = behind.iloc[0]
    return style.text(
        "overview.towns.behind",
        towns=len(frame),
        behind=len(behind),
        town=name_of(str(worst["town_code"])),
        points=style.formats.points(float(worst["change_rate"])),
    )


def _rates(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    indexed = frame.set_index("town_code")
    due = indexed["due_persons"].astype("Float64")
    rate = (indexed["due_paid_persons"].astype("Float64") / due).where(due > 0)
    return rate.to_frame(name)


def _points(x: list[float], y: list[int], hover: list[str], marker: dict[str, object]) -> dict[str, object]:
    return {
        "type": "scatter", "mode": "markers", "x": x, "y": y, "marker": marker, "cliponaxis": False,
        "text": hover, "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
