"""Why a row is set aside, and why a whole file is refused. Texts for people live in configuration/reason_texts.yaml."""

from enum import StrEnum


class RowReason(StrEnum):
    """Why one row is set aside. The number is the fault's in docs/requirements.md."""

    DAMAGED_TEXT = "damaged_text"  # 9: U+FFFD, "?" inside Chinese, a place that is no place, shifted characters
    CONTROL_CHARACTER = "control_character"  # 10: NUL and the like
    UNCLOSED_QUOTE = "unclosed_quote"  # 10: a quote that does not close on its line
    FIELD_COUNT = "field_count"  # 10: more or fewer fields than the header
    LINE_LENGTH = "line_length"  # fixed width: the line has another length
    MISSING_VALUE = "missing_value"  # an empty cell where a value is needed
    ID_PRECISION_LOST = "id_precision_lost"  # 16: 1.1E+17
    ID_FORM = "id_form"  # no known form of identifier
    ID_BIRTH_DATE = "id_birth_date"  # 17: 0230, or in the future
    ID_CHECK_DIGIT = "id_check_digit"  # 13
    AMOUNT_UNREADABLE = "amount_unreadable"  # 26: 350.001, 三百五, ￥350
    AMOUNT_NEGATIVE = "amount_negative"  # 26: −350
    DATE_UNREADABLE = "date_unreadable"
    DATE_IN_FUTURE = "date_in_future"
    CODE_UNKNOWN = "code_unknown"  # a value the feed file does not map
    INTEGER_UNREADABLE = "integer_unreadable"
    DIVISION_UNKNOWN = "division_unknown"
    CAMPAIGN_UNKNOWN = "campaign_unknown"  # no campaign of the city has this year, or was open at that time
    TXN_CONFLICT = "txn_conflict"  # same transaction number, other content
    REVERSAL_REPEATED = "reversal_repeated"  # 23
    REVERSAL_TOO_LARGE = "reversal_too_large"  # 23
    CARD_EVENT_ORDER = "card_event_order"  # 33: activated before issued


class FileReason(StrEnum):
    """Why a whole file is refused; the data loaded before stay as they are."""

    UNSAFE_PATH = "unsafe_path"  # 34: symbolic link, ../ in a name
    UNSAFE_ARCHIVE = "unsafe_archive"  # 34: zip bomb, or ../ inside an archive
    UNREADABLE_FILE = "unreadable_file"  # the system does not let the loader read it
    UNREADABLE_ENCODING = "unreadable_encoding"  # 8: none of the feed's encodings fits
    UNREADABLE_WORKBOOK = "unreadable_workbook"
    MISSING_COLUMN = "missing_column"  # 11
    MISSING_TRAILER = "missing_trailer"  # 5
    TRUNCATED = "truncated"  # 5: the trailer counts other rows
    SUM_DIFFERS = "sum_differs"  # 6: with every amount readable
    VERSION_TIE = "version_tie"  # 3: same version, other content
    YEAR_DOUBTFUL = "year_doubtful"  # 66: most payments lie outside the campaign of their year
    NO_FEED = "no_feed"  # no feed of the city knows this name
    AMBIGUOUS_FEED = "ambiguous_feed"  # two feeds know this name


class RowFlag(StrEnum):
    """What is noted on a row that is loaded all the same."""

    NAME_DIFFERS = "name_differs"  # 19
    AMOUNT_DIFFERS = "amount_differs"  # H9, 27: paid is not what is due
    CHANNEL_UNEXPECTED = "channel_unexpected"  # W3, H16: e.g. cash where it was given up
    PARTIAL_DEBIT = "partial_debit"
    PAID_TWICE = "paid_twice"  # 21
    ENROLLED_TWICE = "enrolled_twice"
