"""Canonical values as the text of one source: units, formats, value maps, identifiers."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from configuration.feed import Column, Feed
from etl.synth.ledger import Ledger
from etl.synth.plan import DAY, Plan
from etl.synth.population import People
from etl.synth.rows import Column as Values
from etl.synth.rows import Rows

_DIGITS = 14  # of transaction and order numbers without an example in the feed
# Kinds of feed whose sources still write the old 15-digit numbers for some.
_OLD_NUMBERS = frozenset({"enrolment"})


@dataclass(frozen=True)
class Writer:
    """Turns the rows of one feed into text, column by column."""

    plan: Plan
    people: People
    feed: Feed

    def column(self, column: Column, rows: Rows, *, variant: int = 0) -> pa.StringArray:
        """The text of one column; `variant` picks among the formats that the feed allows."""
        values = rows.columns.get(column.field)
        if values is None:
            return pa.array([""] * len(rows), pa.string())
        if column.parse in ("identity", "person_name") or column.field == "psn_no":
            return self._person(column, values)
        if column.parse == "money":
            return money_text(values, column.unit == "fen")
        if column.parse == "date":
            return day_text(values, column.formats[variant % len(column.formats)])
        if column.parse == "timestamp":
            return moment_text(values, column.formats[variant % len(column.formats)])
        if column.parse == "code":
            return self._code(column, values)
        if column.parse == "division":
            return pa.array([v.code for v in self.plan.villages]).take(pa.array(values))
        if column.parse == "integer" or not column.field.endswith(("_no", "_ref")):
            return _or_empty(pa.array(values).cast(pa.string()), values < 0)
        if column.field == "original_txn_no":  # a reversal writes the number as its original does
            column = next((c for c in self.feed.columns if c.field == "txn_no"), column)
        return number_text(column, values)

    def _person(self, column: Column, values: Values) -> pa.StringArray:
        people = self.people
        texts = (
            people.names
            if column.parse == "person_name"
            else people.written_ids
            if self.feed.kind in _OLD_NUMBERS
            else people.ids
        )
        if column.field == "psn_no":
            texts = people.psn_no
        return texts.take(pa.array(values, mask=values < 0)).fill_null("")

    def _code(self, column: Column, values: Values) -> pa.StringArray:
        """The first source value that means the code. Sources with two words for one code use both."""
        book = self.plan.codebook(self.feed.kind, column.field)
        words = [[word for word, code in column.values.items() if code == wanted] for wanted in book]
        first = pa.array([(found or [""])[0] for found in words] + [""])
        second = pa.array([(found or [""])[-1] for found in words] + [""])
        index = pa.array(np.where(values < 0, len(book), values))
        use_second = pa.array(np.arange(len(values)) % 7 == 3)
        return pc.if_else(use_second, second.take(index), first.take(index))


def number_text(column: Column, values: Values) -> pa.StringArray:
    """A serial number in the form of the column's example: its letters, then as many digits; empty below zero."""
    example = column.example or "0" * _DIGITS
    prefix = example.rstrip("0123456789")
    digits = pc.utf8_lpad(pa.array(values).cast(pa.string()), len(example) - len(prefix), "0")
    return _or_empty(pc.binary_join_element_wise(prefix, digits, "") if prefix else digits, values < 0)


def money_text(fen: Values, is_fen: bool) -> pa.StringArray:
    """Fen as whole fen or as yuan with two decimals; empty below zero, which stands for none."""
    distinct, index = np.unique(fen, return_inverse=True)
    texts = [
        "" if value < 0 else str(value) if is_fen else f"{value // 100}.{value % 100:02d}"
        for value in distinct.tolist()
    ]
    return pa.array(texts, pa.string()).take(pa.array(index))


def day_text(days: Values, form: str) -> pa.StringArray:
    """Days by a strptime format; empty for NaT."""
    distinct, index = np.unique(days, return_inverse=True)
    texts = ["" if day is None else day.strftime(form) for day in distinct.astype(DAY).tolist()]
    return pa.array(texts, pa.string()).take(pa.array(index))


def moment_text(moments: Values, form: str) -> pa.StringArray:
    """Instants by a strptime format whose date comes before its time; empty for NaT."""
    day = moments.astype(DAY)
    cut = form.find("%H")
    if cut < 0:
        return day_text(day, form)
    date_part = day_text(day, form[:cut])
    seconds = np.where(np.isnat(moments), 0, (moments - day).astype("timedelta64[s]").astype(np.int64))
    distinct, index = np.unique(seconds, return_inverse=True)
    clock = form[cut:]
    texts = [
        clock.replace("%H", f"{s // 3600:02d}").replace("%M", f"{s // 60 % 60:02d}").replace("%S", f"{s % 60:02d}")
        for s in distinct.tolist()
    ]
    joined = pc.binary_join_element_wise(date_part, pa.array(texts, pa.string()).take(pa.array(index)), "")
    return _or_empty(joined, np.isnat(moments))


def _or_empty(texts: pa.StringArray, is_empty: Values) -> pa.StringArray:
    return pc.if_else(pa.array(is_empty), "", texts) if is_empty.any() else texts


def reference_texts(feeds: tuple[Feed, ...], ledger: Ledger) -> pa.StringArray:
    """Transaction or order number of every entry as its feed writes it."""
    texts = np.full(len(ledger), None, dtype=object)
    for index, feed in enumerate(feeds):
        name = "order_no" if feed.kind == "order" else "txn_no"
        column = next((c for c in feed.columns if c.field == name), None)
        at = np.flatnonzero(ledger["feed"] == index)
        if column is not None and len(at):
            texts[at] = np.asarray(number_text(column, ledger["serial"][at]), dtype=object)
    return pa.array(texts, pa.string())
