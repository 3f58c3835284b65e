"""The commands of python -m etl: what each prints, for people and (with --json) for scripts."""

import argparse
import json
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from configuration.cities import check_city
from configuration.reason_texts import finding_text, load_reason_texts
from configuration.settings import Settings
from etl import operations
from etl.demo import prepare_demo
from etl.installation import open_installation
from etl.load import LoadReport, load
from etl.lock import LockHeldError
from etl.progress import Progress
from etl.pseudonym import write_new_key
from etl.publish import Publication


class CommandError(Exception):
    """A command cannot do what was asked; the message says why and what to do."""


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Run the parsed command and return its exit status."""
    return COMMANDS[args.command](args, settings)


def _load(args: argparse.Namespace, settings: Settings) -> int:
    inbox = _inbox(args, settings)
    report = load(settings, inbox, Progress(args.json), args.as_of, args.confirm_year)
    _print_report(args, settings, report)
    return 0


def _watch(args: argparse.Namespace, settings: Settings) -> int:
    inbox = _inbox(args, settings)
    rounds = 0
    while True:
        try:
            report = load(settings, inbox, Progress(is_quiet=True), args.as_of, args.confirm_year)
        except LockHeldError as error:
            print(str(error), flush=True)
        else:
            if report.new or report.refusals:
                _print_report(args, settings, report)
        rounds += 1
        if rounds == args.rounds:
            return 0
        time.sleep(args.every)


def _status(args: argparse.Namespace, settings: Settings) -> int:
    found = operations.status(settings.home)
    if args.files:
        found["files"] = operations.files(settings.home)
    if args.json:
        return _print_json(found)
    print(f"generation {found['generation_id']}, published {found['published_at']}")
    if found["alarm"]:
        print(f"ALARM: {found['alarm']}")
    for city in found["cities"]:
        mark = " (SYNTHETIC 模拟数据)" if city["is_synthetic"] else ""
        print(f"{city['city']}: as of {city['as_of_on']}{mark}")
    _print_table(found["files"] if args.files else found["feeds"])
    for row in found["refused_files"]:
        _print_refusal(row["city"], row["file_name"], row["reason"], row["detail"])
    return 0


def _totals(args: argparse.Namespace, settings: Settings) -> int:
    found = operations.totals(settings.home)
    if args.json:
        return _print_json(found)
    _print_table(found["collected"])
    print("\nmoney that covers nobody (reversed, paid twice, in suspense):")
    _print_table(found["besides"])
    return 0


def _rejects(args: argparse.Namespace, settings: Settings) -> int:
    if args.with_text and not args.xlsx:
        raise CommandError("--with-text goes into a workbook only: say where with --xlsx PATH")
    if args.xlsx:
        count = operations.export_rejects(open_installation(settings), args.xlsx, args.with_text)
        if args.json:
            return _print_json({"rows": count, "path": str(args.xlsx)})
        print(f"{count:,} rows written to {args.xlsx}")
        return 0
    rows = operations.rejects(settings.home)
    if args.json:
        return _print_json(rows)
    _print_table([{key: row[key] for key in ("city", "file_name", "line_no", "reason", "amount_fen")} for row in rows])
    return 0


def _revoke(args: argparse.Namespace, settings: Settings) -> int:
    try:
        publication = operations.revoke(open_installation(settings), args.batch, Progress(args.json), args.as_of)
    except KeyError:
        what_to_do = "python -m etl status --files lists them"
        raise CommandError(f"no single loaded batch begins with {args.batch}; {what_to_do}") from None
    if not args.json:
        print("Take its file out of the inbox too: the next load would take it again.")
    return _print_publication(args, publication)


def _verify(args: argparse.Namespace, settings: Settings) -> int:
    problems = operations.verify(settings.home)
    if args.json:
        _print_json({"problems": problems})
    else:
        print("\n".join(problems) if problems else "All is as the manifest says.")
    return 1 if problems else 0


def _rebuild(args: argparse.Namespace, settings: Settings) -> int:
    return _print_publication(args, operations.rebuild(open_installation(settings), Progress(args.json), args.as_of))


def _prune(args: argparse.Namespace, settings: Settings) -> int:
    removed = operations.prune(open_installation(settings), args.keep_generations, args.keep_days)
    if args.json:
        return _print_json({"removed": removed})
    kept = f"kept: the newest {args.keep_generations}, and everything younger than {args.keep_days} days"
    print(f"{len(removed)} generations removed; {kept}")
    return 0


def _demo(args: argparse.Namespace, settings: Settings) -> int:
    started = time.monotonic()
    try:
        is_made = prepare_demo(settings, args.persons, Progress(args.json))
    except ValueError as error:
        raise CommandError(str(error)) from None
    if is_made:
        print(f"demo ready after {time.monotonic() - started:,.0f} s")
    return 0


def _check_city(args: argparse.Namespace, settings: Settings) -> int:
    problems = check_city(args.path)
    if args.json:
        _print_json({"problems": [problem.model_dump() for problem in problems]})
    else:
        print("\n".join(map(str, problems)) if problems else f"{args.path}: nothing to complain about")
    return 1 if problems else 0


def _new_key(args: argparse.Namespace, settings: Settings) -> int:
    try:
        write_new_key(args.path)
    except FileExistsError:
        raise CommandError(f"{args.path} exists; a key is never overwritten") from None
    print(f"{args.path} written. Keep a copy apart from the data: without it nobody can be recognised again.")
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace, Settings], int]] = {
    "load": _load,
    "watch": _watch,
    "status": _status,
    "totals": _totals,
    "rejects": _rejects,
    "revoke": _revoke,
    "verify": _verify,
    "rebuild": _rebuild,
    "prune": _prune,
    "demo": _demo,
    "check-city": _check_city,
    "new-key": _new_key,
}


def _inbox(args: argparse.Namespace, settings: Settings) -> Path:
    inbox: Path = args.inbox or settings.home / "inbox"
    if not inbox.is_dir():
        raise CommandError(f"{inbox} is no folder; put files into {inbox}/<city>/")
    return inbox


def _print_report(args: argparse.Namespace, settings: Settings, report: LoadReport) -> None:
    ledger = {
        row["batch_id"]: row
        for row in operations.query(
            settings.home,
            "SELECT batch_id, rows_read, rows_loaded, rows_duplicate, rows_set_aside, loaded_fen FROM load_batches",
        )
    }
    if args.json:
        _print_json(
            {
                "generation_id": report.publication.generation_id if report.publication else None,
                "is_new_generation": bool(report.publication and report.publication.is_new),
                "new": [batch.model_dump(mode="json") | ledger.get(batch.batch_id, {}) for batch in report.new],
                "known": report.known,
                "refused": [vars(refusal) for refusal in report.refusals],
                "unfinished": report.unfinished,
                "superseded": [
                    {"batch_id": old.batch_id, "by": new.batch_id}
                    | {"rows": new.rows_read - old.rows_read, "fen": new.read_fen - old.read_fen}
                    for old, new in report.superseded
                ],
                "reread": report.reread,
                "warnings": report.warnings,
            }
        )
        return
    _print_summary(report, ledger)


def _print_summary(report: LoadReport, ledger: dict[str, dict[str, Any]]) -> None:
    """The table at the end of a load, and what to do next."""
    by_feed: dict[tuple[str, str], dict[str, Any]] = {}
    for batch in report.new:
        row = by_feed.setdefault((batch.city, batch.feed), {"city": batch.city, "feed": batch.feed, "files": 0})
        row["files"] += 1
        counts = ledger.get(batch.batch_id)
        for name in ("rows_read", "rows_loaded", "rows_duplicate", "rows_set_aside"):
            row[name] = row.get(name, 0) + (counts[name] if counts else 0)
    _print_table(list(by_feed.values()))
    print(f"{len(report.new):,} files loaded, {report.known:,} known already, {len(report.refusals):,} refused")
    for refusal in report.refusals:
        _print_refusal(refusal.city, refusal.file_name, str(refusal.reason), refusal.detail)
    for name in report.unfinished:
        print(f"  still being written, left for next time: {name}")
    for old, new in report.superseded:
        rows, yuan = new.rows_read - old.rows_read, (new.read_fen - old.read_fen) / 100
        print(f"  {old.file_name} is replaced by {new.file_name}: {rows:+,} rows, {yuan:+,.2f} yuan")
    if report.reread:
        print(f"  {report.reread:,} of them read anew: their feed file, the divisions or the campaigns have changed")
    for warning in report.warnings:
        print(f"  warning: {warning}")
    set_aside = sum(row.get("rows_set_aside", 0) for row in by_feed.values())
    if set_aside:
        print(f"{set_aside:,} rows set aside: python -m etl rejects --xlsx rejects.xlsx")
    if report.publication:
        state = "published" if report.publication.is_new else "nothing new; still in use:"
        print(f"{state} generation {report.publication.generation_id}")


def _print_refusal(city: str, file_name: str, reason: str, detail: str) -> None:
    """A refused file, what was found, and what to do, in both languages."""
    words = load_reason_texts()[reason]
    print(f"  refused {city}/{file_name}")
    for language in ("zh", "en"):
        what, found = words.what.in_language(language), finding_text(detail, language)
        print(f"    {what}: {found} → {words.todo.in_language(language)}")


def _print_publication(args: argparse.Namespace, publication: Publication) -> int:
    if args.json:
        return _print_json(vars(publication))
    print(f"{'published' if publication.is_new else 'unchanged:'} generation {publication.generation_id}")
    return 0


def _print_json(value: object) -> int:
    print(json.dumps(value, ensure_ascii=False, indent=1, default=_plain))
    return 0


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _print_table(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    names = list(rows[0])
    cells = [names] + [[_cell(row.get(name)) for name in names] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(names))]
    is_number = [isinstance(rows[0].get(name), int) for name in names]
    for line in cells:
        padded = [c.rjust(w) if n else c.ljust(w) for c, w, n in zip(line, widths, is_number, strict=True)]
        print("  ".join(padded).rstrip())


def _cell(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return "" if value is None else str(value)
    return f"{value:,}" if abs(value) >= 10_000 else str(value)


