"""Moments of payouts in closed form: the published layer, and quadrature."""

import math
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from insurance.benefit import CostBand, StayBenefit, payout_of_stay, stay_benefit
from insurance.inpatient import BreakBasis, BreakPeriod, LaterDeductible
from insurance.policy import Policy
from insurance.severity import Lognormal, limited_mean, stay_moments

LEVELS = {"level_one": (3_200, 0.9), "level_two": (6_500, 1.1), "level_three": (13_500, 1.5)}


def test_layer_39200_xs_800_of_the_model_s_validation_table() -> None:
    severity = Lognormal.of_mean_and_cv(13_500, 1.5)
    per_stay = limited_mean(severity, 40_000) - limited_mean(severity, 800)
    above_deductible = per_stay / severity.survival(800)
    assert per_stay == pytest.approx(10_791.0648, abs=5e-5)
    assert above_deductible == pytest.approx(11_007.8886, abs=5e-5)
    assert 0.16 * above_deductible == pytest.approx(1_761.262178, abs=5e-7)


def test_the_lognormal_has_the_mean_and_spread_it_was_asked_for() -> None:
    severity = Lognormal.of_mean_and_cv(6_500, 1.1)
    mean, square = severity.partial_moment(1, math.inf), severity.partial_moment(2, math.inf)
    assert mean == pytest.approx(6_500, rel=1e-12)
    assert math.sqrt(square - mean**2) / mean == pytest.approx(1.1, rel=1e-12)
    assert limited_mean(severity, math.inf) == pytest.approx(6_500, rel=1e-12)
    assert (severity.partial_moment(1, 0), severity.survival(0)) == (0, 1)


@pytest.mark.parametrize(("mean", "cv"), [(0, 1), (-5, 1), (100, 0), (math.nan, 1), (100, math.inf)])
def test_a_cost_without_positive_mean_and_spread_is_refused(mean: float, cv: float) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        Lognormal.of_mean_and_cv(mean, cv)


def exact_payout_yuan(benefit: StayBenefit, cost_yuan: float) -> float:
    """The payout written anew in floating point: no fen, no closed form."""
    paid = 0.0
    for band in benefit.first_stay_bands():
        top = cost_yuan if band.up_to_fen is None else min(cost_yuan, band.up_to_fen / 100)
        paid += float(band.share) * max(top - band.above_fen / 100, 0)
    return min(paid, benefit.annual_cap_fen / 100)


def by_quadrature(severity: Lognormal, benefit: StayBenefit, order: int) -> float:
    """E[payout^order] by adaptive integration between the points where the payout bends, on the normal scale."""
    edges = [benefit.deductible_fen, *(b.up_to_fen for b in benefit.first_stay_bands() if b.up_to_fen is not None)]
    knot = benefit.cap_knot_fen()
    costs = [*edges, *([float(knot)] if knot is not None else [])]
    bends = sorted({(math.log(cost / 100) - severity.mu) / severity.sigma for cost in costs if cost > 0})
    points = [-14.0, *(bend for bend in bends if -14 < bend < 18), *range(1, 18, 2), 18.0]
    points = sorted(set(points))

    def integrand(z: float) -> float:
        cost = math.exp(severity.mu + severity.sigma * z)
        return exact_payout_yuan(benefit, cost) ** order * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    pieces = pairwise(points)
    return math.fsum(quad(integrand, low, high, epsabs=0, epsrel=1e-12, limit=200)[0] for low, high in pieces)


@pytest.mark.parametrize("tier", ["one", "two"])
@pytest.mark.parametrize("level", list(LEVELS))
def test_closed_form_equals_quadrature_in_every_cell(stated: Policy, tier: str, level: str) -> None:
    severity = Lognormal.of_mean_and_cv(*LEVELS[level])
    benefit = stay_benefit(stated.inpatient, tier, level)
    moments = stay_moments(severity, benefit)
    assert moments.mean_yuan == pytest.approx(by_quadrature(severity, benefit, 1), rel=1e-9)
    assert moments.second_moment == pytest.approx(by_quadrature(severity, benefit, 2), rel=1e-9)


def one_benefit(bands: list[tuple[int, int | None, str]], deductible_yuan: int, cap_yuan: int,
                basis: BreakBasis = BreakBasis.GROSS_COST) -> StayBenefit:  # fmt: skip
    costs = tuple(CostBand(a * 100, None if b is None else b * 100, Decimal(share)) for a, b, share in bands)
    return StayBenefit(deductible_yuan * 100, cap_yuan * 100, costs, BreakPeriod.PER_STAY, basis, LaterDeductible.SAME)


@pytest.mark.parametrize(
    "benefit",
    [
        one_benefit([(0, 500, "0.4"), (500, 20_000, "0.6"), (20_000, 60_000, "0.7"), (60_000, None, "1")], 70, 80_000),
        one_benefit([(0, 10_000, "0.5"), (10_000, None, "0")], 300, 80_000),  # no cost reaches the cap
        one_benefit([(0, 40_000, "0.55"), (40_000, None, "0.7")], 800, 10_000),  # the cap binds in the first band
        one_benefit([(0, 1_000, "0.9"), (1_000, None, "0.6")], 1_500, 200_000),  # the first band lies in the deductible
        one_benefit([(0, 40_000, "0.55"), (40_000, None, "0.7")], 800, 300_000, BreakBasis.ABOVE_DEDUCTIBLE),
    ],
)
def test_closed_form_equals_quadrature_for_any_number_of_bands(benefit: StayBenefit) -> None:
    severity = Lognormal.of_mean_and_cv(13_500, 1.5)
    moments = stay_moments(severity, benefit)
    assert moments.mean_yuan == pytest.approx(by_quadrature(severity, benefit, 1), rel=1e-9)
    assert moments.second_moment == pytest.approx(by_quadrature(severity, benefit, 2), rel=1e-9)


@settings(deadline=None)
@given(mean=st.floats(500, 50_000), cv=st.floats(0.2, 3), more=st.floats(1, 2))
def test_dearer_stays_never_cost_the_fund_less(mean: float, cv: float, more: float) -> None:
    benefit = one_benefit([(0, 40_000, "0.55"), (40_000, None, "0.7")], 800, 300_000)
    lower, higher = (stay_moments(Lognormal(math.log(m), cv), benefit).mean_yuan for m in (mean, mean * more))
    assert higher >= lower * (1 - 1e-12)


def test_the_float_payout_of_the_quadrature_is_the_exact_one(stated: Policy) -> None:
    benefit = stay_benefit(stated.inpatient, "two", "level_three")
    for cost_fen in (0, 80_000, 80_001, 4_000_000, 4_000_001, 43_777_143, 90_000_000):
        exact = payout_of_stay(benefit, cost_fen).paid_fen / 100
        assert exact_payout_yuan(benefit, cost_fen / 100) == pytest.approx(exact, abs=0.005001)
