"""How large the cost of a stay is: partial moments of a severity, and the moments of what is paid of it.

Costs are in yuan. Method: limited expected values; docs/policy-files.md lists the assumptions they rest on.
"""

import math
from dataclasses import dataclass
from typing import Protocol

from scipy.special import ndtr

from insurance.benefit import StayBenefit


class Severity(Protocol):
    """A distribution of positive costs."""

    def partial_moment(self, order: int, limit: float) -> float:
        """E[X^order; X <= limit]; order 0 is the distribution function. `limit` may be infinite."""

    def survival(self, limit: float) -> float:
        """P(X > limit)."""


@dataclass(frozen=True)
class Lognormal:
    """ln X is normal with mean `mu` and standard deviation `sigma`."""

    mu: float
    sigma: float

    @classmethod
    def of_mean_and_cv(cls, mean_yuan: float, cv: float) -> "Lognormal":
        """The lognormal with this mean and coefficient of variation, both positive."""
        if not (mean_yuan > 0 and cv > 0 and math.isfinite(mean_yuan) and math.isfinite(cv)):
            raise ValueError(f"mean and coefficient of variation must be positive; found {mean_yuan} and {cv}")
        variance = math.log1p(cv * cv)
        return cls(math.log(mean_yuan) - variance / 2, math.sqrt(variance))

    def partial_moment(self, order: int, limit: float) -> float:
        """E[X^order; X <= limit] = exp(kμ + k²σ²/2) Φ((ln c − μ − kσ²)/σ)."""
        if limit <= 0:
            return 0.0
        whole = math.exp(order * self.mu + order * order * self.sigma**2 / 2)
        return whole * float(ndtr((math.log(limit) - self.mu - order * self.sigma**2) / self.sigma))

    def survival(self, limit: float) -> float:
        """P(X > limit), from the upper tail so that it keeps its digits there."""
        if limit <= 0:
            return 1.0
        return float(ndtr((self.mu - math.log(limit)) / self.sigma))


def limited_mean(severity: Severity, limit: float) -> float:
    """E[min(X, limit)]; `limit` may be infinite."""
    if math.isinf(limit):
        return severity.partial_moment(1, limit)
    return severity.partial_moment(1, limit) + limit * severity.survival(limit)


@dataclass(frozen=True)
class StayMoments:
    """First and second moment of what the fund pays for a stay (yuan, yuan²)."""

    mean_yuan: float
    second_moment: float


def stay_moments(severity: Severity, benefit: StayBenefit) -> StayMoments:
    """The moments of the payout of a first stay whose in-scope cost follows `severity`, capped at the annual cap.

    With bands (a, b] of share r, cut at the cost from which the cap binds: mean Σ r (L(b) − L(a)); second moment
    Σ over bands of E[(α + rX)²; a < X <= b] with α such that the payout is continuous, plus the square of the highest
    payout for all costs beyond the last edge.
    """
    knot = benefit.cap_knot_fen()
    cap_cost = math.inf if knot is None else float(knot) / 100
    mean = second = paid_at_edge = 0.0
    for band in benefit.first_stay_bands():
        low, share = band.above_fen / 100, float(band.share)
        high = cap_cost if band.up_to_fen is None else min(band.up_to_fen / 100, cap_cost)
        if high <= low:
            break
        mean += share * (limited_mean(severity, high) - limited_mean(severity, low))
        alpha = paid_at_edge - share * low
        mass, first, square = (severity.partial_moment(k, high) - severity.partial_moment(k, low) for k in (0, 1, 2))
        second += alpha * alpha * mass + 2 * alpha * share * first + share * share * square
        if math.isfinite(high):
            paid_at_edge += share * (high - low)
    if math.isfinite(cap_cost):
        second += paid_at_edge**2 * severity.survival(cap_cost)
    return StayMoments(mean, second)
