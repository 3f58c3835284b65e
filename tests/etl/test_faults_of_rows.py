"""Faults 13–33 of docs/requirements.md: what must happen to rows. Each test names its number."""

from datetime import date

import pytest

from etl.reasons import RowReason
from tests.etl.world import World, order, payment, person, registered

A, B, C = person(1), person(2), person(3)
STANDING = "SELECT reference, standing FROM core_payments ORDER BY reference"


def reasons(world: World) -> list[str]:
    return [reason for *_, reason in world.set_aside()]


def standings(world: World) -> dict[str, str]:
    return {row["reference"]: row["standing"] for row in world.rows(STANDING)}


def wrong_check_digit(number: str) -> str:
    return number[:-1] + ("1" if number[-1] != "1" else "2")


def test_fault_13_a_wrong_check_digit_is_set_aside(world: World) -> None:
    world.register(registered(A), registered(wrong_check_digit(B)))
    world.load()
    assert reasons(world) == [RowReason.ID_CHECK_DIGIT]


def test_fault_14_lower_case_full_width_and_blanks_are_one_identity(world: World) -> None:
    number = next(p for p in map(person, range(1000)) if p.endswith("X"))
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    world.register(registered(number))
    world.payments(
        payment("1", number.lower()), payment("2", wide), payment("3", f"  {number[:6]} {number[6:14]} {number[14:]} ")
    )
    world.load()
    assert reasons(world) == []
    assert world.value("SELECT count(*) FROM core_persons") == 1
    assert world.value("SELECT count(*) FROM core_payments") == 3


def test_fault_15_an_old_number_links_to_the_new_one(world: World) -> None:
    world.register(registered(A))
    world.payments(payment("1", A[:6] + A[8:17]))
    world.load()
    assert standings(world) == {"1": "covering"}


@pytest.mark.parametrize("number", ["1.1E+17", "3.70E+17", "1.1e+17"])
def test_fault_16_a_number_ruined_by_a_spreadsheet_is_set_aside(world: World, number: str) -> None:
    world.register(registered(number))
    world.load()
    assert reasons(world) == [RowReason.ID_PRECISION_LOST]


@pytest.mark.parametrize("birth", ["19800230", "19801301", "20220312", "20990101"])
def test_fault_17_an_impossible_or_future_birth_date_is_set_aside(world: World, birth: str) -> None:
    world.register(registered(person(1, birth)), registered(person(1, "20220310")), registered(person(1, "20000229")))
    world.load()
    assert reasons(world) == [RowReason.ID_BIRTH_DATE]


@pytest.mark.parametrize("permit", ["H12345678", "M1234567801", "12345678", "ABC123456789012"])
def test_fault_18_permits_have_their_own_rule(world: World, permit: str) -> None:
    world.register(registered(permit), registered("Q99"))
    world.load()
    assert reasons(world) == [RowReason.ID_FORM]
    assert world.value("SELECT birth_year FROM core_persons") is None


def test_fault_19_one_identity_with_two_names_counts_once_and_is_flagged(world: World) -> None:
    world.register(registered(A, name="王芳"))
    world.payments(payment("1", A, name="李强"))
    world.load()
    assert world.value("SELECT count(*) FROM core_participation") == 1
    assert world.value("SELECT is_name_different FROM core_participation") is True
    assert world.value("SELECT is_name_different FROM core_payments") is True


def test_fault_20_the_same_transaction_twice_is_a_duplicate(world: World) -> None:
    world.register(registered(A), registered(B))
    world.payments(payment("1", A), payment("1", A))
    world.payments(payment("1", A), date="20220202")
    world.orders(order("o1", B), order("o1", B))
    world.load()
    assert world.value("SELECT sum(rows_duplicate) FROM load_batches") == 3
    assert world.value("SELECT sum(duplicate_fen) FROM load_batches") == 30000
    assert world.value("SELECT sum(net_fen) FROM core_payments") == 20000


def test_fault_20_the_same_number_with_other_content_is_set_aside(world: World) -> None:
    world.register(registered(A), registered(B))
    world.payments(payment("1", A), payment("1", B))
    world.load()
    assert reasons(world) == [RowReason.TXN_CONFLICT]


def test_fault_21_paid_through_two_channels_is_one_cover_and_a_refund(world: World) -> None:
    world.register(registered(A))
    world.payments(payment("1", A, time="2022-02-03T08:00:00"))
    world.orders(order("o1", A, made="2022-02-02 08:00:00"))
    world.load()
    assert standings(world) == {"1": "paid_twice", "o1": "covering"}
    row = world.rows("SELECT is_paid, channel, paid_fen, refund_due_fen FROM core_participation")[0]
    assert row == {"is_paid": True, "channel": "phone", "paid_fen": 10000, "refund_due_fen": 10000}


def test_fault_22_a_reversal_before_its_original_is_pending_then_nets_to_nothing(world: World) -> None:
    world.register(registered(A))
    world.payments(payment("r", A, kind="R", takes_back="1"), date="20220201")
    world.load()
    assert world.value("SELECT is_applied FROM raw_reversals") is False
    world.payments(payment("1", A), date="20220202")
    world.load()
    assert world.value("SELECT is_applied FROM raw_reversals") is True
    assert standings(world) == {"1": "reversed"}
    assert world.value("SELECT is_paid FROM core_participation") is False


def test_fault_23_a_second_or_too_large_reversal_is_set_aside(world: World) -> None:
    world.register(registered(A), registered(B))
    world.payments(
        payment("1", A),
        payment("2", B),
        payment("r1", A, kind="R", takes_back="1"),
        payment("r2", A, kind="R", takes_back="1"),
        payment("r3", B, 10001, kind="R", takes_back="2"),
    )
    world.load()
    assert reasons(world) == [RowReason.REVERSAL_REPEATED, RowReason.REVERSAL_TOO_LARGE]
    assert standings(world) == {"1": "reversed", "2": "covering"}


@pytest.mark.parametrize(
    ("made", "state"),
    [("2022-03-09 23:59:59", "void"), ("2022-03-10 00:00:00", "pending")],
    ids=["unpaid past midnight", "still the same day"],
)
def test_fault_24_and_w8_an_unpaid_order_is_void_the_day_after(world: World, made: str, state: str) -> None:
    world.register(registered(A))
    world.orders(order("o1", A, "open", made=made))
    world.load()
    assert world.value("SELECT state FROM core_orders") == state
    assert world.value("SELECT count(*) FROM core_payments") == 0
    blocker = "order_pending" if state == "pending" else "order_void"
    assert world.value("SELECT blocker FROM core_participation") == blocker


@pytest.mark.parametrize("state", ["withdrawn", "expired"])
def test_fault_24_money_confirmed_on_a_dead_order_waits_in_suspense(world: World, state: str) -> None:
    world.register(registered(A))
    world.orders(order("o1", A, state, paid="2022-02-02 10:00:00", bank_ref="B77"))
    world.load()
    assert standings(world) == {"o1": "suspense_void_order"}
    assert world.value("SELECT is_paid FROM core_participation") is False
    assert world.value("SELECT sum(suspense_fen) FROM mart_money_daily") == 10000


@pytest.mark.parametrize(
    ("states", "standing"),
    [(("done", "withdrawn", "done"), "covering"), (("withdrawn", "done", "withdrawn"), "suspense_void_order")],
)
def test_w8_the_newest_word_on_an_order_counts_even_when_it_was_said_before(
    world: World, states: tuple[str, ...], standing: str
) -> None:
    world.register(registered(A))
    for day, state in enumerate(states, 1):
        world.orders(order("o1", A, state, paid="2022-02-01 10:00:00", bank_ref="B1"), date=f"2022020{day}")
    # The third file says what the first said: another line, or it would be a copy of the first (fault 2).
    world.orders(
        order("o1", A, states[2], paid="2022-02-01 10:00:00", bank_ref="B1"),
        order("o2", B, "open", made="2022-02-03 10:00:00"),
        date="20220203",
    )
    world.load()
    assert standings(world) == {"o1": standing}
    assert world.value("SELECT sum(rows_duplicate) FROM load_batches") == 1


def test_an_unpaid_order_belongs_to_the_campaign_it_was_made_in(world: World) -> None:
    feed = world.folder / "cities" / "lakeside" / "feeds" / "phone_orders.yaml"
    text = feed.read_text(encoding="utf-8").replace("campaign: column", "campaign: payment_time")
    text = text.replace("  - {field: campaign_year, headers: [year], parse: integer}\n", "")
    feed.write_text(text + "ignored_headers: [year]\n", encoding="utf-8")
    world.register(registered(A))
    world.orders(order("o1", A, "open", made="2022-03-10 08:00:00"))
    world.load()
    assert reasons(world) == []
    assert world.value("SELECT blocker FROM core_participation") == "order_pending"


def test_money_given_back_after_the_campaign_has_closed_still_nets(world: World) -> None:
    world.register(registered(A), year=2021)
    world.payments(payment("1", A, time="2021-03-31T10:00:00"), date="20210331")
    city = world.folder / "cities" / "lakeside" / "city.yaml"
    closed = city.read_text(encoding="utf-8").replace("value: 2021-12-31", "value: 2021-03-31")
    city.write_text(closed, encoding="utf-8")
    back = payment("r", A, kind="R", takes_back="1", time="2021-04-15T10:00:00")
    world.payments(back, payment("2", A, time="2021-04-15T10:00:00"), date="20210415")
    world.load()
    assert reasons(world) == [RowReason.CAMPAIGN_UNKNOWN], "a payment outside every campaign, but not the reversal"
    assert standings(world) == {"1": "reversed"}


@pytest.mark.parametrize(("state", "payments"), [("done", 1), ("open", 0), ("withdrawn", 0), ("expired", 0)])
def test_w7_only_a_completed_order_proves_a_payment(world: World, state: str, payments: int) -> None:
    world.register(registered(A))
    world.orders(order("o1", A, state, made="2022-03-10 08:00:00"))
    world.load()
    assert world.value("SELECT count(*) FROM core_payments") == payments
    assert world.value("SELECT is_paid FROM core_participation") is bool(payments)
    if payments:
        assert world.value("SELECT reference FROM core_participation") == "o1"


def test_fault_25_a_partial_refund_leaves_the_rest_to_the_fen(world: World) -> None:
    world.register(registered(A))
    world.payments(payment("1", A), payment("r", A, 3333, kind="R", takes_back="1"))
    world.load()
    row = world.rows("SELECT net_fen, standing, is_amount_different FROM core_payments")[0]
    assert row == {"net_fen": 6667, "standing": "covering", "is_amount_different": True}
    assert world.value("SELECT paid_fen FROM core_participation") == 6667


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        ("350.001", RowReason.AMOUNT_UNREADABLE),
        ("-350", RowReason.AMOUNT_NEGATIVE),
        ("−350", RowReason.AMOUNT_NEGATIVE),
        ("三百五", RowReason.AMOUNT_UNREADABLE),
        ("￥350", RowReason.AMOUNT_UNREADABLE),
        ("1.1E+5", RowReason.AMOUNT_UNREADABLE),
    ],
)
def test_fault_26_amounts_are_exact_or_set_aside(world: World, amount: str, reason: RowReason) -> None:
    world.register(registered(A), registered(B), registered(C))
    path = world.orders(order("o1", A, yuan="100.5"), order("o2", C, yuan="100"))
    text = path.read_bytes().decode("gbk") + order("o3", B, yuan=amount).replace("−", "-").replace("￥", "＄") + "\n"
    path.write_bytes(text.encode("gbk"))
    world.age(path)
    world.load()
    assert reasons(world) == [reason]
    assert world.value("SELECT sum(net_fen) FROM core_payments") == 20050


def test_fault_27_an_amount_under_the_wrong_tier_is_flagged(world: World) -> None:
    world.register(registered(A))
    world.payments(payment("1", A, 10000, tier="P"))
    world.load()
    assert world.value("SELECT is_amount_different FROM core_payments") is True
    assert world.value("SELECT tier FROM core_participation") == "plus"


@pytest.mark.parametrize(
    ("time", "fen", "period", "subsidy_fen", "entitled_on"),
    [
        ("2022-03-31T23:59:59", 10000, "on_time", 40000, date(2022, 1, 1)),
        ("2022-04-01T00:00:00", 50000, "late", 0, date(2022, 7, 1)),
    ],
)
def test_fault_28_a_second_decides_period_price_and_subsidy(
    world: World, time: str, fen: int, period: str, subsidy_fen: int, entitled_on: date
) -> None:
    world.register(registered(A))
    world.payments(payment("1", A, fen, time=time))
    world.load(as_of_on=date(2022, 4, 10))
    row = world.rows("SELECT period, subsidy_fen, premium_due_fen, entitled_on FROM core_participation")[0]
    assert row == {
        "period": period,
        "subsidy_fen": subsidy_fen,
        "premium_due_fen": fen,
        "entitled_on": entitled_on,
    }
    assert world.value("SELECT is_amount_different FROM core_payments") is False


def test_fault_29_the_time_of_payment_rules_not_the_settlement(world: World) -> None:
    feed = world.folder / "cities" / "lakeside" / "feeds" / "desk_payments.yaml"
    text = feed.read_text(encoding="utf-8")
    settled = '  - {field: settled_on, headers: [settled], parse: date, formats: ["%Y-%m-%d"]}\nconstants:'
    feed.write_text(text.replace("constants:", settled), encoding="utf-8")
    world.register(registered(A))
    line = payment("1", A, time="2022-03-31T20:00:00")
    header = "number;takes_back;type;id;name;tier;fen;time;settled"
    world.put("desk_20220401_01.txt", f"{header}\n{line};2022-04-01\nEND;1;10000\n")
    world.load(as_of_on=date(2022, 4, 2))
    row = world.rows("SELECT paid_on, settled_on FROM core_payments")[0]
    assert row == {"paid_on": date(2022, 3, 31), "settled_on": date(2022, 4, 1)}
    assert world.value("SELECT period FROM core_participation") == "on_time"


def test_fault_30_and_h8_a_deposit_is_a_funding_event_outside_every_sum(world: World) -> None:
    world.register(registered(A))
    world.payments(payment("1", A, 10000, kind="D"))
    world.load()
    assert world.value("SELECT count(*) FROM core_payments") == 0
    assert world.value("SELECT coalesce(sum(net_fen), 0) FROM mart_money_daily") == 0
    assert world.rows("SELECT origin, is_funded FROM raw_funding_events") == [{"origin": "bank", "is_funded": True}]
    assert world.value("SELECT blocker FROM core_participation") == "funded_unpaid"
    columns = world.rows("SELECT column_name FROM information_schema.columns WHERE table_name = 'raw_funding_events'")
    assert not any("fen" in row["column_name"] for row in columns), "a yes or no, never a balance"


def test_fault_31_and_w5_the_insured_is_credited_not_the_payer(world: World) -> None:
    world.register(registered(A), registered(B))
    world.orders(order("o1", A, payer=B))
    world.load()
    rows = world.rows(
        "SELECT p.is_paid, p.payer_relation FROM core_participation p ORDER BY p.is_paid DESC"
    )
    assert rows == [{"is_paid": True, "payer_relation": "other"}, {"is_paid": False, "payer_relation": None}]


def test_fault_32_and_h10_a_payment_without_enrolment_waits_in_suspense(world: World) -> None:
    world.register(registered(A))
    world.payments(payment("1", B))
    world.load()
    assert standings(world) == {"1": "suspense_not_enrolled"}
    assert world.value("SELECT sum(suspense_fen) FROM mart_money_daily") == 10000
    assert world.value("SELECT count(*) FROM core_participation WHERE is_paid") == 0
    world.register(registered(A), registered(B), date="20220301")
    world.load()
    assert standings(world) == {"1": "covering"}
