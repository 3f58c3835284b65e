"""What each price class brought in. The price class (what one pays) and the benefit tier (what one gets) stay apart."""

from collections.abc import Iterable, Mapping
from typing import Protocol

import pandas as pd

from dashboard.charts.rows import BarRow, Figure, bars, records
from dashboard.figures import FigureStyle

NO_TIER = "-"
UNKNOWN_CLASS = ""


class PriceLine(Protocol):
    """What is read of a price table's line (insurance.rules.Price)."""

    @property
    def category(self) -> str: ...
    @property
    def tier(self) -> str | None: ...
    @property
    def period(self) -> str: ...
    @property
    def price_class(self) -> str: ...
    @property
    def premium_due_fen(self) -> int | None: ...
    @property
    def benefit_tier(self) -> str | None: ...


def shape(cells: pd.DataFrame, prices: Iterable[PriceLine]) -> pd.DataFrame:
    """One row a price class, the largest income first.

    `cells`: category, tier, period, paid_persons, paid_fen. Result: price_class ("" where the tier is unknown),
    benefit_tier, premium_fen (on time), paid_persons, paid_fen, late_persons, share_rate of all income. A class with a
    hidden cell has no sum; shares are then missing throughout, since their denominator is.
    """
    lines = list(prices)
    classes = {(line.category, line.tier or NO_TIER): line for line in lines if line.period == "on_time"}
    known = cells.astype({"paid_persons": "Int64", "paid_fen": "Int64"})
    found = [classes.get((c, t)) for c, t in zip(known["category"], known["tier"], strict=True)]
    known = known.assign(price_class=[line.price_class if line else UNKNOWN_CLASS for line in found])
    about = {line.price_class: line for line in classes.values()}
    rows = []
    for name, part in known.groupby("price_class", sort=False):
        line = about.get(str(name))
        rows.append(
            {
                "price_class": name,
                "benefit_tier": line.benefit_tier if line else None,
                "premium_fen": line.premium_due_fen if line else None,
                "paid_persons": part["paid_persons"].sum(skipna=False),
                "paid_fen": part["paid_fen"].sum(skipna=False),
                "late_persons": part.loc[part["period"] == "late", "paid_persons"].sum(skipna=False),
            }
        )
    columns = ["price_class", "benefit_tier", "premium_fen", "paid_persons", "paid_fen", "late_persons"]
    income = pd.DataFrame(rows, columns=columns).astype(
        dict.fromkeys(["premium_fen", "paid_persons", "paid_fen", "late_persons"], "Int64")
    )
    total = income["paid_fen"].sum(skipna=False)
    has_total = not pd.isna(total) and total > 0
    income["share_rate"] = income["paid_fen"] / total if has_total else pd.NA
    income["share_rate"] = income["share_rate"].astype("Float64")
    return income.sort_values(["paid_fen", "price_class"], ascending=[False, True]).reset_index(drop=True)


def figure(df: pd.DataFrame, style: FigureStyle, names: Mapping[str, str]) -> Figure:
    """One bar a price class with its income and its share of all income."""
    formats = style.formats
    rows = []
    for row in records(df):
        money = formats.money(row["paid_fen"]) if row["paid_fen"] is not None else style.text("common.hidden")
        share = f" · {formats.percent(row['share_rate'])}" if row["share_rate"] is not None else ""
        name = names.get(row["price_class"]) or style.text("tiers.class_unknown")
        colour = style.palette.accent if row["price_class"] else style.palette.rest
        rows.append(BarRow(name=name, value=row["paid_fen"], text=money + share, colour=colour))
    return bars(rows, style, row_px=44)


def sentence(df: pd.DataFrame, style: FigureStyle, names: Mapping[str, str]) -> str:
    """Which price class brings in most, and how much of everything."""
    known = df.dropna(subset=["share_rate"])
    if known.empty:
        return style.text("tiers.income_title")
    first = records(known)[0]
    return style.text(
        "tiers.income_finding",
        name=names.get(first["price_class"]) or style.text("tiers.class_unknown"),
        share=style.formats.percent(first["share_rate"]),
    )


def note(df: pd.DataFrame, style: FigureStyle, names: Mapping[str, str], benefits: Mapping[str, str]) -> str:
    """Who pays one price and has the benefits of another's: the reason why class and tier are two columns."""
    rows = [row for row in records(df) if row["premium_fen"] is not None and row["benefit_tier"] in benefits]
    for row in sorted(rows, key=lambda row: float(row["premium_fen"])):
        dearer = [other for other in rows if other["benefit_tier"] == row["benefit_tier"] and other is not row]
        if any(other["premium_fen"] > row["premium_fen"] for other in dearer):
            premium = f"{style.formats.yuan(row['premium_fen'], 0)} {style.text('common.yuan')}"
            return style.text(
                "tiers.income_note",
                classes=names.get(row["price_class"], row["price_class"]),
                premium=premium,
                tier=benefits[row["benefit_tier"]],
            )
    return ""
