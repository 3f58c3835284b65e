"""Shares of the channels in each group (a year, a category): one bar a group, the shares written inside."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import pandas as pd

from dashboard.charts.channel_bands import HIDDEN, Band, with_hidden
from dashboard.charts.rows import records
from dashboard.figures import FigureStyle, bare_axis, base_layout, label, readable_on, rows_height, text_px

ROW_PX = 68
_LABEL_PADDING_PX = 16
NOTABLE_RATE = 0.01
COLUMNS = ["group", "channel", "paid_persons", "share_rate", "start_rate"]


def shape(paid: pd.DataFrame, totals: pd.DataFrame, group: str, bands: Sequence[Band]) -> pd.DataFrame:
    """Shares of paid persons by channel within each group; what is hidden keeps its place, shares are of the whole.

    Args:
        paid: `group`, channel, paid_persons (NA where hidden), is_hidden.
        totals: `group`, paid_persons of the whole group; groups whose total is hidden are left out.
        group: name of the column that makes the bars.
        bands: order of the channels.

    Returns:
        group, channel, paid_persons, share_rate, start_rate (0–1), in the order of groups and bands. Hidden channels
        have NA in all three; together they are one more row of the channel HIDDEN, last in its group.
    """
    whole = {row[group]: int(row["paid_persons"]) for row in records(totals) if row["paid_persons"] and row[group]}
    order = [band.code for band in bands]
    cells_of: dict[Hashable, dict[Hashable, dict[Hashable, Any]]] = {}
    for row in records(paid):
        cells_of.setdefault(row[group], {})[row["channel"]] = row
    rows: list[dict[str, object]] = []
    for name in sorted(whole):
        cells = cells_of.get(name, {})
        used = [(code, cells[code]) for code in order if code in cells]
        hidden = [code for code, cell in used if cell["is_hidden"]]
        counts = {code: int(cell["paid_persons"]) for code, cell in used if code not in hidden}
        shown = {code: persons for code, persons in counts.items() if persons}
        # Rounded parts rarely add up to the rounded whole; only where something is hidden is the rest more than that.
        total = max(whole[name], sum(shown.values())) if hidden else sum(shown.values())
        start = 0.0
        for code, persons in [*shown.items(), *([(HIDDEN, total - sum(shown.values()))] if hidden else [])]:
            share = persons / total
            rows.append(_row(name, code, persons, share, start))
            start += share
        rows += [_row(name, code, None, None, None) for code in hidden]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.astype({"paid_persons": "Int64", "share_rate": "Float64", "start_rate": "Float64"})


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
    drawn = _shown(frame)
    for band in with_hidden(bands, style):
        rows = [row for row in drawn if row["channel"] == band.code and row["group"] in rows_of]
        if not rows:
            continue
        traces.append(_bar(rows, band, style, rows_of))
        for row in rows:
            text = _fitting(band.name, row["share_rate"], style, room_px)
            if text:
                font = {"size": 13, "color": readable_on(band.colour)}
                notes.append(label(style, text, row["start_rate"], rows_of[row["group"]] + 0.16, xshift=8, font=font))
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


def key_entries(frame: pd.DataFrame, style: FigureStyle, bands: Sequence[Band]) -> list[tuple[str, str]]:
    """Names and colours of the bars of `frame`, for a key."""
    drawn = {row["channel"] for row in _shown(frame)}
    return [(band.name, band.colour) for band in with_hidden(bands, style) if band.code in drawn]


def leaders(frame: pd.DataFrame) -> dict[object, tuple[str, float]]:
    """By group, the channel with most persons and its share; groups without any, or where hidden ones may hold more,
    are left out."""
    top: dict[object, tuple[str, float]] = {}
    rest: dict[object, float] = {}
    for row in _shown(frame):
        group, share = row["group"], float(row["share_rate"])
        if row["channel"] == HIDDEN:
            rest[group] = share
        elif group not in top or share > top[group][1]:
            top[group] = (str(row["channel"]), share)
    return {group: found for group, found in top.items() if found[1] >= rest.get(group, 0.0)}


def shares(frame: pd.DataFrame) -> dict[tuple[object, str], float | None]:
    """Shares by group and channel: None when hidden; a channel that nobody of a group used is not there."""
    return {(row["group"], row["channel"]): row["share_rate"] for row in records(frame)}


def sentence(frame: pd.DataFrame, style: FigureStyle, bands: Sequence[Band], year: int) -> str:
    """Who leads this year, and whether that is new; what fell most since the year before."""
    percent = style.formats.share
    names = {band.code: band.name for band in bands}
    first = leaders(frame)
    if year not in first:
        return style.text("channels.mix.veiled" if (frame["group"] == year).any() else "channels.mix.nobody")
    code, share = first[year]
    before = first.get(year - 1)
    values = {"channel": names[code], "share": percent(share), "year": year - 1}
    if before is None:
        return style.text("channels.mix.leads", **values)
    text = style.text("channels.mix.still_leads" if before[0] == code else "channels.mix.newly_leads", **values)
    falls = [(earlier - now, band, earlier, now) for band, earlier, now in _changes(frame, bands, year)]
    fall, fallen, earlier, now = max(falls, key=lambda each: each[0])
    if fall < NOTABLE_RATE:
        return text + style.text("channels.mix.stop")
    return text + style.text(
        "channels.mix.fell", fallen=fallen.name, before=percent(earlier), now=percent(now), **values
    )


def _changes(frame: pd.DataFrame, bands: Sequence[Band], year: int) -> list[tuple[Band, float, float]]:
    """Share of the year before and of `year` for every channel; a hidden one counts as unchanged."""
    changes = []
    known = shares(frame)
    for band in bands:
        earlier, now = known.get((year - 1, band.code), 0.0), known.get((year, band.code), 0.0)
        if earlier is None or now is None:
            earlier = now = 0.0
        changes.append((band, earlier, now))
    return changes


def _shown(frame: pd.DataFrame) -> list[dict[Hashable, Any]]:
    return [row for row in records(frame) if row["share_rate"] is not None]


def _row(
    group: object, channel: str, persons: int | None, share: float | None, start: float | None
) -> dict[str, object]:
    return dict(zip(COLUMNS, (group, channel, persons, share, start), strict=True))


def _bar(
    rows: Sequence[dict[Hashable, Any]], band: Band, style: FigureStyle, rows_of: dict[object, int]
) -> dict[str, object]:
    hover = [
        style.text(
            "channels.mix.hover",
            channel=band.name,
            share=style.formats.percent(row["share_rate"]),
            count=style.formats.count(row["paid_persons"]),
        )
        for row in rows
    ]
    return {
        "type": "bar",
        "orientation": "h",
        "x": [row["share_rate"] for row in rows],
        "y": [rows_of[row["group"]] + 0.16 for row in rows],
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
