"""A new generation's database from the batches in use: a pure function of batches, city folders and as-of days."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import URL, create_engine

from configuration.cities import CityFolder
from configuration.record_kinds import RECORD_KINDS
from etl.batches import ROWS_NAME, SET_ASIDE_NAME, Batch, BatchStore
from etl.checking.rows import SET_ASIDE_SCHEMA, output_schema
from etl.inbox import Refusal
from etl.merge import city_facts
from etl.merge.outcomes import participation_outcomes
from etl.merge.reversals import decide_reversals
from warehouse.schema import metadata

SQL_FOLDER = Path(__file__).parent
HASHED_PREFIXES = ("raw_", "core_", "mart_", "meta_cities", "meta_divisions", "meta_campaigns")
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Ingredients:
    """Everything a generation is made of."""

    batches: list[Batch]  # in use, in order_key order
    store: BatchStore
    folders: Mapping[str, CityFolder]
    as_of_on: Mapping[str, date]  # by city
    refusals: list[Refusal]


def build_database(path: Path, ingredients: Ingredients, progress: Progress, memory_limit: str = "6GB") -> str:
    """Write the database at `path` (it must not exist) and return the hash of its content."""
    engine = create_engine(URL.create("duckdb", database=str(path)))
    metadata.create_all(engine)
    engine.dispose()
    connection = duckdb.connect(str(path))
    try:
        connection.execute(f"SET memory_limit = '{memory_limit}'")
        connection.execute(f"SET temp_directory = '{path.parent / 'spill'}'")
        connection.execute("SET preserve_insertion_order = false")
        _register_batches(connection, ingredients)
        city_facts.insert_cities(connection, ingredients.batches, ingredients.folders, ingredients.as_of_on)
        progress("persons")
        _run(connection, "10_persons.sql")
        progress("events")
        _run(connection, "20_events.sql")
        decide_reversals(connection)
        progress("ledger")
        _run(connection, "30_ledger.sql")
        progress("participation")
        _run(connection, "40_participation.sql")
        participation_outcomes(connection, ingredients.folders)
        _run(connection, "50_core.sql")
        progress("marts")
        _run(connection, "60_marts.sql")
        _ledger_of_files(connection, ingredients)
        content_hash = table_hash(lambda sql: connection.execute(sql).fetchone())
        connection.execute("CHECKPOINT")
    finally:
        connection.close()
    return content_hash


def table_hash(fetch_one: Callable[[str], Any]) -> str:
    """Hash over all raw, core and mart tables, whatever the order of their rows."""
    parts = []
    for name in sorted(metadata.tables):
        if name.startswith(HASHED_PREFIXES):
            row = fetch_one(f"SELECT count(*), coalesce(sum(CAST(hash(t) AS HUGEINT)), 0) FROM {name} t")
            parts.append(f"{name}:{tuple(row)}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _run(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    for statement in re.split(r";\s*\n", (SQL_FOLDER / name).read_text(encoding="utf-8")):
        if re.sub(r"--[^\n]*", "", statement).strip():
            connection.execute(statement)


def _register_batches(connection: duckdb.DuckDBPyConnection, ingredients: Ingredients) -> None:
    """One view per kind of record over the batch files; keys follow the order of the batches, not of their arrival."""
    numbered = list(enumerate(ingredients.batches, 1))
    paths = {batch.batch_id: str(ingredients.store.path(batch.batch_id)) for _, batch in numbered}
    table = pa.table(
        {
            "batch_key": pa.array([key for key, _ in numbered], pa.int32()),
            "city": pa.array([b.city for _, b in numbered], pa.string()),
            "feed": pa.array([b.feed for _, b in numbered], pa.string()),
            "rows_path": pa.array([f"{paths[b.batch_id]}/{ROWS_NAME}" for _, b in numbered], pa.string()),
            "aside_path": pa.array([f"{paths[b.batch_id]}/{SET_ASIDE_NAME}" for _, b in numbered], pa.string()),
        }
    )
    connection.register("use_batches_input", table)
    connection.execute("CREATE TEMP TABLE use_batches AS SELECT * FROM use_batches_input")
    for kind in RECORD_KINDS:
        files = [f"{paths[b.batch_id]}/{ROWS_NAME}" for b in ingredients.batches if b.kind == kind and b.rows_read]
        if files:
            # filename is a literal path, never a pattern: batch ids are hexadecimal.
            connection.execute(
                f"CREATE TEMP VIEW in_{kind} AS SELECT b.batch_key, b.city, b.feed, r.* EXCLUDE (filename) "
                f"FROM read_parquet({_sql_list(files)}, filename = true) r "
                "JOIN use_batches b ON b.rows_path = r.filename"
            )
        else:
            empty = pa.schema([("batch_key", pa.int32()), ("city", pa.string()), ("feed", pa.string())])
            schema = pa.schema([*empty, *output_schema(kind)])
            connection.register(f"in_{kind}_empty", schema.empty_table())
            connection.execute(f"CREATE TEMP TABLE in_{kind} AS SELECT * FROM in_{kind}_empty")


def _sql_list(paths: list[str]) -> str:
    return "[" + ", ".join("'" + path.replace("'", "''") + "'" for path in paths) + "]"


def _ledger_of_files(connection: duckdb.DuckDBPyConnection, ingredients: Ingredients) -> None:
    """load_batches, load_set_aside, load_refused_files, mart_feed_days; read = loaded + duplicate + set aside."""
    batches = ingredients.batches
    columns: dict[str, pa.Array] = {"batch_key": pa.array(range(1, len(batches) + 1), pa.int32())}
    for name in ("batch_id", "city", "feed", "kind", "file_name", "encoding"):
        columns[name] = pa.array([getattr(b, name) for b in batches], pa.string())
    columns["version"] = pa.array([" ".join(b.version) for b in batches], pa.string())
    columns["unknown_columns"] = pa.array([", ".join(b.unknown_columns) for b in batches], pa.string())
    columns["received_at"] = pa.array([b.received_at.replace(tzinfo=None) for b in batches], pa.timestamp("s"))
    columns["is_synthetic"] = pa.array([b.is_synthetic for b in batches], pa.bool_())
    for name in ("rows_read", "read_fen", "rows_unreadable_amount", "unexplained_fen"):
        columns[name] = pa.array([getattr(b, name) for b in batches], pa.int64())
    columns["trailer_rows"] = pa.array([b.declared_rows for b in batches], pa.int64())
    columns["trailer_fen"] = pa.array([b.declared_fen for b in batches], pa.int64())
    connection.register("batch_facts", pa.table(columns))
    files = [f"{ingredients.store.path(b.batch_id)}/{SET_ASIDE_NAME}" for b in batches if b.rows_set_aside]
    if files:
        source = f"read_parquet({_sql_list(files)}, filename = true)"
    else:
        schema = pa.schema([*SET_ASIDE_SCHEMA, ("filename", pa.string())])
        connection.register("no_rows_aside", schema.empty_table())
        source = "no_rows_aside"
    connection.execute(
        "INSERT INTO load_set_aside BY NAME SELECT b.city, b.batch_key, r.line_no, 'check' AS stage, r.reason, "
        f"r.row_hash, r.amount_fen FROM {source} r JOIN use_batches b ON b.aside_path = r.filename"
    )
    rows = [(r.city, r.feed, r.file_name, str(r.reason), r.detail, r.content_sha256) for r in ingredients.refusals]
    if rows:
        connection.executemany("INSERT INTO load_refused_files VALUES (?, ?, ?, ?, ?, ?)", rows)
    _run(connection, "70_ledger_of_files.sql")
    daily = [(f.city.code, feed.feed, feed.is_daily) for f in ingredients.folders.values() for feed in f.feeds]
    connection.execute("CREATE TEMP TABLE daily_feeds (city VARCHAR, feed VARCHAR, is_daily BOOLEAN)")
    connection.executemany("INSERT INTO daily_feeds VALUES (?, ?, ?)", daily)
    _run(connection, "80_feed_days.sql")
