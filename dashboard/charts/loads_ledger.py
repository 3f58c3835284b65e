"""The ledger of files by source: rows read = loaded + duplicate + set aside, and the same for money."""

from typing import Any

import pandas as pd

from dashboard.charts.rows import records

ROWS = ["rows_read", "rows_loaded", "rows_duplicate", "rows_set_aside", "rows_unreadable_amount"]
MONEY = ["read_fen", "loaded_fen", "duplicate_fen", "set_aside_fen"]
TRAILERS = ["trailer_rows", "trailer_fen", "unexplained_fen"]
SUMS = ["files", *ROWS, *MONEY, "unexplained_fen", "files_with_trailer"]


def shape(batches: pd.DataFrame) -> pd.DataFrame:
    """One row a feed: files, rows, sums in fen, trailers checked, whether both identities hold.

    `batches`: rows of load_batches. `files_with_trailer` counts the files whose summary line was compared;
    `unexplained_fen` is what those lines declare beyond the readable amounts; `latest_at` is the newest reading.
    """
    feeds: dict[tuple[str, str], dict[str, Any]] = {}
    for row in records(batches):
        feed = feeds.setdefault((row["feed"], row["kind"]), dict.fromkeys(SUMS, 0) | {"latest_at": row["received_at"]})
        for name in (*ROWS, *MONEY, "unexplained_fen"):
            feed[name] += row[name] or 0
        feed["files"] += 1
        feed["files_with_trailer"] += row["trailer_rows"] is not None or row["trailer_fen"] is not None
        feed["latest_at"] = max(feed["latest_at"], row["received_at"])
    rows = [{"feed": feed, "kind": kind, **sums} for (feed, kind), sums in feeds.items()]
    result = pd.DataFrame(rows, columns=["feed", "kind", *SUMS, "latest_at"]).astype(dict.fromkeys(SUMS, "Int64"))
    parts_rows = result["rows_loaded"] + result["rows_duplicate"] + result["rows_set_aside"]
    parts_fen = result["loaded_fen"] + result["duplicate_fen"] + result["set_aside_fen"]
    result["is_balanced"] = (result["rows_read"] == parts_rows) & (result["read_fen"] == parts_fen)
    read = result["rows_read"].astype("Float64")
    result["set_aside_rate"] = result["rows_set_aside"] / read.where(read > 0)
    return result.sort_values(["set_aside_rate", "feed"], ascending=[False, True]).reset_index(drop=True)


def totals(ledger: pd.DataFrame) -> dict[str, int]:
    """Sums over `shape`'s rows, and `unbalanced_feeds`: 0 when read = loaded + duplicate + set aside everywhere."""
    return {name: int(ledger[name].sum()) for name in SUMS} | {"unbalanced_feeds": int((~ledger["is_balanced"]).sum())}
