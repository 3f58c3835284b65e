"""Policy files: what the two cities state, and how mistakes are refused (faults 36, 37, 38, 40 and unknown keys)."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from configuration.policies import load_policies
from configuration.problems import ConfigurationError, Problem
from insurance.inpatient import BreakPeriod
from insurance.policy import CoverStart, LateRule, Policy
from insurance.quantities import to_fen
from insurance.values import Certainty

Spoil = Callable[[str, str], Path]


def problems_of(city_dir: Path) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as error:
        load_policies(city_dir)
    return error.value.problems


def only_problem(city_dir: Path) -> Problem:
    (problem,) = problems_of(city_dir)
    return problem


def test_w4_prices_and_subsidy_are_stated(stated: Policy) -> None:
    prices = {(line.category, line.tier): line.premium_yuan for line in stated.premiums}
    assert {key: int(price.value or 0) for key, price in prices.items()} == {
        ("adult", "one"): 350,
        ("adult", "two"): 500,
        ("minor", None): 180,
        ("college_student", None): 180,
    }
    for price in prices.values():
        assert price.certainty is Certainty.STATED
        assert price.source is not None
        assert price.source.section.startswith("W4")
    assert (stated.subsidy_yuan.value, stated.subsidy_yuan.certainty) == (500, Certainty.STATED)


def test_w9_benefits_are_stated_and_outpatient_rates_are_not(stated: Policy) -> None:
    inpatient = stated.inpatient
    assert {level: int(d.value or 0) for level, d in inpatient.deductible_yuan.items()} == {
        "level_one": 300,
        "level_two": 500,
        "level_three": 800,
    }
    caps = {tier: int(cap.value or 0) for tier, cap in inpatient.annual_cap_yuan.items()}
    assert caps == {"one": 200_000, "two": 300_000}
    assert inpatient.unknown_names() == []
    assert stated.outpatient.is_paid.value is True
    assert stated.outpatient.share.value is None
    assert stated.catastrophic.is_paid.certainty is Certainty.UNKNOWN


def test_the_notice_s_open_readings_are_assumed_defaults(stated: Policy) -> None:
    inpatient = stated.inpatient
    readings = (inpatient.break_period, inpatient.break_basis, inpatient.later_deductible)
    assert {stated.cover_starts.certainty, *(r.certainty for r in readings)} == {Certainty.ASSUMED}
    assert stated.cover_starts.value is CoverStart.FROM_1_JANUARY
    assert stated.inpatient.break_period.value is BreakPeriod.PER_STAY


def test_w12_price_class_and_benefit_tier_are_two_things(stated: Policy) -> None:
    minor = next(line for line in stated.premiums if line.category == "minor")
    assert (minor.price_class, minor.benefit_tier.value) == ("minor_student", "two")


def test_h15_a_headline_s_price_is_assumed_and_benefits_are_unknown(sparse: Policy) -> None:
    for line in sparse.premiums:
        assert (line.premium_yuan.value, line.premium_yuan.certainty) == (180, Certainty.ASSUMED)
    assert sparse.subsidy_yuan.value is None
    assert sparse.late_rule.certainty is Certainty.UNKNOWN
    assert len(sparse.inpatient.unknown_names()) == 10


def test_h15_subsidies_of_2016_and_2017(sparse_policies: dict[int, Policy]) -> None:
    amounts = {year: (p.subsidy_yuan.value, p.subsidy_yuan.certainty) for year, p in sparse_policies.items()}
    assert amounts[2016] == (420, Certainty.STATED)
    assert amounts[2017] == (450, Certainty.DERIVED)
    assert amounts[2018] == (None, Certainty.UNKNOWN)


def test_demo_prices_stand_apart_and_vanish_for_real_data(stated_policies: dict[int, Policy]) -> None:
    past = stated_policies[2017]
    assert {line.premium_yuan.value for line in past.premiums} == {None}
    filled = past.effective()
    assert {line.premium_yuan.certainty for line in filled.premiums} == {Certainty.ASSUMED}
    assert filled.late_rule.value is LateRule.LOSES_SUBSIDY_AND_WAITS
    real = past.without_demo_assumptions().effective()
    assert {line.premium_yuan.value for line in real.premiums} == {None}


def test_fault_36_a_gap_between_years_names_both_files(spoiled: Spoil) -> None:
    city_dir = spoiled("valid_to: 2018-12-31", "valid_to: 2018-12-30")
    _copy_as_2019(city_dir)
    problem = only_problem(city_dir)
    assert problem.file.endswith("2019.yaml")
    assert (problem.key, problem.found) == ("valid_from", "2019-01-01")
    assert problem.allowed.startswith("leaves days without a policy")
    assert "2018.yaml ends on 2018-12-30" in problem.allowed
    assert problem.allowed.endswith("must start on 2018-12-31")


def test_fault_36_an_overlap_of_years_names_both_files(spoiled: Spoil) -> None:
    city_dir = spoiled("valid_to: 2018-12-31", "valid_to: 2019-01-31")
    _copy_as_2019(city_dir)
    problem = only_problem(city_dir)
    assert problem.file.endswith("2019.yaml")
    assert problem.allowed.startswith("shares days with another policy")
    assert "2018.yaml ends on 2019-01-31" in problem.allowed


def _copy_as_2019(city_dir: Path) -> None:
    text = (Path(__file__).parents[2] / "cities/wendeng/policy/2018.yaml").read_text(encoding="utf-8")
    for found, instead in (
        ("year: 2018", "year: 2019"),
        ("valid_from: 2018", "valid_from: 2019"),
        ("valid_to: 2018", "valid_to: 2019"),
    ):
        text = text.replace(found, instead, 1)
    (city_dir / "policy" / "2019.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("upper_edge", "allowed"),
    [
        ("40001", "costs above 40000 up to 40001 yuan lie in no band: the next band must start above 40000"),
        ("39999", "costs above 39999 up to 40000 yuan lie in two bands: the next band must start above 40000"),
    ],
)
def test_fault_37_the_band_edge_is_covered_exactly_once(spoiled: Spoil, upper_edge: str, allowed: str) -> None:
    problem = only_problem(spoiled("{above_yuan: 40000, share: 0.7}", f"{{above_yuan: {upper_edge}, share: 0.7}}"))
    assert problem.key == "inpatient.bands.4"
    assert problem.allowed == allowed
    assert problem.line is not None


def test_fault_37_costs_above_the_last_edge_are_covered(spoiled: Spoil) -> None:
    closed = "{above_yuan: 40000, up_to_yuan: 90000, share: 0.7}"
    problem = only_problem(spoiled("{above_yuan: 40000, share: 0.7}", closed))
    assert problem.allowed == "costs above 90000 yuan lie in no band: leave out the last up_to_yuan"


def test_fault_38_a_rate_of_80_is_refused_with_the_right_figure(spoiled: Spoil) -> None:
    city_dir = spoiled("{above_yuan: 0, share: 0.8}", "{above_yuan: 0, share: 80}")
    problem = only_problem(city_dir)
    assert problem.key == "inpatient.bands.0.shares.value.0.share"
    assert problem.found == "80"
    assert problem.allowed == "a share lies between 0 and 1; write 0.8 for 80 %"
    text = (city_dir / "policy" / "2018.yaml").read_text(encoding="utf-8").splitlines()
    assert problem.line is not None
    assert "share: 80" in text[problem.line - 1]


@pytest.mark.parametrize("share", ["-0.1", ".nan", "yes"])
def test_fault_38_no_other_strange_share_passes(spoiled: Spoil, share: str) -> None:
    problem = only_problem(spoiled("{above_yuan: 0, share: 0.8}", f"{{above_yuan: 0, share: {share}}}"))
    assert problem.key == "inpatient.bands.0.shares.value.0.share"


SUBSIDY = "subsidy_yuan:\n  value: 500\n  certainty: stated\n"


@pytest.mark.parametrize(
    ("instead", "allowed"),
    [
        ("subsidy_yuan:\n  value: 0\n  certainty: unknown\n", "certainty 'unknown' allows no value"),
        ("subsidy_yuan:\n  certainty: stated\n", "certainty 'stated' needs a value"),
        ("subsidy_yuan:\n  value: 500\n", "this key is required"),
    ],
)
def test_fault_40_an_unknown_value_is_never_zero(spoiled: Spoil, instead: str, allowed: str) -> None:
    problem = only_problem(spoiled(SUBSIDY, instead))
    assert problem.key.startswith("subsidy_yuan")
    assert problem.allowed.startswith(allowed)


def test_fault_40_a_stated_value_names_its_source(spoiled: Spoil) -> None:
    sourced = "level_two: {value: 500, certainty: stated, source: *w9_deductible}"
    problem = only_problem(spoiled(sourced, "level_two: {value: 500, certainty: stated}"))
    assert problem.key == "inpatient.deductible_yuan.level_two"
    assert problem.allowed == "certainty 'stated' needs a source"


def test_an_unknown_key_is_refused_with_its_line(spoiled: Spoil) -> None:
    problem = only_problem(spoiled("valid_to: 2018-12-31", "valid_to: 2018-12-31\nsubsidy: 500"))
    assert (problem.key, problem.found, problem.line) == ("subsidy", "500", 7)
    assert problem.allowed.startswith("unknown key")


@pytest.mark.parametrize(
    ("found", "instead", "allowed"),
    [
        ("category: college_student", "category: minor", "premiums stand twice for minor/-"),
        ("category: college_student", "category: adult", "premiums of adult stand with and without a tier"),
        ("price_class: adult_two", "price_class: adult_too", "price class adult_too is not in price_classes"),
        ("      value: two", "      value: three", "benefit tier three is not in benefit_tiers (one, two)"),
        ("price_class: adult_two", "price_class: adult_one", "a price class has one price; adult_one has several"),
        ("valid_from: 2018-01-01", "valid_from: 2017-01-01", "valid_from must lie in the benefit year 2018"),
        ("value: from_1_january\n  certainty: assumed", "certainty: unknown", "cover_starts must be chosen"),
        (
            "    - benefit_tier: two\n      hospital_level: level_one",
            "    - benefit_tier: one\n      hospital_level: level_one",
            "bands stand twice for one × level_one",
        ),
        (
            "    level_two: {value: 500",
            "    level_four: {value: 500",
            "deductible_yuan must have exactly the hospital levels level_one, level_two, level_three",
        ),
    ],
)
def test_contradictions_are_refused(spoiled: Spoil, found: str, instead: str, allowed: str) -> None:
    assert only_problem(spoiled(found, instead)).allowed.startswith(allowed)


def test_demo_assumptions_may_not_cover_what_is_known(spoiled: Spoil) -> None:
    demo = "assumed_for_demo: {why: {zh: x, en: x}, subsidy_yuan: {value: 1, certainty: assumed}}\nyear: 2018"
    problem = only_problem(spoiled("year: 2018", demo))
    assert problem.allowed == "assumed_for_demo fills only what is unknown above; subsidy_yuan is known already"


def test_the_file_is_called_after_its_year_and_all_mistakes_come_at_once(spoiled: Spoil) -> None:
    city_dir = spoiled("late_rule:\n  value: loses_subsidy_and_waits", "late_rule:\n  value: pays_double")
    text = (city_dir / "policy" / "2018.yaml").read_text(encoding="utf-8").replace("pays_double", "waits_only")
    (city_dir / "policy" / "2020.yaml").write_text(text, encoding="utf-8")
    first, second = problems_of(city_dir)
    assert first.key == "late_rule.value"
    assert "'waits_only'" in first.allowed
    assert (second.key, second.found) == ("year", "2020.yaml")


def test_a_city_without_policies_is_refused(tmp_path: Path) -> None:
    assert only_problem(tmp_path).allowed == "must hold one <year>.yaml for each benefit year"


def test_yuan_become_fen_exactly() -> None:
    assert to_fen(Decimal("350.05")) == 35_005
    with pytest.raises(ValueError, match="whole number of fen"):
        to_fen(Decimal("0.001"))
