"""The channels over the weeks of a campaign: how many paid by each, and the share of each."""

import math
from collections.abc import Sequence
from datetime import date

import pandas as pd

from dashboard.charts.channel_bands import HIDDEN, Band, with_hidden
from dashboard.figures import FigureStyle, axis, base_layout, label, spread, text_px

HEIGHT_PX = 340
MOST_HIDDEN_RATE = 0.4  # beyond it there is little left to see


def shape(daily: pd.DataFrame, totals: pd.DataFrame, bands: Sequence[Band], complete_on: date) -> pd.DataFrame:
    """Persons by week and channel; weeks begin on Monday, the last one may be cut at `complete_on`.

    Args:
        daily: paid_on (datetime64), channel, paid_persons (NA where hidden).
        totals: paid_on, paid_persons of all channels (NA where hidden).
        bands: channels in order.
        complete_on: last day complete in all feeds; later days are left out.

    Returns:
        week_on (datetime64), channel, paid_persons, share_rate (0–1 of the week), every week with every channel
        that was used; what is hidden stands under the channel HIDDEN.
    """
    order = [band.code for band in bands]
    days = _with_week(daily[daily["channel"].isin(order)], complete_on)
    if days.empty:
        return pd.DataFrame(columns=["week_on", "channel", "paid_persons", "share_rate"])
    sums = days.pivot_table(index="week_on", columns="channel", values="paid_persons", aggfunc="sum", fill_value=0)
    weeks = pd.date_range(days["week_on"].min(), days["week_on"].max(), freq="7D")
    full = sums.reindex(index=weeks, columns=order, fill_value=0).astype(float)
    if days["paid_persons"].isna().any():
        whole = _with_week(totals, complete_on).groupby("week_on")["paid_persons"].sum().astype(float)
        full[HIDDEN] = (whole.reindex(weeks, fill_value=0.0) - full.sum(axis=1)).clip(lower=0)
    used = full.loc[:, full.sum() > 0]
    rows = used.rename_axis("week_on").reset_index().melt("week_on", var_name="channel", value_name="paid_persons")
    total = rows.groupby("week_on")["paid_persons"].transform("sum")
    rows["share_rate"] = (rows["paid_persons"] / total).where(total > 0)
    return rows


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
                "x": _days(rows),
                "y": rows["paid_persons"].astype(int).tolist(),
                "marker": {"color": band.colour, "line": {"color": style.palette.card, "width": 1}},
                "name": band.name,
                "hovertemplate": "%{y:,}",
            }
        )
    totals = frame.groupby("week_on")["paid_persons"].sum()
    busiest = totals.idxmax()
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
                "x": _days(rows),
                "y": rows["share_rate"].astype(float).round(4).fillna(0.0).tolist(),
                "stackgroup": "all",
                "line": {"color": style.palette.card, "width": 1},
                "fillcolor": band.colour,
                "name": band.name,
                "hovertemplate": "%{y:.1%}",
            }
        )
        share = float(rows.loc[rows["week_on"] == last_week, "share_rate"].sum())
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
    named = frame[frame["share_rate"].notna() & (frame["channel"] != HIDDEN)]
    latest = named[named["week_on"] == named["week_on"].max()]
    top = max(latest.to_dict("records"), key=lambda row: float(row["share_rate"]))
    return str(top["channel"]), float(top["share_rate"])


def sentence(frame: pd.DataFrame, style: FigureStyle, bands: Sequence[Band]) -> str:
    """The busiest week, and who leads the latest one."""
    totals = frame.groupby("week_on")["paid_persons"].sum()
    channel, share = latest_leader(frame)
    return style.text(
        "channels.weekly.finding",
        day=style.formats.day(pd.Timestamp(str(totals.idxmax())).date()),
        peak=style.formats.count(float(totals.max())),
        channel=next(band.name for band in bands if band.code == channel),
        share=style.formats.share(share),
    )


def key_entries(frame: pd.DataFrame, style: FigureStyle, bands: Sequence[Band]) -> list[tuple[str, str]]:
    """Names and colours of what `frame` draws, for a key."""
    return [(band.name, band.colour) for band, _ in _by_band(frame, with_hidden(bands, style))]


def _with_week(frame: pd.DataFrame, complete_on: date) -> pd.DataFrame:
    days = frame[frame["paid_on"] <= pd.Timestamp(complete_on)]
    return days.assign(week_on=days["paid_on"] - pd.to_timedelta(days["paid_on"].dt.day_of_week, unit="D"))


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
    weeks = sorted(frame["week_on"].unique())
    step = math.ceil(len(weeks) / (3 if style.is_narrow else 6))
    shown = weeks[::step]
    texts = [style.formats.day(pd.Timestamp(week).date()) for week in shown]
    return axis(
        style, type="date", tickvals=[_day(week) for week in shown], ticktext=texts, tickangle=0, showgrid=False
    )


def _by_band(frame: pd.DataFrame, bands: Sequence[Band]) -> list[tuple[Band, pd.DataFrame]]:
    parts = ((band, frame[frame["channel"] == band.code].sort_values("week_on")) for band in bands)
    return [(band, rows) for band, rows in parts if not rows.empty]


def _days(rows: pd.DataFrame) -> list[str]:
    return [_day(week) for week in rows["week_on"]]


def _day(week: object) -> str:
    return str(pd.Timestamp(str(week)).date())
