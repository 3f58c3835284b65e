"""python -m etl: load, watch, status, totals, rejects, revoke, verify, rebuild, prune, synth, check-city, new-key."""

import argparse
import json
import os
import sys
from concurrent.futures import BrokenExecutor
from datetime import date
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from configuration.problems import ConfigurationError
from configuration.settings import Settings
from etl import commands
from etl.lock import LockHeldError
from etl.pseudonym import KeyProblemError
from etl.publish import PublicationError
from etl.synth import command as synth_command
from warehouse.generations import NoGenerationError
from warehouse.manifest import ManifestError

EXPECTED = (
    ConfigurationError, LockHeldError, KeyProblemError, ManifestError, NoGenerationError, PublicationError,
    commands.CommandError,
)  # fmt: skip
LONGEST_PAUSE_SECONDS = 86_400


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 well, 1 a problem told in words, 130 interrupted."""
    parser = _parser()
    args = parser.parse_args(arguments)
    try:
        if args.command == "synth":
            return synth_command.run(args)
        return commands.run(args, Settings.from_environment(os.environ))
    except EXPECTED as error:
        return _fail(args, str(error))
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        reason = f"{error.strerror or error}: {error.filename or ''}"
        return _fail(args, f"{reason}. The data loaded before stay as they are.")
    except BrokenExecutor:
        return _fail(args, "A reading process was ended from outside (short of memory?). Nothing was published.")
    except SQLAlchemyError as error:  # its text may quote what stands in a row
        return _fail(args, f"The generation in use cannot be read ({type(error).__name__}): run python -m etl verify.")
    except KeyboardInterrupt:
        print("Stopped. The data loaded before stay as they are; start again at any time.", file=sys.stderr)
        return 130


def _fail(args: argparse.Namespace, message: str) -> int:
    is_json = getattr(args, "json", False)
    print(json.dumps({"error": message}, ensure_ascii=False) if is_json else message, file=sys.stderr)
    return 1


def _whole(text: str) -> int:
    """A number of things: 0, 1, 2 …"""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 0 up")
    return int(text)


def _seconds(text: str) -> float:
    if not 0 < (seconds := float(text)) <= LONGEST_PAUSE_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds up to {LONGEST_PAUSE_SECONDS}")
    return seconds


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m etl", description=__doc__)
    subparsers = parser.add_subparsers(dest="command", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        sub = subparsers.add_parser(name, help=text, description=text)
        sub.add_argument("--json", action="store_true", help="answer for scripts")
        return sub

    def add_as_of(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("--as-of", type=date.fromisoformat, metavar="DATE", help="business day (default: today)")

    for name, text in (
        ("load", "Load everything new in an inbox (INBOX/<city>/files) and publish"),
        ("watch", "Load again whenever something new has arrived, until stopped"),
    ):
        sub = command(name, text)
        sub.add_argument("inbox", type=Path, nargs="?", help="default: CANBAO_HOME/inbox")
        sub.add_argument("--confirm-year", action="store_true", help="load files whose year was doubted")
        add_as_of(sub)
        if name == "watch":
            sub.add_argument("--every", type=_seconds, default=60, metavar="SECONDS")
            sub.add_argument("--rounds", type=_whole, default=0, help="stop after so many rounds (0: never)")
    status = command("status", "The generation in use and what it rests on")
    status.add_argument("--files", action="store_true", help="every file in use, with the id of its batch")
    command("totals", "Persons, orders and fen by campaign, channel, tier and period")
    rejects = command("rejects", "Rows set aside: file, line, reason")
    rejects.add_argument("--xlsx", type=Path, metavar="PATH", help="write them to a workbook")
    rejects.add_argument("--with-text", action="store_true", help="with the decrypted rows (personal data!)")
    revoke = command("revoke", "Take one batch out and publish without it")
    revoke.add_argument("batch", help="batch id, or its unambiguous beginning")
    add_as_of(revoke)
    command("verify", "Recompute everything and compare it with the manifest")
    add_as_of(command("rebuild", "Publish again from the batches"))
    prune = command("prune", "Remove old generations")
    prune.add_argument("--keep-generations", type=_whole, default=14)
    prune.add_argument("--keep-days", type=_whole, default=30)
    demo = command("demo", "Make and load invented data for every city that declares a demo, once")
    demo.add_argument("--persons", type=_whole, metavar="N", help="residents of all cities together")
    check = command("check-city", "Say everything that is wrong with a city's folder")
    check.add_argument("path", type=Path)
    new_key = command("new-key", "Make a key for pseudonyms")
    new_key.add_argument("path", type=Path)
    synth_command.add_arguments(subparsers.add_parser("synth", help="Write the files of an invented city"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
