"""Faults 33, 41, 62, 63, 65, 66 and 67 of docs/requirements.md: merging, publication and operation."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from configuration.reason_texts import finding_text
from etl import operations
from etl.load import load
from etl.lock import LockHeldError, loader_lock
from etl.progress import Progress
from etl.pseudonym import KeyProblemError
from etl.reasons import FileReason, RowReason
from tests.etl.world import World, payment, person, registered
from warehouse.generations import DATABASE_NAME, Warehouse
from warehouse.manifest import ManifestError

A, B = person(1), person(2)
CARD_FEED = """\
feed: cards
kind: card_event
title: {zh: 制卡系统, en: Card system}
files:
  pattern: 'cards_(?P<date>\\d{8})\\.txt'
  identity: [date]
  version: [date]
format: {type: fixed_width, encodings: [gb18030], line_bytes: 48}
columns:
  - {field: person_id, span: [1, 18], parse: identity}
  - {field: person_name, span: [19, 20], parse: person_name, empty: unknown}
  - {field: event, span: [39, 2], parse: code, values: {AP: applied, IS: issued, AC: activated, SM: sms_signed}}
  - {field: occurred_on, span: [41, 8], parse: date, formats: ["%Y%m%d"]}
campaign: none
"""


def card(who: str, event: str, day: str, name: str = "王芳") -> bytes:
    padded = name.encode("gb18030").ljust(20)
    return who.encode().ljust(18) + padded + event.encode() + day.encode() + b"\n"


def with_cards(world: World) -> None:
    city = world.folder / "cities" / "lakeside"
    (city / "feeds" / "cards.yaml").write_text(CARD_FEED, encoding="utf-8")
    with open(city / "city.yaml", "a", encoding="utf-8") as handle:
        handle.write("cards: {channels: {}, lag_working_days: {value: 3, certainty: assumed}}\n")


def test_fault_33_activated_before_issued_is_judged_after_all_files(world: World) -> None:
    with_cards(world)
    world.register(registered(A), registered(B))
    world.put("cards_20220201.txt", card(A, "AC", "20220201") + card(B, "AC", "20220201"))
    world.load()
    assert world.set_aside() == []
    rows = world.rows("SELECT card_state, is_issue_unknown FROM core_cards")
    assert rows == [{"card_state": "activated", "is_issue_unknown": True}] * 2
    world.put("cards_20220301.txt", card(A, "IS", "20220202"))
    world.load()
    assert world.set_aside() == [("cards_20220201.txt", 1, RowReason.CARD_EVENT_ORDER)]
    states = world.rows("SELECT card_state FROM core_cards ORDER BY card_state")
    assert [row["card_state"] for row in states] == ["activated", "issued"]


def test_fixed_width_lines_of_another_length_or_damaged_are_set_aside(world: World) -> None:
    with_cards(world)
    broken = card(A, "IS", "20220202").replace("王芳".encode("gb18030"), b"\xcd\xf5\xff\xff")
    world.put("cards_20220201.txt", card(A, "IS", "20220202")[:-5] + b"\n" + broken + card(B, "IS", "20220202"))
    world.load()
    assert [reason for *_, reason in world.set_aside()] == [RowReason.LINE_LENGTH, RowReason.DAMAGED_TEXT]
    assert world.value("SELECT count(*) FROM raw_card_events") == 1


@pytest.mark.parametrize("damage", ["missing", "cut short", "pointer to nothing"])
def test_fault_62_a_bad_current_generation_gives_the_previous_one_and_an_alarm(world: World, damage: str) -> None:
    world.register(registered(A))
    first = world.load().publication
    world.register(registered(A), registered(B), date="20220201")
    second = world.load().publication
    database = world.settings.home / "generations" / second.generation_id / DATABASE_NAME
    if damage == "missing":
        database.unlink()
    elif damage == "cut short":
        database.write_bytes(database.read_bytes()[:-4096])
    else:
        Warehouse(world.settings.home).make_current("20990101T000000000000-00000000")
    warehouse = Warehouse(world.settings.home)
    expected = second.generation_id if damage == "pointer to nothing" else first.generation_id
    assert warehouse.current().id == expected
    assert warehouse.current_alarm is not None
    assert operations.verify(world.settings.home) != []
    operations.rebuild(world.site(), Progress(is_quiet=True), date(2022, 3, 10))
    assert operations.verify(world.settings.home) == []
    assert world.value("SELECT count(*) FROM raw_enrolments") == 2


@pytest.mark.parametrize("damage", ["cut short", "removed", "changed"])
def test_fault_63_a_manifest_that_lost_lines_stops_the_loader(world: World, damage: str) -> None:
    world.register(registered(A))
    world.load()
    path = world.settings.home / "manifest.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    if damage == "removed":
        path.unlink()
    elif damage == "cut short":
        path.write_text(lines[0], encoding="utf-8")
    else:
        path.write_text("".join(lines).replace('"rows_read": 1', '"rows_read": 2'), encoding="utf-8")
    with pytest.raises(ManifestError):
        world.load()
    assert operations.verify(world.settings.home) != []


def test_fault_65_a_full_disk_leaves_the_old_data_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.register(registered(A))
    before = world.load().publication
    world.payments(payment("1", A))
    real = os.fsync
    calls = {"left": 0}

    def full(descriptor: int) -> None:
        if calls["left"] == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        calls["left"] -= 1
        real(descriptor)

    for writes_before_full in range(6):
        calls["left"] = writes_before_full
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(OSError, match="No space left"):
                world.load()
        assert Warehouse(world.settings.home).current().id >= before.generation_id
        assert world.value("SELECT count(*) FROM core_participation") == 1
    world.load()
    assert operations.verify(world.settings.home) == []
    assert world.value("SELECT is_paid FROM core_participation") is True


def test_fault_65_a_missing_or_wrong_key_stops_before_loading(world: World) -> None:
    world.register(registered(A))
    world.load()
    world.key.write_text("22" * 32)
    with pytest.raises(KeyProblemError, match="not the one"):
        world.load()
    world.key.unlink()
    with pytest.raises(KeyProblemError, match="new-key"):
        world.load()


def test_fault_66_the_second_loader_is_told_who_holds_the_lock(world: World) -> None:
    with loader_lock(world.settings.home, "load /inbox"), pytest.raises(LockHeldError, match=f"process {os.getpid()}"):
        world.load()


def test_fault_66_ctrl_c_leaves_everything_clean(world: World) -> None:
    world.register(*(registered(person(n % 1000, f"19{60 + n // 1000}0101")) for n in range(20_000)))
    environment = {
        "CANBAO_HOME": str(world.settings.home),
        "CANBAO_CITIES": str(world.folder / "cities"),
        "CANBAO_KEY": str(world.key),
    }
    command = [sys.executable, "-m", "etl", "load", str(world.inbox), "--as-of", "2022-03-10"]
    process = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    lock = world.settings.home / "lock"
    for _ in range(300):
        if lock.exists() and lock.read_text(encoding="utf-8"):
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode in (0, 130), errors
    if process.returncode == 130:
        assert b"Traceback" not in errors
    world.load()
    assert operations.verify(world.settings.home) == []
    assert world.value("SELECT count(*) FROM raw_enrolments") == 20_000


def test_fault_66_a_file_of_the_wrong_year_waits_for_confirmation(world: World) -> None:
    lines = [
        f"o{n},done,{person(n)},,base,100.00,2021-02-01 10:00:00,2021-02-01 10:00:00,B,2022" for n in range(4)
    ]
    world.orders(*lines)
    report = world.load()
    assert [refusal.reason for refusal in report.refusals] == [FileReason.YEAR_DOUBTFUL]
    assert "4 of 4" in finding_text(report.refusals[0].detail, "en")
    report = world.load(is_year_confirmed=True)
    assert len(report.new) == 1
    assert world.value("SELECT count(*) FROM load_refused_files") == 0


def test_fault_66_a_batch_can_be_revoked_and_loaded_again(world: World) -> None:
    world.register(registered(A))
    before = world.load().publication
    world.payments(payment("1", A))
    with_payment = world.load()
    batch = with_payment.new[0]
    revoked = operations.revoke(world.site(), batch.batch_id[:10], Progress(is_quiet=True), date(2022, 3, 10))
    assert revoked.content_hash == before.content_hash
    again = world.load()
    assert again.publication.content_hash == with_payment.publication.content_hash


def test_fault_67_after_an_old_backup_the_manifest_names_what_to_load_again(world: World) -> None:
    world.register(registered(A))
    world.load()
    world.payments(payment("1", A))
    batch = world.load().new[0]
    for path in (world.settings.home / "batches" / batch.batch_id).iterdir():
        path.unlink()
    problems = operations.verify(world.settings.home)
    assert problems == [f"batch {batch.batch_id} is missing: load lakeside/desk_20220201_01.txt again"]
    world.load()
    assert operations.verify(world.settings.home) == []


def test_fault_39_a_changed_policy_makes_a_new_generation_and_the_old_one_stays(world: World) -> None:
    world.register(registered(A))
    world.payments(payment("1", A))
    old = world.load().publication
    policy = world.folder / "cities" / "lakeside" / "policy" / "2022.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("value: 400,", "value: 450,"), encoding="utf-8")
    new = world.load().publication
    assert world.value("SELECT subsidy_fen FROM core_participation") == 45000
    with Warehouse(world.settings.home).generation(old.generation_id).engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT subsidy_fen FROM core_participation").scalar() == 40000
    assert new.generation_id != old.generation_id


def test_nothing_personal_is_stored_in_clear(world: World) -> None:
    world.register(registered(A, name="欧阳独特"), registered("1" + A[1:], name="欧阳独特"))
    world.payments(payment("1", A, name="欧阳独特"))
    world.load()
    needles = [A.encode(), A[:17].encode(), *(("欧阳独特").encode(c) for c in ("utf-8", "gb18030", "utf-16-le"))]
    for path in world.settings.home.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(needle in data for needle in needles), path
            assert world.key.read_bytes().strip() not in data, path


def test_rejects_export_opens_and_escapes_formulas_fault_47(world: World, tmp_path: Path) -> None:
    world.register(registered("=cmd|calc", name="王芳"))
    world.load()
    assert operations.export_rejects(world.site(), tmp_path / "r.xlsx", with_text=True) == 1
    import openpyxl  # noqa: PLC0415

    cells = [cell.value for cell in openpyxl.load_workbook(tmp_path / "r.xlsx").active[2]]
    assert cells[3] == 2
    assert str(cells[-1]).startswith("'=cmd|calc")


def test_command_line_speaks_json_and_words(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.register(registered(A))
    world.payments(payment("1", A))
    load(world.settings, world.inbox, Progress(is_quiet=True), date(2022, 3, 10))
    found = operations.totals(world.settings.home)["collected"]
    assert found == [
        {
            "city": "lakeside",
            "campaign_year": 2022,
            "channel": "desk",
            "tier": "base",
            "period": "on_time",
            "persons": 1,
            "orders": 1,
            "fen": 10000,
        }
    ]
    assert json.dumps(found)
