"""Who is not due, by reason: they are outside the denominator, so they are counted where everyone can see them."""

import pandas as pd


def shape(cells: pd.DataFrame) -> pd.DataFrame:
    """Rows of mart_not_due by reason (reason, persons, is_hidden), the most frequent first, hidden ones last."""
    result = cells[["reason", "persons", "is_hidden"]].astype({"persons": "Int64"})
    return result.sort_values(["persons", "reason"], ascending=[False, True], na_position="last").reset_index(drop=True)
