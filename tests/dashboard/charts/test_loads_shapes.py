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


def compared(*rows: tuple[str, int | None, int | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["channel", "net_fen", "received_fen"])


EVERYTHING = pd.DataFrame(
    [("pos", 1500, 20, 0), ("atm", 40, 0, 0), ("cash", 90, 0, 90)],
    columns=["channel", "net_fen", "suspense_fen", "paid_twice_fen"],
).assign(is_hidden=False)


def test_money_is_compared_up_to_the_comparable_day_and_the_rest_stays_open() -> None:
    result = loads_money.shape(compared(("pos", 1200, 1150), ("atm", 40, 40)), EVERYTHING).set_index("channel")
    assert result.loc["pos", ["net_fen", "difference_fen", "open_fen"]].tolist() == [1200, -50, 300]
    assert result.loc["atm", "difference_fen"] == 0
    assert result.index.tolist() == ["pos", "atm", "cash"]


def test_a_channel_that_the_treasury_never_reports_is_unknown_and_not_a_difference() -> None:
    result = loads_money.shape(compared(("pos", 1200, 1200), ("cash", 90, None)), EVERYTHING)
    cash = result.set_index("channel").loc["cash"]
    assert pd.isna(cash["difference_fen"])
    assert cash["open_fen"] == 90
    assert loads_money.total_difference_fen(result) == 0


def test_without_receipts_nothing_is_compared() -> None:
    result = loads_money.shape(compared(), EVERYTHING)
    assert loads_money.total_difference_fen(result) is None
    assert result["open_fen"].sum() == EVERYTHING["net_fen"].sum()


def test_a_hidden_channel_stays_hidden_rather_than_unreported() -> None:
    everything = EVERYTHING.assign(is_hidden=EVERYTHING["channel"] == "cash", net_fen=[1500, 40, None])
    result = loads_money.shape(compared(("pos", 1500, 1500), ("cash", None, None)), everything)
    cash = result.set_index("channel").loc["cash"]
    assert cash["is_hidden"]
    assert pd.isna(cash["open_fen"])


def feed_days(*rows: tuple[str, bool, date | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["kind", "is_daily", "complete_on"])
    return frame.assign(complete_on=pd.to_datetime(frame["complete_on"]))


def test_the_comparable_day_is_complete_in_every_daily_source_of_money() -> None:
    days = feed_days(
        ("payment", True, date(2018, 3, 19)),
        ("receipt", True, date(2018, 3, 17)),
        ("payment", False, None),
        ("card_event", True, date(2018, 3, 1)),
    )
    assert loads_money.comparable_on(days) == date(2018, 3, 17)
    assert loads_money.comparable_on(days[days["kind"] != "receipt"]) is None


def test_differing_days_name_missing_receipts_and_leave_hidden_days_out() -> None:
    days = pd.DataFrame(
        [
            ("pos", date(2018, 3, 18), 500, 500, False),
            ("pos", date(2018, 3, 19), 700, 650, False),
            ("pos", date(2018, 3, 17), 300, None, False),
            ("pos", date(2018, 3, 16), None, 80, True),
            ("cash", date(2018, 3, 19), 90, None, False),
        ],
        columns=["channel", "paid_on", "net_fen", "received_fen", "is_hidden"],
    )
    result = loads_money.differing_days(days)
    assert result["difference_fen"].tolist() == [-300, -50]
    assert pd.isna(result["received_fen"].iloc[0])


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
