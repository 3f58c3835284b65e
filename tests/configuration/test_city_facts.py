"""The facts of the two notices, as the cities' folders hold them. H and W name the items of docs/requirements.md."""

from datetime import date
from typing import get_args

import pytest

from configuration.cities import CityFolder, load_city
from configuration.city import ChannelKind, Need
from configuration.feed import Delimited, Encoding, Excel, FixedWidth
from configuration.settings import BUILT_IN_CITIES
from insurance.values import Certainty


@pytest.fixture(scope="module")
def wendeng() -> CityFolder:
    return load_city(BUILT_IN_CITIES / "wendeng")


@pytest.fixture(scope="module")
def haikou() -> CityFolder:
    return load_city(BUILT_IN_CITIES / "haikou")


def _headers(folder: CityFolder, feed: str) -> set[str]:
    return {header for column in folder.feed(feed).columns for header in column.headers}


CHANNELS_OF_THE_NOTICE = {
    "H1": "pos", "H2": "atm", "H3": "bank_wechat", "H4": "bank_mobile", "H5": "bank_online", "H6": "wechat_account",
}  # fmt: skip


@pytest.mark.parametrize("code", CHANNELS_OF_THE_NOTICE.values(), ids=CHANNELS_OF_THE_NOTICE)
def test_h1_to_h6_channels_are_open_in_2018(haikou: CityFolder, code: str) -> None:
    assert haikou.city.channel(code).is_open_in(2018)


def test_h1_to_h5_come_in_one_bank_batch(haikou: CityFolder) -> None:
    (channel,) = [column for column in haikou.feed("rcc_bank_batch").columns if column.field == "channel"]
    assert set(channel.values.values()) == {"pos", "atm", "bank_wechat", "bank_mobile", "bank_online"}


def test_h6_wechat_account_brings_order_number_and_receipt_time(haikou: CityFolder) -> None:
    fields = {column.field for column in haikou.feed("wechat_account").columns}
    assert {"order_no", "receipted_at"} <= fields


def test_h7_every_card_channel_needs_an_active_and_funded_card(haikou: CityFolder) -> None:
    paying = [c for c in haikou.city.channels if c.is_open_in(2018) and c.kind is not ChannelKind.ASSISTANCE]
    assert len(paying) == 6
    assert all({Need.CARD_ACTIVATED, Need.CARD_FUNDED} <= set(channel.needs) for channel in paying)


def test_h7_only_the_wechat_account_needs_sms_signing(haikou: CityFolder) -> None:
    assert [c.code for c in haikou.city.channels if Need.SMS_SIGNED in c.needs] == ["wechat_account"]


def test_h8_deposits_are_an_entry_type_of_the_bank_and_no_payment(haikou: CityFolder) -> None:
    (entry_type,) = [column for column in haikou.feed("rcc_bank_batch").columns if column.field == "entry_type"]
    assert set(entry_type.values.values()) == {"payment", "reversal", "deposit"}


def test_h8_funded_is_yes_no_or_unknown_and_never_a_balance(haikou: CityFolder) -> None:
    feed = haikou.feed("card_events")
    (funded,) = [column for column in feed.columns if column.field == "is_funded"]
    assert (set(funded.values.values()), funded.empty) == ({"yes", "no"}, "unknown")
    assert not [column for column in feed.columns if column.parse == "money"]


def test_h9_amount_asked_for_and_amount_debited_are_both_kept(haikou: CityFolder) -> None:
    for feed in ("rcc_bank_batch", "wechat_account"):
        assert {"due_amount", "amount"} <= {column.field for column in haikou.feed(feed).columns}


def test_h12_cards_are_issued_in_four_ways(haikou: CityFolder) -> None:
    assert haikou.city.cards is not None
    ways = set(haikou.city.cards.channels)
    assert ways == {"outlet", "online", "instant_counter", "instant_machine"}
    (channel,) = [column for column in haikou.feed("card_events").columns if column.field == "card_channel"]
    assert set(channel.values.values()) == ways


def test_h12_who_may_use_a_way_and_how_many_there_are(haikou: CityFolder) -> None:
    assert haikou.city.cards is not None
    ways = haikou.city.cards.channels
    assert {code for code, way in ways.items() if way.is_instant} == {"instant_counter", "instant_machine"}
    assert {code for code, way in ways.items() if way.refuses} == {"instant_machine"}
    places = {code: way.places for code, way in ways.items() if way.places is not None}
    assert {code: place.value for code, place in places.items()} == {
        "outlet": None,  # the notice's number is damaged: unreadable, never guessed
        "instant_counter": 2,
        "instant_machine": 3,
    }
    assert places["outlet"].certainty == Certainty.UNREADABLE


@pytest.mark.parametrize(
    ("registered_on", "applies_from"),
    [
        (date(2017, 12, 4), date(2017, 12, 7)),  # Monday → Thursday
        (date(2017, 12, 14), date(2017, 12, 19)),  # over a weekend
        (date(2017, 9, 29), date(2017, 10, 10)),  # a worked Saturday, then the long holiday of 1-8 October
    ],
)
def test_h13_card_after_three_working_days(haikou: CityFolder, registered_on: date, applies_from: date) -> None:
    assert haikou.city.cards is not None
    lag = haikou.city.cards.lag_working_days
    assert (lag.value, lag.certainty) == (3, Certainty.STATED)
    assert lag.value is not None
    assert haikou.city.calendar.add_working_days(registered_on, lag.value) == applies_from


def test_h14_deadline_is_stated_and_16_days_away(haikou: CityFolder) -> None:
    deadline = haikou.city.campaign(2018).deadline_on
    assert (deadline.value, deadline.certainty) == (date(2017, 12, 31), Certainty.STATED)
    assert haikou.city.demo is not None
    assert (date(2017, 12, 31) - haikou.city.demo.as_of_on).days == 16


def test_h14_extension_counts_from_the_day_it_is_announced(haikou: CityFolder) -> None:
    campaign = haikou.city.campaign(2017)
    assert campaign.final_deadline_on(date(2016, 12, 25)) == date(2016, 12, 31)
    assert campaign.final_deadline_on(date(2016, 12, 26)) == date(2017, 1, 31)
    assert campaign.final_deadline_on() == date(2017, 1, 31)


def test_h16_cash_belongs_to_the_years_before_non_cash_collection(haikou: CityFolder) -> None:
    cash = haikou.city.channel("cash")
    assert cash.kind is ChannelKind.COLLECTIVE
    assert (cash.is_open_in(2016), cash.is_open_in(2017), cash.is_open_in(2018)) == (True, False, False)
    assert {c.code for c in haikou.city.channels if c.is_open_in(2016)} == {"cash", "assistance"}


def test_w1_w8_app_has_orders_with_all_four_states(wendeng: CityFolder) -> None:
    assert [c.code for c in wendeng.city.channels if c.has_orders] == ["app"]
    (state,) = [column for column in wendeng.feed("app_orders").columns if column.field == "state"]
    assert set(state.values.values()) == {"pending", "completed", "cancelled", "void"}


def test_w2_terminal_is_open_in_2018(wendeng: CityFolder) -> None:
    assert wendeng.city.channel("terminal").is_open_in(2018)


def test_w3_collective_cash_ends_with_2017(wendeng: CityFolder) -> None:
    cash = wendeng.city.channel("cash")
    assert (cash.is_open_in(2017), cash.is_open_in(2018)) == (True, False)


def test_w4_w12_adults_choose_a_tier_and_others_do_not(wendeng: CityFolder) -> None:
    choice = {category.code: category.has_tier_choice for category in wendeng.city.categories}
    assert choice == {"adult": True, "minor": False, "college_student": False}
    assert [tier.code for tier in wendeng.city.tiers] == ["one", "two"]


def test_w5_payer_and_insured_stand_apart(wendeng: CityFolder) -> None:
    headers = _headers(wendeng, "app_orders")
    assert {"缴费人证件号码", "参保人证件号码"} <= headers


def test_w6_app_is_not_for_first_time_members(wendeng: CityFolder) -> None:
    assert [c.code for c in wendeng.city.channels if Need.EARLIER_MEMBERSHIP in c.needs] == ["app"]


def test_w10_deadline_is_stated_and_41_days_away(wendeng: CityFolder) -> None:
    campaign = wendeng.city.campaign(2018)
    assert (campaign.deadline_on.value, campaign.deadline_on.certainty) == (date(2018, 4, 30), Certainty.STATED)
    assert campaign.closes_on.value == date(2018, 12, 31)
    assert wendeng.city.demo is not None
    assert (date(2018, 4, 30) - wendeng.city.demo.as_of_on).days == 41


def test_w13_any_bank_card_pays_so_no_card_state_blocks(wendeng: CityFolder) -> None:
    assert wendeng.city.cards is None
    assert Need.BANK_CARD in wendeng.city.channel("app").needs
    assert Need.BANK_CARD in wendeng.city.channel("terminal").needs


@pytest.mark.parametrize(("city", "persons"), [("wendeng", 400_000), ("haikou", 600_000)])
def test_divisions_add_up_and_names_are_invented(city: str, persons: int, request: pytest.FixtureRequest) -> None:
    folder: CityFolder = request.getfixturevalue(city)
    assert sum(folder.divisions.eligible_persons(folder.city.root_division_code).values()) == persons
    assert folder.city.divisions_note is not None
    assert "invented" in folder.city.divisions_note.en
    codes = [division.code[6:9] for division in folder.divisions.towns]
    assert all(code.startswith("9") for code in codes)  # no real street or town has such a code


@pytest.mark.parametrize("city", ["wendeng", "haikou"])
def test_demo_identifiers_are_of_no_province(city: str, request: pytest.FixtureRequest) -> None:
    folder: CityFolder = request.getfixturevalue(city)
    provinces = {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66)}
    provinces |= {71, 81, 82, 83, 91}
    assert folder.city.demo is not None
    assert not provinces & {int(prefix[:2]) for prefix in folder.city.demo.id_prefixes}


@pytest.mark.parametrize("city", ["wendeng", "haikou"])
def test_four_campaigns_and_spring_festivals(city: str, request: pytest.FixtureRequest) -> None:
    folder: CityFolder = request.getfixturevalue(city)
    assert [campaign.year for campaign in folder.city.campaigns] == [2015, 2016, 2017, 2018]
    new_year_days = [date(2015, 2, 19), date(2016, 2, 8), date(2017, 1, 28), date(2018, 2, 16)]
    assert not any(folder.city.calendar.is_working_day(day) for day in new_year_days)
    assert folder.city.calendar.is_working_day(date(2018, 2, 24))  # a Saturday worked for the festival


def test_feeds_have_the_layouts_of_real_sources(wendeng: CityFolder, haikou: CityFolder) -> None:
    formats = [feed.format for folder in (wendeng, haikou) for feed in folder.feeds]
    delimited = [layout for layout in formats if isinstance(layout, Delimited)]
    assert {layout.delimiter for layout in delimited} == {",", "\t", "|"}
    assert {encoding for layout in delimited for encoding in layout.encodings} == {*get_args(Encoding)} - {"utf-16"}
    assert any(layout.trailer and layout.trailer.sum_unit == "fen" for layout in delimited)
    assert any(layout.trailer and layout.trailer.sum_unit == "yuan" for layout in delimited)
    assert any(isinstance(layout, FixedWidth) for layout in formats)
    assert any(isinstance(layout, Excel) and len(layout.sheets) == 2 for layout in formats)


def test_header_of_the_identifier_varies_and_person_number_is_kept(wendeng: CityFolder, haikou: CityFolder) -> None:
    assert {"身份证号", "身份证号码", "证件号码", "人员编号"} <= _headers(wendeng, "enrolment_register")
    assert {"身份证号", "身份证号码", "证件号码", "人员编号"} <= _headers(haikou, "enrolment_register")


def test_rosters_know_every_reason_not_to_be_due(wendeng: CityFolder, haikou: CityFolder) -> None:
    for folder in (wendeng, haikou):
        (reason,) = [column for column in folder.feed("not_due_roster").columns if column.field == "reason"]
        assert set(reason.values.values()) == {"deceased", "employee_scheme", "insured_elsewhere", "moved", "enlisted"}


def test_both_cities_bring_the_same_kinds_but_their_own(wendeng: CityFolder, haikou: CityFolder) -> None:
    common = {"payment", "enrolment", "not_due", "assisted", "receipt", "platform_payment"}
    assert {feed.kind for feed in wendeng.feeds} == common | {"order", "stay"}
    assert {feed.kind for feed in haikou.feeds} == common | {"card_event"}
