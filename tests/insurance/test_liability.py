"""Expected outgo: exposure to the day, moments against a simulation, what is left out, and refusals."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from configuration.assumptions import load_liability_assumptions
from insurance.assumptions import LiabilityAssumptions
from insurance.benefit import stay_benefit
from insurance.inpatient import BreakPeriod, LaterDeductible
from insurance.liability import (
    CELL_COLUMNS,
    UnsupportedReadingError,
    expected_outgo,
    expected_outgo_at_target,
    extra_persons_to_target,
)
from insurance.policy import Policy
from insurance.severity import Lognormal, stay_moments
from insurance.values import Certainty, Sourced, UnknownValueError

AS_OF_ON = date(2018, 3, 20)
LEVELS = ("level_one", "level_two", "level_three")


@pytest.fixture(scope="module")
def assumptions() -> LiabilityAssumptions:
    return load_liability_assumptions()


def exposure(*rows: tuple[str, str, date | None, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["category", "benefit_tier", "entitled_on", "persons"])


def yearly_fen(policy: Policy, tier: str) -> float:
    """Expected payout of a person-year from the defaults of the model, written out."""
    means, cvs, mix = (3_200, 6_500, 13_500), (0.9, 1.1, 1.5), (0.25, 0.40, 0.35)
    return 100 * 0.1328 * sum(
        share * stay_moments(Lognormal.of_mean_and_cv(mean, cv), stay_benefit(policy.inpatient, tier, level)).mean_yuan
        for level, mean, cv, share in zip(LEVELS, means, cvs, mix, strict=True)
    )  # fmt: skip


def test_placeholders_are_the_model_s_defaults_and_say_so(assumptions: LiabilityAssumptions) -> None:
    named = {name: (float(value.value or 0), value.certainty) for name, value in assumptions.named_values()}
    assert named.pop("stays_per_person_year") == (0.1328, Certainty.STATED)
    assert {certainty for _, certainty in named.values()} == {Certainty.ASSUMED}
    assert [named[f"{key}.{level}"][0] for key in ("stays_rate", "mean_cost_yuan", "cost_cv") for level in LEVELS] == [
        0.25, 0.40, 0.35, 3_200, 6_500, 13_500, 0.9, 1.1, 1.5,
    ]  # fmt: skip
    assert named["in_scope_rate"][0] == 1


def test_outgo_is_persons_times_frequency_times_the_mean_payout(
    stated: Policy, assumptions: LiabilityAssumptions
) -> None:
    start = date(2018, 1, 1)
    result = expected_outgo(
        stated, assumptions, exposure(("adult", "one", start, 1_000), ("minor", "two", start, 500)), AS_OF_ON
    )
    expected = 1_000 * yearly_fen(stated, "one") + 500 * yearly_fen(stated, "two")
    assert result.outgo_fen == pytest.approx(expected, rel=1e-12)
    assert (result.persons, result.exposure_years, result.waiting_persons) == (1_500, 1_500, 0)
    assert tuple(result.by_level_tier.columns) == CELL_COLUMNS
    assert len(result.by_level_tier) == 6
    assert result.by_level_tier["outgo_fen"].sum() == pytest.approx(expected, rel=1e-12)
    assert result.by_level_tier["stays"].sum() == pytest.approx(1_500 * 0.1328, rel=1e-12)
    assert list(result.by_group["outgo_fen"]) == pytest.approx(
        [1_000 * yearly_fen(stated, "one"), 500 * yearly_fen(stated, "two")], rel=1e-12
    )


@pytest.mark.parametrize(
    ("entitled_on", "days"),
    [
        (date(2017, 12, 1), 365),
        (date(2018, 1, 1), 365),
        (date(2018, 1, 2), 364),
        (date(2018, 8, 1), 153),  # W10, W11: paid on 1 May
        (date(2018, 12, 31), 1),
        (date(2019, 1, 1), 0),
    ],
)
def test_exposure_counts_days_from_the_entitlement_to_the_year_s_end(
    stated: Policy, assumptions: LiabilityAssumptions, entitled_on: date, days: int
) -> None:
    result = expected_outgo(stated, assumptions, exposure(("adult", "two", entitled_on, 365)), AS_OF_ON)
    assert result.exposure_years == pytest.approx(days, abs=1e-9)
    assert result.outgo_fen == pytest.approx(days * yearly_fen(stated, "two"), rel=1e-12)
    assert result.waiting_persons == (365 if entitled_on > AS_OF_ON else 0)


def test_a_leap_year_has_366_days(stated: Policy, assumptions: LiabilityAssumptions) -> None:
    leap = stated.model_copy(update={"year": 2020, "valid_from": date(2020, 1, 1), "valid_to": date(2020, 12, 31)})
    result = expected_outgo(leap, assumptions, exposure(("adult", "two", date(2020, 2, 29), 366)), date(2020, 1, 1))
    assert result.exposure_years == pytest.approx(307, abs=1e-9)


def test_mean_and_deviation_agree_with_a_seeded_simulation(stated: Policy, assumptions: LiabilityAssumptions) -> None:
    rng = np.random.default_rng(20180320)
    years, persons = 4_000, 200
    totals = np.zeros(years)
    for level in LEVELS:
        cell = assumptions.levels[level]
        benefit = stay_benefit(stated.inpatient, "two", level)
        counts = rng.poisson(persons * 0.1328 * float(cell.stays_rate.value or 0), years)
        severity = Lognormal.of_mean_and_cv(cell.mean_cost_yuan.value or 0, cell.cost_cv.value or 0)
        cost = rng.lognormal(severity.mu, severity.sigma, counts.sum())
        paid = np.zeros(cost.size)
        for band in benefit.first_stay_bands():
            top = np.inf if band.up_to_fen is None else band.up_to_fen / 100
            paid += float(band.share) * np.maximum(np.minimum(cost, top) - band.above_fen / 100, 0)
        np.add.at(totals, np.repeat(np.arange(years), counts), np.minimum(paid, benefit.annual_cap_fen / 100))
    result = expected_outgo(stated, assumptions, exposure(("adult", "two", date(2018, 1, 1), persons)), AS_OF_ON)
    standard_error = totals.std(ddof=1) / np.sqrt(years)
    assert abs(result.outgo_fen / 100 - totals.mean()) < 3 * standard_error
    assert result.sd_fen / 100 == pytest.approx(totals.std(ddof=1), rel=0.05)


def test_people_who_cannot_be_counted_are_reported_not_guessed(
    stated: Policy, assumptions: LiabilityAssumptions
) -> None:
    start = date(2018, 1, 1)
    result = expected_outgo(
        stated,
        assumptions,
        exposure(
            ("adult", "one", start, 10),
            ("adult", "-", start, 5),
            ("adult", "one", None, 7),
            ("adult", "-", None, 2),
            ("minor", "two", start, pd.NA),
        ),
        AS_OF_ON,
    )
    assert result.persons == 10
    assert result.excluded_persons == {"entitlement_unknown": 9, "benefit_tier_unknown": 5}
    assert result.hidden_rows == 1


def test_nobody_paid_yet_is_zero_outgo_with_every_cell(stated: Policy, assumptions: LiabilityAssumptions) -> None:
    result = expected_outgo(stated, assumptions, exposure(), AS_OF_ON)
    assert (result.outgo_fen, result.sd_fen, result.persons) == (0, 0, 0)
    assert len(result.by_level_tier) == 6


def test_every_assumption_and_limit_is_listed(stated: Policy, assumptions: LiabilityAssumptions) -> None:
    result = expected_outgo(stated, assumptions, exposure(), AS_OF_ON)
    listed = {a.key: (a.value, a.unit, a.certainty) for a in result.assumptions}
    assert listed["stays_per_person_year"] == ("0.1328", "stays_per_person_year", Certainty.STATED)
    assert listed["mean_cost_yuan.level_three"] == ("13500", "yuan", Certainty.ASSUMED)
    assert listed["cost_cv.level_one"] == ("0.9", "ratio", Certainty.ASSUMED)
    assert listed["stays_rate.level_two"] == ("0.4", "rate", Certainty.ASSUMED)
    assert listed["cover_starts"] == ("from_1_january", "reading", Certainty.ASSUMED)
    assert listed["break_period"] == ("per_stay", "reading", Certainty.ASSUMED)
    assert len(listed) == 15
    assert set(result.not_included) == {"outpatient", "catastrophic"}
    assert "annual_cap_per_stay" in result.limits


def test_h15_fault_40_unknown_benefits_refuse_and_are_all_named(
    sparse: Policy, assumptions: LiabilityAssumptions
) -> None:
    with pytest.raises(UnknownValueError) as error:
        expected_outgo(sparse, assumptions, exposure(("adult", "single", date(2018, 1, 1), 1)), AS_OF_ON)
    assert error.value.names == sparse.inpatient.unknown_names()
    assert "inpatient.shares.single.level_three" in error.value.names


def test_readings_the_closed_form_cannot_follow_are_refused(stated: Policy, assumptions: LiabilityAssumptions) -> None:
    inpatient = stated.inpatient.model_copy(
        update={
            "break_period": Sourced[BreakPeriod](value=BreakPeriod.PER_YEAR, certainty=Certainty.ASSUMED),
            "later_deductible": Sourced[LaterDeductible](value=LaterDeductible.HALF, certainty=Certainty.ASSUMED),
        }
    )
    with pytest.raises(UnsupportedReadingError) as error:
        expected_outgo(stated.model_copy(update={"inpatient": inpatient}), assumptions, exposure(), AS_OF_ON)
    assert error.value.names == ["inpatient.break_period", "inpatient.later_deductible"]


def test_malformed_exposure_is_refused(stated: Policy, assumptions: LiabilityAssumptions) -> None:
    with pytest.raises(ValueError, match="lacks the columns benefit_tier, persons"):
        expected_outgo(stated, assumptions, pd.DataFrame(columns=["category", "entitled_on"]), AS_OF_ON)
    with pytest.raises(ValueError, match="cannot be negative"):
        expected_outgo(stated, assumptions, exposure(("adult", "one", date(2018, 1, 1), -1)), AS_OF_ON)


def test_at_target_new_payers_choose_tiers_as_those_before_them(
    stated: Policy, assumptions: LiabilityAssumptions
) -> None:
    start, later = date(2018, 1, 1), date(2018, 8, 1)
    paid = exposure(("adult", "one", start, 75), ("adult", "two", start, 25))
    result = expected_outgo_at_target(
        stated, assumptions, paid, AS_OF_ON, {"adult": 40, "minor": 10}, extra_entitled_on=later
    )
    now = expected_outgo(stated, assumptions, paid, AS_OF_ON)
    extra = 153 / 365 * (30 * yearly_fen(stated, "one") + 20 * yearly_fen(stated, "two"))
    assert result.outgo_fen - now.outgo_fen == pytest.approx(extra, rel=1e-9)
    assert (result.persons, result.waiting_persons) == (150, 50)
    added = {a.key: a.value for a in result.assumptions[len(now.assumptions) :]}
    assert added == {"extra_persons": "50", "extra_entitled_on": "2018-08-01", "extra_tier_mix": "as_paid"}


def test_at_target_a_choice_that_nobody_has_made_yet_is_not_guessed(
    stated: Policy, assumptions: LiabilityAssumptions
) -> None:
    with pytest.raises(UnknownValueError, match=r"tier_mix\.adult"):
        expected_outgo_at_target(stated, assumptions, exposure(), AS_OF_ON, {"adult": 1}, date(2018, 1, 1))


def test_extra_persons_reach_the_target_in_proportion_and_never_exceed_the_unpaid() -> None:
    unpaid = {"adult": 300.0, "minor": 100.0}
    assert extra_persons_to_target(0.95, 1_000, 600, unpaid) == {"adult": 262.5, "minor": 87.5}
    assert extra_persons_to_target(0.95, 2_000, 600, unpaid) == unpaid
    assert extra_persons_to_target(0.5, 1_000, 600, unpaid) == {"adult": 0, "minor": 0}
    assert extra_persons_to_target(0.95, 1_000, 600, {}) == {}
    with pytest.raises(ValueError, match=r"0\.95, not 95"):
        extra_persons_to_target(95, 1_000, 600, unpaid)


def test_a_smaller_in_scope_share_lowers_the_outgo_by_more(stated: Policy, assumptions: LiabilityAssumptions) -> None:
    """Fixed deductibles lever the in-scope share: a tenth less in scope is more than a tenth less outgo."""
    less = assumptions.model_copy(update={"in_scope_rate": Sourced[Any](value=0.9, certainty=Certainty.ASSUMED)})
    people = exposure(("adult", "two", date(2018, 1, 1), 1_000))
    full, reduced = (expected_outgo(stated, a, people, AS_OF_ON).outgo_fen for a in (assumptions, less))
    assert 0.87 < reduced / full < 0.9


@pytest.mark.parametrize(
    ("level", "key", "value", "message"),
    [
        ("level_one", "stays_rate", 0.35, "must add up to 1; they add up to 1.1"),
        ("level_one", "mean_cost_yuan", 0, "greater than 0"),
        ("level_two", "cost_cv", -1, "greater than 0"),
        ("level_two", "stays_rate", 40, "write 0.4 for 40 %"),
    ],
)
def test_impossible_assumptions_are_refused(
    assumptions: LiabilityAssumptions, level: str, key: str, value: float, message: str
) -> None:
    data = assumptions.model_dump()
    data["levels"][level][key] = {"value": value, "certainty": "assumed"}
    with pytest.raises(ValidationError, match=message):
        LiabilityAssumptions.model_validate(data)


def test_a_hospital_level_without_assumptions_is_named(stated: Policy, assumptions: LiabilityAssumptions) -> None:
    data = assumptions.model_dump()
    data["levels"]["township"] = data["levels"].pop("level_one")
    with pytest.raises(UnknownValueError) as error:
        expected_outgo(stated, LiabilityAssumptions.model_validate(data), exposure(), AS_OF_ON)
    assert error.value.names == ["assumptions.levels.level_one"]
