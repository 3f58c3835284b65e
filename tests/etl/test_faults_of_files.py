"""Faults 1–12, 34 and 35 of docs/requirements.md: what must happen to whole files. Each test names its number."""

import io
import threading
import time
import zipfile

import openpyxl
import pytest

from configuration.reason_texts import finding_text
from etl import operations
from etl.inbox import SETTLE_SECONDS
from etl.reasons import FileReason, RowReason
from tests.etl.world import PAYMENT_HEADER, World, order, payment, person, registered

A, B, C = person(1), person(2), person(3)


def refused(report) -> list[tuple[str, FileReason]]:
    return [(refusal.file_name, refusal.reason) for refusal in report.refusals]


def test_fault_1_the_same_file_again_changes_nothing_and_is_counted(world: World) -> None:
    world.register(registered(A))
    world.payments(payment("1", A))
    first = world.load()
    second = world.load()
    assert (len(first.new), first.known) == (2, 0)
    assert (len(second.new), second.known) == (0, 2)
    assert second.publication.generation_id == first.publication.generation_id
    assert not second.publication.is_new


def test_fault_2_a_renamed_copy_is_recognised_by_its_content(world: World) -> None:
    world.register(registered(A))
    path = world.payments(payment("1", A))
    before = world.load()
    world.put("desk_20220305_07.txt", path.read_bytes())
    after = world.load()
    assert after.new == []
    assert after.publication.content_hash == before.publication.content_hash
    assert world.value("SELECT sum(net_fen) FROM core_payments") == 10000


def test_fault_2_the_same_register_for_another_year_is_no_copy(world: World) -> None:
    lines = [registered(person(n), on="2021-01-05") for n in range(1, 30)]
    world.register(*lines, year=2021)
    world.register(*lines, year=2022)
    assert len(world.load().new) == 2
    rows = world.rows("SELECT campaign_year, count(*) AS persons FROM raw_enrolments GROUP BY ALL ORDER BY 1")
    assert [(row["campaign_year"], row["persons"]) for row in rows] == [(2021, 29), (2022, 29)]


def test_fault_3_a_newer_version_replaces_whatever_the_order_of_arrival(world: World) -> None:
    world.register(registered(A), registered(B))
    world.payments(payment("1", A), payment("2", B), sequence="02")
    world.load()
    world.payments(payment("1", A), sequence="01")  # the older version comes later
    report = world.load()
    assert world.value("SELECT count(*) FROM core_payments") == 2
    assert report.superseded == []
    world.payments(payment("1", A), payment("2", B), payment("3", B, time="2022-02-02T09:00:00"), sequence="03")
    report = world.load()
    ((old, new),) = report.superseded
    assert (old.file_name, new.file_name) == ("desk_20220201_02.txt", "desk_20220201_03.txt")
    assert (new.rows_read - old.rows_read, new.read_fen - old.read_fen) == (1, 10000)
    assert world.value("SELECT count(*) FROM core_payments") == 3


def test_fault_3_same_version_with_other_content_is_refused(world: World) -> None:
    world.register(registered(A), registered(B))
    world.payments(payment("1", A))
    world.load()
    world.payments(payment("1", A), payment("2", B))
    report = world.load()
    assert refused(report) == [("desk_20220201_01.txt", FileReason.VERSION_TIE)]
    assert world.value("SELECT count(*) FROM core_payments") == 1


def test_fault_4_a_file_still_being_written_waits(world: World) -> None:
    path = world.payments(payment("1", A))
    text = path.read_bytes()
    path.write_bytes(text[:50])
    stop = threading.Event()

    def keep_writing() -> None:
        while not stop.wait(SETTLE_SECONDS / 10):
            path.write_bytes(path.read_bytes() + b"x")

    writer = threading.Thread(target=keep_writing)
    writer.start()
    time.sleep(0.1)
    try:
        report = world.load()
    finally:
        stop.set()
        writer.join()
    assert report.unfinished == ["desk_20220201_01.txt"]
    assert report.new == []
    path.write_bytes(text)
    world.age(path)
    assert len(world.load().new) == 1


def test_fault_5_a_truncated_file_is_refused_and_the_old_data_stay(world: World) -> None:
    world.register(registered(A), registered(B))
    world.payments(payment("1", A))
    world.load()
    world.payments(payment("2", B), date="20220202", count=5)
    path = world.payments(payment("3", B), date="20220203")
    path.write_bytes(path.read_bytes().rsplit(b"END", 1)[0])
    world.age(path)
    report = world.load()
    assert sorted(refused(report)) == [
        ("desk_20220202_01.txt", FileReason.TRUNCATED),
        ("desk_20220203_01.txt", FileReason.MISSING_TRAILER),
    ]
    assert world.value("SELECT count(*) FROM core_payments") == 1


def test_fault_6_a_wrong_sum_refuses_the_file_when_every_amount_is_readable(world: World) -> None:
    world.payments(payment("1", A), fen=9999)
    assert refused(world.load()) == [("desk_20220201_01.txt", FileReason.SUM_DIFFERS)]


def test_fault_6_with_unreadable_amounts_the_file_loads_and_the_difference_is_shown(world: World) -> None:
    world.register(registered(A), registered(B))
    world.payments(payment("1", A), payment("2", B, "三百五"), fen=45000)
    report = world.load()
    assert report.refusals == []
    row = world.rows("SELECT rows_unreadable_amount, unexplained_fen FROM load_batches WHERE kind = 'payment'")[0]
    assert row == {"rows_unreadable_amount": 1, "unexplained_fen": 35000}


@pytest.mark.parametrize("content", ["", PAYMENT_HEADER + "\n", PAYMENT_HEADER + "\nEND;0;0\n"])
def test_fault_7_an_empty_file_counts_no_rows_and_warns(world: World, content: str) -> None:
    world.put("desk_20220201_01.txt", content)
    report = world.load()
    assert report.refusals == []
    assert report.warnings == ["desk_20220201_01.txt: no rows; it replaces nothing"]
    assert world.value("SELECT rows_read FROM load_batches") == 0


def test_fault_7_an_empty_newer_version_replaces_nothing(world: World) -> None:
    world.register(registered(A))
    world.register(date="20220201")
    world.load()
    assert world.value("SELECT count(*) FROM raw_enrolments") == 1


@pytest.mark.parametrize(
    ("encoding", "recorded"), [("utf-8-sig", "utf-8-sig"), ("utf-8", "utf-8"), ("gb18030", "gb18030")]
)
def test_fault_8_encodings_are_found_strictly_and_recorded(world: World, encoding: str, recorded: str) -> None:
    world.register(registered(A, name="欧阳𠮷"), encoding=encoding)
    assert world.load().refusals == []
    assert world.value("SELECT encoding FROM load_batches") == recorded
    assert world.value("SELECT count(*) FROM raw_enrolments") == 1


def test_fault_8_a_file_in_no_declared_encoding_is_refused(world: World) -> None:
    world.register(*(registered(person(n), name="王芳") for n in range(60)), encoding="utf-16")
    assert refused(world.load()) == [("register_990001001000_2022_20220110.csv", FileReason.UNREADABLE_ENCODING)]


@pytest.mark.parametrize("name", ["王\ufffd", "??谑", "王?", "\ue000芳"])
def test_fault_9_damaged_text_is_set_aside_never_guessed(world: World, name: str) -> None:
    world.register(registered(A, name=name), registered(B))
    world.load()
    assert world.set_aside() == [("register_990001001000_2022_20220110.csv", 2, RowReason.DAMAGED_TEXT)]
    assert world.value("SELECT count(*) FROM raw_enrolments") == 1


def test_fault_9_a_place_that_is_no_place_is_damaged(world: World) -> None:
    world.register(registered(A, village="海岄村"), registered(B, village="东岸村"))
    world.load()
    assert [reason for *_, reason in world.set_aside()] == [RowReason.DAMAGED_TEXT]


def test_fault_9_a_lost_trail_byte_damages_its_own_line_only(world: World) -> None:
    lines = [registered(person(n)) for n in range(5)]
    path = world.register(*lines, encoding="gb18030")
    data = path.read_bytes().split(b"\n")
    data[2] = data[2].replace("王芳".encode("gb18030"), "王".encode("gb18030") + b"\xb7")
    path.write_bytes(b"\n".join(data))
    world.age(path)
    world.load()
    assert world.set_aside() == [(path.name, 3, RowReason.DAMAGED_TEXT)]
    assert world.value("SELECT count(*) FROM raw_enrolments") == 4


def test_fault_10_nul_quote_and_embedded_line_end_swallow_no_following_row(world: World) -> None:
    world.register(
        registered(A),
        registered(B, name="王\x00芳"),
        f'"{C},王芳,990001001001,A,old,2022-01-05',
        registered(person(4)),
        registered(person(5), name='"王\n芳"'),
        registered(person(6)),
    )
    world.load()
    assert [(line, reason) for _, line, reason in world.set_aside()] == [
        (3, RowReason.CONTROL_CHARACTER),
        (4, RowReason.UNCLOSED_QUOTE),
        (6, RowReason.UNCLOSED_QUOTE),
        (7, RowReason.FIELD_COUNT),
    ]
    assert world.value("SELECT count(*) FROM raw_enrolments") == 3
    assert world.value("SELECT rows_read FROM load_batches") == 7


def test_fault_11_columns_are_found_by_name_and_a_missing_one_refuses_the_file(world: World) -> None:
    header = ";".join(reversed(PAYMENT_HEADER.split(";")))
    world.register(registered(A))
    line = ";".join(reversed(payment("1", A).split(";")))
    world.put("desk_20220201_01.txt", f"{header}\n{line}\nEND;1;10000\n")
    world.put("desk_20220202_01.txt", f"{PAYMENT_HEADER.replace(';fen', '')}\nEND;0;0\n")
    report = world.load()
    assert refused(report) == [("desk_20220202_01.txt", FileReason.MISSING_COLUMN)]
    assert "columns missing: fen" in finding_text(report.refusals[0].detail, "en")
    assert world.value("SELECT net_fen FROM core_payments") == 10000


def test_fault_12_an_unknown_column_is_reported_without_its_values(world: World) -> None:
    world.put("desk_20220201_01.txt", f"{PAYMENT_HEADER};phone\n{payment('1', A)};13800000000\nEND;1;10000\n")
    world.load()
    assert world.value("SELECT unknown_columns FROM load_batches") == "phone"
    assert not any(b"13800000000" in path.read_bytes() for path in world.settings.home.rglob("*") if path.is_file())


def test_fault_34_links_archives_with_dots_and_bombs_are_refused(world: World) -> None:
    folder = world.inbox / "lakeside"
    (folder / "desk_20220201_01.txt").symlink_to("/etc/hostname")
    with zipfile.ZipFile(folder / "climb.zip", "w") as archive:
        archive.writestr("../desk_20220202_01.txt", "x")
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("desk_20220203_01.txt", b"\0" * (64 * 2**20))
    good = io.BytesIO()
    with zipfile.ZipFile(good, "w") as archive:
        archive.writestr("desk_20220204_01.txt", f"{PAYMENT_HEADER}\n{payment('1', A)}\nEND;1;10000\n")
    world.put("good.zip", good.getvalue())
    for name in ("climb.zip", "bomb.zip"):
        world.age(folder / name)
    report = world.load()
    assert sorted(refused(report)) == [
        ("bomb.zip", FileReason.UNSAFE_ARCHIVE),
        ("climb.zip", FileReason.UNSAFE_ARCHIVE),
        ("desk_20220201_01.txt", FileReason.UNSAFE_PATH),
    ]
    assert [batch.file_name for batch in report.new] == ["desk_20220204_01.txt"]


def test_fault_35_batches_are_ordered_by_their_own_sequence_not_by_the_clock(world: World, tmp_path) -> None:
    files = {
        "desk_20220201_01.txt": f"{PAYMENT_HEADER}\n{payment('1', A)}\nEND;1;10000\n",
        "desk_20220202_01.txt": f"{PAYMENT_HEADER}\n{payment('1', A, 20000)}\nEND;1;20000\n",
        "register_990001001000_2022_20220110.csv": "id,name,village,category,membership,enrolled\n" + registered(A),
    }
    hashes = set()
    for number, names in enumerate((sorted(files), sorted(files, reverse=True))):
        other = World(tmp_path / f"order{number}")
        for name in names:
            other.put(name, files[name])
            report = other.load()
        hashes.add(report.publication.content_hash)
        assert other.set_aside() == [("desk_20220202_01.txt", 2, RowReason.TXN_CONFLICT)]
    assert len(hashes) == 1


def test_a_name_no_feed_expects_is_refused_and_listed(world: World) -> None:
    world.put("notes.txt", "hello")
    assert refused(world.load()) == [("notes.txt", FileReason.NO_FEED)]
    assert operations.status(world.settings.home)["refused_files"][0]["file_name"] == "notes.txt"


def test_a_workbook_that_is_none_is_refused(world: World) -> None:
    feeds = world.folder / "cities" / "lakeside" / "feeds"
    text = (feeds / "register.yaml").read_text(encoding="utf-8")
    text = text.replace("feed: register", "feed: register_book").replace(r"\.csv", r"\.xlsx")
    start = text.index("format:")
    text = text[:start] + "format: {type: excel}\n" + text[text.index("columns:") :]
    (feeds / "register_book.yaml").write_text(text, encoding="utf-8")
    world.put("register_990001001000_2022_20220110.xlsx", b"no workbook")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["湖滨县登记册"])
    sheet.merge_cells("A1:F1")
    sheet.append(["identifier", "name", "village", "category", "membership", "enrolled"])
    sheet.append([A, "王芳", "东岸村", "A", "old", "2022-01-05"])
    sheet.append([110101199001010000.0, "王芳", "东岸村", "A", "old", "2022-01-05"])
    buffer = io.BytesIO()
    book.save(buffer)
    world.put("register_990001002000_2022_20220110.xlsx", buffer.getvalue())
    report = world.load()
    assert refused(report) == [("register_990001001000_2022_20220110.xlsx", FileReason.UNREADABLE_WORKBOOK)]
    assert world.set_aside() == [("register_990001002000_2022_20220110.xlsx", 4, RowReason.ID_PRECISION_LOST)]
    assert world.value("SELECT count(*) FROM raw_enrolments") == 1


def test_orders_and_payments_share_one_ledger(world: World) -> None:
    world.register(registered(A), registered(B))
    world.payments(payment("1", A))
    world.orders(order("o1", B))
    world.load()
    assert world.value("SELECT sum(net_fen) FROM core_payments") == 20000
