"""docs/policy-files.md explains every key of a policy file and every limit of the liability."""

from pathlib import Path

import pytest

from insurance.inpatient import Band, BandTable, BreakBasis, BreakPeriod, Inpatient, LaterDeductible
from insurance.liability import LIMITS
from insurance.policy import CoverStart, DemoAssumptions, LateRule, OtherBenefit, Policy, Premium, WaitingMonths
from insurance.values import Certainty

TEXT = (Path(__file__).parents[2] / "docs" / "policy-files.md").read_text(encoding="utf-8")
MODELS = (Policy, Premium, WaitingMonths, OtherBenefit, DemoAssumptions, Inpatient, BandTable, Band)
CHOICES = (LateRule, CoverStart, BreakPeriod, BreakBasis, LaterDeductible, Certainty)


@pytest.mark.parametrize("key", sorted({name for model in MODELS for name in model.model_fields}))
def test_every_key_is_explained(key: str) -> None:
    assert f"`{key}`" in TEXT or f"{key}:" in TEXT


@pytest.mark.parametrize("choice", sorted({member.value for choices in CHOICES for member in choices} | set(LIMITS)))
def test_every_choice_and_limit_is_explained(choice: str) -> None:
    assert f"`{choice}`" in TEXT
