"""The words of the coverage page: its sentence, this year beside earlier ones, the category that is furthest behind."""

from collections.abc import Callable, Mapping

import pandas as pd

from dashboard.charts import coverage_parts
from dashboard.charts.rows import records
from dashboard.figures import FigureStyle

NAMED_PLACES = 3  # how many of the furthest behind the sentence names


def sentence(whole: pd.DataFrame, places: pd.DataFrame, style: FigureStyle, name: Callable[[str], str]) -> str:
    """Who is due, who paid in time, who late, who not; and the places furthest behind.

    `whole` and `places`: results of coverage_parts.shape, the former with one row.
    """
    row, formats = records(whole)[0], style.formats
    late = ""
    if row["due_late_persons"]:
        persons, rate = formats.count(row["due_late_persons"]), formats.percent(row["late_rate"])
        late = style.text("coverage.headline_late", late=persons, late_rate=rate)
    known = records(places.dropna(subset=["paid_rate"]))
    last = ""
    # With two or three places all of them would be "furthest behind".
    if len(known) > NAMED_PLACES:
        names = formats.listing([name(place["group"]) for place in known[:NAMED_PLACES]])
        last = style.text("coverage.headline_last", names=names)
    return style.text(
        "coverage.headline",
        due=formats.count(row["due_persons"]),
        on_time_rate=formats.percent(row["on_time_rate"]),
        late=late,
        unpaid=formats.count(row["due_unpaid_persons"]),
        last=last,
    )


def years(cells: pd.DataFrame, year: int) -> pd.DataFrame:
    """Rows of coverage_parts.shape by campaign, `year` first, then earlier ones backwards; later ones are left out."""
    upto = cells[cells["campaign_year"] <= year].astype({"campaign_year": int})
    shaped = coverage_parts.shape(upto, "campaign_year")
    return shaped.sort_values("group", ascending=False).reset_index(drop=True)


def year_names(df: pd.DataFrame, running_year: int | None, style: FigureStyle) -> dict[str, str]:
    """What each campaign of `years` is called; the running one, if any, is not over."""
    return {
        str(group): style.text("coverage.year_now" if group == running_year else "coverage.year_past", year=group)
        for group in df["group"]
    }


def years_title(df: pd.DataFrame, year: int, is_over: bool, style: FigureStyle) -> str:
    """How much of the due of `year` has paid, so far or in the end."""
    rates = {int(row["group"]): row["paid_rate"] for row in records(df)}
    key = "coverage.years_title_over" if is_over else "coverage.years_title"
    if len(rates) == 1:
        key = "coverage.years_title_alone"
    return style.text(key, year=year, rate=style.formats.percent(rates.get(year)))


def days_text(days_left: int, is_over: bool, style: FigureStyle) -> str:
    """Days to the deadline, in words for before, on and after it, and for a campaign that is over."""
    if is_over:
        return style.text("coverage.days_over")
    if days_left == 0:
        return style.text("coverage.days_last")
    return style.text("coverage.days_left" if days_left > 0 else "coverage.days_past", days=abs(days_left))


def category_title(df: pd.DataFrame, style: FigureStyle, names: Mapping[str, str]) -> str:
    """The category furthest behind; a plain title with fewer than two to compare."""
    known = records(df.dropna(subset=["paid_rate"]))
    if len(known) < 2:
        return style.text("coverage.category_title_plain")
    last = known[0]
    name = names.get(last["group"], last["group"])
    return style.text("coverage.category_title", last=name, rate=style.formats.percent(last["paid_rate"]))
