"""Payouts to the fen: worked values of clause W9, the costs at which the cap binds, and properties of every payout."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insurance.benefit import (
    CostBand,
    StayBenefit,
    YearSoFar,
    payout_of_stay,
    payouts_of_year,
    stay_benefit,
)
from insurance.inpatient import BreakBasis, BreakPeriod, LaterDeductible
from insurance.policy import Policy
from insurance.values import UnknownValueError

LEVELS = ("level_one", "level_two", "level_three")


def benefit_of(policy: Policy, tier: str, level: str) -> StayBenefit:
    return stay_benefit(policy.inpatient, tier, level)


@pytest.mark.parametrize(
    ("tier", "level", "cost_fen", "paid_fen"),
    [
        ("one", "level_one", 300_00, 0),  # exactly the deductible
        ("one", "level_one", 300_01, 1),  # 0.8 fen, rounded once
        ("one", "level_one", 5_000_00, 3_760_00),
        ("one", "level_two", 500_00, 0),
        ("one", "level_two", 10_000_00, 5_700_00),
        ("one", "level_three", 800_00, 0),
        ("one", "level_three", 60_000_00, 29_600_00),
        ("two", "level_two", 10_000_00, 6_175_00),
        ("two", "level_two", 40_000_00, 25_675_00),  # the edge belongs to the lower band
        ("two", "level_two", 40_001_00, 25_675_70),
        ("two", "level_three", 60_000_00, 35_560_00),
    ],
)
def test_w9_worked_payouts(stated: Policy, tier: str, level: str, cost_fen: int, paid_fen: int) -> None:
    assert payout_of_stay(benefit_of(stated, tier, level), cost_fen).paid_fen == paid_fen


@pytest.mark.parametrize(
    ("tier", "level", "knot_yuan"),
    [
        ("one", "level_one", Fraction(250_300)),
        ("one", "level_two", Fraction(1_001_500, 3)),  # 333,833.33
        ("one", "level_three", Fraction(400_800)),
        ("two", "level_one", Fraction(375_300)),
        ("two", "level_two", Fraction(3_023_250, 7)),  # 431,892.86
        ("two", "level_three", Fraction(3_064_400, 7)),  # 437,771.43
    ],
)
def test_w9_the_cap_binds_from_the_cost_where_the_bands_reach_it(
    stated: Policy, tier: str, level: str, knot_yuan: Fraction
) -> None:
    benefit = benefit_of(stated, tier, level)
    assert benefit.cap_knot_fen() == knot_yuan * 100
    below, above = int(knot_yuan * 100) - 2, int(knot_yuan * 100) + 2
    assert payout_of_stay(benefit, below).paid_fen < benefit.annual_cap_fen
    assert not payout_of_stay(benefit, below).is_capped
    assert payout_of_stay(benefit, above).paid_fen == benefit.annual_cap_fen
    assert payout_of_stay(benefit, above).is_capped


def test_steps_add_up_and_name_their_parts(stated: Policy) -> None:
    payout = payout_of_stay(benefit_of(stated, "two", "level_three"), 60_000_00)
    assert [(step.part_fen, step.share, step.paid_fen) for step in payout.steps] == [
        (39_200_00, Decimal("0.55"), Decimal("21560_00")),
        (20_000_00, Decimal("0.7"), Decimal("14000_00")),
    ]
    assert (payout.deductible_fen, payout.is_capped) == (800_00, False)


def test_w9_the_annual_cap_is_used_up_by_earlier_stays(stated: Policy) -> None:
    benefit = benefit_of(stated, "one", "level_three")
    first, second, third = payouts_of_year([(benefit, 300_000_00), (benefit, 200_000_00), (benefit, 10_000_00)])
    assert (first.paid_fen, first.is_capped) == (149_600_00, False)
    assert (second.paid_fen, second.is_capped) == (50_400_00, True)
    assert (third.paid_fen, third.is_capped) == (0, True)


def reading(policy: Policy, tier: str, level: str, **choices: Any) -> StayBenefit:
    return StayBenefit(**{**benefit_of(policy, tier, level).__dict__, **choices})


def test_reading_break_above_the_deductible_moves_the_edge(stated: Policy) -> None:
    benefit = reading(stated, "two", "level_three", break_basis=BreakBasis.ABOVE_DEDUCTIBLE)
    assert payout_of_stay(benefit, 40_800_00).paid_fen == 22_000_00
    assert payout_of_stay(benefit, 60_000_00).paid_fen == 22_000_00 + 13_440_00
    assert payout_of_stay(benefit_of(stated, "two", "level_three"), 40_800_00).paid_fen == 21_560_00 + 560_00


def test_reading_break_over_the_year_counts_earlier_stays(stated: Policy) -> None:
    benefit = reading(stated, "two", "level_three", break_period=BreakPeriod.PER_YEAR)
    first, second = payouts_of_year([(benefit, 30_000_00), (benefit, 30_000_00)])
    assert first.paid_fen == 16_060_00  # 55 % of 29,200
    assert second.paid_fen == 5_060_00 + 14_000_00  # 55 % of 9,200 up to the edge, 70 % of 20,000 above it
    per_stay = payouts_of_year([(benefit_of(stated, "two", "level_three"), 30_000_00)] * 2)
    assert [payout.paid_fen for payout in per_stay] == [16_060_00, 16_060_00]


def test_reading_break_over_the_year_above_the_deductibles(stated: Policy) -> None:
    benefit = reading(
        stated, "two", "level_three", break_period=BreakPeriod.PER_YEAR, break_basis=BreakBasis.ABOVE_DEDUCTIBLE
    )
    _, second = payouts_of_year([(benefit, 30_000_00), (benefit, 30_000_00)])
    assert second.paid_fen == 5_940_00 + 12_880_00  # 29,200 are used of 40,000: 10,800 at 55 %, 18,400 at 70 %


@pytest.mark.parametrize(
    ("choice", "paid_fen"),
    [(LaterDeductible.SAME, 4_600_00), (LaterDeductible.HALF, 4_800_00), (LaterDeductible.NONE, 5_000_00)],
)
def test_reading_deductible_of_later_stays(stated: Policy, choice: LaterDeductible, paid_fen: int) -> None:
    benefit = reading(stated, "one", "level_three", later_deductible=choice)
    first, second = payouts_of_year([(benefit, 10_000_00), (benefit, 10_000_00)])
    assert (first.paid_fen, second.paid_fen) == (4_600_00, paid_fen)


def test_fault_40_unknown_benefits_are_named_and_nothing_is_computed(sparse: Policy) -> None:
    with pytest.raises(UnknownValueError) as error:
        benefit_of(sparse, "single", "level_two")
    assert error.value.names == [
        "inpatient.deductible_yuan.level_two",
        "inpatient.annual_cap_yuan.single",
        "inpatient.shares.single.level_two",
        "inpatient.break_period",
        "inpatient.break_basis",
        "inpatient.later_deductible",
    ]


def test_a_tier_level_or_cost_that_cannot_be_is_refused(stated: Policy) -> None:
    with pytest.raises(ValueError, match="benefit tier 'three' is not one of one, two"):
        benefit_of(stated, "three", "level_one")
    with pytest.raises(ValueError, match="hospital level 'level_four' is not one of level_one, level_two, level_three"):
        benefit_of(stated, "one", "level_four")
    with pytest.raises(ValueError, match="cannot be negative"):
        payout_of_stay(benefit_of(stated, "one", "level_one"), -1)


# --- properties over any number of bands ------------------------------------------------------------------------------


@st.composite
def benefits(draw: st.DrawFn) -> StayBenefit:
    edges = sorted(draw(st.sets(st.integers(1, 10_000_000), max_size=4)))
    shares = st.decimals(0, 1, places=2)
    tops: list[int | None] = [*edges, None]
    bands = tuple(CostBand(low, top, draw(shares)) for low, top in zip([0, *edges], tops, strict=True))
    return StayBenefit(
        deductible_fen=draw(st.integers(0, 2_000_000)),
        annual_cap_fen=draw(st.integers(0, 30_000_000)),
        bands=bands,
        break_period=draw(st.sampled_from(BreakPeriod)),
        break_basis=draw(st.sampled_from(BreakBasis)),
        later_deductible=draw(st.sampled_from(LaterDeductible)),
    )


COSTS = st.integers(0, 60_000_000)


YEARS_SO_FAR = st.builds(
    YearSoFar, st.integers(0, 3), st.integers(0, 5_000_000), st.integers(0, 5_000_000), st.integers(0, 5_000_000)
)


@given(benefit=benefits(), cost_fen=COSTS, more_fen=st.integers(0, 10_000_000), so_far=YEARS_SO_FAR)
def test_the_payout_never_falls_nor_rises_by_more_than_the_cost(
    benefit: StayBenefit, cost_fen: int, more_fen: int, so_far: YearSoFar
) -> None:
    less = payout_of_stay(benefit, cost_fen, so_far).paid_fen
    more = payout_of_stay(benefit, cost_fen + more_fen, so_far).paid_fen
    assert 0 <= more - less <= more_fen + 1  # one fen of rounding
    assert less <= max(cost_fen - benefit.deductible_of_stay_fen(so_far.stays), 0)


@given(benefit=benefits(), step=st.integers(-1, 1))
def test_there_is_no_jump_at_an_edge_the_deductible_or_the_cap(benefit: StayBenefit, step: int) -> None:
    knot = benefit.cap_knot_fen()
    edges = [band.up_to_fen for band in benefit.first_stay_bands() if band.up_to_fen is not None]
    for edge in [benefit.deductible_fen, *edges, *([int(knot)] if knot is not None else [])]:
        at = max(edge + step, 0)
        assert 0 <= payout_of_stay(benefit, at + 1).paid_fen - payout_of_stay(benefit, at).paid_fen <= 1


@given(benefit=benefits(), cost_fen=COSTS)
def test_a_stay_equals_the_sum_over_its_yuan_fractions(benefit: StayBenefit, cost_fen: int) -> None:
    """Against the definition: the integral of the share over the cost, in exact fractions."""
    exact = Fraction(0)
    for band in benefit.first_stay_bands():
        top = cost_fen if band.up_to_fen is None else min(cost_fen, band.up_to_fen)
        exact += Fraction(band.share) * max(top - band.above_fen, 0)
    paid = payout_of_stay(benefit, cost_fen).paid_fen
    assert abs(paid - min(exact, benefit.annual_cap_fen)) <= Fraction(1, 2)
