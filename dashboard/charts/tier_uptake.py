"""Who chooses the upper tier, among the adults who have a choice: one mark a group, last year's beside it."""

from collections.abc import Sequence

import pandas as pd

UNKNOWN_TIER = "-"
EMPTY = ["group", "upper_persons", "choosing_persons", "share_rate", "before_rate", "change_rate", "is_hidden"]


def shape(
    now: pd.DataFrame, before: pd.DataFrame, group: str, upper_tier: str, order: Sequence[str] = ()
) -> pd.DataFrame:
    """One row a group with its uptake of `upper_tier`, this year and last.

    `now` and `before`: columns `group`, tier, paid_persons, is_hidden; only adults with a choice. The denominator is
    the persons whose tier is known. A group with a hidden cell has no share. Rows follow `order` where given, otherwise the
    lowest share stands first and groups without a share last. Rates are 0-1, changes are differences of rates.
    """
    current = _uptake(now, group, upper_tier)
    earlier = _uptake(before, group, upper_tier).set_index("group")["share_rate"]
    current["before_rate"] = current["group"].map(earlier).astype("Float64")
    current["change_rate"] = current["share_rate"] - current["before_rate"]
    if order:
        rank = {name: place for place, name in enumerate(order)}
        current = current.sort_values("group", key=lambda names: names.map(rank).fillna(len(rank)))
    else:
        current = current.sort_values(["share_rate", "group"], na_position="last")
    return current.reset_index(drop=True)[EMPTY]


def _uptake(cells: pd.DataFrame, group: str, upper_tier: str) -> pd.DataFrame:
    """Columns group, upper_persons, choosing_persons, share_rate, is_hidden."""
    chosen = cells[cells["tier"] != UNKNOWN_TIER].astype({"paid_persons": "Int64"})
    rows = []
    for name, part in chosen.groupby(group, sort=False):
        is_hidden = bool(part["paid_persons"].isna().any())
        upper = part.loc[part["tier"] == upper_tier, "paid_persons"].sum(min_count=0)
        choosing = part["paid_persons"].sum(min_count=0)
        has_share = not is_hidden and choosing > 0
        rows.append(
            {
                "group": name,
                "upper_persons": pd.NA if is_hidden else int(upper),
                "choosing_persons": pd.NA if is_hidden else int(choosing),
                "share_rate": float(upper) / float(choosing) if has_share else pd.NA,
                "is_hidden": is_hidden,
            }
        )
    columns = ["group", "upper_persons", "choosing_persons", "share_rate", "is_hidden"]
    types = {"upper_persons": "Int64", "choosing_persons": "Int64", "share_rate": "Float64", "is_hidden": "bool"}
    return pd.DataFrame(rows, columns=columns).astype(types)
