"""The policy of a city and benefit year as data: who pays what, when cover starts, what the fund pays.

Every value carries its source and certainty; what no source states is unknown and stays unknown. What invented data
need beyond the sources stands apart in `assumed_for_demo`. docs/policy-files.md explains every key.
"""

from datetime import date
from enum import StrEnum
from typing import Self, TypeVar

from pydantic import Field, model_validator

from insurance.inpatient import Inpatient
from insurance.quantities import Code, Months, Named, Share, Yuan, repeated
from insurance.values import Bilingual, Certainty, Model, Sourced, UnknownValueError

T = TypeVar("T")


class LateRule(StrEnum):
    """What happens to somebody who pays after the deadline."""

    LOSES_SUBSIDY_AND_WAITS = "loses_subsidy_and_waits"  # pays premium + subsidy, then waits
    WAITS_ONLY = "waits_only"
    NONE = "none"  # no consequence; cover from the payment
    NOT_ACCEPTED = "not_accepted"  # no payment is taken after the deadline


class CoverStart(StrEnum):
    """When somebody who pays on time and need not wait is covered from."""

    FROM_1_JANUARY = "from_1_january"  # the first day of the benefit year
    FROM_PAYMENT = "from_payment"  # the day of payment, not before the benefit year


class Premium(Model):
    """One price: what a category (in a tier, where it chooses one) pays in the collection period, and what that buys.

    The price class says what is paid, the benefit tier what it buys: two different things.
    """

    category: Code
    tier: Code | None = None  # None: the category has one price and no choice
    price_class: Code
    benefit_tier: Sourced[Code]
    premium_yuan: Sourced[Yuan]  # a head and benefit year


class WaitingMonths(Model):
    """Whole months between payment and entitlement, by why one waits; the longest that applies counts."""

    first_time: Sourced[Months]
    lapsed: Sourced[Months]
    late: Sourced[Months]


class OtherBenefit(Model):
    """A benefit that is named, but not computed."""

    is_paid: Sourced[bool]
    share: Sourced[Share]


class DemoPremium(Model):
    """An assumed price for a line of `premiums` whose price is unknown."""

    category: Code
    tier: Code | None = None
    premium_yuan: Sourced[Yuan]


class DemoAssumptions(Model):
    """Values that invented data need and no source states. Each fills an unknown value and is `assumed`."""

    why: Bilingual
    premiums: tuple[DemoPremium, ...] = ()
    subsidy_yuan: Sourced[Yuan] | None = None
    late_rule: Sourced[LateRule] | None = None
    waiting_months: WaitingMonths | None = None

    @model_validator(mode="after")
    def _all_assumed(self) -> Self:
        waits = [getattr(self.waiting_months, name) for name in WaitingMonths.model_fields if self.waiting_months]
        values: list[tuple[str, Sourced[Yuan] | Sourced[LateRule] | Sourced[Months] | None]] = [
            ("subsidy_yuan", self.subsidy_yuan),
            ("late_rule", self.late_rule),
            *((f"premiums of {line.category}", line.premium_yuan) for line in self.premiums),
            *(("waiting_months", months) for months in waits),
        ]
        if wrong := [name for name, value in values if value and value.certainty is not Certainty.ASSUMED]:
            raise ValueError(f"certainty must be 'assumed' for {', '.join(wrong)}: this section holds nothing else")
        return self


class Policy(Model):
    """policy/<year>.yaml: one benefit year."""

    year: int = Field(ge=2000, le=2100)  # benefit year
    title: Bilingual
    valid_from: date  # first day of the benefit year
    valid_to: date  # last day of the benefit year
    price_classes: tuple[Named, ...]
    benefit_tiers: tuple[Named, ...]
    premiums: tuple[Premium, ...] = Field(min_length=1)
    subsidy_yuan: Sourced[Yuan]  # public money a head that was paid for on time
    late_rule: Sourced[LateRule]
    waiting_months: WaitingMonths
    cover_starts: Sourced[CoverStart]
    inpatient: Inpatient
    outpatient: OtherBenefit
    catastrophic: OtherBenefit
    assumed_for_demo: DemoAssumptions | None = None

    @model_validator(mode="after")
    def _dates_make_the_year(self) -> Self:
        if not self.valid_from <= self.valid_to:
            raise ValueError("valid_from must not be after valid_to")
        if self.valid_from.year != self.year:
            raise ValueError(f"valid_from must lie in the benefit year {self.year}")
        if not self.cover_starts.is_known:
            raise ValueError("cover_starts must be chosen; mark it assumed if no source states it")
        return self

    @model_validator(mode="after")
    def _codes_fit(self) -> Self:
        lines = [f"{line.category}/{line.tier or '-'}" for line in self.premiums]
        if twice := repeated(lines):
            raise ValueError(f"premiums stand twice for {', '.join(twice)}")
        single = {line.category for line in self.premiums if line.tier is None}
        if both := sorted(single & {line.category for line in self.premiums if line.tier is not None}):
            raise ValueError(f"premiums of {', '.join(both)} stand with and without a tier; choose one of the two")
        classes, tiers = [named.code for named in self.price_classes], [named.code for named in self.benefit_tiers]
        if twice := repeated(classes) + repeated(tiers):
            raise ValueError(f"price classes and benefit tiers must be unique; repeated: {', '.join(twice)}")
        if strange := sorted({line.price_class for line in self.premiums} - set(classes)):
            raise ValueError(f"price class {', '.join(strange)} is not in price_classes ({', '.join(classes)})")
        bought = {line.benefit_tier.value for line in self.premiums if line.benefit_tier.value is not None}
        if strange := sorted(bought - set(tiers)):
            raise ValueError(f"benefit tier {', '.join(strange)} is not in benefit_tiers ({', '.join(tiers)})")
        if set(self.inpatient.benefit_tiers) != set(tiers):
            raise ValueError(f"inpatient.annual_cap_yuan must have exactly the benefit tiers {', '.join(tiers)}")
        prices = {(line.price_class, line.premium_yuan.value) for line in self.premiums}
        if twice := repeated([price_class for price_class, _ in prices]):
            raise ValueError(f"a price class has one price; {', '.join(twice)} has several")
        return self

    @model_validator(mode="after")
    def _demo_fills_only_the_unknown(self) -> Self:
        demo = self.assumed_for_demo
        if demo is None:
            return self
        lines = {(line.category, line.tier): line for line in self.premiums}
        for price in demo.premiums:
            line = lines.get((price.category, price.tier))
            if line is None or line.premium_yuan.is_known:
                name = f"premiums of {price.category}/{price.tier or '-'}"
                raise ValueError(f"assumed_for_demo: {name} must be a line above whose price is unknown")
        waits = [getattr(self.waiting_months, name) for name in WaitingMonths.model_fields]
        known = [
            name
            for name, demo_value, own_values in (
                ("subsidy_yuan", demo.subsidy_yuan, [self.subsidy_yuan]),
                ("late_rule", demo.late_rule, [self.late_rule]),
                ("waiting_months", demo.waiting_months, waits),
            )
            if demo_value is not None and any(own.is_known for own in own_values)
        ]
        if known:
            raise ValueError(f"assumed_for_demo fills only what is unknown above; {', '.join(known)} is known already")
        return self

    def effective(self) -> "Policy":
        """The policy with its demo assumptions in the places they fill, each still marked assumed."""
        demo = self.assumed_for_demo
        if demo is None:
            return self
        prices = {(price.category, price.tier): price.premium_yuan for price in demo.premiums}
        premiums = tuple(
            line.model_copy(update={"premium_yuan": prices.get((line.category, line.tier), line.premium_yuan)})
            for line in self.premiums
        )
        return self.model_copy(
            update={
                "premiums": premiums,
                "subsidy_yuan": demo.subsidy_yuan or self.subsidy_yuan,
                "late_rule": demo.late_rule or self.late_rule,
                "waiting_months": demo.waiting_months or self.waiting_months,
                "assumed_for_demo": None,
            }
        )

    def without_demo_assumptions(self) -> "Policy":
        """The policy for real data: what only invented data may assume is unknown again."""
        return self.model_copy(update={"assumed_for_demo": None})


def require(name: str, value: Sourced[T]) -> T:
    """The value, or UnknownValueError naming it: a computation that needs it refuses."""
    if value.value is None:
        raise UnknownValueError([name])
    return value.value
