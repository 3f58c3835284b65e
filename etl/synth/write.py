"""A world onto disk: the inbox as sources would fill it, and the truth apart from it."""

import json
import multiprocessing
import shutil
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from etl.reasons import RowReason
from etl.synth.cell_text import Writer
from etl.synth.damage import hides_amount
from etl.synth.files import FileJob, plan_files, sort_into_files
from etl.synth.plan import Plan
from etl.synth.population import People
from etl.synth.render import Written, render
from etl.synth.rows import REASONS, Outcome, Rows
from etl.synth.world import World

_OUTCOMES = tuple(outcome.name.lower() for outcome in Outcome)
MARKER = "SYNTHETIC.json"


@dataclass
class Report:
    """What was written."""

    city: str
    persons: int
    files: int = 0
    rows: int = 0
    size_bytes: int = 0
    set_aside_rows: int = 0
    duplicate_rows: int = 0
    inbox: str = ""
    truth: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For scripts."""
        return asdict(self)

    def summary(self) -> str:
        """One line for people."""
        return (
            f"{self.city}: {self.persons:,} persons, {self.files:,} files, {self.rows:,} rows, "
            f"{self.size_bytes / 1e6:,.0f} MB; "
            f"{self.set_aside_rows:,} rows to set aside, {self.duplicate_rows:,} duplicates. "
            f"Inbox {self.inbox}, truth {self.truth}"
        )


@dataclass
class _Part:
    """What one worker wrote: a row of files.parquet, and rows of rows.parquet."""

    file: dict[str, Any]
    rows: dict[str, list[Any]] = field(default_factory=dict)
    size_bytes: int = 0


@dataclass(frozen=True)
class _Task:
    plan: Plan
    people: People
    inbox: Path
    tables: list[tuple[Rows, list[FileJob]]]
    outside_on: str


_task: _Task | None = None  # set before workers fork, so that they share the arrays instead of copying them


def write_world(plan: Plan, world: World, out: Path, say: Callable[[str], None], processes: int = 2) -> Report:
    """Write inbox/<city> and truth/<city> below `out`, replacing what an earlier run wrote there."""
    inbox, truth = out / "inbox" / plan.city.code, out / "truth" / plan.city.code
    for folder in (inbox, truth):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    tables = []
    rng = np.random.default_rng([plan.order.seed, 99])
    for rows in world.tables:
        ordered, bounds = sort_into_files(plan, rows)
        if bounds:
            tables.append((ordered, plan_files(plan, ordered, bounds, rng)))
    task = _Task(plan, world.people, inbox, tables, _outside_on(plan))
    report = Report(plan.city.code, plan.order.persons, inbox=str(inbox), truth=str(truth))
    parts = list(_written(task, processes, say))
    pq.write_table(_files_table(parts), truth / "files.parquet")
    pq.write_table(_rows_table(parts), truth / "rows.parquet")
    pq.write_table(world.participation, truth / "participation.parquet")
    pq.write_table(world.payments, truth / "payments.parquet")
    marker = {
        "synthetic": True,
        "city": plan.city.code,
        "persons": plan.order.persons,
        "seed": plan.order.seed,
        "as_of_on": plan.order.as_of_on.isoformat(),
    }
    (inbox / MARKER).write_text(json.dumps(marker, indent=1) + "\n", encoding="utf-8")
    report.files, report.size_bytes = len(parts), sum(part.size_bytes for part in parts)
    report.rows = sum(part.file["rows"] for part in parts)
    outcomes = [outcome for part in parts for outcome in part.rows.get("outcome", [])]
    report.set_aside_rows, report.duplicate_rows = outcomes.count("set_aside"), outcomes.count("duplicate")
    say(f"done: {report.files:,} files")
    return report


def _outside_on(plan: Plan) -> str:
    """A day before every campaign of the city."""
    first = min(campaign.opens_on.value for campaign in plan.city.campaigns if campaign.opens_on.value)
    return str(np.datetime64(first, "D") - 100)


def _written(task: _Task, processes: int, say: Callable[[str], None]) -> Iterable[_Part]:
    """Write all files, in as many processes as asked for; parts come in the order of the jobs."""
    global _task  # noqa: PLW0603
    _task = task
    keys = [(table, job) for table, (_, jobs) in enumerate(task.tables) for job in range(len(jobs))]
    total = sum(job.stop - job.start for _, jobs in task.tables for job in jobs)
    done, told = 0, 0.0
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        for part in pool.imap(_write_one, keys, chunksize=1):
            done += part.file["rows"]
            if done >= told + total / 5:
                told = done
                say(f"files: {min(1.0, done / max(total, 1)):.0%} of {total:,} rows")
            yield part
    _task = None


def _write_one(key: tuple[int, int]) -> _Part:
    task = _task
    assert task is not None
    table, jobs = task.tables[key[0]]
    job = jobs[key[1]]
    feed = task.plan.feeds[job.feed]
    rows = table.take(slice(job.start, job.stop))
    written = render(Writer(task.plan, task.people, feed), rows, job.style, task.outside_on)
    (task.inbox / job.name).write_bytes(written.content)
    if feed.files.done_marker:
        (task.inbox / (job.name + feed.files.done_marker)).touch()
    return _described(task.plan, job, rows, written)


def _described(plan: Plan, job: FileJob, rows: Rows, written: Written) -> _Part:
    hidden = hides_amount(rows.defect)
    amounts = rows.columns.get("amount")
    kept = len(written.line_no)
    readable = None if amounts is None else int(amounts[:kept][~hidden[:kept]].sum())
    part = _Part(
        {
            "file_name": job.name,
            "feed": plan.feeds[job.feed].feed,
            "rows": kept + len(written.broken_lines),
            "readable_sum_fen": readable,
            "refused_reason": job.refused.value if job.refused else None,
            "superseded": job.is_superseded,
            "duplicate_of": job.copies,
        },
        size_bytes=len(written.content),
    )
    if job.refused or job.is_superseded or job.copies:
        return part
    odd = np.flatnonzero(rows.outcome != Outcome.LOADED)
    lines = np.asarray(written.line_no)
    part.rows = {
        "line_no": [*lines[odd].tolist(), *written.broken_lines],
        "outcome": [*(_OUTCOMES[o] for o in rows.outcome[odd]), *["set_aside"] * len(written.broken_lines)],
        "reason": [
            *(REASONS[r].value if r >= 0 else None for r in rows.reason[odd]),
            *[RowReason.FIELD_COUNT.value] * len(written.broken_lines),
        ],
        "amount_fen": [
            *(None if amounts is None or hidden[at] else int(amounts[at]) for at in odd),
            *[None] * len(written.broken_lines),
        ],
    }
    return part


def _files_table(parts: list[_Part]) -> pa.Table:
    schema = pa.schema(
        [
            ("file_name", pa.string()),
            ("feed", pa.string()),
            ("rows", pa.int64()),
            ("readable_sum_fen", pa.int64()),
            ("refused_reason", pa.string()),
            ("superseded", pa.bool_()),
            ("duplicate_of", pa.string()),
        ]
    )
    return pa.Table.from_pylist([part.file for part in parts], schema=schema)


def _rows_table(parts: list[_Part]) -> pa.Table:
    names = [part.file["file_name"] for part in parts for _ in part.rows.get("line_no", [])]
    columns: dict[str, pa.Array] = {"file_name": pa.array(names, pa.string())}
    types = {"line_no": pa.int64(), "outcome": pa.string(), "reason": pa.string(), "amount_fen": pa.int64()}
    for name, kind in types.items():
        columns[name] = pa.array([value for part in parts for value in part.rows.get(name, [])], kind)
    return pa.table(columns)
