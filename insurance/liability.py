"""Expected inpatient basic-benefit outgo of a benefit year, in closed form.

A head has Poisson stays in proportion to the days it is entitled; a stay falls to a hospital level and costs a
lognormal amount; the fund pays by the benefit table. Mean and variance are exact under these assumptions; nothing is
simulated.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from insurance.assumptions import LiabilityAssumptions
from insurance.benefit import stay_benefit
from insurance.inpatient import BreakPeriod, LaterDeductible
from insurance.policy import OtherBenefit, Policy, require
from insurance.severity import Lognormal, stay_moments
from insurance.values import Bilingual, Certainty, Source, Sourced, UnknownValueError

EXPOSURE_COLUMNS = ("category", "benefit_tier", "entitled_on", "persons")
CELL_COLUMNS = (
    "benefit_tier",
    "hospital_level",
    "persons",
    "exposure_years",
    "stays",
    "mean_payout_fen",
    "outgo_fen",
)
# What the closed form leaves out; each is a key of the texts that name it.
LIMITS = (
    "annual_cap_per_stay",  # the cap is held against each stay; a person's stays are not added up
    "same_risk_for_all",  # no age, no selection by tier or by late joining
    "no_trend",
    "no_claims_run_off",  # incurred and not paid yet
    "process_noise_only",  # the standard deviation leaves out how wrong the assumptions may be
)


@dataclass(frozen=True)
class Assumption:
    """One assumption behind a figure, for people."""

    key: str  # key of its label; dotted, the last part a hospital level where it is by level
    value: str
    unit: str  # stays_per_person_year, rate, yuan, ratio, persons, date, or reading (a choice, by its code)
    certainty: Certainty
    source: Source | None
    note: Bilingual | None


@dataclass(frozen=True)
class LiabilityResult:
    """Expected outgo of the benefit year. Amounts in fen, unrounded: they are expectations."""

    outgo_fen: float
    sd_fen: float  # standard deviation of the process alone
    persons: float  # counted below
    exposure_years: float  # entitled person-years
    waiting_persons: float  # of them, not entitled yet on the as-of day
    excluded_persons: Mapping[str, float]  # not counted, by reason: entitlement_unknown, benefit_tier_unknown
    hidden_rows: int  # rows whose number of persons is suppressed, and which are not counted
    by_level_tier: pd.DataFrame  # CELL_COLUMNS; persons and exposure_years are the tier's, the same on each level
    by_group: pd.DataFrame  # category, benefit_tier, entitled_on, persons, exposure_years, outgo_fen
    assumptions: tuple[Assumption, ...]
    not_included: Mapping[str, OtherBenefit]  # outpatient, catastrophic
    limits: tuple[str, ...] = LIMITS


class UnsupportedReadingError(Exception):
    """The closed form cannot follow a reading that the policy chooses. `names` lists the keys of the policy."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__("the closed form does not cover the reading chosen for " + ", ".join(names))


def expected_outgo(
    policy: Policy, assumptions: LiabilityAssumptions, exposure: pd.DataFrame, as_of_on: date
) -> LiabilityResult:
    """Expected outgo for the people in `exposure`, as if the collection stopped on `as_of_on`.

    `exposure` has columns category, benefit_tier, entitled_on (date or NaT) and persons (NA where hidden). Raises
    UnknownValueError naming every benefit that no source states, UnsupportedReadingError for readings that the closed
    form does not cover, ValueError for missing columns or negative persons.
    """
    cells = _cells(policy, assumptions)
    counted, excluded, hidden_rows = _counted(policy, exposure)
    yearly_fen = (cells["stays_per_year"] * cells["mean_payout_fen"]).groupby(cells["benefit_tier"]).sum()
    counted["exposure_years"] = counted["persons"] * _exposure_rates(policy, counted["entitled_on"])
    counted["outgo_fen"] = counted["exposure_years"] * counted["benefit_tier"].map(yearly_fen).astype(float)
    by_tier = counted.groupby("benefit_tier")[["persons", "exposure_years"]].sum()
    cells = cells.join(by_tier, on="benefit_tier").fillna({"persons": 0.0, "exposure_years": 0.0})
    cells["stays"] = cells["exposure_years"] * cells["stays_per_year"]
    cells["outgo_fen"] = cells["stays"] * cells["mean_payout_fen"]
    variance_fen2 = float((cells["stays"] * cells["second_moment_fen2"]).sum())
    return LiabilityResult(
        outgo_fen=float(cells["outgo_fen"].sum()),
        sd_fen=math.sqrt(variance_fen2),
        persons=float(counted["persons"].sum()),
        exposure_years=float(counted["exposure_years"].sum()),
        waiting_persons=float(counted["persons"][counted["entitled_on"] > pd.Timestamp(as_of_on)].sum()),
        excluded_persons=excluded,
        hidden_rows=hidden_rows,
        by_level_tier=cells[list(CELL_COLUMNS)],
        by_group=counted,
        assumptions=_listed(policy, assumptions),
        not_included={"outpatient": policy.outpatient, "catastrophic": policy.catastrophic},
    )


def expected_outgo_at_target(
    policy: Policy,
    assumptions: LiabilityAssumptions,
    exposure: pd.DataFrame,
    as_of_on: date,
    extra_persons: Mapping[str, float],
    extra_entitled_on: date,
) -> LiabilityResult:
    """Expected outgo when `extra_persons` (by category) join those in `exposure`, entitled from `extra_entitled_on`.

    They are taken to choose benefit tiers as the counted people of their category did; a category that nobody has paid
    for yet gets the one tier that the policy gives it, or UnknownValueError when it has a choice. Raises as
    `expected_outgo` does.
    """
    counted, _, _ = _counted(policy, exposure)
    rows = [
        (category, tier, pd.Timestamp(extra_entitled_on), persons * share)
        for category, persons in extra_persons.items()
        for tier, share in _tier_mix(policy, counted, category).items()
    ]
    joined = exposure[list(EXPOSURE_COLUMNS)].assign(entitled_on=pd.to_datetime(exposure["entitled_on"]))
    result = expected_outgo(
        policy, assumptions, pd.concat([joined, pd.DataFrame(rows, columns=list(EXPOSURE_COLUMNS))]), as_of_on
    )
    total = f"{math.fsum(extra_persons.values()):.0f}"
    more = (
        Assumption("extra_persons", total, "persons", Certainty.ASSUMED, None, None),
        Assumption("extra_entitled_on", extra_entitled_on.isoformat(), "date", Certainty.ASSUMED, None, None),
        Assumption("extra_tier_mix", "as_paid", "reading", Certainty.ASSUMED, None, None),
    )
    return replace(result, assumptions=result.assumptions + more)


def extra_persons_to_target(
    target_rate: float, base_persons: float, paid_persons: float, unpaid_persons: Mapping[str, float]
) -> dict[str, float]:
    """How many more of each category must pay until paid ÷ `base_persons` reaches `target_rate` (0–1).

    Shared out in proportion to `unpaid_persons` by category, and never more than these; 0 when the target is reached.
    """
    if not 0 <= target_rate <= 1:
        raise ValueError(f"target_rate is a share between 0 and 1 (0.95, not 95); found {target_rate}")
    wanted = max(target_rate * base_persons - paid_persons, 0.0)
    unpaid = math.fsum(unpaid_persons.values())
    share = min(wanted / unpaid, 1.0) if unpaid > 0 else 0.0
    return {category: persons * share for category, persons in unpaid_persons.items()}


def _cells(policy: Policy, assumptions: LiabilityAssumptions) -> pd.DataFrame:
    """Stays a person-year and moments of their payout, by benefit tier and hospital level."""
    inpatient = policy.inpatient
    levels = [level.code for level in inpatient.hospital_levels]
    missing = [f"assumptions.levels.{level}" for level in levels if level not in assumptions.levels]
    if unknown := inpatient.unknown_names() + missing:
        raise UnknownValueError(unknown)
    if extra := sorted(set(assumptions.levels) - set(levels)):
        raise ValueError(f"the assumptions send stays to {', '.join(extra)}, which the policy does not know")
    unsupported = [
        name
        for name, is_supported in (
            ("inpatient.break_period", inpatient.break_period.value is BreakPeriod.PER_STAY),
            ("inpatient.later_deductible", inpatient.later_deductible.value is LaterDeductible.SAME),
        )
        if not is_supported
    ]
    if unsupported:
        raise UnsupportedReadingError(unsupported)
    rows = []
    for tier in inpatient.benefit_tiers:
        for level in levels:
            severity, stays_per_year = _level(assumptions, level)
            moments = stay_moments(severity, stay_benefit(inpatient, tier, level))
            rows.append((tier, level, stays_per_year, moments.mean_yuan * 100, moments.second_moment * 100**2))
    columns = ["benefit_tier", "hospital_level", "stays_per_year", "mean_payout_fen", "second_moment_fen2"]
    return pd.DataFrame(rows, columns=columns)


def _level(assumptions: LiabilityAssumptions, code: str) -> tuple[Lognormal, float]:
    """In-scope cost of a stay at a hospital level, and stays there a person-year."""
    level = assumptions.levels[code]
    mean, cv = require("mean_cost_yuan", level.mean_cost_yuan), require("cost_cv", level.cost_cv)
    in_scope = float(require("in_scope_rate", assumptions.in_scope_rate))
    stays = require("stays_per_person_year", assumptions.stays_per_person_year)
    return Lognormal.of_mean_and_cv(mean * in_scope, cv), stays * float(require("stays_rate", level.stays_rate))


def _exposure_rates(policy: Policy, entitled_on: "pd.Series[pd.Timestamp]") -> "pd.Series[float]":
    """Share of the benefit year's days from the entitlement on, both ends counted; 0 after the year's end."""
    start, end = pd.Timestamp(policy.valid_from), pd.Timestamp(policy.valid_to)
    days = (end - entitled_on.where(entitled_on >= start, start)).dt.days + 1
    rates: pd.Series[float] = days.clip(lower=0) / ((end - start).days + 1)
    return rates


def _counted(policy: Policy, exposure: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, float], int]:
    """The rows that can be counted; persons left out, by reason; rows whose persons are hidden."""
    if missing := sorted(set(EXPOSURE_COLUMNS) - set(exposure.columns)):
        raise ValueError(f"exposure lacks the columns {', '.join(missing)}")
    rows = exposure[list(EXPOSURE_COLUMNS)].reset_index(drop=True)
    rows["entitled_on"] = pd.to_datetime(rows["entitled_on"])
    rows["persons"] = pd.to_numeric(rows["persons"]).astype("Float64")
    is_hidden = rows["persons"].isna()
    if (rows["persons"][~is_hidden] < 0).any():
        raise ValueError("persons cannot be negative")
    shown = rows[~is_hidden].astype({"persons": float})
    is_tier_known = shown["benefit_tier"].isin(policy.inpatient.benefit_tiers)
    is_date_known = shown["entitled_on"].notna()
    excluded = {
        "entitlement_unknown": float(shown["persons"][~is_date_known].sum()),
        "benefit_tier_unknown": float(shown["persons"][is_date_known & ~is_tier_known].sum()),
    }
    return shown[is_tier_known & is_date_known].reset_index(drop=True), excluded, int(is_hidden.sum())


def _tier_mix(policy: Policy, counted: pd.DataFrame, category: str) -> dict[str, float]:
    """Shares of the benefit tiers among the counted people of a category; they add up to 1."""
    by_tier = counted[counted["category"] == category].groupby("benefit_tier")["persons"].sum()
    total = float(by_tier.sum())
    if total > 0:
        return {str(tier): float(persons) / total for tier, persons in by_tier.items()}
    lines = [line for line in policy.effective().premiums if line.category == category]
    tiers = {line.benefit_tier.value for line in lines}
    if len(tiers) != 1 or None in tiers:
        raise UnknownValueError([f"tier_mix.{category}"])
    return {str(tiers.pop()): 1.0}


def _listed(policy: Policy, assumptions: LiabilityAssumptions) -> tuple[Assumption, ...]:
    units = {"stays_per_person_year": "stays_per_person_year", "mean_cost_yuan": "yuan", "cost_cv": "ratio"}
    numbers = [
        Assumption(name, f"{v.value:g}", units.get(name.split(".")[0], "rate"), v.certainty, v.source, v.note)
        for name, v in assumptions.named_values()
    ]
    inpatient = policy.inpatient
    readings: list[tuple[str, Sourced[Any]]] = [
        ("cover_starts", policy.cover_starts),
        ("break_period", inpatient.break_period),
        ("break_basis", inpatient.break_basis),
        ("later_deductible", inpatient.later_deductible),
    ]
    chosen = [
        Assumption(name, str(reading.value), "reading", reading.certainty, reading.source, reading.note)
        for name, reading in readings
    ]
    return (*numbers, *chosen)
