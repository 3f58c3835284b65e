"""`python -m etl synth`: invent a city's files, with the truth beside them."""

import argparse
import json
import os
import sys
import time
from datetime import date
from pathlib import Path

from configuration.cities import load_cities
from configuration.settings import Settings
from etl.synth.plan import Order, Plan
from etl.synth.world import make_world
from etl.synth.write import Report, write_world


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--city", required=True, help="code of the city")
    parser.add_argument(
        "--persons", type=_positive, default=None, help="residents to invent (default: the city's demo size)"
    )
    parser.add_argument("--seed", type=int, default=1, help="same seed, same bytes")
    parser.add_argument("--out", type=Path, required=True, help="folder for inbox/<city> and truth/<city>")
    parser.add_argument(
        "--as-of", type=date.fromisoformat, default=None, help="day in progress (default: the city's demo day)"
    )
    parser.add_argument("--history-years", type=_positive, default=3, help="campaigns before the current one")
    parser.add_argument("--json", action="store_true", help="report for scripts")


def run(args: argparse.Namespace) -> int:
    """Invent the city and write it. 0 when done, 2 when the city cannot be invented.

    Raises ConfigurationError when the folders of cities are wrong.
    """
    cities = load_cities(Settings.from_environment(os.environ).cities_folders)
    folder = cities.get(args.city)
    if folder is None or folder.city.demo is None:
        print(f"no city '{args.city}' with a demo section; there are: {', '.join(sorted(cities))}", file=sys.stderr)
        return 2
    demo = folder.city.demo
    order = Order(args.persons or demo.persons, args.seed, args.as_of or demo.as_of_on, args.history_years)
    try:
        plan = Plan(folder.city, folder.divisions.divisions, folder.feeds, folder.policies, order)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    report = synthesise(plan, args.out)
    if args.json:
        print(json.dumps(report.as_dict()))
    else:
        print(report.summary())
    return 0


def synthesise(plan: Plan, out: Path) -> Report:
    """Write the city of `plan` below `out`, telling on stderr how far it has come."""
    started = time.monotonic()

    def say(what: str) -> None:
        print(f"  {time.monotonic() - started:6.1f} s  {plan.city.code}: {what}", file=sys.stderr, flush=True)

    return write_world(plan, make_world(plan, say), out, say)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value
