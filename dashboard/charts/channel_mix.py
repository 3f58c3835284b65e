"""Shares of the channels in each group (a year, a category): one bar a group, the shares written inside."""

from collections.abc import Callable, Sequence

import pandas as pd

from dashboard.charts.channel_bands import Band
from dashboard.figures import FigureStyle, bare_axis, base_layout, label, readable_on, rows_height, text_px

ROW_PX = 68
_LABEL_PADDING_PX = 16


def shape(paid: pd.DataFrame, group: str, bands: Sequence[Band]) -> pd.DataFrame:
    """Shares of paid persons by channel within each group.

    Args:
        paid: `group`, channel, paid_persons (NA where hidden: left out of shares).
        group: name of the column that makes the bars.
        bands: order of the channels.

    Returns:
        group, channel, paid_persons, share_rate, start_rate (0–1), in the order of groups and bands.
    """
    order = {band.code: place for place, band in enumerate(bands)}
    rows = paid[paid["channel"].isin(order) & (paid["paid_persons"].fillna(0) > 0)].copy()
    rows = rows.rename(columns={group: "group"})[["group", "channel", "paid_persons"]]
    rows["place"] = rows["channel"].map(order)
    rows = rows.sort_values(["group", "place"]).drop(columns="place").reset_index(drop=True)
    persons = rows["paid_persons"].astype(float)
    rows["share_rate"] = persons / persons.groupby(rows["group"]).transform("sum")
    rows["start_rate"] = rows.groupby("group")["share_rate"].cumsum() - rows["share_rate"]
    return rows


def figure(
    frame: pd.DataFrame,
    style: FigureStyle,
    bands: Sequence[Band],
    groups: Sequence[object],
    title_of: Callable[[object], str],
    room_px: int,
) -> dict[str, object]:
    """One stacked bar a group; a share is written inside where it fits, with the channel's name where that fits too.

    Args:
        frame: rows of `shape`.
        style: theme and language.
        bands: colours and names.
        groups: the bars from the top.
        title_of: the words above a group's bar.
        room_px: width of the bars on the smallest screen that shows this figure.
    """
    traces, notes = [], []
    rows_of = {group: place for place, group in enumerate(groups)}
    for place, group in enumerate(groups):
        title = {"size": 13, "color": style.palette.ink_2}
        notes.append(label(style, title_of(group), 0, place - 0.46, xref="paper", yanchor="top", font=title))
    for band in bands:
        rows = frame[(frame["channel"] == band.code) & frame["group"].isin(rows_of)]
        if rows.empty:
            continue
        traces.append(_bar(rows, band, style, rows_of))
        for group, start, share in zip(rows["group"], rows["start_rate"], rows["share_rate"], strict=True):
            text = _fitting(band.name, share, style, room_px)
            if text:
                font = {"size": 13, "color": readable_on(band.colour)}
                notes.append(label(style, text, start, rows_of[group] + 0.16, xshift=8, font=font))
    return {
        "data": traces,
        "layout": base_layout(
            style,
            rows_height(len(groups), ROW_PX, 8),
            (0, 0, 0, 0),
            barmode="stack",
            bargap=0,
            xaxis=bare_axis(range=[0, 1]),
            yaxis=bare_axis(range=[len(groups) - 0.5, -0.5]),
            annotations=notes,
        ),
    }


def leader(frame: pd.DataFrame, group: object) -> tuple[str, float] | None:
    """The channel with most persons in `group` and its share; None without persons."""
    rows = frame[frame["group"] == group]
    if rows.empty:
        return None
    top = max(rows.to_dict("records"), key=lambda row: float(row["share_rate"]))
    return str(top["channel"]), float(top["share_rate"])


def share_of(frame: pd.DataFrame, group: object, channel: str) -> float:
    """Share of `channel` in `group`; 0 when nobody used it."""
    rows = frame[(frame["group"] == group) & (frame["channel"] == channel)]
    return 0.0 if rows.empty else float(rows["share_rate"].iloc[0])


def sentence(frame: pd.DataFrame, style: FigureStyle, bands: Sequence[Band], year: int) -> str:
    """Who leads this year, and whether that is new; what fell most since the year before."""
    percent = style.formats.share
    names = {band.code: band.name for band in bands}
    first = leader(frame, year)
    if first is None:
        return style.text("channels.mix.nobody")
    code, share = first
    before = leader(frame, year - 1)
    if before is None:
        return style.text("channels.mix.leads", channel=names[code], share=percent(share))
    fallen = max(bands, key=lambda band: share_of(frame, year - 1, band.code) - share_of(frame, year, band.code))
    fell_from, fell_to = share_of(frame, year - 1, fallen.code), share_of(frame, year, fallen.code)
    key = "still_leads" if before[0] == code else "newly_leads"
    return style.text(
        f"channels.mix.{key}",
        channel=names[code],
        share=percent(share),
        fallen=fallen.name,
        fell_from=percent(fell_from),
        fell_to=percent(fell_to),
        year=year - 1,
    )


def _bar(rows: pd.DataFrame, band: Band, style: FigureStyle, rows_of: dict[object, int]) -> dict[str, object]:
    hover = [
        style.text(
            "channels.mix.hover",
            channel=band.name,
            share=style.formats.percent(share),
            count=style.formats.count(persons),
        )
        for share, persons in zip(rows["share_rate"], rows["paid_persons"], strict=True)
    ]
    return {
        "type": "bar",
        "orientation": "h",
        "x": rows["share_rate"].astype(float).tolist(),
        "y": [rows_of[group] + 0.16 for group in rows["group"]],
        "width": 0.54,
        "marker": {"color": band.colour, "line": {"color": style.palette.card, "width": 2}},
        "text": hover,
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }


def _fitting(name: str, share: float, style: FigureStyle, room_px: int) -> str:
    """As much of "name share" as fits into the bar: both, the share alone, or nothing."""
    percent = style.formats.share(share)
    for text in (f"{name} {percent}", percent):
        if share * room_px >= text_px(text) + _LABEL_PADDING_PX:
            return text
    return ""
