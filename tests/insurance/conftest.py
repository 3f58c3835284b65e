"""The stated policy of 2018 and ways to write spoiled copies of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from configuration.policies import load_policies
from insurance.policy import Policy

CITIES = Path(__file__).parents[2] / "cities"


@pytest.fixture(scope="session")
def stated_policies() -> dict[int, Policy]:
    return load_policies(CITIES / "wendeng")


@pytest.fixture(scope="session")
def stated(stated_policies: dict[int, Policy]) -> Policy:
    """Wendeng 2018: every value known."""
    return stated_policies[2018]


@pytest.fixture(scope="session")
def sparse(sparse_policies: dict[int, Policy]) -> Policy:
    """Haikou 2018: benefits, late rule and subsidy unknown."""
    return sparse_policies[2018]


@pytest.fixture(scope="session")
def sparse_policies() -> dict[int, Policy]:
    return load_policies(CITIES / "haikou")


@pytest.fixture
def spoiled(tmp_path: Path) -> Callable[[str, str], Path]:
    """A function: (text in the stated 2018 file, what to put instead) → the folder of a city with that one policy."""

    def write(found: str, instead: str) -> Path:
        text = (CITIES / "wendeng" / "policy" / "2018.yaml").read_text(encoding="utf-8")
        assert found in text
        (tmp_path / "policy").mkdir(exist_ok=True)
        (tmp_path / "policy" / "2018.yaml").write_text(text.replace(found, instead, 1), encoding="utf-8")
        return tmp_path

    return write
