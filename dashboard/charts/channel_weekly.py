"""The channels over the weeks or months of a campaign: how many paid by each, and the share of each."""

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from dashboard.charts.channel_bands import HIDDEN, Band, with_hidden
from dashboard.charts.rows import records
from dashboard.figures import FigureStyle, axis, base_layout, label, spread, text_px

HEIGHT_PX = 340
COLUMNS = ["week_on", "channel", "paid_persons", "share_rate"]
MOST_HIDDEN_RATE = 0.1  # beyond it what is left would mislead


@dataclass(frozen=True)
class Step:
    """A week or a month: the area of its texts, the start of the one a day falls into, days that lead into the next."""

    texts: str
    start_of: Callable[[date], date]
    days: int


WEEK = Step("channels.weekly", lambda day: day - timedelta(days=day.weekday()), 7)
MONTH = Step("channels.monthly", lambda day: day.replace(day=1), 31)


def shape(
    daily: pd.DataFrame, totals: pd.DataFrame, bands: Sequence[Band], complete_on: date, step: Step = WEEK
) -> pd.DataFrame:
    """Persons by week (from Monday) or month and channel; the last one may be cut at `complete_on`.

    Args:
        daily: paid_on (datetime64; a day, or the first of a month), channel, paid_persons (NA where hidden).
        totals: paid_on, paid_persons of all channels (NA where hidden).
        bands: channels in order.
        complete_on: last day complete in all feeds; later days are left out.
        step: weeks or months.

    Returns:
        week_on (datetime64), channel, paid_persons, share_rate (0–1 of the week), every week with every channel
        that was used; what is hidden stands under the channel HIDDEN.
    """
    order = [band.code for band in bands]
    days = [row for row in records(daily[daily["paid_on"] <= pd.Timestamp(complete_on)]) if row["channel"] in order]
    if not days:
        return pd.DataFrame(columns=COLUMNS)
    sums: Counter[tuple[date, str]] = Counter()
    for row in days:
        sums[step.start_of(row["paid_on"].date()), row["channel"]] += row["paid_persons"] or 0
    weeks = _starts([row["paid_on"].date() for row in days], step)
    if any(row["paid_persons"] is None for row in days):
        for row in records(totals[totals["paid_on"] <= pd.Timestamp(complete_on)]):
            sums[step.start_of(row["paid_on"].date()), HIDDEN] += row["paid_persons"] or 0
        for week in weeks:
            sums[week, HIDDEN] = max(sums[week, HIDDEN] - sum(sums[week, code] for code in order), 0)
    used = [code for code in (*order, HIDDEN) if any(sums[week, code] for week in weeks)]
    whole = {week: sum(sums[week, code] for code in used) for week in weeks}
    cells = [
        (pd.Timestamp(week), code, float(sums[week, code]), sums[week, code] / whole[week] if whole[week] else None)
        for code in used
        for week in weeks
    ]
    return pd.DataFrame(cells, columns=COLUMNS).astype({"share_rate": float})


def hidden_rate(frame: pd.DataFrame) -> float:
    """Share (0–1) of the persons of `frame` whose channel is hidden; 1 without persons."""
    total = float(frame["paid_persons"].sum())
    return float(frame.loc[frame["channel"] == HIDDEN, "paid_persons"].sum()) / total if total else 1.0


def count_figure(frame: pd.DataFrame, style: FigureStyle, bands: Sequence[Band]) -> dict[str, object]:
    """Stacked bars, one a week; the busiest week carries its number."""
    traces: list[dict[str, object]] = []
    for band, rows in _by_band(frame, with_hidden(bands, style)):
        traces.append(
            {
                "type": "bar",
                "x": [_day(row["week_on"]) for row in rows],
                "y": [int(row["paid_persons"]) for row in rows],
                "marker": {"color": band.colour, "line": {"color": style.palette.card, "width": 1}},
                "name": band.name,
                "hovertemplate": "%{y:,}",
            }
        )
    totals = frame.groupby("week_on")["paid_persons"].sum()
    busiest = pd.Timestamp(str(totals.idxmax()))
    peak = style.formats.count(float(totals.max()))
    note = label(style, f"<b>{peak}</b>", _day(busiest), float(totals.max()), xanchor="center", yanchor="bottom")
    return {
        "data": traces,
        "layout": base_layout(
            style,
            HEIGHT_PX,
            (56, 8, 20, 36),
            barmode="stack",
            bargap=0.25,
            xaxis=_week_axis(frame, style),
            yaxis=axis(style, tickformat=",", rangemode="tozero", nticks=5),
            annotations=[note],
            hovermode="x unified",
        ),
    }


def share_figure(frame: pd.DataFrame, style: FigureStyle, bands: Sequence[Band]) -> dict[str, object]:
    """Stacked areas that fill the height; names and latest shares beside the right edge, on a phone left to a key."""
    traces: list[dict[str, object]] = []
    ends: list[tuple[float, Band, float]] = []
    below = 0.0
    last_week = frame.loc[frame["share_rate"].notna(), "week_on"].max()
    for band, rows in _by_band(frame, with_hidden(bands, style)):
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": [_day(row["week_on"]) for row in rows],
                "y": [round(row["share_rate"] or 0.0, 4) for row in rows],
                "stackgroup": "all",
                "line": {"color": style.palette.card, "width": 1},
                "fillcolor": band.colour,
                "name": band.name,
                "hovertemplate": "%{y:.1%}",
            }
        )
        share = sum(row["share_rate"] or 0.0 for row in rows if row["week_on"] == last_week)
        ends.append((below + share / 2, band, share))
        below += share
    return {
        "data": traces,
        "layout": base_layout(
            style,
            HEIGHT_PX,
            (44, 8 if style.is_narrow else _names_px(with_hidden(bands, style)), 8, 36),
            xaxis=_week_axis(frame, style),
            yaxis=axis(style, range=[0, 1], tickformat=".0%", dtick=0.25),
            annotations=[] if style.is_narrow else _names(ends, style),
            hovermode="x unified",
        ),
    }


def latest_leader(frame: pd.DataFrame) -> tuple[str, float]:
    """The channel with most persons in the latest week, and its share (0–1) of that week."""
    named = [row for row in records(frame) if row["share_rate"] is not None and row["channel"] != HIDDEN]
    top = max(named, key=lambda row: (row["week_on"], row["share_rate"]))
    return str(top["channel"]), float(top["share_rate"])


def sentence(frame: pd.DataFrame, style: FigureStyle, bands: Sequence[Band], step: Step = WEEK) -> str:
    """The busiest week or month, and who leads the latest one."""
    totals = frame.groupby("week_on")["paid_persons"].sum()
    channel, share = latest_leader(frame)
    return style.text(
        f"{step.texts}.finding",
        day=style.formats.day(pd.Timestamp(str(totals.idxmax())).date()),
        peak=style.formats.count(float(totals.max())),
        channel=next(band.name for band in bands if band.code == channel),
        share=style.formats.share(share),
    )


def key_entries(frame: pd.DataFrame, style: FigureStyle, bands: Sequence[Band]) -> list[tuple[str, str]]:
    """Names and colours of what `frame` draws, for a key."""
    drawn = set(frame["channel"])
    return [(band.name, band.colour) for band in with_hidden(bands, style) if band.code in drawn]


def _starts(days: Sequence[date], step: Step) -> list[date]:
    """Every start from the first to the last of `days`, those without a day of their own too."""
    starts, last_on = [step.start_of(min(days))], step.start_of(max(days))
    while starts[-1] < last_on:
        starts.append(step.start_of(starts[-1] + timedelta(days=step.days)))
    return starts


def _names(ends: list[tuple[float, Band, float]], style: FigureStyle) -> list[dict[str, object]]:
    """Names beside the middles of their areas, a swatch of the colour before each."""
    places = spread([middle for middle, _, _ in ends], 0.065, most=0.98)
    notes = []
    for (_, band, share), place in zip(ends, places, strict=True):
        swatch = f"<span style='color:{band.colour}'>■</span>"
        text = f"{swatch} {band.name}" + (f" {style.formats.share(share)}" if share > 0 else "")
        font = {"size": 12, "color": style.palette.ink_2}
        notes.append(label(style, text, 1, place, xref="paper", xshift=8, font=font))
    return notes


def _names_px(bands: Sequence[Band]) -> int:
    return max((text_px(band.name, 12) for band in bands), default=0) + 60


def _week_axis(frame: pd.DataFrame, style: FigureStyle) -> dict[str, object]:
    weeks = sorted(set(frame["week_on"]))
    step = math.ceil(len(weeks) / (3 if style.is_narrow else 6))
    shown = weeks[::step]
    texts = [style.formats.day(week.date()) for week in shown]
    return axis(
        style, type="date", tickvals=[_day(week) for week in shown], ticktext=texts, tickangle=0, showgrid=False
    )


def _by_band(frame: pd.DataFrame, bands: Sequence[Band]) -> list[tuple[Band, list[dict[Hashable, Any]]]]:
    """The rows of every band that has any, in the order of weeks."""
    parts: dict[Hashable, list[dict[Hashable, Any]]] = {}
    for row in sorted(records(frame), key=lambda row: row["week_on"]):
        parts.setdefault(row["channel"], []).append(row)
    return [(band, parts[band.code]) for band in bands if band.code in parts]


def _day(week: pd.Timestamp) -> str:
    return week.date().isoformat()
