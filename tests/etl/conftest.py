"""Fixtures of the ETL tests."""

from pathlib import Path

import pytest

from tests.etl.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An installation with the fictional city and an empty inbox."""
    return World(tmp_path)
