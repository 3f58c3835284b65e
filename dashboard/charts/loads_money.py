"""Two witnesses of the same money: what the channels report net, and what the treasury received."""

from datetime import date

import pandas as pd

from dashboard.charts.rows import records
from dashboard.components import TableCell, TableColumn, TableRow, hidden_cell, unknown_cell
from dashboard.figures import FigureStyle

MONEY_KINDS = frozenset({"payment", "order", "receipt"})
COLUMNS = [
    "channel",
    "net_fen",
    "received_fen",
    "difference_fen",
    "open_fen",
    "suspense_fen",
    "paid_twice_fen",
    "is_hidden",
]


def comparable_on(feeds: pd.DataFrame) -> date | None:
    """The last day complete in every daily source of money; None when the treasury reports nothing.

    `feeds`: rows of mart_feed_days (kind, is_daily, complete_on).
    """
    money = feeds[feeds["kind"].isin(MONEY_KINDS) & feeds["is_daily"].astype(bool)]
    if "receipt" not in set(money["kind"]) or money["complete_on"].isna().any():
        return None
    return pd.Timestamp(money["complete_on"].min()).date()


def shape(compared: pd.DataFrame, everything: pd.DataFrame) -> pd.DataFrame:
    """One row a channel, the largest difference first.

    `compared`: channel, net_fen, received_fen up to the comparable day; `everything`: channel, net_fen, suspense_fen,
    paid_twice_fen, is_hidden (too few payments to show) of the campaign. difference_fen = received less net, missing
    where the treasury reports nothing of the channel; open_fen is the money after the comparable day, all of it where
    nothing can be compared.
    """
    kinds = dict.fromkeys(["net_fen", "received_fen"], "Int64")
    sums = dict.fromkeys(["net_fen", "suspense_fen", "paid_twice_fen"], "Int64")
    two = compared[["channel", "net_fen", "received_fen"]].astype(kinds).set_index("channel")
    whole = everything[["channel", *sums]].astype(sums).set_index("channel")
    result = whole.rename(columns={"net_fen": "all_fen"}).join(two, how="left")
    result["is_hidden"] = everything.set_index("channel")["is_hidden"].astype(bool)
    has_receipts = result["received_fen"].notna()
    result["net_fen"] = result["net_fen"].where(has_receipts)
    result["difference_fen"] = result["received_fen"] - result["net_fen"]
    result["open_fen"] = result["all_fen"] - result["net_fen"].fillna(0)
    result = result.reset_index().assign(size=lambda df: df["difference_fen"].abs())
    ordered = result.sort_values(
        ["size", "received_fen", "channel"], ascending=[False, False, True], na_position="last"
    )
    return ordered[COLUMNS].reset_index(drop=True)


def differing_days(days: pd.DataFrame) -> pd.DataFrame:
    """Days on which the two witnesses differ, the largest difference first; a day without a receipt is one of them.

    `days`: channel, paid_on, net_fen, received_fen, is_hidden, up to the comparable day. Result: channel, paid_on,
    net_fen, received_fen, difference_fen. Left out are channels that the treasury never
    reports, and days whose payments are too few to show.
    """
    shown = days[~days["is_hidden"].astype(bool)].astype({"net_fen": "Int64", "received_fen": "Int64"})
    has_receipts = shown["channel"].isin(shown.loc[shown["received_fen"].notna(), "channel"])
    shown = shown[has_receipts].assign(net_fen=shown["net_fen"].fillna(0))
    shown = shown.assign(difference_fen=shown["received_fen"].fillna(0) - shown["net_fen"])
    shown = shown[shown["difference_fen"] != 0]
    order = shown["difference_fen"].abs().sort_values(ascending=False, kind="stable").index
    return shown.loc[order, ["channel", "paid_on", "net_fen", "received_fen", "difference_fen"]].reset_index(drop=True)


def total_difference_fen(df: pd.DataFrame) -> int | None:
    """Received less net over the channels that can be compared; None when there is none."""
    total = df["difference_fen"].sum(min_count=1)
    return None if pd.isna(total) else int(total)


def sentence(df: pd.DataFrame, style: FigureStyle, names: dict[str, str]) -> str:
    """Whether both witnesses agree to the fen, and where they differ most."""
    total = total_difference_fen(df)
    if total is None:
        return style.text("loads.money_one_witness")
    differing = df[df["difference_fen"].fillna(0) != 0]
    if differing.empty:
        return style.text("loads.money_agree")
    first = records(differing)[0]
    return style.text(
        "loads.money_differ",
        channel=names.get(first["channel"], first["channel"]),
        difference=_signed(first["difference_fen"], style),
        count=len(differing),
    )


def columns(style: FigureStyle) -> list[TableColumn]:
    """Heads of the table by channel."""
    keys = ["channel", "net", "received", "difference", "open", "suspense", "paid_twice"]
    return [TableColumn(key, style.text(f"loads.money_{key}"), key != "channel") for key in keys]


def rows(df: pd.DataFrame, style: FigureStyle, names: dict[str, str]) -> list[TableRow]:
    """One row a channel and the sum of those compared; exact to the fen."""
    result = []
    for row in records(df):
        name = names.get(row["channel"], row["channel"])
        no_receipt = unknown_cell(style.text("loads.money_no_receipt"))
        if row["is_hidden"]:
            no_receipt = hidden_cell(style.words)
        cells = {
            "channel": TableCell(name, sort=name),
            "net": no_receipt if row["net_fen"] is None else _yuan(row["net_fen"], style),
            "received": no_receipt if row["received_fen"] is None else _yuan(row["received_fen"], style),
            "difference": no_receipt if row["difference_fen"] is None else _difference(row["difference_fen"], style),
        }
        for key in ("open", "suspense", "paid_twice"):
            fen = row[f"{key}_fen"]
            cells[key] = hidden_cell(style.words) if fen is None else _yuan(fen, style)
        result.append(TableRow(cells))
    total = total_difference_fen(df)
    if total is None:
        return result
    sums = {key: _yuan(int(df[f"{key}_fen"].fillna(0).sum()), style) for key in _SUMMED}
    whole = {"channel": TableCell(style.text("common.total")), **sums, "difference": _difference(total, style)}
    return [*result, TableRow(whole, is_total=True)]


def day_rows(df: pd.DataFrame, style: FigureStyle, names: dict[str, str]) -> list[TableRow]:
    """Differing days as rows: day, channel, both sums and the difference."""
    return [
        TableRow(
            {
                "day": TableCell(style.formats.long_day(row["paid_on"].date()), sort=row["paid_on"].toordinal()),
                "channel": TableCell(names.get(row["channel"], row["channel"]), sort=row["channel"]),
                "net": _yuan(row["net_fen"], style),
                "received": unknown_cell(style.text("loads.money_no_day_receipt"))
                if row["received_fen"] is None
                else _yuan(row["received_fen"], style),
                "difference": _difference(row["difference_fen"], style),
            }
        )
        for row in records(df)
    ]


def day_columns(style: FigureStyle) -> list[TableColumn]:
    """Heads of the table of differing days."""
    keys = ["day", "channel", "net", "received", "difference"]
    return [TableColumn(key, style.text(f"loads.money_{key}"), key not in ("day", "channel")) for key in keys]


_SUMMED = ("net", "received", "open", "suspense", "paid_twice")


def _yuan(fen: int, style: FigureStyle) -> TableCell:
    return TableCell(style.formats.yuan(fen), sort=fen)


def _difference(fen: int, style: FigureStyle) -> TableCell:
    return TableCell(_signed(fen, style), sort=abs(fen), tone="warn" if fen else "")


def _signed(fen: int, style: FigureStyle) -> str:
    return ("+" if fen > 0 else "") + style.formats.yuan(fen)
