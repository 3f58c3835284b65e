"""What a policy pays for a stay in hospital: deductibles, bands of shares, annual caps, and the readings left open."""

from enum import StrEnum
from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from insurance.quantities import Code, Named, Share, Yuan, repeated
from insurance.values import Model, Sourced


class BreakPeriod(StrEnum):
    """Over what the cost is measured that decides the band."""

    PER_STAY = "per_stay"
    PER_YEAR = "per_year"  # costs of earlier stays of the year count


class BreakBasis(StrEnum):
    """Which cost is held against the band's edge."""

    GROSS_COST = "gross_cost"
    ABOVE_DEDUCTIBLE = "above_deductible"


class LaterDeductible(StrEnum):
    """The deductible of the second and later stays of a year."""

    SAME = "same"
    HALF = "half"
    NONE = "none"


class Band(Model):
    """Share the fund pays of the in-scope cost above `above_yuan`, up to and including `up_to_yuan` (None: the cap)."""

    above_yuan: Yuan
    up_to_yuan: Yuan | None = None
    share: Share


class BandTable(Model):
    """The bands of one benefit tier at one hospital level."""

    benefit_tier: Code
    hospital_level: Code
    shares: Sourced[tuple[Band, ...]]

    @model_validator(mode="after")
    def _covers_every_cost_once(self) -> Self:
        bands = self.shares.value
        if bands is None:
            return self
        if not bands or bands[0].above_yuan != 0:
            raise ValueError("the first band must start above 0 yuan (the deductible is taken off apart)")
        for lower, upper in pairwise(bands):
            if lower.up_to_yuan is None:
                raise ValueError("only the last band may be without up_to_yuan")
            if upper.above_yuan > lower.up_to_yuan:
                raise ValueError(
                    f"costs above {lower.up_to_yuan} up to {upper.above_yuan} yuan lie in no band: "
                    f"the next band must start above {lower.up_to_yuan}"
                )
            if upper.above_yuan < lower.up_to_yuan:
                raise ValueError(
                    f"costs above {upper.above_yuan} up to {lower.up_to_yuan} yuan lie in two bands: "
                    f"the next band must start above {lower.up_to_yuan}"
                )
        if bands[-1].up_to_yuan is not None:
            raise ValueError(f"costs above {bands[-1].up_to_yuan} yuan lie in no band: leave out the last up_to_yuan")
        if any(band.up_to_yuan is not None and band.up_to_yuan <= band.above_yuan for band in bands):
            raise ValueError("up_to_yuan of a band must be larger than its above_yuan")
        return self


class Inpatient(Model):
    """The basic inpatient benefit. Every benefit tier meets every hospital level; unknown values say so."""

    hospital_levels: tuple[Named, ...] = Field(min_length=1)
    deductible_yuan: dict[Code, Sourced[Yuan]]  # by hospital level, a stay
    annual_cap_yuan: dict[Code, Sourced[Yuan]]  # by benefit tier, a person and benefit year
    bands: tuple[BandTable, ...]
    break_period: Sourced[BreakPeriod]
    break_basis: Sourced[BreakBasis]
    later_deductible: Sourced[LaterDeductible]

    @model_validator(mode="after")
    def _every_level_once(self) -> Self:
        levels = [level.code for level in self.hospital_levels]
        if twice := repeated(levels):
            raise ValueError(f"hospital levels must be unique; repeated: {', '.join(twice)}")
        if set(self.deductible_yuan) != set(levels):
            raise ValueError(f"deductible_yuan must have exactly the hospital levels {', '.join(levels)}")
        cells = [f"{table.benefit_tier} × {table.hospital_level}" for table in self.bands]
        if twice := repeated(cells):
            raise ValueError(f"bands stand twice for {', '.join(twice)}")
        wanted = [f"{tier} × {level}" for tier in self.annual_cap_yuan for level in levels]
        if missing := sorted(set(wanted) - set(cells)):
            raise ValueError(f"bands are missing for {', '.join(missing)}; write them, or that they are unknown")
        if extra := sorted(set(cells) - set(wanted)):
            raise ValueError(f"bands for {', '.join(extra)}, which annual_cap_yuan or hospital_levels do not know")
        return self

    @property
    def benefit_tiers(self) -> tuple[str, ...]:
        """Benefit tier codes, in the order of the caps."""
        return tuple(self.annual_cap_yuan)

    def table(self, benefit_tier: str, hospital_level: str) -> BandTable:
        """The bands of a cell; KeyError when the policy has no such tier or level."""
        for table in self.bands:
            if (table.benefit_tier, table.hospital_level) == (benefit_tier, hospital_level):
                return table
        raise KeyError((benefit_tier, hospital_level))

    def unknown_names(self) -> list[str]:
        """Dotted names of every value that a payout needs and no source states."""
        named: list[tuple[str, bool]] = [
            *((f"inpatient.deductible_yuan.{level}", d.is_known) for level, d in self.deductible_yuan.items()),
            *((f"inpatient.annual_cap_yuan.{tier}", cap.is_known) for tier, cap in self.annual_cap_yuan.items()),
            *((f"inpatient.shares.{t.benefit_tier}.{t.hospital_level}", t.shares.is_known) for t in self.bands),
            ("inpatient.break_period", self.break_period.is_known),
            ("inpatient.break_basis", self.break_basis.is_known),
            ("inpatient.later_deductible", self.later_deductible.is_known),
        ]
        return [name for name, is_known in named if not is_known]
