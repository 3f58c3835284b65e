"""The channels: mix by group, weeks, money."""

from datetime import date

import pandas as pd
import pytest

from configuration.city import Channel, ChannelKind
from dashboard.charts import channel_mix, channel_money, channel_weekly
from dashboard.charts.channel_bands import Band, channel_bands
from dashboard.figures import DARK, LIGHT, FigureStyle
from insurance.values import Bilingual
from tests.dashboard.charts.test_progress import Reader

BANDS = [Band("web", "Web", "#0b6e99"), Band("kiosk", "Kiosk", "#5ba4c6"), Band("cash", "Cash", "#d5dbe2")]
ENGLISH = FigureStyle(Reader("en"))


def paid(rows: list[tuple[object, str, object]], group: str = "campaign_year") -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[group, "channel", "paid_persons"]).astype({"paid_persons": "Int64"})
    return frame.assign(is_hidden=frame["paid_persons"].isna())


def totals(whole: dict[object, int], group: str = "campaign_year") -> pd.DataFrame:
    frame = pd.DataFrame({group: list(whole), "paid_persons": list(whole.values())})
    return frame.astype({"paid_persons": "Int64"})


def mix() -> pd.DataFrame:
    rows = [(2017, "cash", 80), (2017, "web", 20), (2018, "kiosk", 30), (2018, "web", 70), (2018, "cash", 0)]
    return channel_mix.shape(paid(rows), totals({2017: 100, 2018: 103}), "campaign_year", BANDS)


def test_shares_add_up_and_stack_in_the_order_of_the_bands() -> None:
    frame = mix()
    assert frame.groupby("group")["share_rate"].sum().tolist() == pytest.approx([1.0, 1.0])
    now = frame[frame["group"] == 2018]
    assert now["channel"].tolist() == ["web", "kiosk"]
    assert now["start_rate"].tolist() == pytest.approx([0.0, 0.7])


def half_hidden() -> pd.DataFrame:
    rows = [(2018, "web", 40), (2018, "kiosk", pd.NA), (2018, "cash", pd.NA)]
    return channel_mix.shape(paid(rows), totals({2018: 100}), "campaign_year", BANDS)


def test_hidden_channels_keep_their_place_in_the_whole() -> None:
    frame = half_hidden()
    shares = channel_mix.shares(frame)
    assert shares[2018, "web"] == pytest.approx(0.4)  # of all, not of what is shown
    assert shares[2018, "kiosk"] is None
    assert shares[2018, channel_mix.HIDDEN] == pytest.approx(0.6)
    figure = channel_mix.figure(frame, ENGLISH, BANDS, [2018], str, 400)
    words = [note["text"] for note in figure["layout"]["annotations"]]  # type: ignore[index]
    assert words == ["2018", "Web 40%", "hidden channels 60%"]


def test_nobody_leads_when_hidden_channels_may_hold_more() -> None:
    assert 2018 not in channel_mix.leaders(half_hidden())


def test_group_with_hidden_total_is_left_out() -> None:
    whole = totals({2018: 0}).assign(paid_persons=pd.array([pd.NA], dtype="Int64"))
    assert channel_mix.shape(paid([(2018, "web", 40)]), whole, "campaign_year", BANDS).empty


def test_sentence_names_the_new_leader_and_what_fell() -> None:
    sentence = channel_mix.sentence(mix(), ENGLISH, BANDS, 2018)
    assert "**Web** takes the lead with **70%**" in sentence
    assert "Cash fell from 80% in 2017 to 0%" in sentence


def test_sentence_without_a_year_before() -> None:
    alone = mix()[lambda frame: frame["group"] == 2018]
    assert channel_mix.sentence(alone, ENGLISH, BANDS, 2018) == "**Web** leads with **70%**."
    assert channel_mix.sentence(alone, ENGLISH, BANDS, 2019) == "Nobody has paid yet."


def test_labels_stay_inside_their_bars() -> None:
    rows = [(2018, "web", 97), (2018, "kiosk", 3)]
    figure = channel_mix.figure(
        channel_mix.shape(paid(rows), totals({2018: 100}), "campaign_year", BANDS),
        ENGLISH,
        BANDS,
        [2018],
        lambda year: f"{year}",
        400,
    )
    words = [note["text"] for note in figure["layout"]["annotations"]]  # type: ignore[index]
    assert words == ["2018", "Web 97%"]


def days(rows: list[tuple[str, str, object]]) -> pd.DataFrame:
    frame = paid(rows, "paid_on")  # type: ignore[arg-type]
    return frame.assign(paid_on=pd.to_datetime(frame["paid_on"]))


def weeks(rows: list[tuple[str, str, object]], until: date, whole: dict[object, int] | None = None) -> pd.DataFrame:
    all_days = totals(whole or {}, "paid_on")
    return channel_weekly.shape(days(rows), all_days.assign(paid_on=pd.to_datetime(all_days["paid_on"])), BANDS, until)


def test_weeks_begin_on_monday_and_are_cut_at_the_last_complete_day() -> None:
    rows = [
        ("2018-01-07", "web", 10),
        ("2018-01-08", "web", 20),
        ("2018-01-16", "kiosk", 60),
        ("2018-01-17", "web", 99),
    ]
    frame = weeks(rows, date(2018, 1, 16))
    assert sorted({str(week.date()) for week in frame["week_on"]}) == ["2018-01-01", "2018-01-08", "2018-01-15"]
    assert set(frame["channel"]) == {"web", "kiosk"}  # nobody used the third
    assert frame["paid_persons"].sum() == 90
    assert channel_weekly.latest_leader(frame) == ("kiosk", 1.0)
    assert "60 people" in channel_weekly.sentence(frame, ENGLISH, BANDS)


def test_empty_week_has_no_share_and_no_division_by_zero() -> None:
    frame = weeks([("2018-01-01", "web", 10), ("2018-01-15", "web", 20)], date(2018, 1, 20))
    assert frame["share_rate"].isna().tolist() == [False, True, False]
    values = channel_weekly.share_figure(frame, ENGLISH, BANDS)["data"][0]["y"]  # type: ignore[index]
    assert values == [1.0, 0.0, 1.0]


def test_no_days_no_weeks() -> None:
    nothing = weeks([("2018-01-08", "web", 20)], date(2018, 1, 1))
    assert nothing.empty
    assert channel_weekly.hidden_rate(nothing) == 1.0


def test_hidden_cells_are_the_rest_of_their_week() -> None:
    rows = [("2018-01-01", "web", 80), ("2018-01-01", "kiosk", pd.NA), ("2018-01-02", "web", 90)]
    frame = weeks(rows, date(2018, 1, 20), {"2018-01-01": 110, "2018-01-02": 90})
    assert channel_weekly.hidden_rate(frame) == pytest.approx(30 / 200)
    assert channel_weekly.latest_leader(frame) == ("web", 0.85)
    names = [trace["name"] for trace in channel_weekly.count_figure(frame, ENGLISH, BANDS)["data"]]  # type: ignore[index]
    assert names == ["Web", "hidden channels"]


def test_money_differs_only_where_receipts_exist() -> None:
    money = pd.DataFrame(
        {"channel": ["a", "b", "c"], "net_fen": [100, 900, 500], "received_fen": [100, 850, pd.NA]}
    ).astype({"net_fen": "Int64", "received_fen": "Int64"})
    frame = channel_money.shape(money)
    assert frame["channel"].tolist() == ["b", "c", "a"]
    assert channel_money.disagreement(frame) == (2, 1, 50)


def channel(code: str, kind: ChannelKind) -> Channel:
    return Channel(code=code, name=Bilingual(zh=code, en=code), kind=kind)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_every_channel_has_its_own_colour_and_collective_ones_recede(palette: object) -> None:
    channels = [channel("cash", ChannelKind.COLLECTIVE), channel("aid", ChannelKind.ASSISTANCE)]
    channels += [channel(f"way_{letter}", ChannelKind.ONLINE) for letter in "abcdefg"]
    bands = channel_bands(channels, "en", palette)  # type: ignore[arg-type]
    assert [band.code for band in bands][-2:] == ["cash", "aid"]
    assert len({band.colour for band in bands}) == len(bands)


def test_months_begin_on_the_first_and_leave_none_out() -> None:
    rows = [("2017-12-01", "web", 10), ("2018-02-01", "web", 30), ("2018-02-01", "kiosk", 10)]
    nobody = totals({}, "paid_on").astype({"paid_on": "datetime64[us]"})
    frame = channel_weekly.shape(days(rows), nobody, BANDS, date(2018, 2, 20), channel_weekly.MONTH)
    assert sorted({str(month.date()) for month in frame["week_on"]}) == ["2017-12-01", "2018-01-01", "2018-02-01"]
    assert frame["paid_persons"].sum() == 50
    assert channel_weekly.latest_leader(frame) == ("web", 0.75)
    assert "busiest month" in channel_weekly.sentence(frame, ENGLISH, BANDS, channel_weekly.MONTH)
