"""Invented ledgers of files for tests/mart_world.py: batches, rows set aside, refused files, days of feeds."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from configuration.cities import CityFolder
from configuration.reason_texts import finding

REASONS = ["id_check_digit", "damaged_text", "amount_unreadable", "missing_value", "division_unknown"]
PRICE_FEN = 18_000


def feed_days(folder: CityFolder, as_of_on: date, random: np.random.Generator) -> pd.DataFrame:
    """How far each feed has come; one of them is a day behind the others."""
    rows = []
    for position, feed in enumerate(folder.feeds):
        behind = 2 if position == 1 else 1
        latest = as_of_on if feed.is_daily else as_of_on - timedelta(days=12)
        rows.append(
            {
                "city": folder.city.code,
                "feed": feed.feed,
                "kind": feed.kind,
                "is_daily": feed.is_daily,
                "latest_on": latest,
                "complete_on": as_of_on - timedelta(days=behind) if feed.is_daily else None,
                "files": int(random.integers(3, 80)),
                "rows_loaded": int(random.integers(1_000, 90_000)),
            }
        )
    return pd.DataFrame(rows)


def batches(folder: CityFolder, as_of_on: date, random: np.random.Generator) -> pd.DataFrame:
    """Four files of every feed; the first has rows set aside."""
    rows = []
    for feed in folder.feeds:
        for number in range(4):
            day = as_of_on - timedelta(days=number + 1)
            read = int(random.integers(200, 9_000))
            duplicate, aside = int(read * 0.003), len(REASONS) if number == 0 else 0
            has_money = feed.kind in ("payment", "order", "receipt")
            price = PRICE_FEN if has_money else 0
            rows.append(
                {
                    "batch_id": f"{folder.city.code}-{feed.feed}-{number}",
                    "city": folder.city.code,
                    "feed": feed.feed,
                    "kind": feed.kind,
                    "file_name": f"{feed.feed}_{day:%Y%m%d}_01.txt",
                    "version": f"{day:%Y%m%d}01",
                    "encoding": "gb18030",
                    "received_at": datetime.combine(day, datetime.min.time()) + timedelta(hours=30),
                    "is_synthetic": True,
                    "rows_read": read,
                    "rows_loaded": read - duplicate - aside,
                    "rows_duplicate": duplicate,
                    "rows_set_aside": aside,
                    "read_fen": read * price,
                    "loaded_fen": (read - duplicate - aside) * price,
                    "duplicate_fen": duplicate * price,
                    "set_aside_fen": aside * price,
                    "rows_unreadable_amount": 1 if aside and has_money else 0,
                    "trailer_rows": read if has_money else None,
                    "trailer_fen": read * price + (price if aside else 0) if has_money else None,
                    "unexplained_fen": price if aside and has_money else None,
                    "unknown_columns": "",
                }
            )
    return pd.DataFrame(rows)


def set_aside(folder: CityFolder) -> pd.DataFrame:
    """One row for each of some reasons, in the first file of every feed."""
    rows = [
        {
            "city": folder.city.code,
            "batch_key": 1 + 4 * position,
            "line_no": 10 + number,
            "stage": "check",
            "reason": reason,
            "row_hash": f"{position:02d}{number:02d}",
            "amount_fen": None,
        }
        for position in range(len(folder.feeds))
        for number, reason in enumerate(REASONS)
    ]
    return pd.DataFrame(rows)


def refused(folder: CityFolder) -> pd.DataFrame:
    """One file that was refused as a whole."""
    row = {
        "city": folder.city.code,
        "feed": folder.feeds[0].feed,
        "file_name": f"{folder.feeds[0].feed}_truncated.txt",
        "reason": "truncated",
        "detail": finding("rows_differ", declared=812, found=790),
        "content_hash": "00ff",
    }
    return pd.DataFrame([row])
