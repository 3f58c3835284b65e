"""Rows into files: by day, month, town or year as the feed's names say, with what goes wrong with whole files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from configuration.feed import Delimited, Excel, Feed
from etl.reasons import FileReason
from etl.synth.damage import hides_amount
from etl.synth.filenames import fill_pattern, groups_of
from etl.synth.plan import DAY, Plan, day_number
from etl.synth.render import Style
from etl.synth.rows import Column, Rows

_REORDERED_RATE, _UNKNOWN_COLUMN_RATE, _OTHER_ENCODING_RATE, _OTHER_HEADER_RATE = 0.08, 0.04, 0.1, 0.35
_PLAIN_STYLE_SHARE = 0.85


@dataclass(frozen=True)
class FileJob:
    """One file to write: a slice of the sorted rows of a feed."""

    feed: int
    name: str
    start: int
    stop: int
    style: Style
    refused: FileReason | None = None
    is_superseded: bool = False
    copies: str | None = None  # name of the file whose bytes this one repeats


def sort_into_files(plan: Plan, rows: Rows) -> tuple[Rows, list[tuple[int, int]]]:
    """The rows in the order of their files, and the bounds of every file."""
    feed = plan.feeds[rows.feed]
    keys = _file_keys(plan, feed, rows)
    order = np.lexsort((rows.sort, *reversed(keys)))
    ordered = rows.take(order)
    if not len(order):
        return ordered, []
    change = np.zeros(len(order), dtype=bool)
    for key in keys:
        change[1:] |= key[order][1:] != key[order][:-1]
    starts = np.flatnonzero(change | (np.arange(len(order)) == 0))
    return ordered, list(zip(starts.tolist(), [*starts[1:].tolist(), len(order)], strict=True))


def _file_keys(plan: Plan, feed: Feed, rows: Rows) -> list[Column]:
    groups = feed.files.identity
    keys: list[Column] = []
    if _has_period(groups):
        number = day_number(rows.day)
        is_daily = _takes_days(feed) & (rows.day >= plan.windows[-1].opens)
        keys.append(np.where(is_daily, number, number // 100 * 100))
    if not _has_period(groups) or _group(groups, "year"):
        keys.append(rows.year_row)
    if _group(groups, "town"):
        keys.append(plan.town_of_village[rows.village])
    return keys


def _group(groups: Sequence[str], meaning: str) -> str | None:
    return next((group for group in groups if meaning in group), None)


def _has_period(groups: Sequence[str]) -> bool:
    return (
        _group(groups, "date") is not None or _group(groups, "day") is not None or _group(groups, "month") is not None
    )


def _takes_days(feed: Feed) -> bool:
    """Whether names of the feed hold whole days, or months only."""
    group = _group(feed.files.identity, "date") or _group(feed.files.identity, "day") or "month"
    try:
        fill_pattern(f"(?P<only>{_sub_pattern(feed.files.pattern, group)})", {"only": ["20180102", "2018-01-02"]})
    except ValueError:
        return False
    return True


def _sub_pattern(pattern: str, group: str) -> str:
    start = pattern.index(f"(?P<{group}>") + len(group) + 5
    depth, at = 1, start
    while depth:
        depth += (pattern[at] == "(") - (pattern[at] == ")")
        at += 1
    return pattern[start : at - 1]


def file_name(plan: Plan, feed: Feed, rows: Rows, at: int, sequence: int, dated: date | None = None) -> str:
    """The name of the file that holds row `at`. `dated` overrides the day of a file that is replaced as a whole."""
    day = dated or rows.day[at].astype(DAY).item()
    is_monthly = _has_period(feed.files.identity) and not (_takes_days(feed) and rows.day[at] >= plan.windows[-1].opens)
    days = [f"{day:%Y%m}", f"{day:%Y-%m}"] if is_monthly else []
    days += [f"{day:%Y%m%d}", f"{day:%Y-%m-%d}", f"{day:%y%m%d}", f"{day:%Y%m}"]
    year = str(plan.years[int(rows.year_row[at])] if rows.year_row[at] >= 0 else day.year)
    town = plan.towns[int(plan.town_of_village[rows.village[at]])]
    meanings = {
        "date": days,
        "day": days,
        "month": days,
        "year": [year, year[2:]],
        "town": [town, town[:9], town[:6]],
        "seq": [f"{sequence:02d}", f"{sequence:03d}", str(sequence), f"{sequence:04d}"],
        "version": [f"{sequence:02d}", str(sequence)],
    }
    values = {
        group: next((v for meaning, v in meanings.items() if meaning in group), [])
        for group in groups_of(feed.files.pattern)
    }
    return fill_pattern(feed.files.pattern, values)


def plan_files(plan: Plan, rows: Rows, bounds: list[tuple[int, int]], rng: np.random.Generator) -> list[FileJob]:
    """One job a file, and the extra files that come with faults: older versions, copies, refused and empty ones."""
    feed = plan.feeds[rows.feed]
    jobs = [
        FileJob(rows.feed, file_name(plan, feed, rows, start, 1), start, stop, _style(feed, rng))
        for start, stop in bounds
    ]
    jobs = [replace(job, style=replace(job.style, version="01")) for job in jobs]
    if _group(feed.files.version, "seq") or _group(feed.files.version, "version"):
        return _with_faulty_versions(plan, feed, rows, jobs, rng)
    if _has_period(feed.files.version) and not _has_period(feed.files.identity):
        return _with_older_registers(plan, feed, rows, jobs, rng)
    return jobs  # nothing in its names says which of two files is the newer one


def _style(feed: Feed, rng: np.random.Generator) -> Style:
    reordered, unknown, encoding, header = rng.random(4)
    is_text = isinstance(feed.format, Delimited)
    has_names = not any(column.position or column.span for column in feed.columns)
    return Style(
        variant=int(rng.integers(1, 3)) if header < _OTHER_HEADER_RATE else 0,
        is_reordered=has_names and len(feed.columns) > 2 and reordered < _REORDERED_RATE,
        has_unknown_column=has_names and unknown < _UNKNOWN_COLUMN_RATE,
        encoding=1 if is_text and encoding < _OTHER_ENCODING_RATE else 0,
    )


def _with_faulty_versions(
    plan: Plan, feed: Feed, rows: Rows, jobs: list[FileJob], rng: np.random.Generator
) -> list[FileJob]:
    """Faults 2, 3, 5, 6, 7 on some of the larger files of the feed."""
    large = [index for index, job in enumerate(jobs) if job.stop - job.start >= 8]
    chosen = rng.permutation(large).tolist()
    # A wrong sum is only certain where every amount can be read: those files come first.
    chosen.sort(key=lambda index: bool(hides_amount(rows.defect[jobs[index].start : jobs[index].stop]).any()))
    more: list[FileJob] = []
    has_trailer = not isinstance(feed.format, Excel) and feed.format.trailer is not None
    faults = [*(["sum", "truncated"] if has_trailer else []), "superseded", "copied"]
    for fault, index in zip(faults, chosen, strict=False):
        job = jobs[index]
        second = file_name(plan, feed, rows, job.start, 2)
        if fault == "copied":
            more.append(replace(job, name=second, copies=job.name))
            continue
        jobs[index] = replace(job, name=second, style=replace(job.style, version="02"))
        if fault == "superseded":
            more.append(replace(job, stop=job.stop - max(1, (job.stop - job.start) // 10), is_superseded=True))
        elif fault == "truncated":
            style = replace(job.style, rows_missing=max(1, (job.stop - job.start) // 12))
            more.append(replace(job, style=style, refused=FileReason.TRUNCATED))
        else:
            more.append(replace(job, style=replace(job.style, sum_off_fen=1_000), refused=FileReason.SUM_DIFFERS))
    if _takes_days(feed) and jobs:
        before = date.fromisoformat(str(plan.windows[-1].opens - 1))
        empty = file_name(plan, feed, rows, jobs[-1].start, 1, before)
        if empty not in {job.name for job in jobs}:
            more.append(FileJob(rows.feed, empty, 0, 0, Style()))
    return jobs + more


def _with_older_registers(
    plan: Plan, feed: Feed, rows: Rows, jobs: list[FileJob], rng: np.random.Generator
) -> list[FileJob]:
    """An earlier state of some registers, replaced by a file of a later date (3)."""
    more = []
    for job in jobs:
        if job.stop - job.start < 8 or rng.random() > 1 - _PLAIN_STYLE_SHARE:
            continue
        earlier = (rows.day[job.start] - 20).astype(DAY).item()
        name = file_name(plan, feed, rows, job.start, 1, earlier)
        if name != job.name:
            stop = job.stop - max(1, (job.stop - job.start) // 9)
            more.append(replace(job, name=name, stop=stop, is_superseded=True))
    return jobs + more
