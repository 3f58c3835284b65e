"""One file of the inbox → one batch in the store, or a refusal. Runs in worker processes; touches nothing else."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pyarrow.compute as pc

from configuration.cities import CityFolder
from configuration.city import Campaign
from configuration.feed import Delimited, Excel, Feed, FixedWidth
from etl.batches import Batch, BatchStore
from etl.checking.columns import Surroundings
from etl.checking.rows import CheckedRows, check_rows
from etl.inbox import InboxFile, Refusal, match_feed
from etl.pseudonym import Pseudonymiser
from etl.reading.delimited import read_delimited
from etl.reading.excel import read_excel
from etl.reading.fixed_width import read_fixed_width
from etl.reading.rows import RawRows, RefusedFileError
from etl.reasons import FileReason, RowReason
from etl.rereading import batch_id_of, division_codes

YEAR_DOUBT_SHARE = 0.5  # more rows than this outside their campaign: probably the wrong year
SPLIT_REASONS = (RowReason.UNCLOSED_QUOTE, RowReason.FIELD_COUNT)


@dataclass(frozen=True)
class Reading:
    """Everything a reader needs besides the file."""

    store: BatchStore
    folder: CityFolder
    pseudonymiser: Pseudonymiser
    read_on: date
    received_at: datetime
    is_synthetic: bool
    synthetic_persons: int | None
    is_year_confirmed: bool


@dataclass(frozen=True)
class ReadResult:
    """batch: read or known already (`is_known`); refusal: refused as a whole; neither: the file has gone meanwhile."""

    file_bytes: int
    batch: Batch | None = None
    is_known: bool = False
    refusal: Refusal | None = None
    gone_name: str | None = None


def read_file(file: InboxFile, reading: Reading) -> ReadResult:
    """Read, check and store one file. Never raises for bad input: it is refused with a reason."""
    content_sha256 = feed_name = ""
    data = b""
    try:
        feed, match = match_feed(file.name, reading.folder.feeds)
        feed_name = feed.feed
        data = file.read()
        content_sha256 = hashlib.sha256(data).hexdigest()
        batch_id = batch_id_of(reading.folder, feed, file.name, content_sha256)
        if reading.store.has(batch_id):
            return ReadResult(len(data), reading.store.read(batch_id), is_known=True)
        batch = _read(file, data, feed, match, batch_id, content_sha256, reading)
    except FileNotFoundError:  # taken away since the inbox was looked through
        return ReadResult(0, gone_name=file.name)
    except RefusedFileError as error:
        refusal = Refusal(file.city, file.name, error.reason, error.detail, feed_name, content_sha256)
        return ReadResult(len(data), refusal=refusal)
    return ReadResult(len(data), batch)


def _read(
    file: InboxFile,
    data: bytes,
    feed: Feed,
    match: re.Match[str],
    batch_id: str,
    content_sha256: str,
    reading: Reading,
) -> Batch:
    raw = _raw_rows(data, feed)
    year = int(match[feed.files.campaign_year]) if feed.files.campaign_year else None
    around = Surroundings(reading.read_on, division_codes(reading.folder))
    checked = check_rows(raw, feed, reading.folder.city, year, around, reading.pseudonymiser)
    unexplained_fen = _compare_with_declared(raw, checked)
    if not reading.is_year_confirmed:
        _refuse_doubtful_year(checked, feed, reading.folder.city.campaigns)
    version = tuple(match[group] or "" for group in feed.files.version)
    if raw.declared and raw.declared.version is not None:
        version = (*version, raw.declared.version)
    batch = Batch(
        batch_id=batch_id,
        city=file.city,
        feed=feed.feed,
        kind=feed.kind,
        file_name=file.name,
        content_sha256=content_sha256,
        identity=tuple(match[group] or "" for group in feed.files.identity),
        version=version,
        encoding=raw.encoding,
        is_synthetic=reading.is_synthetic or checked.has_invented_ids,
        synthetic_persons=reading.synthetic_persons,
        received_at=reading.received_at,
        rows_read=raw.row_count,
        rows_set_aside=checked.set_aside.num_rows,
        read_fen=checked.read_fen,
        set_aside_fen=pc.sum(checked.set_aside["amount_fen"]).as_py() or 0,
        rows_unreadable_amount=checked.rows_unreadable_amount,
        declared_rows=raw.declared.rows if raw.declared else None,
        declared_fen=raw.declared.amount_fen if raw.declared else None,
        unexplained_fen=unexplained_fen,
        unknown_columns=checked.unknown_columns,
    )
    reading.store.write(batch, checked.rows, checked.set_aside)
    return batch


def _raw_rows(data: bytes, feed: Feed) -> RawRows:
    match feed.format:
        case Delimited() as layout:
            return read_delimited(data, layout)
        case FixedWidth() as layout:
            return read_fixed_width(data, layout, feed.columns)
        case Excel() as layout:
            return read_excel(data, layout, feed.columns)


def _compare_with_declared(raw: RawRows, checked: CheckedRows) -> int:
    """Refuse a file that is not what its summary line declares; the difference in fen that unreadable rows may hide."""
    declared = raw.declared
    if declared is None:
        return 0
    # An embedded line end makes two physical lines of one declared row.
    splits = sum(1 for row in raw.bad if row.reason in SPLIT_REASONS)
    if declared.rows is not None and not declared.rows <= raw.row_count <= declared.rows + splits:
        raise RefusedFileError(FileReason.TRUNCATED, "rows_differ", declared=declared.rows, found=raw.row_count)
    if declared.amount_fen is None or declared.amount_fen == checked.read_fen:
        return 0
    if checked.rows_unreadable_amount == 0:
        declared_yuan, found_yuan = (f"{fen / 100:,.2f}" for fen in (declared.amount_fen, checked.read_fen))
        raise RefusedFileError(FileReason.SUM_DIFFERS, "sums_differ", declared=declared_yuan, found=found_yuan)
    return declared.amount_fen - checked.read_fen


def _refuse_doubtful_year(checked: CheckedRows, feed: Feed, campaigns: tuple[Campaign, ...]) -> None:
    """Fault 66: payments that lie outside their own campaign betray a file loaded for the wrong year."""
    field = next((name for name in ("paid_at", "created_at") if name in checked.rows.column_names), None)
    if field is None or feed.campaign in ("payment_time", "none") or not checked.rows.num_rows:
        return
    days = checked.rows[field].to_numpy().astype("datetime64[D]")
    years = checked.rows["campaign_year"].to_numpy()
    is_outside = np.zeros(len(days), dtype=bool)
    for campaign in campaigns:
        first, last = np.datetime64(campaign.opens_on.value, "D"), np.datetime64(campaign.closes_on.value, "D")
        is_outside |= (years == campaign.year) & ((days < first) | (days > last))
    if is_outside.mean() > YEAR_DOUBT_SHARE:
        outside = int(is_outside.sum())
        raise RefusedFileError(FileReason.YEAR_DOUBTFUL, "outside_campaign", outside=outside, rows=len(days))


