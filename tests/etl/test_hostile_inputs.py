"""Files that nobody should send, and homes that something has damaged: refused or told in words, never a crash."""

import errno
import io
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

import etl.load as loading
from configuration.problems import ConfigurationError
from configuration.reason_texts import finding_text
from etl import operations
from etl.inbox import Scan, scan_inbox
from etl.progress import Progress
from etl.publish import PublicationError
from etl.reasons import FileReason, RowReason
from tests.etl.test_faults_of_operation import card, with_cards
from tests.etl.world import AS_OF_ON, PAYMENT_HEADER, REGISTER_HEADER, World, order, payment, person, registered
from warehouse.manifest import ManifestError

A, B, C = person(1), person(2), person(3)
DESK = "desk_20220201_01.txt"
REGISTER = "register_990001001000_2022_20220110.csv"
HUGE = "1" * 5_000_000
GOOD = f"{PAYMENT_HEADER}\n{payment('1', A)}\nEND;1;10000\n"


def outcome(world: World) -> list[tuple[str, FileReason, str]]:
    """(file, reason, what was found) of every refusal of a load."""
    return [(r.file_name, r.reason, finding_text(r.detail, "en")) for r in world.load().refusals]


def reasons(world: World) -> list[str]:
    return [reason for *_, reason in world.set_aside()]


# --- text files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("total", [10**30, 10**400, 9 * 10**18, -(10**17), "1_000", "٣"])
def test_an_absurd_total_in_the_summary_line_refuses_the_file(world: World, total: object) -> None:
    world.put(DESK, f"{PAYMENT_HEADER}\n{payment('1', A, '三百')}\nEND;1;{total}\n")
    assert outcome(world) == [(DESK, FileReason.MISSING_TRAILER, "the summary line END cannot be read")]


def test_a_quote_that_does_not_close_in_the_header_refuses_the_file(world: World) -> None:
    world.put(REGISTER, REGISTER_HEADER.replace("name", '"name') + "\n" + registered(A))
    assert [reason for _, reason, _ in outcome(world)] == [FileReason.MISSING_COLUMN]


def test_a_needed_column_that_stands_twice_refuses_the_file(world: World) -> None:
    world.put(DESK, f"{PAYMENT_HEADER};id\n{payment('1', A)};{B}\nEND;1;10000\n")
    assert outcome(world) == [
        (DESK, FileReason.MISSING_COLUMN, "more than one column is named id: which one is meant cannot be known")
    ]


def test_a_first_line_that_is_no_header_is_not_repeated_anywhere(world: World) -> None:
    world.put(DESK, GOOD.split("\n", 1)[1])
    found = outcome(world)
    assert [reason for _, reason, _ in found] == [FileReason.MISSING_COLUMN]
    assert "王芳" not in str(found)
    assert A not in str(found)
    assert not any(A.encode() in path.read_bytes() for path in world.settings.home.rglob("*") if path.is_file())


def test_a_number_in_the_name_of_an_unknown_column_is_not_repeated(world: World) -> None:
    world.put(DESK, f"{PAYMENT_HEADER};{A};extra\n{payment('1', A)};;\nEND;1;10000\n")
    world.load()
    assert world.value("SELECT unknown_columns FROM load_batches") == "extra"


@pytest.mark.parametrize("digits", ["٣" * 18, "٣" * 15, "٣" * 8])
def test_digits_of_other_scripts_are_no_identifier(world: World, digits: str) -> None:
    world.register(registered(digits), registered(A))
    world.load()
    assert reasons(world) == [RowReason.ID_FORM]


@pytest.mark.parametrize(
    "at", ["0000-01-01T00:00:00", "9999-12-31T23:59:59", "2022-02-30T00:00:00", "2022-02-01T24:00:00", "99999-01-01"]
)
def test_days_that_do_not_exist_are_set_aside(world: World, at: str) -> None:
    world.payments(payment("1", A, time=at))
    world.load()
    assert reasons(world) == [RowReason.DATE_UNREADABLE]


def test_a_header_or_summary_line_in_the_middle_is_a_row_set_aside(world: World) -> None:
    rows = [PAYMENT_HEADER, payment("1", A), PAYMENT_HEADER, "END;1;10000", payment("2", B), "END;4;20000"]
    world.put(DESK, "\n".join(rows))
    world.load()
    assert [line for _, line, _ in world.set_aside()] == [3, 4]
    assert world.value("SELECT rows_read FROM load_batches") == 4


@pytest.mark.parametrize("line", [HUGE, f'"{HUGE}",a,a,a,a,', registered(HUGE)])
def test_a_huge_line_is_one_row_set_aside(world: World, line: str) -> None:
    world.put(REGISTER, f"{REGISTER_HEADER}\n{line}\n{registered(A)}")
    world.load()
    assert len(world.set_aside()) == 1
    assert world.value("SELECT count(*) FROM raw_enrolments") == 1


def test_ten_thousand_columns_are_told_in_short(world: World) -> None:
    extra = ";".join(f"c{number}" for number in range(10_000))
    world.put(DESK, f"{PAYMENT_HEADER};{extra}\n{payment('1', A)}{';' * 10_000}\nEND;1;10000")
    world.load()
    assert world.value("SELECT rows_loaded FROM load_batches") == 1
    assert len(world.value("SELECT unknown_columns FROM load_batches")) < 2_500


def test_a_file_of_delimiters_sets_every_row_aside(world: World) -> None:
    world.put(DESK, PAYMENT_HEADER + "\n" + ";;;;;;;\n" * 500 + "END;500;0\n")
    world.load()
    assert reasons(world) == [RowReason.MISSING_VALUE] * 500


def test_utf_16_with_an_odd_byte_is_refused(world: World) -> None:
    feed = world.folder / "cities" / "lakeside" / "feeds" / "register.yaml"
    feed.write_text(feed.read_text(encoding="utf-8").replace("[utf-8-sig, gb18030]", "[utf-16]"), encoding="utf-8")
    world.put(REGISTER, f"{REGISTER_HEADER}\n{registered(A)}\n".encode("utf-16") + b"x")
    assert [reason for _, reason, _ in outcome(world)] == [FileReason.UNREADABLE_ENCODING]


# --- workbooks --------------------------------------------------------------------------------------------------------


def with_workbooks(world: World) -> str:
    """Let the city read registers from workbooks; returns the name of such a file."""
    feeds = world.folder / "cities" / "lakeside" / "feeds"
    text = (feeds / "register.yaml").read_text(encoding="utf-8")
    text = text.replace("feed: register", "feed: register_book").replace(r"\.csv", r"\.xlsx")
    start = text.index("format:")
    text = text[:start] + "format: {type: excel}\n" + text[text.index("columns:") :]
    (feeds / "register_book.yaml").write_text(text, encoding="utf-8")
    return REGISTER.replace(".csv", ".xlsx")


def workbook(fill: Callable[[openpyxl.Workbook], None], headers: str = REGISTER_HEADER) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(headers.split(","))
    fill(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("corner", ["XFD1048576", "F1048576", "XFD9000"])
def test_one_stray_cell_far_away_refuses_the_workbook_and_not_the_process(world: World, corner: str) -> None:
    name = with_workbooks(world)
    world.put(name, workbook(lambda book: book.active.__setitem__(corner, "x")))
    world.register(registered(B), date="20220120")
    found = outcome(world)
    assert [(file, reason) for file, reason, _ in found] == [(name, FileReason.UNREADABLE_WORKBOOK)]
    assert "stray cell" in found[0][2]
    assert world.value("SELECT count(*) FROM raw_enrolments") == 1


def test_a_cell_whose_place_is_nonsense_refuses_the_workbook(world: World) -> None:
    name = with_workbooks(world)
    source = zipfile.ZipFile(io.BytesIO(workbook(lambda book: None)))
    damaged = io.BytesIO()
    with zipfile.ZipFile(damaged, "w") as archive:
        for entry in source.namelist():
            archive.writestr(entry, source.read(entry).replace(b'r="A1"', b'r="ZZZZZZ99999999999"'))
    world.put(name, damaged.getvalue())
    assert outcome(world) == [(name, FileReason.UNREADABLE_WORKBOOK, "not a readable workbook")]


def test_cells_of_every_type_hidden_and_empty_sheets_are_read_row_by_row(world: World) -> None:
    name = with_workbooks(world)

    def fill(book: openpyxl.Workbook) -> None:
        book.active.append([A, "王芳", "东岸村", "A", "old", AS_OF_ON])
        book.active.append([True, "=1+1", 1.5, "#N/A", None, AS_OF_ON])
        book.active.append([])
        hidden = book.create_sheet("hidden")
        hidden.sheet_state = "hidden"
        hidden.append(REGISTER_HEADER.split(","))
        hidden.append([B, "李强", "东岸村", "A", "old", "2022-01-05"])
        book.create_sheet("empty")

    world.put(name, workbook(fill))
    world.load()
    assert world.value("SELECT count(*) FROM raw_enrolments") == 2
    assert [line for _, line, _ in world.set_aside()] == [3]


def test_a_repeated_header_never_moves_values_to_another_row(world: World) -> None:
    name = with_workbooks(world)

    def fill(book: openpyxl.Workbook) -> None:
        for who in (A, B):
            book.active.append([who, "王芳", "东岸村", "A", "old", "2022-01-05", "x", "y"])

    world.put(name, workbook(fill, REGISTER_HEADER + ",note,note"))
    world.put(name.replace("1000_2022", "2000_2022"), workbook(fill, REGISTER_HEADER + ",note,name"))
    assert [reason for _, reason, _ in outcome(world)] == [FileReason.MISSING_COLUMN]
    assert world.value("SELECT count(*) FROM raw_enrolments") == 2
    assert world.set_aside() == []


# --- archives and names -----------------------------------------------------------------------------------------------


def archive_of(name: str, content: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo()
        entry.filename = name
        archive.writestr(entry, content)
    return buffer.getvalue()


def with_bytes(data: bytes, changes: dict[tuple[bytes, int], int]) -> bytes:
    """`data` with the byte at an offset behind a marker replaced."""
    changed = bytearray(data)
    for (marker, offset), value in changes.items():
        changed[data.index(marker) + offset] = value
    return bytes(changed)


ENTRY, DIRECTORY = b"PK\x03\x04", b"PK\x01\x02"


@pytest.mark.parametrize(
    "changes",
    [
        {(b"number;", 0): ord("X")},  # content that fails its checksum
        {(ENTRY, 6): 1, (DIRECTORY, 8): 1},  # encrypted
        {(ENTRY, 8): 99, (DIRECTORY, 10): 99},  # packed in an unknown way
        {(DIRECTORY, 6): 200},  # of a future version
        {(DIRECTORY, 9): 8, (DIRECTORY, 46): 0xFF},  # a name that is not the UTF-8 it claims to be
    ],
)
def test_a_damaged_archive_is_refused_and_the_rest_loads(world: World, changes: dict[tuple[bytes, int], int]) -> None:
    world.put("a.zip", with_bytes(archive_of(DESK, GOOD), changes))
    world.register(registered(A))
    assert [(reason, text) for _, reason, text in outcome(world)] == [
        (FileReason.UNSAFE_ARCHIVE, "the archive is damaged")
    ]
    assert world.value("SELECT count(*) FROM raw_enrolments") == 1


@pytest.mark.parametrize("name", [f"/etc/{DESK}", f"..\\{DESK}", f"\\\\server\\{DESK}"])
def test_an_archive_that_names_a_place_outside_is_refused(world: World, name: str) -> None:
    world.put("a.zip", archive_of(name, GOOD))
    assert [reason for _, reason, _ in outcome(world)] == [FileReason.UNSAFE_ARCHIVE]


def test_an_archive_with_one_name_twice_is_refused(world: World) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(DESK, GOOD)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(DESK, GOOD.replace(A, B))
    world.put("a.zip", buffer.getvalue())
    assert outcome(world) == [("a.zip", FileReason.UNSAFE_ARCHIVE, f"the archive holds two files named {DESK}")]


def test_folders_inside_an_archive_are_left_aside_and_an_archive_inside_is_refused(world: World) -> None:
    world.put("a.zip", archive_of(f"sent\\{DESK}", GOOD))
    world.put("b.zip", archive_of("inner.zip", "x"))
    report = world.load()
    assert [batch.file_name for batch in report.new] == [DESK]
    assert [(r.file_name, r.reason) for r in report.refusals] == [("inner.zip", FileReason.NO_FEED)]


def test_names_that_are_no_text_or_hold_control_characters_are_written_out(world: World) -> None:
    folder = os.fsencode(world.inbox / "lakeside")
    for name in ("窗口.txt".encode("gbk"), b"a\x1b[31m\n.txt"):
        Path(os.fsdecode(folder + b"/" + name)).write_text("x")
    names = [name for name, *_ in outcome(world)]
    assert sorted(names) == ["\\xb4\\xb0\\xbf\\xda.txt", "a\\x1b[31m\\n.txt"]
    assert world.value("SELECT count(*) FROM load_refused_files") == 2


def test_pipes_and_folders_named_like_files_are_no_files(world: World) -> None:
    os.mkfifo(world.inbox / "lakeside" / DESK)
    (world.inbox / "lakeside" / "desk_20220202_01.txt").mkdir()
    report = world.load()
    assert (report.new, report.refusals) == ([], [])


def test_a_linked_city_folder_is_refused_and_a_strange_one_is_told(world: World) -> None:
    elsewhere = world.folder / "elsewhere"
    shutil.move(world.inbox / "lakeside", elsewhere)
    (elsewhere / DESK).write_text(GOOD)
    (world.inbox / "lakeside").symlink_to(elsewhere)
    (world.inbox / "lakesid").mkdir()
    report = world.load()
    assert [refusal.reason for refusal in report.refusals] == [FileReason.UNSAFE_PATH]
    assert report.new == []
    assert report.warnings == ["lakesid: no city has this code; nothing in it is read"]


def test_a_file_that_vanishes_meanwhile_is_left_for_next_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = world.payments(payment("1", A))
    world.register(registered(A))

    def scan_then_lose(*arguments: object) -> Scan:
        scan = scan_inbox(*arguments)  # type: ignore[arg-type]
        path.unlink()
        return scan

    monkeypatch.setattr(loading, "scan_inbox", scan_then_lose)
    report = world.load()
    assert report.unfinished == [DESK]
    assert [batch.feed for batch in report.new] == ["register"]


def test_a_file_that_the_system_withholds_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.payments(payment("1", A))
    world.register(registered(A))
    real = Path.read_bytes

    def withhold(path: Path) -> bytes:
        if path.name == DESK:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", withhold)
    assert outcome(world) == [
        (DESK, FileReason.UNREADABLE_FILE, "the system does not let it be read: Permission denied")
    ]
    assert world.value("SELECT count(*) FROM raw_enrolments") == 1


def test_small_copies_count_as_known(world: World) -> None:
    world.put(DESK, GOOD)
    world.put("desk_20220202_01.txt", GOOD)
    report = world.load()
    assert ([batch.file_name for batch in report.new], report.known) == ([DESK], 1)
    assert [e["event"] for e in world.site().manifest.entries()].count("loaded") == 1


# --- a damaged home ---------------------------------------------------------------------------------------------------


def test_a_batch_with_a_damaged_description_is_read_again(world: World) -> None:
    path = world.register(registered(A))
    batch = world.load().new[0]
    description = world.settings.home / "batches" / batch.batch_id / "batch.json"
    description.write_text("{")
    problems = operations.verify(world.settings.home)
    assert problems == [f"batch {batch.batch_id} is missing: load lakeside/{path.name} again"]
    world.load()
    assert operations.verify(world.settings.home) == []
    path.unlink()
    description.write_text("{")
    with pytest.raises(ManifestError, match="missing"):
        world.load()


@pytest.mark.parametrize("name", ["rows.parquet", "set_aside.parquet"])
def test_damaged_rows_are_named_by_verify_and_stop_a_publication_in_words(world: World, name: str) -> None:
    world.register(registered(A), registered("x"))
    batch = world.load().new[0]
    path = world.settings.home / "batches" / batch.batch_id / name
    path.write_bytes(b"x" * 100)
    problems = operations.verify(world.settings.home)
    assert problems == [f"batch {batch.batch_id} is damaged: remove {path.parent} and load lakeside/{REGISTER} again"]
    world.payments(payment("1", A))
    with pytest.raises(PublicationError, match="verify"):
        world.load()
    shutil.rmtree(path.parent)
    world.load()
    assert operations.verify(world.settings.home) == []
    assert world.value("SELECT is_paid FROM core_participation") is True


def test_the_only_generation_can_be_lost_and_published_again(world: World) -> None:
    world.register(registered(A))
    first = world.load().publication
    folder = world.settings.home / "generations" / first.generation_id
    (folder / "warehouse.duckdb").unlink()
    again = operations.rebuild(world.site(), Progress(is_quiet=True), AS_OF_ON)
    assert (again.is_new, again.content_hash) == (True, first.content_hash)
    (world.settings.home / "generations" / again.generation_id / "generation.json").write_text("{")
    assert world.load().publication.is_new


def test_a_city_or_campaign_that_rows_rest_on_cannot_just_go(world: World) -> None:
    world.register(registered(A))
    world.load()
    with_city = world.settings
    world.settings = with_city.model_copy(update={"cities_folders": ()})
    with pytest.raises(ConfigurationError, match="files of lakeside are loaded"):
        world.load()
    world.settings = with_city
    path = world.folder / "cities" / "lakeside" / "city.yaml"
    text = path.read_text(encoding="utf-8")
    start, end = text.index("  - year: 2022"), text.index("calendar:")
    path.write_text((text[:start] + text[end:]).replace("campaign_year: 2022", "campaign_year: 2021"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="rows of 2022 are loaded"):
        world.load()


def test_a_killed_load_leaves_nothing_that_the_next_one_minds(world: World) -> None:
    world.register(*(registered(person(n % 1000, f"19{60 + n // 1000}0101")) for n in range(5_000)))
    environment = os.environ | {
        "CANBAO_HOME": str(world.settings.home),
        "CANBAO_CITIES": str(world.folder / "cities"),
        "CANBAO_KEY": str(world.key),
    }
    command = [sys.executable, "-m", "etl", "load", str(world.inbox), "--as-of", "2022-03-10"]
    for marker in ("batches", "generations"):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            if process.poll() is not None or (world.settings.home / marker).exists():
                break
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
    world.load()
    assert operations.verify(world.settings.home) == []
    assert world.value("SELECT count(*) FROM raw_enrolments") == 5_000
    leftovers = [p.name for p in (world.settings.home / "generations").iterdir() if p.name.startswith(".")]
    assert leftovers == []


# --- rows that could multiply -----------------------------------------------------------------------------------------

NOT_DUE_FEED = """\
feed: not_due
kind: not_due
title: {zh: 非应保名册, en: Not due}
files:
  pattern: 'notdue_(?P<year>\\d{4})_(?P<date>\\d{8})\\.csv'
  identity: [year]
  version: [date]
  campaign_year: year
format: {type: delimited, encodings: [utf-8], delimiter: ","}
columns:
  - {field: person_id, headers: [id], parse: identity}
  - {field: reason, headers: [why], parse: code, values: {d: deceased, m: moved}}
campaign: file_name
is_daily: false
"""
ASSISTED_FEED = """\
feed: assisted
kind: assisted
title: {zh: 资助名册, en: Assisted}
files:
  pattern: 'assist_(?P<year>\\d{4})_(?P<date>\\d{8})\\.csv'
  identity: [year]
  version: [date]
  campaign_year: year
format: {type: delimited, encodings: [utf-8], delimiter: ","}
columns:
  - {field: person_id, headers: [id], parse: identity}
  - {field: group, headers: [group], parse: code, values: {p: poor, o: orphan}}
  - {field: amount, headers: [yuan], parse: money, unit: yuan}
  - {field: paid_on, headers: [paid], parse: date, formats: ["%Y-%m-%d"]}
campaign: file_name
is_daily: false
"""


def with_feed(world: World, name: str, text: str) -> None:
    (world.folder / "cities" / "lakeside" / "feeds" / f"{name}.yaml").write_text(text, encoding="utf-8")


def test_many_rows_of_one_person_stay_one_participation(world: World) -> None:
    with_feed(world, "not_due", NOT_DUE_FEED)
    with_feed(world, "assisted", ASSISTED_FEED)
    with_cards(world)
    world.register(registered(A), registered(B), registered(C))
    world.register(registered(A), registered(person(9)), year=2021)
    world.payments(payment("1", A), payment("2", A), payment("3", A, 5000), payment("4", B), payment("5", person(7)))
    world.put("notdue_2022_20220101.csv", f"id,why\n{A},d\n{A},m\n{A},d\n{C},m\n")
    help_rows = f"{B},p,20,2022-01-01\n{B},p,20,2022-01-01\n{B},o,30,2022-02-01\n{C},o,100,2022-02-01\n"
    world.put("assist_2022_20220101.csv", "id,group,yuan,paid\n" + help_rows)
    days = (("AP", "20220101"), ("IS", "20220102"), ("IS", "20220103"), ("AC", "20220104"), ("SM", "20220105"))
    world.put("cards_20220201.txt", b"".join(card(A, event, day) for event, day in days))
    world.load()
    persons = world.rows("SELECT campaign_year, count(*) AS n, count(DISTINCT person_key) AS d FROM core_participation "
                         "GROUP BY campaign_year ORDER BY campaign_year")  # fmt: skip
    assert [(row["campaign_year"], row["n"], row["d"]) for row in persons] == [(2021, 2, 2), (2022, 5, 5)]
    assert world.value("SELECT sum(net_fen) FROM core_payments") == 45000
    assert world.value("SELECT sum(paid_fen) + sum(refund_due_fen) FROM core_participation") == 35000
    helped = world.rows("SELECT assisted_fen FROM core_participation WHERE assisted_fen > 0 ORDER BY assisted_fen")
    assert [row["assisted_fen"] for row in helped] == [5000, 10000]
    assert world.value("SELECT sum(rows_duplicate) FROM load_batches") == 1
    assert world.value("SELECT sum(persons) FROM mart_not_due") == 2


def test_orders_of_two_feeds_with_one_number_are_two_orders(world: World) -> None:
    feed = (world.folder / "cities" / "lakeside" / "feeds" / "phone_orders.yaml").read_text(encoding="utf-8")
    with_feed(world, "web_orders", feed.replace("phone_orders", "web_orders").replace("phone_(", "web_("))
    world.register(registered(A), registered(B))
    path = world.orders(order("o1", A))
    world.put("web_20220201_01.csv", path.read_bytes().replace(A.encode(), B.encode()))
    world.load()
    assert world.value("SELECT count(*) FROM core_participation WHERE is_paid") == 2


def test_an_order_and_the_payment_that_names_it_are_one_sum_of_money(world: World) -> None:
    feed = (world.folder / "cities" / "lakeside" / "feeds" / "desk_payments.yaml").read_text(encoding="utf-8")
    column = "  - {field: order_no, headers: [order], parse: text, empty: unknown, is_optional: true}\nconstants:"
    with_feed(world, "desk_payments", feed.replace("constants:", column))
    world.register(registered(A), registered(B))
    world.orders(order("o1", A), order("o2", B))
    rows = f"{PAYMENT_HEADER};order\n{payment('1', A)};o1\n{payment('2', A)};o2\nEND;2;20000"
    world.put(DESK, rows)  # the second names the order of another person: money of its own
    world.load()
    standings = world.rows("SELECT reference, standing FROM core_payments ORDER BY reference")
    assert [(row["reference"], row["standing"]) for row in standings] == [
        ("1", "covering"), ("2", "paid_twice"), ("o2", "covering")
    ]  # fmt: skip
