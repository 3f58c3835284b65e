"""Every row of a file: accepted with typed, pseudonymised values, or set aside with the first reason found."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from configuration.city import Campaign, City
from configuration.feed import Column, Delimited, Feed
from configuration.record_kinds import RECORD_KINDS
from etl.checking.columns import ARROW_TYPES, ParsedColumn, Surroundings, parse_column
from etl.checking.parsed import GOOD, REASON_NUMBER, REASONS
from etl.pseudonym import Pseudonymiser
from etl.reading.rows import RawRows, RefusedFileError
from etl.reasons import FileReason, RowReason

# The fields that must not lie behind the day on which the file is read.
HAPPENED_FIELDS = (
    "paid_at", "created_at", "enrolled_on", "occurred_on", "paid_on", "received_on", "admitted_on", "since_on",
)  # fmt: skip
CAMPAIGN_TIME_FIELDS = ("paid_at", "created_at", "paid_on", "enrolled_on", "received_on")
LONG_NUMBER = re.compile(r"\d{6}")  # in the name of a column: data that slipped into the header
NAMES_TOLD, NAME_LETTERS_TOLD = 50, 40
IDENTITY_FIELDS = {"person_id": "person", "payer_id": "payer"}
SET_ASIDE_SCHEMA = pa.schema(
    [
        ("line_no", pa.int32()),
        ("reason", pa.string()),
        ("row_hash", pa.string()),
        ("amount_fen", pa.int64()),
        ("sealed", pa.binary()),
    ]
)


@dataclass(frozen=True)
class CheckedRows:
    """rows: accepted, columns as in `output_schema(kind)`; set_aside: as in SET_ASIDE_SCHEMA; sums in fen."""

    rows: pa.Table
    set_aside: pa.Table
    read_fen: int
    rows_unreadable_amount: int
    unknown_columns: tuple[str, ...]
    has_invented_ids: bool  # identifiers of the demo's divisions, which do not exist


def check_rows(
    raw: RawRows,
    feed: Feed,
    city: City,
    file_year: int | None,
    around: Surroundings,
    pseudonymiser: Pseudonymiser,
) -> CheckedRows:
    """Check every row of `raw`. Raises RefusedFileError when a needed column is missing."""
    sources = _resolve_columns(raw, feed)
    count = len(raw.line_no)
    reason = np.full(count, GOOD, dtype=np.int8)
    parsed: dict[str, ParsedColumn] = {}
    for column in feed.columns:
        if column.field in sources:
            parsed[column.field] = parse_column(raw.columns[sources[column.field]], column, around)
            _note(reason, parsed[column.field].parsed.reason)
    _note_future(reason, parsed, around)
    campaign_year = _campaign_years(feed, parsed, city.campaigns, file_year, count)
    if campaign_year is not None:
        is_unknown = campaign_year == 0
        _note(reason, np.where(is_unknown, REASON_NUMBER[RowReason.CAMPAIGN_UNKNOWN], GOOD).astype(np.int8))
    amounts = parsed["amount"].parsed.values if "amount" in parsed else pa.nulls(count, pa.int64())
    keep = np.flatnonzero(reason == GOOD)
    has_amount = "amount" in RECORD_KINDS[feed.kind]
    return CheckedRows(
        rows=_accepted(raw, feed, parsed, campaign_year, keep, pseudonymiser),
        set_aside=_set_aside(raw, reason, amounts, pseudonymiser),
        read_fen=pc.sum(amounts).as_py() or 0,
        rows_unreadable_amount=(amounts.null_count + len(raw.bad)) if has_amount else 0,
        unknown_columns=_unknown_columns(raw, feed, sources),
        has_invented_ids=_has_invented_ids(parsed, city),
    )


def _has_invented_ids(parsed: Mapping[str, ParsedColumn], city: City) -> bool:
    """Whether rows bear the demo's identifier prefixes: such a file is invented, whatever its folder says."""
    if city.demo is None or "person_id" not in parsed:
        return False
    prefixes = "|".join(city.demo.id_prefixes)
    return bool(pc.any(pc.match_substring_regex(parsed["person_id"].parsed.values, f"^({prefixes})")).as_py())


def output_schema(kind: str) -> pa.Schema:
    """Columns of accepted rows of a kind."""
    fields: list[tuple[str, pa.DataType]] = [("line_no", pa.int32()), ("campaign_year", pa.int16())]
    for name, spec in RECORD_KINDS[kind].items():
        if name in IDENTITY_FIELDS:
            fields.append((IDENTITY_FIELDS[name], pa.uuid()))
        elif name == "person_name":
            fields.append(("name_hash", pa.int64()))
        elif name == "psn_no":
            fields.append(("psn_hash", pa.int64()))
        elif name != "campaign_year":
            fields.append((name, ARROW_TYPES[spec.parse]))
    if "person_id" in RECORD_KINDS[kind]:
        fields.append(("birth_year", pa.int16()))
    if "paid_at" in RECORD_KINDS[kind]:
        fields.append(("is_time_known", pa.bool_()))
    return pa.schema(fields)


def _resolve_columns(raw: RawRows, feed: Feed) -> dict[str, str]:
    """Canonical field → source column. Columns are found by name, in any order (fault 11)."""
    names = list(raw.columns)
    sources: dict[str, str] = {}
    missing: list[str] = []
    for column in feed.columns:
        source = _source_of(column, names)
        if source is not None:
            sources[column.field] = source
        elif not column.is_optional and not (raw.row_count == 0 and not names):
            missing.append(" / ".join(column.headers) or f"#{column.position}")
    if missing:
        found = _names_told(names, is_header=2 * len(sources) >= len(feed.columns))
        raise RefusedFileError(
            FileReason.MISSING_COLUMN, "columns_missing", missing=", ".join(missing), found=found
        )
    if twice := sorted(raw.repeated & set(sources.values())):
        raise RefusedFileError(FileReason.MISSING_COLUMN, "columns_repeated", names=", ".join(twice))
    return sources


def _names_told(names: Sequence[str], is_header: bool) -> str:
    """Column names for a message. A first line that is no header holds a person's data: it is not repeated."""
    if not is_header:
        return "—"
    told = [name[:NAME_LETTERS_TOLD] for name in names if name and not LONG_NUMBER.search(name)]
    more = "" if len(told) <= NAMES_TOLD else ", …"
    return ", ".join(told[:NAMES_TOLD]) + more


def _source_of(column: Column, names: list[str]) -> str | None:
    if column.span is not None:
        return column.field if column.field in names else None
    if column.position is not None:
        return names[column.position - 1] if column.position <= len(names) else None
    return next((header for header in column.headers if header in names), None)


def _unknown_columns(raw: RawRows, feed: Feed, sources: Mapping[str, str]) -> tuple[str, ...]:
    if isinstance(feed.format, Delimited) and not feed.format.has_header:
        return ()
    known = {*sources.values(), *feed.ignored_headers}
    unknown = [name for name in raw.columns if name and name not in known and not LONG_NUMBER.search(name)]
    return tuple(name[:NAME_LETTERS_TOLD] for name in unknown[:NAMES_TOLD])


def _note(reason: NDArray[np.int8], found: NDArray[np.int8]) -> None:
    """Keep the first reason of a row."""
    is_first = (reason == GOOD) & (found != GOOD)
    reason[is_first] = found[is_first]


def _note_future(reason: NDArray[np.int8], parsed: Mapping[str, ParsedColumn], around: Surroundings) -> None:
    limit = np.datetime64(around.read_on + timedelta(days=1), "s")
    for field in HAPPENED_FIELDS:
        if field in parsed:
            instants = parsed[field].parsed.values.cast(pa.timestamp("s")).to_numpy(zero_copy_only=False)
            is_future = instants >= limit
            _note(reason, np.where(is_future, REASON_NUMBER[RowReason.DATE_IN_FUTURE], GOOD).astype(np.int8))


def _campaign_years(
    feed: Feed,
    parsed: Mapping[str, ParsedColumn],
    campaigns: tuple[Campaign, ...],
    file_year: int | None,
    count: int,
) -> NDArray[np.int16] | None:
    """Benefit year of each row; 0 where none of the city's campaigns fits; None for kinds outside campaigns."""
    known = np.array([campaign.year for campaign in campaigns])
    if feed.campaign == "none":
        return None
    if feed.campaign == "file_name":
        return np.full(count, file_year if file_year in known else 0, dtype=np.int16)
    if feed.campaign == "column" and "campaign_year" in parsed:
        years = parsed["campaign_year"].parsed.values.fill_null(0).to_numpy(zero_copy_only=False)
        return np.where(np.isin(years, known), years, 0).astype(np.int16)
    instants = [
        parsed[name].parsed.values.cast(pa.timestamp("s")) for name in CAMPAIGN_TIME_FIELDS if name in parsed
    ]
    if not instants:  # an empty file, without even a header
        return np.zeros(count, dtype=np.int16)
    # An order that is not paid yet has the time it was made.
    days = pc.coalesce(*instants).to_numpy(zero_copy_only=False).astype("datetime64[D]")
    years = np.zeros(count, dtype=np.int16)
    for campaign in campaigns:  # in the order of their years: the later campaign wins where two overlap
        first, last = np.datetime64(campaign.opens_on.value, "D"), np.datetime64(campaign.closes_on.value, "D")
        years[(days >= first) & (days <= last)] = campaign.year
    if "entry_type" in parsed:
        # Money is given back after a campaign has closed, too: such a row belongs to the last one that had opened.
        is_reversal = pc.equal(parsed["entry_type"].parsed.values, "reversal").fill_null(False)
        is_after_close = is_reversal.to_numpy(zero_copy_only=False) & (years == 0)
        for campaign in campaigns:
            years[is_after_close & (days >= np.datetime64(campaign.opens_on.value, "D"))] = campaign.year
    return years


def _accepted(
    raw: RawRows,
    feed: Feed,
    parsed: Mapping[str, ParsedColumn],
    campaign_year: NDArray[np.int16] | None,
    keep: NDArray[np.int64],
    pseudonymiser: Pseudonymiser,
) -> pa.Table:
    schema = output_schema(feed.kind)
    taken = {
        field: column.parsed.values.take(pa.array(keep)) for field, column in parsed.items() if field != "campaign_year"
    }
    data: dict[str, pa.Array] = {"line_no": pa.array(raw.line_no[keep].astype(np.int32))}
    if campaign_year is not None:
        data["campaign_year"] = pa.array(campaign_year[keep])
    names = taken.pop("person_name", None)
    if "person_id" in taken:
        data["person"], data["name_hash"] = pseudonymiser.identify(taken.pop("person_id"), names)
    if "payer_id" in taken:
        data["payer"], _ = pseudonymiser.identify(taken.pop("payer_id"))
    if "psn_no" in taken:
        data["psn_hash"] = pseudonymiser.numbers(taken.pop("psn_no"))
    if "person_id" in parsed and (years := parsed["person_id"].birth_year) is not None:
        data["birth_year"] = pa.array(years[keep], mask=years[keep] == 0)
    if "paid_at" in parsed and (has_time := parsed["paid_at"].has_time) is not None:
        data["is_time_known"] = pa.array(has_time[keep])
    data |= taken
    for field, value in feed.constants.items():
        data[field] = pa.repeat(pa.scalar(value), len(keep))
    arrays = [
        data[column.name].cast(column.type) if column.name in data else pa.nulls(len(keep), column.type)
        for column in schema
    ]
    return pa.table(arrays, schema=schema)


def _set_aside(
    raw: RawRows, reason: NDArray[np.int8], amounts: pa.Array, pseudonymiser: Pseudonymiser
) -> pa.Table:
    """Rows set aside, by line: keyed hash and encrypted text, never the text itself."""
    rows: list[tuple[int, str, int | None, bytes]] = [(b.line_no, b.reason, None, b.raw) for b in raw.bad]
    chosen = np.flatnonzero(reason != GOOD)
    texts = raw.raw.take(pa.array(chosen)).to_pylist()
    for row, text in zip(chosen, texts, strict=True):
        data = text if isinstance(text, bytes) else text.encode("utf-8")
        rows.append((int(raw.line_no[row]), REASONS[reason[row] - 1], amounts[int(row)].as_py(), data))
    rows.sort(key=lambda row: row[0])
    return pa.table(
        [
            pa.array([row[0] for row in rows], pa.int32()),
            pa.array([str(row[1]) for row in rows], pa.string()),
            pa.array([pseudonymiser.row_hash(row[3]) for row in rows], pa.string()),
            pa.array([row[2] for row in rows], pa.int64()),
            pa.array([pseudonymiser.encrypt(row[3]) for row in rows], pa.binary()),
        ],
        schema=SET_ASIDE_SCHEMA,
    )
