"""The ledger of files by source: rows read = loaded + duplicate + set aside, and the same for money."""

import pandas as pd

ROWS = ["rows_read", "rows_loaded", "rows_duplicate", "rows_set_aside", "rows_unreadable_amount"]
MONEY = ["read_fen", "loaded_fen", "duplicate_fen", "set_aside_fen"]
TRAILERS = ["trailer_rows", "trailer_fen", "unexplained_fen"]


def shape(batches: pd.DataFrame) -> pd.DataFrame:
    """One row a feed: files, rows, sums in fen, trailers checked, whether both identities hold.

    `batches`: rows of load_batches. `files_with_trailer` counts the files whose summary line was compared;
    `unexplained_fen` is what those lines declare beyond the readable amounts; `latest_at` is the newest reading.
    """
    known = batches.astype(dict.fromkeys(ROWS + MONEY + TRAILERS, "Int64"))
    known["has_trailer"] = known["trailer_rows"].notna() | known["trailer_fen"].notna()
    result = (
        known.groupby(["feed", "kind"], sort=False)
        .agg(
            files=("batch_key", "count"),
            **{name: (name, "sum") for name in ROWS + MONEY},
            unexplained_fen=("unexplained_fen", "sum"),
            files_with_trailer=("has_trailer", "sum"),
            latest_at=("received_at", "max"),
        )
        .reset_index()
    )
    parts_rows = result["rows_loaded"] + result["rows_duplicate"] + result["rows_set_aside"]
    parts_fen = result["loaded_fen"] + result["duplicate_fen"] + result["set_aside_fen"]
    result["is_balanced"] = (result["rows_read"] == parts_rows) & (result["read_fen"] == parts_fen)
    read = result["rows_read"].astype("Float64")
    result["set_aside_rate"] = result["rows_set_aside"] / read.where(read > 0)
    return result.sort_values(["set_aside_rate", "feed"], ascending=[False, True]).reset_index(drop=True)


def totals(ledger: pd.DataFrame) -> dict[str, int]:
    """Sums over `shape`'s rows, and `unbalanced_feeds`: 0 when read = loaded + duplicate + set aside everywhere."""
    names = ["files", *ROWS, *MONEY, "unexplained_fen", "files_with_trailer"]
    return {name: int(ledger[name].sum()) for name in names} | {"unbalanced_feeds": int((~ledger["is_balanced"]).sum())}
