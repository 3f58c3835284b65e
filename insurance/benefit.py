"""What the fund pays for a stay in hospital and for a year of stays, exact to the fen."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from insurance.inpatient import BreakBasis, BreakPeriod, Inpatient, LaterDeductible
from insurance.quantities import to_fen
from insurance.values import UnknownValueError


@dataclass(frozen=True)
class CostBand:
    """The share paid of costs above `above_fen`, up to and including `up_to_fen` (None: without end)."""

    above_fen: int
    up_to_fen: int | None
    share: Decimal


@dataclass(frozen=True)
class StayBenefit:
    """The inpatient benefit of one benefit tier at one hospital level, every value known."""

    deductible_fen: int
    annual_cap_fen: int
    bands: tuple[CostBand, ...]
    break_period: BreakPeriod
    break_basis: BreakBasis
    later_deductible: LaterDeductible

    def deductible_of_stay_fen(self, earlier_stays: int) -> int:
        """Deductible after `earlier_stays` stays in the same year; half a fen is rounded up."""
        if earlier_stays == 0 or self.later_deductible is LaterDeductible.SAME:
            return self.deductible_fen
        return 0 if self.later_deductible is LaterDeductible.NONE else (self.deductible_fen + 1) // 2

    def first_stay_bands(self) -> tuple[CostBand, ...]:
        """The bands as edges of the gross cost of a first stay, beginning at the deductible."""
        shift = self.deductible_fen if self.break_basis is BreakBasis.ABOVE_DEDUCTIBLE else 0
        bands = []
        for band in self.bands:
            above = max(band.above_fen + shift, self.deductible_fen)
            up_to = None if band.up_to_fen is None else band.up_to_fen + shift
            if up_to is None or up_to > above:
                bands.append(CostBand(above, up_to, band.share))
        return tuple(bands)

    def cap_knot_fen(self) -> Fraction | None:
        """The in-scope cost of a first stay from which the annual cap binds, exactly; None when no cost reaches it."""
        left = Fraction(self.annual_cap_fen)
        for band in self.first_stay_bands():
            share = Fraction(band.share)
            if share > 0 and (band.up_to_fen is None or left <= share * (band.up_to_fen - band.above_fen)):
                return band.above_fen + left / share
            if band.up_to_fen is not None:
                left -= share * (band.up_to_fen - band.above_fen)
        return None


@dataclass(frozen=True)
class YearSoFar:
    """What the earlier stays of the benefit year came to."""

    stays: int = 0
    cost_fen: int = 0  # in scope
    above_deductible_fen: int = 0
    paid_fen: int = 0


@dataclass(frozen=True)
class Step:
    """One step of a payout: a share of the part of the cost that lies in a band."""

    part_fen: int
    share: Decimal
    paid_fen: Decimal  # before rounding


@dataclass(frozen=True)
class Payout:
    """What the fund pays for one stay, and how it comes about."""

    paid_fen: int
    deductible_fen: int  # what the stay really left to the deductible: at most its cost
    steps: tuple[Step, ...]
    is_capped: bool  # the annual cap cut it


def stay_benefit(inpatient: Inpatient, benefit_tier: str, hospital_level: str) -> StayBenefit:
    """The benefit of a cell.

    Raises ValueError for a tier or level that the policy does not have, UnknownValueError naming all values of the cell
    that no source states.
    """
    levels = [level.code for level in inpatient.hospital_levels]
    for what, code, allowed in (
        ("benefit tier", benefit_tier, list(inpatient.benefit_tiers)),
        ("hospital level", hospital_level, levels),
    ):
        if code not in allowed:
            raise ValueError(f"{what} '{code}' is not one of {', '.join(allowed)}")
    deductible = inpatient.deductible_yuan[hospital_level].value
    cap = inpatient.annual_cap_yuan[benefit_tier].value
    shares = inpatient.table(benefit_tier, hospital_level).shares.value
    period, basis = inpatient.break_period.value, inpatient.break_basis.value
    later = inpatient.later_deductible.value
    if deductible is None or cap is None or shares is None or period is None or basis is None or later is None:
        cell = {
            f"inpatient.deductible_yuan.{hospital_level}",
            f"inpatient.annual_cap_yuan.{benefit_tier}",
            f"inpatient.shares.{benefit_tier}.{hospital_level}",
            "inpatient.break_period",
            "inpatient.break_basis",
            "inpatient.later_deductible",
        }
        raise UnknownValueError([name for name in inpatient.unknown_names() if name in cell])
    bands = tuple(
        CostBand(to_fen(band.above_yuan), None if band.up_to_yuan is None else to_fen(band.up_to_yuan), band.share)
        for band in shares
    )
    return StayBenefit(to_fen(deductible), to_fen(cap), bands, period, basis, later)


def payout_of_stay(benefit: StayBenefit, cost_fen: int, so_far: YearSoFar | None = None) -> Payout:
    """What the fund pays for a stay of in-scope cost `cost_fen`, after the earlier stays of the year.

    The bands are summed exactly and rounded once, half a fen up; the annual cap leaves what earlier stays did not use.
    """
    if cost_fen < 0:
        raise ValueError(f"the cost of a stay cannot be negative; found {cost_fen} fen")
    so_far = so_far or YearSoFar()
    deductible = benefit.deductible_of_stay_fen(so_far.stays)
    offset = _offset_fen(benefit, so_far, deductible)
    low, high = offset + deductible, offset + max(cost_fen, deductible)
    steps = []
    for band in benefit.bands:
        top = high if band.up_to_fen is None else min(high, band.up_to_fen)
        part = top - max(low, band.above_fen)
        if part > 0:
            steps.append(Step(part, band.share, part * band.share))
    uncapped = int(sum((step.paid_fen for step in steps), Decimal()).to_integral_value(ROUND_HALF_UP))
    left = max(benefit.annual_cap_fen - so_far.paid_fen, 0)
    return Payout(min(uncapped, left), min(cost_fen, deductible), tuple(steps), uncapped > left)


def _offset_fen(benefit: StayBenefit, so_far: YearSoFar, deductible: int) -> int:
    """Where zero cost of this stay lies on the scale on which the bands are measured."""
    is_gross = benefit.break_basis is BreakBasis.GROSS_COST
    if benefit.break_period is BreakPeriod.PER_STAY:
        return 0 if is_gross else -deductible
    return so_far.cost_fen if is_gross else so_far.above_deductible_fen - deductible


def payouts_of_year(stays: Sequence[tuple[StayBenefit, int]]) -> tuple[Payout, ...]:
    """The payouts of one person's stays in a benefit year, in order: each a benefit and its in-scope cost in fen.

    The cap of each stay is held against all that was paid before.
    """
    payouts = []
    so_far = YearSoFar()
    for benefit, cost_fen in stays:
        payout = payout_of_stay(benefit, cost_fen, so_far)
        payouts.append(payout)
        so_far = YearSoFar(
            so_far.stays + 1,
            so_far.cost_fen + cost_fen,
            so_far.above_deductible_fen + cost_fen - payout.deductible_fen,
            so_far.paid_fen + payout.paid_fen,
        )
    return tuple(payouts)
