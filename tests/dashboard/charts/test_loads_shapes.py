"""Loads: the identities of rows and money, reasons, two witnesses, freshness."""

from datetime import date, datetime

import pandas as pd
import pytest

from dashboard.charts import loads_freshness, loads_ledger, loads_money, loads_reasons


def batch(feed: str, key: int, **changes: object) -> dict[str, object]:
    row: dict[str, object] = {
        "batch_key": key,
        "feed": feed,
        "kind": "payment",
        "received_at": datetime(2018, 3, 20, 6, key),
        "rows_read": 10,
        "rows_loaded": 8,
        "rows_duplicate": 1,
        "rows_set_aside": 1,
        "rows_unreadable_amount": 0,
        "read_fen": 1000,
        "loaded_fen": 800,
        "duplicate_fen": 100,
        "set_aside_fen": 100,
        "trailer_rows": None,
        "trailer_fen": None,
        "unexplained_fen": None,
    }
    return row | changes


def test_ledger_adds_up_by_feed() -> None:
    rows = [batch("bank", 1, trailer_rows=10, trailer_fen=1050, unexplained_fen=50), batch("bank", 2), batch("app", 3)]
    ledger = loads_ledger.shape(pd.DataFrame(rows)).set_index("feed")
    assert ledger.loc["bank", ["files", "rows_read", "files_with_trailer"]].tolist() == [2, 20, 1]
    assert ledger.loc["bank", "unexplained_fen"] == 50
    assert ledger["is_balanced"].all()
    assert ledger.loc["app", "set_aside_rate"] == pytest.approx(0.1)
    assert loads_ledger.totals(ledger.reset_index())["rows_loaded"] == 24


@pytest.mark.parametrize("broken", [{"rows_loaded": 9}, {"loaded_fen": 801}])
def test_a_broken_identity_is_seen(broken: dict[str, int]) -> None:
    ledger = loads_ledger.shape(pd.DataFrame([batch("bank", 1, **broken), batch("app", 2)]))
    assert loads_ledger.totals(ledger)["unbalanced_feeds"] == 1
    assert not ledger.set_index("feed").loc["bank", "is_balanced"]


def test_reasons_by_frequency() -> None:
    cells = pd.DataFrame(
        [("id_check_digit", "bank", 3, 100), ("damaged_text", "bank", 5, None), ("id_check_digit", "app", 4, 50)],
        columns=["reason", "feed", "rows", "amount_fen"],
    )
    result = loads_reasons.shape(cells)
    assert result["reason"].tolist() == ["id_check_digit", "damaged_text"]
    assert result.loc[0, ["rows", "feeds", "amount_fen"]].tolist() == [7, 2, 150]
    assert result["share_rate"].tolist() == pytest.approx([7 / 12, 5 / 12])


DAYS = pd.DataFrame(
    [
        ("pos", date(2018, 3, 18), 500, 500, 0, 0),
        ("pos", date(2018, 3, 19), 700, 650, 20, 0),
        ("pos", date(2018, 3, 20), 300, None, 0, 0),
        ("atm", date(2018, 3, 19), None, 40, 0, 0),
        ("cash", date(2018, 3, 19), 90, None, 0, 90),
    ],
    columns=["channel", "paid_on", "net_fen", "received_fen", "suspense_fen", "paid_twice_fen"],
)


def test_money_is_compared_only_where_the_treasury_has_reported() -> None:
    result = loads_money.shape(DAYS).set_index("channel")
    assert result.loc["pos", ["net_fen", "received_fen", "difference_fen", "open_fen"]].tolist() == [
        1200, 1150, -50, 300,
    ]  # fmt: skip
    assert result.loc["pos", ["days", "days_different", "open_days"]].tolist() == [2, 1, 1]
    assert pd.isna(result.loc["cash", "difference_fen"])
    assert result.index.tolist() == ["pos", "atm", "cash"]


def test_receipt_without_payments_is_a_difference() -> None:
    assert loads_money.shape(DAYS).set_index("channel").loc["atm", "difference_fen"] == 40
    days = loads_money.differing_days(DAYS)
    assert days[["channel", "difference_fen"]].values.tolist() == [["atm", 40], ["pos", -50]]


def test_freshness_counts_days_behind_the_last_full_day() -> None:
    feeds = pd.DataFrame(
        {
            "feed": ["app", "bank", "roster"],
            "is_daily": [True, True, False],
            "complete_on": [date(2018, 3, 19), date(2018, 3, 16), date(2018, 1, 2)],
        }
    )
    result = loads_freshness.shape(feeds, date(2018, 3, 20)).set_index("feed")
    assert result.loc["app", "days_behind"] == 0
    assert result.loc["bank", "days_behind"] == 3
    assert pd.isna(result.loc["roster", "days_behind"])
    assert result.index.tolist()[0] == "bank"
