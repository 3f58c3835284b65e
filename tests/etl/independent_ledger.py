"""A second ledger of the same files: plain Python, row by row, made to be read rather than to be fast.

It knows the city's folder and the files, and the rules as docs/requirements.md, docs/feed-files.md and
docs/architecture.md ("Words of the merge") state them; it imports nothing of the project and uses no SQL. Where it and
the warehouse disagree, one of the two has misread the rules.

Left out, because no sum here rests on it: card events (the only fixed-width files), rosters of persons not due,
receipts, the platform's detail, stays, waiting months. Left out, because invented files hold none: archives, links,
optional columns, divisions by name, single lines in another encoding, files of a doubtful year.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from statistics import mode
from typing import Any

import yaml
from openpyxl import load_workbook

Yaml = dict[str, Any]
Row = dict[str, Any]  # field → value; besides: year, place (feed, version, file name, line)
PersonYear = tuple[int, str]
Key = tuple[int, str, str, str, str]  # benefit year, channel, tier or "-", period, village
Prices = dict[tuple[int, str, str], dict[str, int]]  # (year, category, period) → tier or "-" → fen

KINDS = ("payment", "order", "enrolment", "assisted")
HAPPENED = ("paid_at", "created_at", "paid_on", "enrolled_on")  # none of these lies behind the as-of day
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643


class BrokenError(Exception):
    """A cell that nobody can read: the row is set aside."""


class RefusedError(Exception):
    """The file is not what it says it is: all of it stays out."""


@dataclass(frozen=True)
class City:
    """The city's folder, as far as the ledger needs it."""

    as_of_on: date
    campaigns: dict[int, Yaml]
    villages: set[str]
    assistance_channel: str
    feeds: list[Yaml]
    prices: Prices


@dataclass
class Ledger:
    """What the files say once every rule has spoken. Money is integer fen."""

    covered: dict[Key, tuple[int, int]] = field(default_factory=dict)  # persons, fen of their covering payments
    uncovering: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)  # (year, standing) → number, fen
    refused: set[str] = field(default_factory=set)  # names of files


def independent_ledger(folder: Path, inbox: Path) -> Ledger:
    """The ledger of the invented files in `inbox`, of the city described in `folder`, at the end of its as-of day."""
    city = read_city(folder)
    ledger = Ledger()
    rows: dict[str, list[Row]] = {kind: [] for kind in KINDS}
    for file in newest_files(city, inbox, ledger.refused):
        rows[file.feed["kind"]] += file.rows
    for kind in KINDS:
        rows[kind].sort(key=lambda row: row["place"])
    moved, pending = settle(city, rows["payment"], rows["order"])
    credit(city, ledger, moved, register(rows["enrolment"]), assistance(rows["assisted"]))
    for row in pending:
        add(ledger.uncovering, (row["year"], "pending_reversal"), row["amount"])
    return ledger


# --- what the city says -----------------------------------------------------------------------------------------------


def read_city(folder: Path) -> City:
    """city.yaml, divisions.csv, the feeds and the prices of the policies."""
    city = yaml.safe_load((folder / "city.yaml").read_text(encoding="utf-8"))
    divisions = csv.DictReader((folder / "divisions.csv").read_text(encoding="utf-8").splitlines())
    feeds = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((folder / "feeds").glob("*.yaml"))]
    prices: Prices = defaultdict(dict)
    for path in (folder / "policy").glob("*.yaml"):
        read_prices(yaml.safe_load(path.read_text(encoding="utf-8")), prices)
    return City(
        as_of_on=city["demo"]["as_of_on"],
        campaigns={campaign["year"]: campaign for campaign in city["campaigns"]},
        villages={line["code"] for line in divisions if line["level"] == "village"},
        assistance_channel=next(c["code"] for c in city["channels"] if c["kind"] == "assistance"),
        feeds=[feed for feed in feeds if feed["kind"] in KINDS],
        prices=prices,
    )


def read_prices(policy: Yaml, prices: Prices) -> None:
    """Add the prices of one year; what no source states comes from the assumptions for invented data."""
    demo = policy.get("assumed_for_demo", {})
    assumed = {(line["category"], line.get("tier")): line["premium_yuan"] for line in demo.get("premiums", [])}
    subsidy = demo.get("subsidy_yuan", policy["subsidy_yuan"]).get("value")
    late_rule = demo.get("late_rule", policy["late_rule"]).get("value")
    for line in policy["premiums"]:
        category, tier = line["category"], line.get("tier")
        yuan = assumed.get((category, tier), line["premium_yuan"])["value"]
        prices[policy["year"], category, "on_time"][tier or "-"] = yuan * 100
        if late_rule == "loses_subsidy_and_waits":
            prices[policy["year"], category, "late"][tier or "-"] = (yuan + subsidy) * 100
        elif late_rule in ("waits_only", "none"):
            prices[policy["year"], category, "late"][tier or "-"] = yuan * 100


# --- files ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class File:
    """One version of one file, read. A file with nothing but a header never takes the place of one with rows."""

    feed: Yaml
    identity: tuple[str, ...]  # what it is about
    rank: tuple[bool, tuple[str, ...]]  # has rows, version; the greater is the newer
    rows: list[Row]


def newest_files(city: City, inbox: Path, refused: set[str]) -> list[File]:
    """Of every file its newest version; copies and refused files are not among them."""
    newest: dict[tuple[str, tuple[str, ...]], File] = {}
    seen: set[tuple[str, bytes]] = set()
    for path in sorted(inbox.iterdir()):
        for feed in city.feeds:
            match = re.fullmatch(feed["files"]["pattern"], path.name)
            if not match or (feed["feed"], path.read_bytes()) in seen:
                continue
            seen.add((feed["feed"], path.read_bytes()))
            try:
                file = read_file(city, feed, match, path)
            except RefusedError:
                refused.add(path.name)
                continue
            held = newest.get((feed["feed"], file.identity))
            if held is None or file.rank > held.rank:
                newest[feed["feed"], file.identity] = file
            elif file.rank == held.rank and file.rows:
                refused.add(path.name)  # the same version, other content
    return list(newest.values())


def read_file(city: City, feed: Yaml, match: re.Match[str], path: Path) -> File:
    """Every row that can be read. A file is refused when its summary line tells otherwise and no damage explains it."""
    layout = feed["format"]
    summary: list[str] = []
    lines = list(sheets(path, feed)) if layout["type"] == "excel" else text_lines(path.read_bytes(), layout, summary)
    trailer = layout.get("trailer", {})
    parts = [match[group] for group in feed["files"]["version"]]
    if summary and "version_position" in trailer:
        parts.append(summary[trailer["version_position"] - 1].strip())
    version = tuple(part.zfill(20) for part in parts)  # so that 9 comes before 10
    rows: list[Row] = []
    total = unreadable = 0
    for number, (names, cells) in enumerate(lines):
        row, is_sound = read_row(city, feed, match, names, cells) if names else ({}, False)
        total += row.get("amount") or 0
        unreadable += row.get("amount") is None
        if is_sound:
            rows.append(row | {"place": (feed["feed"], version, path.name, number)})
    if summary:
        declared = money(summary[trailer["sum_position"] - 1].strip(), trailer["sum_unit"])
        if int(summary[trailer["count_position"] - 1]) != len(lines) or (declared != total and not unreadable):
            raise RefusedError("summary line")
    return File(feed, tuple(match[group] for group in feed["files"]["identity"]), (bool(lines), version), rows)


def text_lines(data: bytes, layout: Yaml, summary: list[str]) -> list[tuple[list[str], list[str]]]:
    """(names, cells) of every physical line, without names where it is broken. The summary line goes to `summary`."""
    for encoding in layout["encodings"]:
        try:
            text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise RefusedError("encoding")
    lines = [line for line in text.replace("\r\n", "\n").split("\n")[layout.get("skip_lines", 0) :] if line.strip()]
    names = [name.strip() for name in split(lines.pop(0), layout)] if layout.get("has_header", True) and lines else []
    if "trailer" in layout and lines:
        summary += split(lines.pop(), layout)
        if not summary or not summary[0].startswith(layout["trailer"]["marker"]):
            raise RefusedError("no summary line")
    cells = [split(line, layout) for line in lines]
    if not names and cells:
        names = [str(position + 1) for position in range(mode(len(line) for line in cells))]
    return [(names if len(line) == len(names) else [], line) for line in cells]


def split(line: str, layout: Yaml) -> list[str]:
    """Cells of one line; none when it holds control characters or a quote that stays open."""
    if any(unicodedata.category(character) == "Cc" for character in line.replace("\t", "")):
        return []
    if layout.get("quote", "\n") not in line:
        return line.split(layout["delimiter"])
    try:
        return next(csv.reader([line], delimiter=layout["delimiter"], quotechar=layout["quote"], strict=True))
    except csv.Error:
        return []


def sheets(path: Path, feed: Yaml) -> Iterator[tuple[list[str], list[str]]]:
    """(names, cells) of every row below the header of every sheet."""
    book = load_workbook(path, read_only=True, data_only=True)
    for title in feed["format"].get("sheets", book.sheetnames):
        names: list[str] = []
        for cells in book[title].iter_rows(values_only=True):
            texts = ["" if cell is None else str(cell).strip() for cell in cells]
            if names and any(texts):
                yield names, texts
            elif all(set(column["headers"]) & set(texts) for column in feed["columns"]):
                names = texts
    book.close()


# --- rows -------------------------------------------------------------------------------------------------------------


def read_row(city: City, feed: Yaml, match: re.Match[str], names: list[str], cells: list[str]) -> tuple[Row, bool]:
    """The values of a row, and whether all of it can be read."""
    row: Row = dict(feed.get("constants", {}))
    is_sound = True
    for column in feed["columns"]:
        title = next((t for t in column.get("headers") or [str(column["position"])] if t in names), None)
        if title is None:
            raise RefusedError("column missing")
        try:
            row[column["field"]] = read_cell(city, column, cells[names.index(title)].strip())
        except (BrokenError, ValueError):
            row[column["field"]] = None
            is_sound = False
    if is_sound:
        row["year"] = benefit_year(city, feed, match, row)
        is_past = all(row[name].date() <= city.as_of_on for name in HAPPENED if row.get(name))
        is_sound = is_past and row["year"] in city.campaigns
    return row, is_sound


def read_cell(city: City, column: Yaml, text: str) -> object:
    """The value of one cell, None for one that may be empty. BrokenError or ValueError: it cannot be read."""
    parser = column["parse"]
    if not text:
        if column.get("empty") == "unknown":
            return None
        raise BrokenError("empty")
    if parser == "identity":
        return identity(text, city.as_of_on)
    if parser == "money":
        return money(text, column["unit"])
    if parser in ("date", "timestamp"):
        return moment(text, column["formats"])
    if parser == "integer":
        return int(text)
    if parser == "code" and text in column["values"]:
        return column["values"][text]
    if parser in ("code", "division") and text not in city.villages:
        raise BrokenError("unknown")
    if "?" in text:
        raise BrokenError("damaged")
    text.encode("gb2312")  # invented names hold common characters only; UnicodeEncodeError is a ValueError
    return text


def identity(text: str, as_of_on: date) -> str:
    """One form for one person: 18 characters for citizens (GB 11643), permits as they are."""
    number = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    if re.fullmatch(r"[0-9]{15}", number):
        number = number[:6] + "19" + number[6:]
        number += check_character(number)
    if re.fullmatch(r"[0-9]{17}[0-9X]", number):
        if datetime.strptime(number[6:14], "%Y%m%d").date() > as_of_on or number[17] != check_character(number[:17]):
            raise BrokenError("no such number")
    elif not re.fullmatch(r"[HM][0-9]{8}([0-9]{2})?|[0-9]{8}|[A-Z]{3}[0-9]{12}", number):
        raise BrokenError("no such form")
    return number


def check_character(body: str) -> str:
    """ISO 7064 MOD 11-2."""
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def money(text: str, unit: str) -> int:
    """Fen. No sign, no mark, no words, and nothing smaller than a fen."""
    if not re.fullmatch(r"[0-9]+" if unit == "fen" else r"[0-9]+(\.[0-9]{1,2})?", text):
        raise BrokenError("no amount")
    return int(text) if unit == "fen" else int(Decimal(text) * 100)


def moment(text: str, formats: list[str]) -> datetime:
    """The time in the first format that fits."""
    for form in formats:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    raise BrokenError("no time")


def benefit_year(city: City, feed: Yaml, match: re.Match[str], row: Row) -> int:
    """The campaign that a row says it belongs to, or that was open when it was paid; 0 for none."""
    if feed["campaign"] == "column":
        return int(row["campaign_year"])
    if feed["campaign"] == "file_name":
        return int(match[feed["files"]["campaign_year"]])
    day = row["paid_at"].date()
    opened = [year for year, campaign in city.campaigns.items() if campaign["opens_on"]["value"] <= day]
    running = [year for year in opened if day <= city.campaigns[year]["closes_on"]["value"]]
    if row["entry_type"] == "reversal":  # money goes back after the close, too
        running = running or opened
    return max(running, default=0)


# --- the ledger -------------------------------------------------------------------------------------------------------


def settle(city: City, payments: list[Row], orders: list[Row]) -> tuple[list[Row], list[Row]]:
    """Money that moved, each with what is left of it (`net`) and whether its order is void; reversals that wait."""
    first: dict[tuple[str, str], Row] = {}  # of one number the first row counts; others repeat or contradict it
    for row in payments:
        first.setdefault((row["place"][0], row["txn_no"]), row)
    paid = {key: row for key, row in first.items() if row.get("entry_type", "payment") == "payment"}
    left = {key: row["amount"] for key, row in paid.items()}
    pending = []
    for (feed, _), row in first.items():
        if row.get("entry_type") == "reversal":
            original = (feed, row["original_txn_no"])
            if original not in left:
                pending.append(row)
            elif row["amount"] <= left[original]:  # a larger one, or one after a full one, is set aside
                left[original] -= row["amount"]
    latest = {(row["place"][0], row["order_no"]): row for row in orders}  # the newest reported state
    states: dict[str, set[str]] = defaultdict(set)
    for row in latest.values():
        if row["state"] == "pending" and row["created_at"].date() < city.as_of_on:
            row["state"] = "void"
        states[row["order_no"]].add(row["state"])
    moved = []
    for key, row in paid.items():
        is_void = states.get(row.get("order_no") or "", {"none"}) <= {"void", "cancelled"}
        moved.append(row | {"net": left[key], "number": row["txn_no"], "is_void": is_void})
    told = {(row["order_no"], row["person_id"]) for row in paid.values() if row.get("order_no")}
    for row in latest.values():
        is_confirmed = row["state"] == "completed" or (row["state"] in ("void", "cancelled") and row["bank_ref"])
        if is_confirmed and row["paid_at"] and (row["order_no"], row["person_id"]) not in told:
            is_void = row["state"] != "completed"
            moved.append(row | {"net": row["amount"], "number": row["order_no"], "is_void": is_void})
    return moved, pending


def register(enrolments: list[Row]) -> dict[PersonYear, Row]:
    """Where a person is registered for a campaign: the newest registration counts."""
    places: dict[PersonYear, Row] = {}
    for row in sorted(enrolments, key=lambda row: (-row["enrolled_on"].toordinal(), row["division"])):
        places.setdefault((row["year"], row["person_id"]), row)
    return places


def assistance(rows: list[Row]) -> dict[PersonYear, list[Row]]:
    """What others paid for a person; the same help told twice counts once."""
    different = {(r["year"], r["person_id"], r["group"], r["amount"], r["paid_on"]): r for r in rows}
    helped: dict[PersonYear, list[Row]] = defaultdict(list)
    for row in different.values():
        helped[row["year"], row["person_id"]].append(row)
    return helped


def credit(
    city: City, ledger: Ledger, moved: list[Row], places: dict[PersonYear, Row], helped: dict[PersonYear, list[Row]]
) -> None:
    """Cover every person at most once, and say of all other money why it covers nobody."""
    covers: set[PersonYear] = set()
    help_fen = {who: sum(row["amount"] for row in rows) for who, rows in helped.items()}
    for who in helped.keys() & places.keys():
        prices = city.prices[who[0], places[who]["category"], "on_time"]
        if help_fen[who] >= min(prices.values()):
            covers.add(who)
            period = period_of(city, who[0], min(row["paid_on"] for row in helped[who]))
            tier = tier_of(prices, help_fen[who])
            add(ledger.covered, (who[0], city.assistance_channel, tier, period, places[who]["division"]), 0)
    for row in sorted(moved, key=lambda row: (row["paid_at"], row["number"])):
        year, who = row["year"], (row["year"], row["person_id"])
        if row["net"] == 0:
            add(ledger.uncovering, (year, "reversed"), 0)
        elif row["is_void"]:
            add(ledger.uncovering, (year, "suspense_void_order"), row["net"])
        elif who not in places:
            add(ledger.uncovering, (year, "suspense_not_enrolled"), row["net"])
        elif who in covers:
            add(ledger.uncovering, (year, "paid_twice"), row["net"])
        else:
            covers.add(who)
            period = period_of(city, year, row["paid_at"])
            prices = city.prices[year, places[who]["category"], period]
            tier = row.get("tier") or tier_of(prices, row["net"] + help_fen.get(who, 0))
            add(ledger.covered, (year, row["channel"], tier, period, places[who]["division"]), row["net"])


def period_of(city: City, year: int, paid_at: datetime) -> str:
    """The last day still counts, and so do extensions announced by the as-of day."""
    campaign = city.campaigns[year]
    longer = [e["deadline_on"] for e in campaign.get("extensions", []) if e["announced_on"] <= city.as_of_on]
    return "on_time" if paid_at.date() <= max([campaign["deadline_on"]["value"], *longer]) else "late"


def tier_of(prices: dict[str, int], fen: int) -> str:
    """The tier whose price it is, "-" for none."""
    return min((tier for tier, price in prices.items() if price == fen), default="-")


def add(counts: dict[Any, tuple[int, int]], key: object, fen: int) -> None:
    """One more under `key`, with its money."""
    number, total = counts.get(key, (0, 0))
    counts[key] = (number + 1, total + fen)
