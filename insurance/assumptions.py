"""Claims experience assumed where a city has none of its own: how often people are in hospital, where, at what cost."""

import math
from typing import Annotated, Self

from pydantic import Field, model_validator

from insurance.quantities import Code, Share
from insurance.values import Model, Sourced

Frequency = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]


class LevelAssumptions(Model):
    """Stays at one hospital level."""

    stays_rate: Sourced[Share]  # share of all stays
    mean_cost_yuan: Sourced[Positive]  # a stay, before the in-scope share
    cost_cv: Sourced[Positive]  # coefficient of variation of that cost


class LiabilityAssumptions(Model):
    """What the closed-form liability assumes beyond the policy. One frequency a head is shared out to the levels."""

    stays_per_person_year: Sourced[Frequency]
    in_scope_rate: Sourced[Share]  # share of the cost of a stay that the catalogue covers; it scales every cost
    levels: dict[Code, LevelAssumptions]  # by hospital level

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if unknown := [name for name, value in self.named_values() if not value.is_known]:
            raise ValueError(f"an assumption needs a value: {', '.join(unknown)}")
        if self.in_scope_rate.value == 0:
            raise ValueError("in_scope_rate must be above 0")
        total = math.fsum(float(level.stays_rate.value or 0) for level in self.levels.values())
        if not math.isclose(total, 1.0, abs_tol=1e-9):
            raise ValueError(f"the shares of stays of all levels must add up to 1; they add up to {total:g}")
        return self

    def named_values(self) -> list[tuple[str, Sourced[float] | Sourced[Share]]]:
        """Every assumption with its dotted name, in the order in which a page lists them."""
        named: list[tuple[str, Sourced[float] | Sourced[Share]]] = [
            ("stays_per_person_year", self.stays_per_person_year),
            ("in_scope_rate", self.in_scope_rate),
        ]
        for code, level in self.levels.items():
            named.append((f"stays_rate.{code}", level.stays_rate))
            named.append((f"mean_cost_yuan.{code}", level.mean_cost_yuan))
            named.append((f"cost_cv.{code}", level.cost_cv))
        return named
