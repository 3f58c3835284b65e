"""Every kind of defect is there, and stands where the truth says. Numbers in names are those of the faults."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from configuration.cities import CityFolder
from configuration.feed import Delimited, Excel, Feed, FixedWidth
from etl.reasons import FileReason, RowReason
from etl.synth.defects import NORMALISED, possible_defects
from etl.synth.rows import REASONS, Defect, Outcome
from tests.etl.synth.conftest import CITIES, OnDisk, Simulated, plan_of, write

CHECK_REASONS = [
    RowReason.DAMAGED_TEXT, RowReason.CONTROL_CHARACTER, RowReason.UNCLOSED_QUOTE, RowReason.FIELD_COUNT,
    RowReason.MISSING_VALUE, RowReason.ID_PRECISION_LOST, RowReason.ID_FORM, RowReason.ID_BIRTH_DATE,
    RowReason.ID_CHECK_DIGIT, RowReason.AMOUNT_UNREADABLE, RowReason.AMOUNT_NEGATIVE, RowReason.DATE_UNREADABLE,
    RowReason.DATE_IN_FUTURE, RowReason.CODE_UNKNOWN, RowReason.DIVISION_UNKNOWN, RowReason.CAMPAIGN_UNKNOWN,
    RowReason.TXN_CONFLICT, RowReason.REVERSAL_REPEATED, RowReason.REVERSAL_TOO_LARGE,
]  # fmt: skip


def feed_of(made: OnDisk, name: str) -> Feed:
    feeds = {feed.feed: feed for feed in made.plan.feeds}
    return feeds[made.files.set_index("file_name").feed[name]]


def text_of(made: OnDisk, name: str) -> str:
    layout = feed_of(made, name).format
    assert not isinstance(layout, Excel)
    content = (made.inbox / name).read_bytes()
    for encoding in layout.encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError(f"{name} fits none of {layout.encodings}")


def lines_with(made: OnDisk, reason: RowReason) -> list[tuple[str, str]]:
    """Header and text of the lines set aside for a reason, workbooks left out."""
    found = made.rows[made.rows.reason == reason.value]
    lines = []
    for name, line in zip(found.file_name, found.line_no, strict=True):
        layout = feed_of(made, name).format
        if not isinstance(layout, Excel):
            text = text_of(made, name).split("\n")
            lines.append((text[layout.skip_lines] if isinstance(layout, Delimited) else "", text[int(line) - 1]))
    return lines


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("reason", CHECK_REASONS)
def test_every_reason_occurs_from_2000_persons_on(city: str, reason: RowReason, on_disk: dict[str, OnDisk]) -> None:
    assert (on_disk[city].rows.reason == reason.value).any()


@pytest.mark.parametrize("city", CITIES)
def test_every_defect_that_a_feed_can_carry_occurs(city: str, simulated: dict[str, Simulated]) -> None:
    made = simulated[city]
    for rows in made.world.tables:
        feed = made.plan.feeds[rows.feed]
        if len(rows) > 4_000 and not isinstance(feed.format, Excel):
            missing = set(possible_defects(feed)) - {Defect(int(code)) for code in np.unique(rows.defect)}
            assert missing == set(), feed.feed


@pytest.mark.parametrize("city", CITIES)
def test_defects_stay_rare(city: str, simulated: dict[str, Simulated]) -> None:
    tables = simulated[city].world.tables
    share = sum(int((rows.defect > 0).sum()) for rows in tables) / sum(len(rows) for rows in tables)
    assert 0.0003 < share < 0.004


@pytest.mark.parametrize("city", CITIES)
def test_09_damaged_text_stands_on_its_line(city: str, on_disk: dict[str, OnDisk]) -> None:
    lines = lines_with(on_disk[city], RowReason.DAMAGED_TEXT)
    assert lines
    assert all(any(mark in line for mark in ("?", "\ufffd", "\u9357")) for _, line in lines)


@pytest.mark.parametrize("city", CITIES)
def test_10_nul_quotes_and_line_breaks_stand_on_their_lines(city: str, on_disk: dict[str, OnDisk]) -> None:
    made = on_disk[city]
    assert all("\0" in line for _, line in lines_with(made, RowReason.CONTROL_CHARACTER))
    unclosed = lines_with(made, RowReason.UNCLOSED_QUOTE)
    assert unclosed
    assert all(line.count('"') % 2 == 1 for _, line in unclosed)
    for header, line in lines_with(made, RowReason.FIELD_COUNT):
        mark = max(",|\t", key=header.count)
        assert line.count(mark) != header.count(mark)


@pytest.mark.parametrize("city", CITIES)
def test_16_17_26_spoilt_cells_stand_on_their_lines(city: str, on_disk: dict[str, OnDisk]) -> None:
    made = on_disk[city]
    assert all("E+17" in line for _, line in lines_with(made, RowReason.ID_PRECISION_LOST))
    assert all("0230" in line or "20310615" in line for _, line in lines_with(made, RowReason.ID_BIRTH_DATE))
    assert all("-" in line for _, line in lines_with(made, RowReason.AMOUNT_NEGATIVE))
    assert lines_with(made, RowReason.ID_BIRTH_DATE)


@pytest.mark.parametrize("city", CITIES)
def test_26_amounts_are_null_only_where_nobody_can_read_them(city: str, on_disk: dict[str, OnDisk]) -> None:
    rows = on_disk[city].rows
    assert rows[rows.reason == RowReason.AMOUNT_UNREADABLE.value].amount_fen.isna().all()
    assert rows[rows.reason == RowReason.TXN_CONFLICT.value].amount_fen.notna().all()


@pytest.mark.parametrize("city", CITIES)
def test_14_other_spellings_of_an_identifier_are_loaded(city: str, simulated: dict[str, Simulated]) -> None:
    for rows in simulated[city].world.tables:
        spelt = np.isin(rows.defect, [int(defect) for defect in NORMALISED])
        assert (rows.outcome[spelt] == 0).all()


@pytest.mark.parametrize("city", CITIES)
def test_15_registers_write_old_numbers_for_some(city: str, simulated: dict[str, Simulated]) -> None:
    people = simulated[city].world.people
    short = [n for n in people.written_ids.to_pylist() if len(n) == 15 and n.isdigit()]
    assert len(short) == people.is_short.sum() > 10


@pytest.mark.parametrize("city", CITIES)
def test_02_a_renamed_copy_has_the_same_bytes(city: str, on_disk: dict[str, OnDisk]) -> None:
    made = on_disk[city]
    copies = made.files.dropna(subset="duplicate_of")
    assert len(copies) >= 2
    for name, original in zip(copies.file_name, copies.duplicate_of, strict=True):
        assert (made.inbox / name).read_bytes() == (made.inbox / original).read_bytes()


@pytest.mark.parametrize("city", CITIES)
def test_03_superseded_files_have_a_newer_version(city: str, on_disk: dict[str, OnDisk]) -> None:
    files = on_disk[city].files
    assert files.superseded.sum() >= 3
    for name in files[files.superseded].file_name:
        assert (files.file_name.str[:-8] == name[:-8]).sum() >= 1


@pytest.mark.parametrize("versions", [("version",), ()])
def test_03_what_a_file_replaces_is_about_the_same_thing(
    versions: tuple[str, ...], folders: dict[str, CityFolder], tmp_path: Path
) -> None:
    """A date that says what a file is about makes no older version of it, whatever the group of versions is called."""
    folder = folders[CITIES[0]]
    feeds = tuple(_with_versions(feed, versions) for feed in folder.feeds if "sequence" in feed.files.version)
    made = write(plan_of(replace(folder, feeds=feeds), 800), tmp_path)
    assert bool(versions) == bool(made.files.superseded.any())
    about = [re.fullmatch(feed_of(made, name).files.pattern, name)["date"] for name in made.files.file_name]
    used = made.files.assign(about=about)[made.files.refused_reason.isna() & made.files.duplicate_of.isna()]
    assert not used[~used.superseded].duplicated(["feed", "about"]).any()
    newest = set(zip(used[~used.superseded].feed, used[~used.superseded].about, strict=True))
    older = used[used.superseded]
    assert set(zip(older.feed, older.about, strict=True)) <= newest


def _with_versions(feed: Feed, versions: tuple[str, ...]) -> Feed:
    pattern = feed.files.pattern.replace("?P<sequence>", "?P<version>" if versions else "?:")
    files = feed.files.model_copy(update={"pattern": pattern, "version": versions})
    return feed.model_copy(update={"files": files})


@pytest.mark.parametrize("city", CITIES)
def test_05_06_refused_files_contradict_their_trailer_and_come_again(city: str, on_disk: dict[str, OnDisk]) -> None:
    made = on_disk[city]
    refused = made.files.dropna(subset="refused_reason")
    assert set(refused.refused_reason) == {FileReason.TRUNCATED.value, FileReason.SUM_DIFFERS.value}
    for name, reason in zip(refused.file_name, refused.refused_reason, strict=True):
        count, total, declared_count, declared_fen = trailer_and_rows(made, name)
        assert (count != declared_count) == (reason == FileReason.TRUNCATED.value)
        assert reason == FileReason.TRUNCATED.value or total != declared_fen
        again = name.replace("_01.", "_02.")
        assert pd.isna(made.files.set_index("file_name").refused_reason[again])


@pytest.mark.parametrize("city", CITIES)
def test_trailers_of_good_files_count_and_sum_their_rows(city: str, on_disk: dict[str, OnDisk]) -> None:
    made = on_disk[city]
    hidden = set(made.rows[made.rows.amount_fen.isna()].file_name)
    checked = 0
    for name in made.files[made.files.refused_reason.isna()].file_name:
        layout = feed_of(made, name).format
        if not isinstance(layout, Excel) and layout.trailer and name not in hidden:
            count, total, declared_count, declared_fen = trailer_and_rows(made, name)
            assert (count, total) == (declared_count, declared_fen), name
            checked += 1
    assert checked > 20


def trailer_and_rows(made: OnDisk, name: str) -> tuple[int, int, int, int]:
    """Rows and fen as the file has them, rows and fen as its trailer declares them."""
    feed, lines = feed_of(made, name), text_of(made, name).splitlines()
    layout = feed.format
    assert isinstance(layout, Delimited)
    assert layout.trailer is not None
    column = next(c for c in feed.columns if c.field == "amount")
    body = lines[1:-1] if layout.has_header else lines[:-1]
    place = (column.position or 0) - 1 if column.position else lines[0].split(layout.delimiter).index(column.headers[0])
    scale = 1 if column.unit == "fen" else 100
    total = sum(round(float(line.split(layout.delimiter)[place]) * scale) for line in body)
    declared = lines[-1].split(layout.delimiter)
    scale = 1 if layout.trailer.sum_unit == "fen" else 100
    assert layout.trailer.count_position
    assert layout.trailer.sum_position
    return (
        len(body),
        total,
        int(declared[layout.trailer.count_position - 1]),
        round(float(declared[layout.trailer.sum_position - 1]) * scale),
    )


@pytest.mark.parametrize("city", CITIES)
def test_07_some_files_hold_a_header_and_nothing_else(city: str, on_disk: dict[str, OnDisk]) -> None:
    files = on_disk[city].files
    assert (files.rows == 0).sum() >= 2


@pytest.mark.parametrize("city", CITIES)
def test_08_every_text_file_fits_an_encoding_of_its_feed(city: str, on_disk: dict[str, OnDisk]) -> None:
    made = on_disk[city]
    for name in made.files.file_name:
        if not isinstance(feed_of(made, name).format, Excel):
            assert (
                "\r" in text_of(made, name)
                or "\n" in text_of(made, name)
                or made.files.set_index("file_name").rows[name] == 0
            )


@pytest.mark.parametrize("city", CITIES)
def test_11_12_headers_vary_within_what_the_feed_knows(city: str, on_disk: dict[str, OnDisk]) -> None:
    made = on_disk[city]
    headers: dict[str, set[str]] = {}
    for name in made.files.file_name:
        feed = feed_of(made, name)
        if isinstance(feed.format, Delimited) and feed.format.has_header:
            headers.setdefault(feed.feed, set()).add(text_of(made, name).splitlines()[feed.format.skip_lines])
    assert max(len(found) for found in headers.values()) >= 3
    known = {header for feed in made.plan.feeds for c in feed.columns for header in c.headers}
    known |= {header for feed in made.plan.feeds for header in feed.ignored_headers}
    names = {n for found in headers.values() for line in found for n in line.replace("\t", ",").split(",")}
    assert len(names - known) == 1  # the one column that no feed knows


@pytest.mark.parametrize("city", CITIES)
def test_workbooks_have_merged_titles_and_stay_small(city: str, on_disk: dict[str, OnDisk]) -> None:
    made = on_disk[city]
    books = [name for name in made.files.file_name if name.endswith(".xlsx")]
    assert len(books) >= 2
    for name in books:
        book = CalamineWorkbook.from_path(made.inbox / name)
        rows = sum(len(book.get_sheet_by_name(sheet).to_python()) - 3 for sheet in book.sheet_names)
        assert rows == made.files.set_index("file_name").rows[name]
    assert made.files[made.files.file_name.isin(books)].rows.sum() <= 50_000


def test_fixed_width_lines_have_their_length(on_disk: dict[str, OnDisk]) -> None:
    checked = 0
    for made in on_disk.values():
        broken = made.rows[made.rows.reason == RowReason.LINE_LENGTH.value]
        for name in made.files.file_name:
            layout = feed_of(made, name).format
            if isinstance(layout, FixedWidth):
                lines = (made.inbox / name).read_bytes().split(b"\r\n")[:-1]
                off = [number for number, line in enumerate(lines, 1) if len(line) != layout.line_bytes]
                assert off == sorted(broken[broken.file_name == name].line_no)
                checked += len(lines)
    assert checked > 1_000


@pytest.mark.parametrize("city", CITIES)
def test_20_21_24_25_the_ledger_has_every_standing(city: str, simulated: dict[str, Simulated]) -> None:
    made = simulated[city]
    standings = set(made.payments.standing)
    assert {"covering", "paid_twice", "reversed", "suspense_not_enrolled"} <= standings
    assert ("suspense_void_order" in standings) == any(feed.kind == "order" for feed in made.plan.feeds)
    partly = made.payments[(made.payments.net_fen > 0) & (made.payments.net_fen < made.payments.amount_fen)]
    assert len(partly) >= 2
    assert (partly.standing != "reversed").all()


@pytest.mark.parametrize("city", CITIES)
def test_28_29_payments_stand_on_both_sides_of_a_deadline(city: str, simulated: dict[str, Simulated]) -> None:
    made = simulated[city]
    deadlines = {w.year: pd.Timestamp(w.deadline) for w in made.plan.windows}
    limit = made.participation.campaign_year.map(deadlines) + pd.Timedelta(days=1)
    last_second = made.participation.paid_at == limit - pd.Timedelta(seconds=1)
    assert last_second.any()
    assert set(made.participation[last_second].period) == {"on_time"}
    first_second = made.participation[
        (made.participation.paid_at == limit) & made.participation.reference.str.endswith("000001")
    ]
    assert set(first_second.period) <= {"late"}


@pytest.mark.parametrize("city", CITIES)
def test_22_some_reversals_are_reported_before_their_originals(city: str, simulated: dict[str, Simulated]) -> None:
    made = simulated[city]
    early = 0
    for rows in made.world.tables:
        if "original_txn_no" in rows.columns:
            reported = dict(zip(rows.columns["txn_no"].tolist(), rows.day, strict=True))
            for day, original in zip(rows.day, rows.columns["original_txn_no"].tolist(), strict=True):
                early += original in reported and day < reported[original]
    assert early >= 2


def test_27_some_amounts_do_not_fit_the_tier_on_the_row(simulated: dict[str, Simulated]) -> None:
    covered = simulated["wendeng"].participation.query(
        "is_paid and paid_fen > 0 and tier == 'two' and period == 'on_time'"
    )
    lowest = covered.campaign_year.map({2015: 18_000, 2016: 22_000, 2018: 35_000})
    assert (covered.paid_fen == lowest).any()


def test_33_activations_before_the_issue_are_set_aside_and_missing_issues_are_not(
    simulated: dict[str, Simulated],
) -> None:
    made = simulated["haikou"]
    (events,) = [rows for rows in made.world.tables if made.plan.feeds[rows.feed].kind == "card_event"]
    wrong = events.take((events.outcome == Outcome.SET_ASIDE) & (events.defect == Defect.NONE))
    assert len(wrong) >= 3
    assert {REASONS[code] for code in wrong.reason} == {RowReason.CARD_EVENT_ORDER}
    issued, activated = (made.plan.code("card_event", "event", name) for name in ("issued", "activated"))
    holders = [
        set(events.columns["person_id"][events.columns["event"] == event].tolist()) for event in (issued, activated)
    ]
    assert len(holders[1] - holders[0]) >= 3


def test_the_inbox_says_that_it_is_invented(on_disk: dict[str, OnDisk]) -> None:
    for city, made in on_disk.items():
        marker = pd.read_json(made.inbox / "SYNTHETIC.json", typ="series")
        assert (bool(marker.synthetic), marker.city, int(marker.seed)) == (True, city, 5)
        assert not list(Path(made.inbox).glob("*.parquet"))
