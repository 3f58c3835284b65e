"""Whoever mends a feed file or a division gets the files read anew; nothing counts twice and nothing is lost."""

from pathlib import Path

import pytest

from etl import operations
from tests.configuration.fictional_city import CITY_CODE, VILLAGE_CODES
from tests.etl.world import World, payment, person, registered

A, B = person(1), person(2)


def mend(world: World, file: str, before: str, after: str) -> None:
    path = world.folder / "cities" / CITY_CODE / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def paid_persons(world: World) -> int:
    return int(world.value("SELECT count(*) FROM core_participation WHERE is_paid"))


def test_a_code_that_the_feed_learns_is_read_from_the_files_that_are_there(world: World) -> None:
    world.register(registered(A), registered(B))
    world.payments(payment("1", A), payment("2", B, tier="Z"))
    world.load()
    assert (paid_persons(world), len(world.set_aside())) == (1, 1)
    mend(world, "feeds/desk_payments.yaml", "values: {B: base, P: plus}", "values: {B: base, P: plus, Z: base}")
    report = world.load()
    assert (report.reread, len(report.new), report.known) == (1, 1, 1)
    assert report.superseded == []
    assert report.refusals == []
    assert (paid_persons(world), world.set_aside()) == (2, [])
    assert world.value("SELECT count(*) FROM load_batches WHERE feed = 'desk_payments'") == 1
    assert operations.verify(world.settings.home) == []
    assert world.load().reread == 0


def test_another_title_reads_nothing_anew(world: World) -> None:
    world.payments(payment("1", A))
    world.load()
    mend(world, "feeds/desk_payments.yaml", "en: Desk payments", "en: Payments at the desk")
    report = world.load()
    assert (report.reread, report.known) == (0, 1)


def test_a_division_that_is_added_finds_its_register_rows(world: World) -> None:
    added = f"{VILLAGE_CODES[0][:9]}009"
    world.register(registered(A), registered(B, village=added))
    world.payments(payment("1", A))
    world.load()
    assert [reason for *_, reason in world.set_aside()] == ["division_unknown"]
    row = f"{added},{added[:9]}000,village,新村,New Village,false,2,2,10,10\n"
    path = world.folder / "cities" / CITY_CODE / "divisions.csv"
    path.write_text(path.read_text(encoding="utf-8") + row, encoding="utf-8")
    report = world.load()
    assert [batch.feed for batch in report.new] == ["register"]  # payments rest on no division
    assert world.set_aside() == []


def test_a_campaign_that_is_added_takes_the_rows_that_waited_for_it(world: World) -> None:
    city = world.folder / "cities" / CITY_CODE / "city.yaml"
    text = city.read_text(encoding="utf-8")
    start, end = text.index("  - year: 2022"), text.index("calendar:")
    city.write_text((text[:start] + text[end:]).replace("campaign_year: 2022", "campaign_year: 2021"), encoding="utf-8")
    world.payments(payment("1", A))
    world.load()
    assert [reason for *_, reason in world.set_aside()] == ["campaign_unknown"]
    city.write_text(text, encoding="utf-8")
    assert world.load().reread == 1
    assert world.set_aside() == []


def test_files_that_are_gone_keep_their_reading(world: World) -> None:
    world.register(registered(A), registered(B))
    path: Path = world.payments(payment("1", A), payment("2", B, tier="Z"))
    world.load()
    path.unlink()
    mend(world, "feeds/desk_payments.yaml", "values: {B: base, P: plus}", "values: {B: base, P: plus, Z: base}")
    report = world.load()
    assert report.reread == 0
    assert (paid_persons(world), len(world.set_aside())) == (1, 1)


@pytest.mark.parametrize("version", ["01", "02"])
def test_older_versions_read_anew_stay_older(world: World, version: str) -> None:
    world.register(registered(A), registered(B))
    world.payments(payment("1", A), sequence="01")
    world.payments(payment("1", A), payment("2", B), sequence="02")
    world.load()
    if version == "02":
        (world.inbox / CITY_CODE / "desk_20220201_01.txt").unlink()
    mend(world, "feeds/desk_payments.yaml", "values: {B: base, P: plus}", "values: {B: base, P: plus, Z: base}")
    world.load()
    assert paid_persons(world) == 2
    assert world.value("SELECT file_name FROM load_batches WHERE feed = 'desk_payments'") == "desk_20220201_02.txt"


def test_fault_67_a_lost_batch_comes_back_although_its_feed_was_mended(world: World) -> None:
    world.register(registered(A))
    world.load()
    world.payments(payment("1", A))
    batch = world.load().new[0]
    for path in (world.settings.home / "batches" / batch.batch_id).iterdir():
        path.unlink()
    mend(world, "feeds/desk_payments.yaml", "values: {B: base, P: plus}", "values: {B: base, P: plus, Z: base}")
    assert world.load().reread == 1
    assert operations.verify(world.settings.home) == []
    assert paid_persons(world) == 1
