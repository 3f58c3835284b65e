"""Everything that happened with money and orders, one entry each; what the files report of it follows from here."""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from configuration.feed import Excel
from etl.synth.plan import DAY, SECOND, Plan, day_number
from etl.synth.population import People

Array = NDArray[Any]


class Entry(IntEnum):
    """What an entry is."""

    PAYMENT = 0
    REVERSAL = 1
    DEPOSIT = 2
    ORDER = 3  # an order that no money followed, or none that counts


class Role(IntEnum):
    """Why the simulation made an entry. Only plain entries take damage, so that every special case stays whole."""

    PLAIN = 0
    SPECIAL = 1


_DEFAULTS: dict[str, tuple[Any, Any]] = {
    "year_row": (0, np.int8),
    "person": (0, np.int32),
    "named_as": (-1, np.int32),  # the person whose name is written, -1 for the insured
    "payer": (-1, np.int32),
    "channel": (0, np.int8),
    "tier": (-1, np.int8),
    "amount_fen": (0, np.int64),
    "asked_fen": (0, np.int64),
    "at": (np.datetime64("NaT"), SECOND),
    "created_at": (np.datetime64("NaT"), SECOND),
    "settled_on": (np.datetime64("NaT"), DAY),
    "reported_on": (np.datetime64("NaT"), DAY),
    "entry": (Entry.PAYMENT, np.int8),
    "state": (-1, np.int8),  # of an order: index of the code book
    "is_confirmed": (False, np.bool_),  # the bank says that money came
    "original": (-1, np.int64),  # of a reversal: the entry it takes back
    "is_orphan": (False, np.bool_),  # of a reversal: its original never arrives
    "is_partial": (False, np.bool_),
    "reason": (-1, np.int8),  # index of the reason if the merge has to set the entry aside
    "role": (Role.PLAIN, np.int8),
    "feed": (-1, np.int16),
    "serial": (-1, np.int64),
}


@dataclass
class Ledger:
    """Entries as arrays of one length, in the order they were made."""

    columns: dict[str, Array] = field(
        default_factory=lambda: {n: np.empty(0, dtype=d) for n, (_, d) in _DEFAULTS.items()}
    )

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.columns["person"])

    def add(self, **given: Any) -> Array:
        """Append entries; what is not given has its default. Returns their positions."""
        count = len(given["person"])
        start = len(self)
        for name, (default, dtype) in _DEFAULTS.items():
            new = np.asarray(given.get(name, default)).astype(dtype)
            new = np.broadcast_to(new, (count,)) if new.ndim == 0 else new
            self.columns[name] = np.concatenate([self.columns[name], new])
        return np.arange(start, start + count)

    def repeat(self, positions: Array, **changed: Any) -> Array:
        """Append copies of entries with some columns changed."""
        copied = {name: values[positions] for name, values in self.columns.items()}
        return self.add(**{**copied, **changed})


def assign_feeds(plan: Plan, people: People, ledger: Ledger, excel_villages: Array) -> None:
    """Give every entry the feed that reports its channel: the workbook in sample villages, else the first other one."""
    for index, channel in enumerate(plan.city.channels):
        routes = plan.routes_of(channel)
        if not routes:
            continue
        of_channel = np.flatnonzero(ledger["channel"] == index)
        plain = [feed for feed in routes if not isinstance(feed.format, Excel)]
        ledger["feed"][of_channel] = plan.feeds.index((plain or routes)[0])
        if excel := [feed for feed in routes if isinstance(feed.format, Excel)]:
            sampled = of_channel[np.isin(people.village[ledger["person"][of_channel]], excel_villages)]
            ledger["feed"][sampled] = plan.feeds.index(excel[0])


def assign_serials(ledger: Ledger) -> None:
    """Transaction and order numbers: the day and a counter within the day and feed, 14 digits, in order of time."""
    at = np.where(np.isnat(ledger["created_at"]), ledger["at"], ledger["created_at"])
    for feed in np.unique(ledger["feed"]):
        rows = np.flatnonzero(ledger["feed"] == feed)
        rows = rows[np.argsort(at[rows], kind="stable")]
        day = at[rows].astype(DAY)
        starts = np.flatnonzero(np.r_[True, day[1:] != day[:-1]]) if len(rows) else np.empty(0, dtype=int)
        counter = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
        ledger["serial"][rows] = day_number(day) * 1_000_000 + counter + 1
