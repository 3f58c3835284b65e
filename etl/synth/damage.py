"""How a defect looks in the cells of a row."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from configuration.feed import Delimited, Feed, FixedWidth
from etl.synth.people_names import name_stock
from etl.synth.rows import Column, Defect, Rows

# Fields in the order in which a code or a date is damaged: the first one that the feed has.
CODE_FIELDS = ("category", "state", "entry_type", "event", "reason", "group", "insurance_type")
DATE_FIELDS = ("paid_at", "created_at", "enrolled_on", "occurred_on", "paid_on", "since_on")
_FULL_WIDTH = {ord(str(d)): chr(0xFF10 + d) for d in range(10)}
_IDS = {
    Defect.ID_CHECK,
    Defect.ID_BIRTH,
    Defect.ID_FUTURE,
    Defect.ID_PRECISION,
    Defect.ID_MISSING,
    Defect.ID_LOWER,
    Defect.ID_FULL_WIDTH,
    Defect.ID_SPACED,
    Defect.ID_FORM,
}
_NAMES = {
    Defect.NAME_DAMAGED,
    Defect.NAME_REPLACEMENT,
    Defect.CONTROL,
    Defect.OPEN_QUOTE,
    Defect.NEWLINE,
    Defect.FIELD_COUNT,
}
_AMOUNTS = {Defect.AMOUNT_FRACTION, Defect.AMOUNT_NEGATIVE, Defect.AMOUNT_WORDS, Defect.AMOUNT_SIGN}


def field_of(defect: Defect, feed: Feed) -> str | None:
    """The field that a defect damages in rows of `feed`, None when the feed cannot carry it."""
    mapped = [column.field for column in feed.columns]
    if defect in _IDS:
        wanted: tuple[str, ...] = ("person_id",)
    elif defect in _NAMES:
        wanted = ("person_name",)
    elif defect in _AMOUNTS:
        wanted = ("amount",)
    elif defect in (Defect.DATE_IMPOSSIBLE, Defect.DATE_FUTURE):
        wanted = DATE_FIELDS if feed.campaign != "payment_time" or defect is Defect.DATE_IMPOSSIBLE else ("paid_at",)
    elif defect is Defect.CODE_UNKNOWN:
        wanted = CODE_FIELDS
    elif defect is Defect.DIVISION_UNKNOWN:
        wanted = ("division",)
    elif defect is Defect.CAMPAIGN_UNKNOWN:
        wanted = {"column": ("campaign_year",), "payment_time": ("paid_at",)}.get(feed.campaign, ())
    elif defect is Defect.INTEGER_WORDS:
        wanted = ("campaign_year",)
    else:
        wanted = ("person_id",)
    return next((field for field in wanted if field in mapped), None)


def apply_defects(texts: dict[str, pa.StringArray], rows: Rows, feed: Feed, root_code: str, outside_on: str) -> None:
    """Rewrite the cells of defective rows in `texts` (by field)."""
    for index in np.flatnonzero(rows.defect):
        defect = Defect(int(rows.defect[index]))
        field = field_of(defect, feed)
        if field is None or defect is Defect.LINE_LENGTH:
            continue
        spoilt = _spoilt(defect, texts[field][int(index)].as_py(), int(index), feed, field, root_code, outside_on)
        mask = np.zeros(len(rows), dtype=bool)
        mask[index] = True
        texts[field] = pc.if_else(pa.array(mask), spoilt, texts[field])


def _spoilt(defect: Defect, text: str, index: int, feed: Feed, field: str, root_code: str, outside_on: str) -> str:
    if defect in _IDS:
        return _spoilt_id(defect, text)
    if defect in _NAMES:
        return _spoilt_name(defect, text, index, feed)
    if defect in _AMOUNTS:
        return _spoilt_amount(defect, text, index, is_fen="." not in text)
    stock = name_stock()
    form = next((column.formats[0] for column in feed.columns if column.field == field and column.formats), "")
    if defect is Defect.DATE_IMPOSSIBLE:
        return _written(form, outside_on[:4], "02", "30")
    if defect is Defect.DATE_FUTURE:
        return _written(form, "2038", "05", "06")
    if defect is Defect.CODE_UNKNOWN:
        return "9" if isinstance(feed.format, FixedWidth) else stock.tampered_code
    if defect is Defect.DIVISION_UNKNOWN:
        return root_code[:6] + "999999"
    if defect is Defect.INTEGER_WORDS:
        return text[:2] + "I" + text[3:]
    return "2031" if field == "campaign_year" else _written(form, *outside_on.split("-"))


def _written(form: str, year: str, month: str, day: str) -> str:
    parts = {"%Y": year, "%m": month, "%d": day, "%H": "10", "%M": "30", "%S": "00"}
    for mark, value in parts.items():
        form = form.replace(mark, value)
    return form


def _spoilt_id(defect: Defect, text: str) -> str:
    if defect is Defect.ID_CHECK:
        return text[:-1] + ("1" if text[-1] in "X0" else "0")
    if defect is Defect.ID_BIRTH:
        return _with_check(text[:10] + "0230" + text[14:17])
    if defect is Defect.ID_FUTURE:
        return _with_check(text[:6] + "20310615" + text[14:17])
    if defect is Defect.ID_PRECISION:
        return f"{text[0]}.{text[1:6]}E+17"
    if defect is Defect.ID_LOWER:
        return text.lower()
    if defect is Defect.ID_FULL_WIDTH:
        return text.translate(_FULL_WIDTH)
    if defect is Defect.ID_SPACED:
        return f" {text[:6]} {text[6:14]} {text[14:]} "
    return "" if defect is Defect.ID_MISSING else text[:11]


def _with_check(body: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]


def _spoilt_name(defect: Defect, text: str, index: int, feed: Feed) -> str:
    stock = name_stock()
    layout = feed.format
    if defect is Defect.NAME_DAMAGED:
        return stock.damaged[index % len(stock.damaged)]
    if defect is Defect.NAME_REPLACEMENT:
        return stock.replacement
    if defect is Defect.CONTROL:
        return text[0] + "\0" + text[1:]
    if defect is Defect.OPEN_QUOTE and isinstance(layout, Delimited):
        return f"{layout.quote}{text}"
    if defect is Defect.NEWLINE and isinstance(layout, Delimited):
        return f"{layout.quote}{text[0]}\n{text[1:]}{layout.quote}"
    return text[0] + (layout.delimiter if isinstance(layout, Delimited) else "") + text[1:]


def _spoilt_amount(defect: Defect, text: str, index: int, *, is_fen: bool) -> str:
    if defect is Defect.AMOUNT_FRACTION:
        return text + (".5" if is_fen else "1")
    if defect is Defect.AMOUNT_NEGATIVE:
        return "-" + text
    stock = name_stock()
    return stock.amounts_unreadable[0] if defect is Defect.AMOUNT_WORDS else stock.amounts_unreadable[1]


def hides_amount(defects: Column) -> Column:
    """By row: whether the amount cannot be read, because of itself or because the whole line is broken."""
    broken = [*_AMOUNTS, Defect.CONTROL, Defect.OPEN_QUOTE, Defect.NEWLINE, Defect.FIELD_COUNT, Defect.LINE_LENGTH]
    return np.isin(defects, [int(defect) for defect in broken])
