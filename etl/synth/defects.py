"""Which rows are written damaged, and what the reader has to make of them."""

import numpy as np

from configuration.feed import Delimited, Excel, Feed, FixedWidth
from etl.reasons import RowReason
from etl.synth.damage import field_of
from etl.synth.ledger import Array, Ledger, Role
from etl.synth.population import People
from etl.synth.rows import Defect, Outcome, Rows, set_aside

RATE = 0.00006  # of the rows, for each kind of defect
_REASONS = {
    Defect.ID_CHECK: RowReason.ID_CHECK_DIGIT,
    Defect.ID_BIRTH: RowReason.ID_BIRTH_DATE,
    Defect.ID_FUTURE: RowReason.ID_BIRTH_DATE,
    Defect.ID_PRECISION: RowReason.ID_PRECISION_LOST,
    Defect.ID_MISSING: RowReason.MISSING_VALUE,
    Defect.ID_FORM: RowReason.ID_FORM,
    Defect.NAME_DAMAGED: RowReason.DAMAGED_TEXT,
    Defect.NAME_REPLACEMENT: RowReason.DAMAGED_TEXT,
    Defect.CONTROL: RowReason.CONTROL_CHARACTER,
    Defect.OPEN_QUOTE: RowReason.UNCLOSED_QUOTE,
    Defect.NEWLINE: RowReason.UNCLOSED_QUOTE,
    Defect.FIELD_COUNT: RowReason.FIELD_COUNT,
    Defect.LINE_LENGTH: RowReason.LINE_LENGTH,
    Defect.AMOUNT_FRACTION: RowReason.AMOUNT_UNREADABLE,
    Defect.AMOUNT_NEGATIVE: RowReason.AMOUNT_NEGATIVE,
    Defect.AMOUNT_WORDS: RowReason.AMOUNT_UNREADABLE,
    Defect.AMOUNT_SIGN: RowReason.AMOUNT_UNREADABLE,
    Defect.DATE_IMPOSSIBLE: RowReason.DATE_UNREADABLE,
    Defect.DATE_FUTURE: RowReason.DATE_IN_FUTURE,
    Defect.CODE_UNKNOWN: RowReason.CODE_UNKNOWN,
    Defect.DIVISION_UNKNOWN: RowReason.DIVISION_UNKNOWN,
    Defect.CAMPAIGN_UNKNOWN: RowReason.CAMPAIGN_UNKNOWN,
    Defect.INTEGER_WORDS: RowReason.INTEGER_UNREADABLE,
}
NORMALISED = frozenset({Defect.ID_LOWER, Defect.ID_FULL_WIDTH, Defect.ID_SPACED})
_TEXT_ONLY = frozenset({Defect.CONTROL, Defect.FIELD_COUNT})
_QUOTED_ONLY = frozenset({Defect.OPEN_QUOTE, Defect.NEWLINE})
_IN_FIXED_WIDTH = frozenset(
    {
        Defect.ID_CHECK,
        Defect.ID_BIRTH,
        Defect.ID_FUTURE,
        Defect.ID_MISSING,
        Defect.ID_LOWER,
        Defect.NAME_DAMAGED,
        Defect.CONTROL,
        Defect.LINE_LENGTH,
        Defect.DATE_IMPOSSIBLE,
        Defect.CODE_UNKNOWN,
    }
)
_DAMAGED_KINDS = frozenset({"payment", "order", "enrolment", "card_event", "not_due", "assisted", "stay"})


def possible_defects(feed: Feed) -> list[Defect]:
    """The defects that files of `feed` can carry."""
    if feed.kind not in _DAMAGED_KINDS:
        return []
    return [defect for defect in Defect if defect is not Defect.NONE and _can_carry(feed, defect)]


def _can_carry(feed: Feed, defect: Defect) -> bool:
    layout = feed.format
    field = field_of(defect, feed)
    if field is None:
        return False
    if isinstance(layout, FixedWidth):
        return defect in _IN_FIXED_WIDTH
    if defect is Defect.LINE_LENGTH:
        return False
    if isinstance(layout, Excel):
        return defect not in _TEXT_ONLY | _QUOTED_ONLY
    if defect in _QUOTED_ONLY:
        # A broken line counts twice: in a file that declares its number of rows the whole file would be refused.
        return (
            layout.quote is not None
            and layout.trailer is None
            and (defect is not Defect.NEWLINE or _name_is_not_first(feed))
        )
    if defect is Defect.NAME_REPLACEMENT:
        return layout.encodings[0] != "gbk"
    return True


def _name_is_not_first(feed: Feed) -> bool:
    return feed.columns[0].field != "person_name"


def damage_rows(
    feed: Feed, rows: Rows, people: People, ledger: Ledger, is_spared: Array, rng: np.random.Generator
) -> None:
    """Give some plain rows a defect, each kind in turn; at least one of each where the feed has rows enough.

    Registers keep the rows of persons in `is_spared`: without them, an amount paid by others would concern nobody.
    """
    kinds = possible_defects(feed)
    free = rows.outcome == Outcome.LOADED
    if "entry" in rows.columns:
        free &= ledger["role"][rows.columns["entry"]] == Role.PLAIN
    if feed.kind == "enrolment":
        free &= ~is_spared[rows.columns["person_id"]]
    least = 1 if len(rows) >= 12 * len(kinds) else 0
    for defect in kinds:
        fit = np.flatnonzero(free & _suits(defect, rows, people, feed))
        wanted = min(len(fit), max(least, int(rng.poisson(RATE * len(rows)))))
        chosen = rng.choice(fit, wanted, replace=False)
        free[chosen] = False
        rows.defect[chosen] = defect
        if defect in _REASONS:
            set_aside(rows, chosen, _REASONS[defect])


def _suits(defect: Defect, rows: Rows, people: People, feed: Feed) -> Array:
    """Rows on which a defect shows: identifiers of 18 digits, an X to write small, a value to damage."""
    person = rows.columns["person_id"]
    is_long = people.is_citizen[person]
    if feed.kind == "enrolment":
        is_long &= ~people.is_short[person]
    if defect is Defect.ID_LOWER:
        return is_long & people.ends_in_x[person]
    if defect is Defect.ID_FUTURE or (isinstance(feed.format, Delimited) and defect is Defect.ID_FULL_WIDTH):
        return is_long & ~people.ends_in_x[person]
    field = field_of(defect, feed)
    if field in ("paid_at", "created_at", "since_on", "enrolled_on", "occurred_on", "paid_on"):
        return is_long & ~np.isnat(rows.columns[field])
    return is_long
