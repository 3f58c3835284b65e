"""The seven rules: both sides of every threshold with its clause, and every person against a slow plain oracle."""

import calendar
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from configuration.policies import load_policies
from insurance.policy import CoverStart, LateRule, Policy
from insurance.rules import (
    LATE,
    ON_TIME,
    UNKNOWN,
    UNPAID,
    Facts,
    Outcome,
    add_months,
    apply_rules,
    late_rule,
    price_table,
)
from insurance.values import Certainty, Sourced, UnknownValueError

CATEGORIES = ("adult", "minor", "college_student")
TIERS = ("one", "two")
CITIES = Path(__file__).parents[2] / "cities"
NOT_A_DAY = np.datetime64("NaT", "D")


def facts(*persons: tuple[str | None, str | None, str | None, bool, bool], deadline_on: str = "2018-04-30") -> Facts:
    """Facts of persons given as (category, tier, paid on, first time, lapsed)."""
    category, tier, paid_on, is_first_time, is_lapsed = zip(*persons, strict=True)
    return Facts(
        categories=CATEGORIES,
        category=np.array([-1 if c is None else CATEGORIES.index(c) for c in category], np.int16),
        tiers=TIERS,
        tier=np.array([-1 if t is None else TIERS.index(t) for t in tier], np.int16),
        paid_on=np.array([d or "NaT" for d in paid_on], "datetime64[D]"),
        is_first_time=np.array(is_first_time, bool),
        is_lapsed=np.array(is_lapsed, bool),
        deadline_on=date.fromisoformat(deadline_on),
        opens_on=date(2017, 9, 1),
    )


def one(policy: Policy, category: str | None, tier: str | None, paid_on: str | None, **more: Any) -> dict[str, Any]:
    """The outcome of one person, indices as codes."""
    outcome = apply_rules(policy, facts((category, tier, paid_on, more.get("first", False), more.get("lapsed", False))))
    return _as_dict(outcome, 0)


def _as_dict(outcome: Outcome, row: int) -> dict[str, Any]:
    price_class, benefit_tier = int(outcome.price_class[row]), int(outcome.benefit_tier[row])
    return {
        "price_class": outcome.price_classes[price_class] if price_class >= 0 else None,
        "premium_due_fen": int(outcome.premium_due_fen[row]),
        "subsidy_fen": int(outcome.subsidy_fen[row]),
        "period": int(outcome.period[row]),
        "waiting_months": int(outcome.waiting_months[row]),
        "entitled_on": outcome.entitled_on[row].item(),
        "benefit_tier": outcome.benefit_tiers[benefit_tier] if benefit_tier >= 0 else None,
    }


def with_values(policy: Policy, **values: Any) -> Policy:
    """The policy with assumed values (None: unknown) in place of some of its own."""
    certain = {True: Certainty.UNKNOWN, False: Certainty.ASSUMED}
    return policy.model_copy(
        update={key: Sourced[Any](value=v, certainty=certain[v is None]) for key, v in values.items()}
    )


@pytest.mark.parametrize(
    ("category", "tier", "on_time_yuan", "late_yuan"),
    [
        ("adult", "one", 350, 850),
        ("adult", "two", 500, 1000),
        ("minor", None, 180, 680),
        ("college_student", None, 180, 680),
    ],
)
def test_w4_w10_the_deadline_day_is_on_time_and_the_next_day_pays_premium_and_subsidy(
    stated: Policy, category: str, tier: str | None, on_time_yuan: int, late_yuan: int
) -> None:
    before = one(stated, category, tier, "2018-04-30")
    after = one(stated, category, tier, "2018-05-01")
    assert (before["period"], before["premium_due_fen"], before["subsidy_fen"]) == (ON_TIME, on_time_yuan * 100, 50_000)
    assert (after["period"], after["premium_due_fen"], after["subsidy_fen"]) == (LATE, late_yuan * 100, 0)


def test_w11_w10_the_deadline_day_is_covered_from_1_january_and_the_next_day_waits_to_1_august(stated: Policy) -> None:
    assert one(stated, "adult", "one", "2018-04-30")["entitled_on"] == date(2018, 1, 1)
    late = one(stated, "adult", "one", "2018-05-01")
    assert (late["waiting_months"], late["entitled_on"]) == (3, date(2018, 8, 1))


@pytest.mark.parametrize("why", ["first", "lapsed"])
def test_w11_first_time_and_lapsed_wait_three_months_though_on_time(stated: Policy, why: str) -> None:
    outcome = one(stated, "adult", "two", "2018-03-20", **{why: True})
    assert (outcome["period"], outcome["waiting_months"], outcome["entitled_on"]) == (ON_TIME, 3, date(2018, 6, 20))
    assert one(stated, "adult", "two", "2018-03-20")["waiting_months"] == 0


@pytest.mark.parametrize(
    ("paid_on", "entitled_on"),
    [
        ("2018-01-31", date(2018, 4, 30)),
        ("2018-03-31", date(2018, 6, 30)),
        ("2018-11-29", date(2019, 2, 28)),
        ("2018-11-30", date(2019, 2, 28)),
        ("2018-12-01", date(2019, 3, 1)),
        ("2017-09-30", date(2018, 1, 1)),  # the wait ends before the benefit year: cover starts with the year
        ("2017-10-02", date(2018, 1, 2)),
    ],
)
def test_w11_months_clip_to_the_month_s_end_and_cover_never_precedes_the_year(
    stated: Policy, paid_on: str, entitled_on: date
) -> None:
    assert one(stated, "adult", "one", paid_on, first=True)["entitled_on"] == entitled_on


def test_w12_minors_and_students_pay_one_price_and_get_tier_two_whatever_tier_is_named(stated: Policy) -> None:
    for category in ("minor", "college_student"):
        for tier in (None, "one", "two"):
            outcome = one(stated, category, tier, "2018-03-01")
            assert (outcome["price_class"], outcome["benefit_tier"]) == ("minor_student", "two")
    assert one(stated, "adult", "one", "2018-03-01")["benefit_tier"] == "one"
    assert one(stated, "adult", "two", "2018-03-01")["benefit_tier"] == "two"


def test_the_unpaid_know_their_price_only_without_a_choice_and_nothing_is_subsidised(stated: Policy) -> None:
    adult, minor = one(stated, "adult", None, None), one(stated, "minor", None, None)
    assert (adult["premium_due_fen"], adult["price_class"], adult["benefit_tier"]) == (UNKNOWN, None, None)
    assert (minor["premium_due_fen"], minor["price_class"]) == (18_000, "minor_student")
    for outcome in (adult, minor):
        assert (outcome["period"], outcome["subsidy_fen"], outcome["waiting_months"]) == (UNPAID, 0, UNKNOWN)
        assert outcome["entitled_on"] is None


def test_a_person_without_category_has_no_price_but_a_period_and_a_date(stated: Policy) -> None:
    outcome = one(stated, None, "one", "2018-05-01")
    assert (outcome["price_class"], outcome["premium_due_fen"]) == (None, UNKNOWN)
    assert (outcome["period"], outcome["entitled_on"]) == (LATE, date(2018, 8, 1))


def test_h14_h15_a_deadline_before_the_year_covers_from_its_first_day(sparse: Policy) -> None:
    persons = (("adult", None, "2017-12-31", False, False), ("adult", None, "2018-01-01", False, False))
    outcome = apply_rules(sparse, facts(*persons, deadline_on="2017-12-31"))
    before, after = _as_dict(outcome, 0), _as_dict(outcome, 1)
    assert (before["period"], before["premium_due_fen"], before["entitled_on"]) == (ON_TIME, 18_000, date(2018, 1, 1))
    assert before["subsidy_fen"] == UNKNOWN  # H15: no source states the subsidy of 2018
    assert (after["period"], after["premium_due_fen"], after["subsidy_fen"]) == (LATE, UNKNOWN, UNKNOWN)
    assert (after["waiting_months"], after["entitled_on"]) == (UNKNOWN, None)


def test_fault_40_an_unknown_wait_gives_no_date(sparse: Policy) -> None:
    outcome = one(sparse, "adult", None, "2017-12-01", first=True)
    assert (outcome["waiting_months"], outcome["entitled_on"]) == (UNKNOWN, None)


def test_fault_41_without_a_late_rule_whoever_needs_it_refuses(stated: Policy, sparse: Policy) -> None:
    assert late_rule(stated) is LateRule.LOSES_SUBSIDY_AND_WAITS
    with pytest.raises(UnknownValueError, match="late_rule") as error:
        late_rule(sparse)
    assert error.value.names == ["late_rule"]
    late = [price for price in price_table(sparse, CATEGORIES, ()) if price.period == "late"]
    assert {price.premium_due_fen for price in late} == {None}


@pytest.mark.parametrize(
    ("rule", "premium_fen", "subsidy_fen", "months", "entitled_on"),
    [
        (LateRule.LOSES_SUBSIDY_AND_WAITS, 85_000, 0, 3, date(2018, 8, 1)),
        (LateRule.WAITS_ONLY, 35_000, 50_000, 3, date(2018, 8, 1)),
        (LateRule.NONE, 35_000, 50_000, 0, date(2018, 5, 1)),
        (LateRule.NOT_ACCEPTED, UNKNOWN, 0, UNKNOWN, None),
        (None, UNKNOWN, UNKNOWN, UNKNOWN, None),
    ],
)
def test_every_late_rule(
    stated: Policy, rule: LateRule | None, premium_fen: int, subsidy_fen: int, months: int, entitled_on: date | None
) -> None:
    outcome = one(with_values(stated, late_rule=rule), "adult", "one", "2018-05-01")
    assert outcome["period"] == LATE
    assert (outcome["premium_due_fen"], outcome["subsidy_fen"]) == (premium_fen, subsidy_fen)
    assert (outcome["waiting_months"], outcome["entitled_on"]) == (months, entitled_on)


def test_the_cover_switch_moves_only_those_who_need_not_wait(stated: Policy) -> None:
    policy = with_values(stated, cover_starts=CoverStart.FROM_PAYMENT)
    assert one(policy, "adult", "one", "2018-03-20")["entitled_on"] == date(2018, 3, 20)
    assert one(policy, "adult", "one", "2017-12-20")["entitled_on"] == date(2018, 1, 1)
    assert one(policy, "adult", "one", "2018-03-20", lapsed=True)["entitled_on"] == date(2018, 6, 20)


def test_price_table_in_order(stated: Policy) -> None:
    prices = price_table(stated, CATEGORIES, TIERS)
    assert [(p.category, p.tier, p.period, p.premium_due_fen, p.subsidy_fen) for p in prices] == [
        ("adult", "one", "on_time", 35_000, 50_000),
        ("adult", "one", "late", 85_000, 0),
        ("adult", "two", "on_time", 50_000, 50_000),
        ("adult", "two", "late", 100_000, 0),
        ("minor", None, "on_time", 18_000, 50_000),
        ("minor", None, "late", 68_000, 0),
        ("college_student", None, "on_time", 18_000, 50_000),
        ("college_student", None, "late", 68_000, 0),
    ]
    assert {(p.category, p.price_class, p.benefit_tier) for p in prices if p.category != "adult"} == {
        ("minor", "minor_student", "two"),
        ("college_student", "minor_student", "two"),
    }


def test_price_table_has_no_late_price_where_late_payments_are_refused(stated: Policy) -> None:
    prices = price_table(with_values(stated, late_rule=LateRule.NOT_ACCEPTED), CATEGORIES, TIERS)
    assert {price.period for price in prices} == {"on_time"}


def test_facts_of_different_lengths_or_with_strange_indices_are_refused() -> None:
    good = facts(("adult", "one", "2018-03-01", False, False))
    fields = {name: getattr(good, name) for name in good.__dataclass_fields__}
    with pytest.raises(ValueError, match="one and the same shape"):
        Facts(**{**fields, "tier": np.array([0, 1], np.int16)})
    with pytest.raises(ValueError, match="category holds indices outside"):
        Facts(**{**fields, "category": np.array([3], np.int16)})
    with pytest.raises(ValueError, match="datetime64\\[D\\]"):
        Facts(**{**fields, "paid_on": good.paid_on.astype("datetime64[s]")})
    with pytest.raises(ValueError, match="after its deadline"):
        Facts(**{**fields, "opens_on": date(2018, 5, 1)})


def test_nobody_at_all_is_fine(stated: Policy) -> None:
    nobody = np.array([], np.int16)
    empty = Facts(CATEGORIES, nobody, TIERS, nobody, np.array([], "datetime64[D]"), nobody > 0, nobody > 0,
                  date(2018, 4, 30), date(2018, 1, 1))  # fmt: skip
    assert apply_rules(stated, empty).entitled_on.shape == (0,)


# --- the oracle: one person at a time, written from the clauses and not from the code ---------------------------------


def oracle_add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def oracle(policy: Policy, category: str | None, tier: str | None, paid_on: date | None, first: bool, lapsed: bool,
           deadline_on: date) -> dict[str, Any]:  # fmt: skip
    policy = policy.effective()
    line = next((p for p in policy.premiums if p.category == category and p.tier in (None, tier)), None)
    premium = None if line is None or line.premium_yuan.value is None else int(line.premium_yuan.value * 100)
    subsidy = None if policy.subsidy_yuan.value is None else int(policy.subsidy_yuan.value * 100)
    rule, is_late = policy.late_rule.value, paid_on is not None and paid_on > deadline_on
    waits: list[int | None] = [0]
    if first:
        waits.append(policy.waiting_months.first_time.value)
    if lapsed:
        waits.append(policy.waiting_months.lapsed.value)
    if is_late and rule in ("loses_subsidy_and_waits", "waits_only"):
        waits.append(policy.waiting_months.late.value)
    if is_late and rule in (None, "not_accepted"):
        waits.append(None)
    months = None if paid_on is None or None in waits else max(w for w in waits if w is not None)
    entitled_on = None
    if paid_on is not None and months is not None:
        year_start = policy.valid_from
        if months == 0 and not is_late and policy.cover_starts.value == "from_1_january":
            entitled_on = year_start
        else:
            entitled_on = max(oracle_add_months(paid_on, months), year_start)
    due, gets = premium, (0 if paid_on is None else subsidy)
    if is_late and rule is None:
        due = gets = None
    elif is_late and rule == "not_accepted":
        due, gets = None, 0
    elif is_late and rule == "loses_subsidy_and_waits":
        due, gets = (None if premium is None or subsidy is None else premium + subsidy), 0
    return {
        "price_class": line.price_class if line else None,
        "premium_due_fen": UNKNOWN if due is None else due,
        "subsidy_fen": UNKNOWN if gets is None else gets,
        "period": UNPAID if paid_on is None else LATE if is_late else ON_TIME,
        "waiting_months": UNKNOWN if months is None else months,
        "entitled_on": entitled_on,
        "benefit_tier": line.benefit_tier.value if line else None,
    }


ALL_POLICIES = [policy for city in ("wendeng", "haikou") for policy in load_policies(CITIES / city).values()]
DAYS = st.dates(date(2017, 9, 1), date(2018, 12, 31))
PERSONS = st.tuples(
    st.sampled_from([None, *CATEGORIES]),
    st.sampled_from([None, *TIERS]),
    st.none() | DAYS,
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(
    policy=st.sampled_from(ALL_POLICIES),
    rule=st.sampled_from([None, *LateRule]),
    cover=st.sampled_from(list(CoverStart)),
    keep=st.booleans(),
    persons=st.lists(PERSONS, min_size=1, max_size=30),
    deadline_on=DAYS,
)
def test_all_persons_at_once_equal_the_oracle_one_by_one(
    policy: Policy, rule: LateRule | None, cover: CoverStart, keep: bool, persons: list[Any], deadline_on: date
) -> None:
    if not keep:
        policy = with_values(policy.effective(), late_rule=rule, cover_starts=cover)
    rows = [(c, t, None if d is None else d.isoformat(), first, lapsed) for c, t, d, first, lapsed in persons]
    outcome = apply_rules(policy, facts(*rows, deadline_on=deadline_on.isoformat()))
    for row, person in enumerate(persons):
        assert _as_dict(outcome, row) == oracle(policy, *person, deadline_on)


@given(day=st.dates(date(1999, 1, 1), date(2101, 12, 31)), months=st.integers(0, 60))
def test_months_are_added_as_the_calendar_does(day: date, months: int) -> None:
    assert add_months(np.array([day], "datetime64[D]"), months)[0].item() == oracle_add_months(day, months)


def test_every_day_of_the_campaign_changes_period_only_at_the_deadline(stated: Policy) -> None:
    days = [date(2018, 1, 1) + timedelta(days=offset) for offset in range(365)]
    outcome = apply_rules(stated, facts(*[("adult", "one", day.isoformat(), False, False) for day in days]))
    assert list(outcome.period) == [ON_TIME if day <= date(2018, 4, 30) else LATE for day in days]
    assert not (outcome.entitled_on == NOT_A_DAY).any()
