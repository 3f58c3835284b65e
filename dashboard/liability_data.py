"""From the marts to the projection: read the exposure, fill small cells, compute today and target, or say why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import pandas as pd

from configuration.assumptions import load_liability_assumptions
from dashboard.charts.liability_exposure import KEYS, fill_hidden
from dashboard.charts.liability_outgo import TARGET, TODAY
from dashboard.context import PageContext
from insurance.assumptions import LiabilityAssumptions
from insurance.liability import (
    Assumption,
    LiabilityResult,
    UnsupportedReadingError,
    expected_outgo,
    expected_outgo_at_target,
    extra_persons_to_target,
)
from insurance.policy import CoverStart, Policy
from insurance.rules import add_months
from insurance.values import Certainty, UnknownValueError


@dataclass(frozen=True)
class Covered:
    """Who has paid, and from when they are covered; money in fen, None where unknown."""

    exposure: pd.DataFrame  # category, benefit_tier, entitled_on, persons
    estimated_persons: float
    persons: float
    waiting_persons: float  # paid, and entitled only after `waiting_after_on`
    waiting_after_on: date  # the as-of day, or the first day of cover where that is still to come
    unknown_start_persons: float
    paid_fen: int | None
    subsidy_fen: int | None


@dataclass(frozen=True)
class Target:
    """What "at target coverage" means here."""

    rate: float  # insured ÷ should-be-insured, 0-1
    is_assumed: bool
    eligible_persons: int
    extra_persons: float
    reached_rate: float  # what all who are due and unpaid would bring it to, at most the target
    starts_on: date


@dataclass(frozen=True)
class Unprojectable(Covered):
    """No number can be computed, and why: exactly one of the reasons is given, or there is no policy at all."""

    year: int
    unknown_names: tuple[str, ...] = ()
    unsupported_names: tuple[str, ...] = ()
    has_policy: bool = True


@dataclass(frozen=True)
class Projection(Covered):
    """Expected outgo today and, where it can be told, at target coverage."""

    year: int
    today: LiabilityResult
    at_target: LiabilityResult | None
    target: Target | None
    no_target_reason: str  # key of the text that says why there is no target; empty when there is one

    @property
    def results(self) -> Mapping[str, LiabilityResult]:
        """By scenario, today first."""
        return {TODAY: self.today} | ({TARGET: self.at_target} if self.at_target is not None else {})

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """Those of both scenarios."""
        return self.today.assumptions if self.at_target is None else self.at_target.assumptions


def project(ctx: PageContext) -> Projection | Unprojectable:
    """The projection for the page's campaign (and town, when one is chosen)."""
    covered = _covered(ctx)
    facts = {name: getattr(covered, name) for name in Covered.__dataclass_fields__}
    year = ctx.campaign.year
    if ctx.policy is None:
        return Unprojectable(**facts, year=year, has_policy=False)
    assumptions = _assumptions()
    try:
        today = expected_outgo(ctx.policy, assumptions, covered.exposure, ctx.as_of_on)
    except UnknownValueError as error:
        return Unprojectable(**facts, year=year, unknown_names=tuple(error.names))
    except UnsupportedReadingError as error:
        return Unprojectable(**facts, year=year, unsupported_names=tuple(error.names))
    target, extra, reason = _target(ctx, ctx.policy)
    at_target = None
    if target is not None:
        try:
            at_target = expected_outgo_at_target(
                ctx.policy, assumptions, covered.exposure, ctx.as_of_on, extra, target.starts_on
            )
        except UnknownValueError:
            target, reason = None, "liability.target_no_mix"
    return Projection(**facts, year=year, today=today, at_target=at_target, target=target, no_target_reason=reason)


@cache
def _assumptions() -> LiabilityAssumptions:
    """A file of the release: read once."""
    return load_liability_assumptions()


def _covered(ctx: PageContext) -> Covered:
    place = _place(ctx)
    cells = ctx.read("mart_exposure", [*KEYS, "entitled_on"], ["persons"], place)
    totals = ctx.read("mart_exposure", KEYS, ["persons"], place)
    whole = ctx.read("mart_exposure", [], ["persons", "paid_fen", "subsidy_fen"], place)
    filled = fill_hidden(cells, totals)
    starts = filled.exposure["entitled_on"]
    # Before the benefit year begins nobody is covered yet, and nobody is waiting for that reason.
    begins_on = ctx.policy.valid_from if ctx.policy is not None else date(ctx.campaign.year, 1, 1)
    waiting_after_on = max(ctx.as_of_on, begins_on)
    persons = filled.exposure["persons"]
    return Covered(
        exposure=filled.exposure,
        estimated_persons=filled.estimated_persons,
        persons=_number(whole, "persons") or float(persons.sum()),
        waiting_persons=float(persons[starts > pd.Timestamp(waiting_after_on)].sum()),
        waiting_after_on=waiting_after_on,
        unknown_start_persons=float(persons[starts.isna()].sum()),
        paid_fen=_whole(whole, "paid_fen"),
        subsidy_fen=_whole(whole, "subsidy_fen"),
    )


def _target(ctx: PageContext, policy: Policy) -> tuple[Target | None, dict[str, float], str]:
    """The target, the extra persons by category, and the key of why there is none."""
    rate = ctx.campaign.target_rate
    if rate.value is None:
        return None, {}, "liability.target_no_rate"
    starts_on = _extra_start(ctx, policy)
    if starts_on is None:
        return None, {}, "liability.target_no_wait"
    place = _place(ctx)
    whole = ctx.read("mart_coverage", [], ["eligible_persons", "paid_persons"], place)
    cells = ctx.read("mart_coverage", ["category"], ["due_unpaid_persons"], place).dropna(subset=["category"])
    unpaid = {str(r["category"]): float(r["due_unpaid_persons"]) for r in cells.dropna().to_dict("records")}
    eligible, paid = _number(whole, "eligible_persons") or 0.0, _number(whole, "paid_persons") or 0.0
    extra = extra_persons_to_target(rate.value, eligible, paid, unpaid)
    total = sum(extra.values())
    target = Target(
        rate=rate.value,
        is_assumed=rate.certainty is Certainty.ASSUMED,
        eligible_persons=int(eligible),
        extra_persons=total,
        reached_rate=(paid + total) / eligible if eligible else 0.0,
        starts_on=starts_on,
    )
    return target, extra, ""


def _extra_start(ctx: PageContext, policy: Policy) -> date | None:
    """From when those still to pay would be covered; None after the deadline, when no source states the wait."""
    deadline_on = ctx.campaign.final_deadline_on(ctx.as_of_on)
    if ctx.as_of_on <= deadline_on:
        is_from_payment = policy.cover_starts.value is CoverStart.FROM_PAYMENT
        return max(deadline_on, policy.valid_from) if is_from_payment else policy.valid_from
    months = policy.waiting_months.late.value
    if months is None:
        return None
    paid_on = pd.Series([pd.Timestamp(ctx.as_of_on)]).to_numpy().astype("datetime64[D]")
    return max(pd.Timestamp(add_months(paid_on, months)[0]).date(), policy.valid_from)


def _place(ctx: PageContext) -> dict[str, object]:
    return {"town_code": ctx.town_code} if ctx.town_code else {}


def _number(frame: pd.DataFrame, name: str) -> float | None:
    return None if frame.empty or pd.isna(frame[name].iloc[0]) else float(frame[name].iloc[0])


def _whole(frame: pd.DataFrame, name: str) -> int | None:
    number = _number(frame, name)
    return None if number is None else int(number)
