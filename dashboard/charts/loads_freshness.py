"""How far each source has come, against the latest day that every daily source has completed."""

from datetime import date

import pandas as pd


def shape(feeds: pd.DataFrame, as_of_on: date) -> pd.DataFrame:
    """Rows of mart_feed_days with `days_behind` the day before `as_of_on` (the last day that can be complete).

    Sources that are not daily have no days_behind. The furthest behind stand first.
    """
    result = feeds.copy()
    last_full_on = pd.Timestamp(as_of_on) - pd.Timedelta(days=1)
    behind = (last_full_on - pd.to_datetime(result["complete_on"])).dt.days.clip(lower=0).astype("Int64")
    result["days_behind"] = behind.where(result["is_daily"].astype(bool))
    return result.sort_values(["days_behind", "feed"], ascending=[False, True], na_position="last").reset_index(
        drop=True
    )
