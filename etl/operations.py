"""Questions an operator asks, and the few things done by hand."""

import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter
from sqlalchemy import text

from configuration.reason_texts import load_reason_texts
from etl.batches import SET_ASIDE_NAME, BatchStore
from etl.installation import Installation, as_of_days, known_batch_ids
from etl.load import publish_in_use
from etl.lock import loader_lock
from etl.merge.build import table_hash
from etl.progress import Progress
from etl.publish import Publication
from warehouse.generations import Generation, NoGenerationError, Warehouse
from warehouse.manifest import Manifest, ManifestError

Row = dict[str, Any]

TOTALS_SQL = """
SELECT p.city, p.campaign_year, p.channel, coalesce(p.tier, '-') AS tier, p.period, count(*) AS persons,
       count(p.reference) AS orders, CAST(sum(coalesce(p.paid_fen, 0)) AS BIGINT) AS fen
FROM core_participation p WHERE p.is_paid
GROUP BY p.city, p.campaign_year, p.channel, coalesce(p.tier, '-'), p.period
ORDER BY p.city, p.campaign_year, p.channel, coalesce(p.tier, '-'), p.period
"""
BESIDES_SQL = """
SELECT city, campaign_year, standing, count(*) AS payments, CAST(sum(net_fen) AS BIGINT) AS fen
FROM core_payments WHERE standing <> 'covering'
GROUP BY city, campaign_year, standing ORDER BY city, campaign_year, standing
"""
REJECTS_SQL = """
SELECT s.city, b.feed, b.file_name, s.line_no, s.stage, s.reason, s.row_hash, s.amount_fen, b.batch_id
FROM load_set_aside s JOIN load_batches b ON b.batch_key = s.batch_key
ORDER BY s.city, b.feed, b.file_name, s.line_no
"""
STATUS_SQL = """
SELECT city, feed, count(*) AS files, CAST(sum(rows_read) AS BIGINT) AS rows_read,
       CAST(sum(rows_loaded) AS BIGINT) AS rows_loaded, CAST(sum(rows_duplicate) AS BIGINT) AS rows_duplicate,
       CAST(sum(rows_set_aside) AS BIGINT) AS rows_set_aside
FROM load_batches GROUP BY city, feed ORDER BY city, feed
"""

FILES_SQL = """
SELECT batch_id, city, feed, file_name, rows_loaded, loaded_fen FROM load_batches ORDER BY city, feed, file_name
"""


def query(home: Path, sql: str) -> list[Row]:
    """Rows of the generation in use."""
    with Warehouse(home).current().engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(text(sql))]


def status(home: Path) -> Row:
    """The generation in use, feeds with their counts, and the alarm if any."""
    warehouse = Warehouse(home)
    generation = warehouse.current()
    return {
        "generation_id": generation.id,
        "published_at": generation.published_at.isoformat(),
        "alarm": warehouse.current_alarm,
        "cities": query(home, "SELECT city, as_of_on, is_synthetic FROM meta_cities ORDER BY city"),
        "feeds": query(home, STATUS_SQL),
        "refused_files": query(home, "SELECT city, feed, file_name, reason, detail FROM load_refused_files"),
    }


def files(home: Path) -> list[Row]:
    """Every file in use with the id of its batch, as `revoke` takes it."""
    return query(home, FILES_SQL)


def totals(home: Path) -> Row:
    """Persons, orders and fen by campaign, channel, tier and period; and the money that covers nobody."""
    return {"collected": query(home, TOTALS_SQL), "besides": query(home, BESIDES_SQL)}


def rejects(home: Path) -> list[Row]:
    """Rows set aside: where, why, keyed hash; never their text."""
    return query(home, REJECTS_SQL)


def export_rejects(site: Installation, path: Path, with_text: bool) -> int:
    """Write the rows set aside to an .xlsx and return their number.

    with_text: decrypt the raw rows too; the file then holds personal data and is the operator's responsibility.
    """
    rows = rejects(site.home)
    texts = load_reason_texts()
    book = openpyxl.Workbook()
    sheet = book.active
    headers = ["城市 city", "来源 feed", "文件 file", "行 line", "原因 reason", "怎么办 to do", "元 yuan", "hash"]
    sheet.append([*headers, "原文 text"] if with_text else headers)
    for row in rows:
        words = texts[row["reason"]]
        cells = [
            row["city"], row["feed"], row["file_name"], row["line_no"], words.what.zh, words.todo.zh,
            None if row["amount_fen"] is None else row["amount_fen"] / 100, row["row_hash"],
        ]  # fmt: skip
        if with_text:
            cells.append(_raw_text(site, row))
        sheet.append([harmless(cell) for cell in cells])
    for number, width in enumerate((10, 22, 40, 9, 26, 52, 12, 34, 80), 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    book.save(path)
    return len(rows)


def harmless(cell: object) -> object:
    """Fault 47: text that a spreadsheet would run as a formula is escaped; what no workbook can hold is spelled out."""
    if isinstance(cell, str):
        cell = ILLEGAL_CHARACTERS_RE.sub(lambda found: f"\\x{ord(found[0]):02x}", cell)
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + cell
    return cell


def _raw_text(site: Installation, row: Row) -> str:
    if row["stage"] == "merge":
        return ""
    table = pq.read_table(site.store.path(row["batch_id"]) / SET_ASIDE_NAME, columns=["line_no", "sealed"])
    for line_no, sealed in zip(table["line_no"].to_pylist(), table["sealed"].to_pylist(), strict=True):
        if line_no == row["line_no"]:
            return site.pseudonymiser.decrypt(sealed).decode("utf-8", errors="backslashreplace")
    return ""


def revoke(site: Installation, batch_id: str, progress: Progress, as_of_on: date | None = None) -> Publication:
    """Take a batch out and publish without it. Raises KeyError when no such batch is loaded."""
    with loader_lock(site.home, f"revoke {batch_id}"):
        known = known_batch_ids(site)
        found = [known_id for known_id in known if known_id.startswith(batch_id)]
        if not batch_id or len(found) != 1:  # an empty beginning is nobody's choice
            raise KeyError(batch_id)
        site.manifest.append(
            {"event": "revoked", "batch_id": found[0], "at": datetime.now().isoformat(timespec="microseconds")}
        )
        return publish_in_use(site, as_of_days(site, as_of_on), progress)


def rebuild(site: Installation, progress: Progress, as_of_on: date | None = None) -> Publication:
    """Publish again from the batches, whatever state the generations are in."""
    with loader_lock(site.home, "rebuild"):
        return publish_in_use(site, as_of_days(site, as_of_on), progress)


def prune(site: Installation, keep_generations: int, keep_days: int) -> list[str]:
    """Remove old generations: all but the newest `keep_generations` and those younger than `keep_days`.

    Batches stay: they are what generations are made of, and superseded ones are what reports of old days rest on.
    """
    with loader_lock(site.home, "prune"):
        warehouse = Warehouse(site.home)
        current = warehouse.pointer()
        ids = [i for i in warehouse.generation_ids() if i != current]
        now = datetime.now().astimezone()
        removed = []
        for generation_id in ids[: max(0, len(ids) + 1 - keep_generations)]:
            if _age_days(warehouse, generation_id, now) >= keep_days:
                shutil.rmtree(warehouse.folder / generation_id)
                removed.append(generation_id)
        if removed:
            site.manifest.append(
                {"event": "pruned", "generations": removed, "at": now.isoformat(timespec="microseconds")}
            )
        return removed


def _age_days(warehouse: Warehouse, generation_id: str, now: datetime) -> int:
    """Days since publication; -1 for a damaged generation, which is left for people to look at."""
    try:
        return (now - warehouse.generation(generation_id).published_at).days
    except NoGenerationError:
        return -1


def verify(home: Path) -> list[str]:
    """Everything that is not as the manifest says, in words; empty when all is well."""
    manifest = Manifest(home)
    warehouse = Warehouse(home)
    try:
        entries = list(manifest.entries())
    except ManifestError as error:
        return [f"{error}. Restore the manifest from the backup."]
    problems = list(_missing_batches(home, entries))
    try:
        current = warehouse.current()
    except NoGenerationError as error:
        return [*problems, f"{error}: run python -m etl rebuild"]
    if warehouse.current_alarm:
        problems.append(f"{warehouse.current_alarm}: run python -m etl rebuild")
    stated = next((e for e in reversed(entries) if e.get("generation_id") == current.id), None)
    if stated is None:
        return [*problems, f"the manifest does not know generation {current.id}: it was cut short or replaced"]
    newest = next(e for e in reversed(entries) if e["event"] == "published")
    if newest["generation_id"] != current.id:
        problems.append(f"generation {newest['generation_id']} was published after the one in use: an old backup?")
    problems += _content_problems(current, stated)
    return problems


def _missing_batches(home: Path, entries: list[Row]) -> Iterator[str]:
    """Fault 67: a home restored from an old backup lacks batches; the manifest names the files to load again."""
    store = BatchStore(home)
    loaded: dict[str, Row] = {}
    for entry in entries:
        if entry["event"] == "loaded":
            loaded[entry["batch_id"]] = entry
        elif entry["event"] == "revoked":
            loaded.pop(entry["batch_id"], None)
    for batch_id, entry in loaded.items():
        source = f"{entry['city']}/{entry['file_name']}"
        if not store.has(batch_id):
            yield f"batch {batch_id} is missing: load {source} again"
        elif not store.is_sound(batch_id):
            yield f"batch {batch_id} is damaged: remove {store.path(batch_id)} and load {source} again"


def _content_problems(generation: Generation, stated: Row) -> list[str]:
    problems = []
    with generation.engine.connect() as connection:
        if table_hash(lambda sql: connection.exec_driver_sql(sql).fetchone()) != stated["content_hash"]:
            problems.append("the tables are not what was published: run python -m etl rebuild")
        row = connection.exec_driver_sql(
            "SELECT count(*), coalesce(sum(rows_read), 0), coalesce(sum(read_fen), 0), "
            "count(CASE WHEN rows_read <> rows_loaded + rows_duplicate + rows_set_aside OR "
            "read_fen <> loaded_fen + duplicate_fen + set_aside_fen THEN 1 END) FROM load_batches"
        ).fetchone()
    assert row is not None
    if tuple(row[:3]) != (len(stated["batches"]), stated["rows_read"], stated["read_fen"]):
        problems.append(f"batches, rows and fen are {tuple(row[:3])}; the manifest states other figures")
    if row[3]:
        problems.append(f"{row[3]} batches break read = loaded + duplicate + set aside")
    return problems
