"""Of those due: within the collection period, late, unpaid. One bar a group, the furthest behind first."""

import pandas as pd

COUNTS = ["due_persons", "due_on_time_persons", "due_late_persons", "due_unpaid_persons"]
BASES = ["eligible_persons", "paid_persons", "last_year_paid_persons", "renewed_persons"]


def shape(cells: pd.DataFrame, group: str) -> pd.DataFrame:
    """One row a group: counts as read, and each part as a rate (0-1) of those due.

    `cells`: `group`, the persons columns of mart_coverage (COUNTS and BASES, as far as read), is_hidden. A part that is
    hidden has no rate; a group with nobody due has none either. Sorted by paid_rate, lowest first, unknown last.
    """
    result = cells.rename(columns={group: "group"}).copy()
    counts = [name for name in COUNTS + BASES if name in result.columns]
    result = result.astype(dict.fromkeys(counts, "Int64"))
    due = result["due_persons"].astype("Float64")
    due = due.where(due > 0)
    result["on_time_rate"] = result["due_on_time_persons"] / due
    result["late_rate"] = result["due_late_persons"] / due
    result["unpaid_rate"] = result["due_unpaid_persons"] / due
    result["paid_rate"] = (1.0 - result["unpaid_rate"]).clip(lower=0.0)
    return result.sort_values(["paid_rate", "group"], na_position="last").reset_index(drop=True)
