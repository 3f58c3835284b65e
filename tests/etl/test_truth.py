"""The ETL's result equals the synthetic truth: every person, every fen, every defective row with its reason."""

import argparse
from pathlib import Path

import pytest

from configuration.settings import BUILT_IN_CITIES, Settings
from etl import operations
from etl.installation import open_installation
from etl.load import load
from etl.progress import Progress
from etl.synth import command as synth_command
from tests.etl.truth import Comparison

pytestmark = pytest.mark.slow
CITIES = tuple(sorted(path.name for path in BUILT_IN_CITIES.iterdir() if path.is_dir()))
PERSONS = 2500


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_person_every_fen_every_defective_row(seed: int, tmp_path: Path) -> None:
    for city in CITIES:
        options = argparse.Namespace(
            city=city, persons=PERSONS, seed=seed, out=tmp_path, as_of=None, history_years=2, json=False
        )
        synth_command.run(options)
    settings = Settings(
        home=tmp_path / "home",
        cities_folders=(BUILT_IN_CITIES,),
        key_path=tmp_path / "home" / "demo" / "key",
        pseudonym="hmac-sm3" if seed == 2 else "hmac-sha256",
        is_demo=True,
    )
    load(settings, tmp_path / "inbox", Progress(is_quiet=True))
    assert operations.verify(settings.home) == []
    site = open_installation(settings)
    for city in CITIES:
        comparison = Comparison(site, tmp_path / "truth", city)
        assert comparison.differences_of_rows() == []
        assert comparison.differences_of_files() == []
        assert comparison.differences_of_payments() == []
        assert comparison.differences_of_participation() == []
        truth, found = comparison.refused()
        assert found == truth
    blocked = operations.query(
        settings.home,
        "SELECT c.city, c.campaign_year, sum(c.due_unpaid_persons) - "
        "(SELECT sum(b.persons) FROM mart_blockers b WHERE b.city = c.city "
        "AND b.campaign_year = c.campaign_year) AS rest "
        "FROM mart_coverage c GROUP BY c.city, c.campaign_year",
    )
    assert [row["rest"] for row in blocked] == [0] * len(blocked), "blockers add up to the unpaid"
    synthetic = operations.query(settings.home, "SELECT DISTINCT is_synthetic FROM meta_cities")
    assert synthetic == [{"is_synthetic": True}]
