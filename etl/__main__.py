"""python -m etl: load, watch, status, totals, rejects, revoke, verify, rebuild, prune, synth, check-city, new-key."""

import argparse
import json
import os
import sys
from datetime import date
from pathlib import Path

from configuration.problems import ConfigurationError
from configuration.settings import Settings
from etl import commands
from etl.lock import LockHeldError
from etl.pseudonym import KeyProblemError
from etl.synth import command as synth_command
from warehouse.generations import NoGenerationError
from warehouse.manifest import ManifestError

EXPECTED = (ConfigurationError, LockHeldError, KeyProblemError, ManifestError, NoGenerationError, commands.CommandError)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 well, 1 a problem told in words, 130 interrupted."""
    parser = _parser()
    args = parser.parse_args(arguments)
    try:
        if args.command == "synth":
            return synth_command.run(args)
        return commands.run(args, Settings.from_environment(os.environ))
    except EXPECTED as error:
        message = str(error)
        print(json.dumps({"error": message}, ensure_ascii=False) if _is_json(args) else message, file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        reason = f"{error.strerror or error}: {error.filename or ''}"
        print(f"{reason}. The data loaded before stay as they are.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. The data loaded before stay as they are; start again at any time.", file=sys.stderr)
        return 130


def _is_json(args: argparse.Namespace) -> bool:
    return bool(getattr(args, "json", False))


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
            sub.add_argument("--every", type=float, default=60, metavar="SECONDS")
            sub.add_argument("--rounds", type=int, default=0, help="stop after so many rounds (0: never)")
    command("status", "The generation in use and what it rests on")
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
    prune.add_argument("--keep-generations", type=int, default=14)
    prune.add_argument("--keep-days", type=int, default=30)
    demo = command("demo", "Make and load invented data for every city that declares a demo, once")
    demo.add_argument("--persons", type=int, metavar="N", help="residents of all cities together")
    check = command("check-city", "Say everything that is wrong with a city's folder")
    check.add_argument("path", type=Path)
    new_key = command("new-key", "Make a key for pseudonyms")
    new_key.add_argument("path", type=Path)
    synth_command.add_arguments(subparsers.add_parser("synth", help="Write the files of an invented city"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
