"""Every table of the warehouse, once. The data dictionary (docs/data-dictionary.md) is generated from the comments.

Names: `raw_` rows as the sources sent them, checked and pseudonymised; `core_` what we conclude from them; `mart_`
small aggregates that pages read; `load_` the ledger of files. Money is integer fen; dates are calendar days and
instants wall time in Asia/Shanghai. No foreign keys: the embedded engine cannot update rows that one references.
"""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Uuid,
)

metadata = MetaData()


def _text(name: str, comment: str) -> Column[str]:
    return Column(name, String, comment=comment)


def _integer(name: str, comment: str) -> Column[int]:
    return Column(name, Integer, comment=comment)


def _fen(name: str, comment: str) -> Column[int]:
    return Column(name, BigInteger, comment=comment + "; fen")


def _date(name: str, comment: str) -> Column[date]:
    return Column(name, Date, comment=comment)


def _instant(name: str, comment: str) -> Column[datetime]:
    return Column(name, DateTime, comment=comment)


def _flag(name: str, comment: str) -> Column[bool]:
    return Column(name, Boolean, comment=comment)


def _year() -> Column[int]:
    return Column("campaign_year", SmallInteger, comment="benefit year of the campaign")


def _city() -> Column[str]:
    return _text("city", "code of the city")


def _town() -> Column[str]:
    return _text("town_code", "12-digit code of the street or town")


def _division() -> Column[str]:
    return _text("division_code", "12-digit code of the village or community")


def _person() -> Column[int]:
    return _integer("person_key", "person, key of core_persons")


def _line() -> list[Column[int]]:
    return [_integer("batch_key", "file version, key of load_batches"), _integer("line_no", "line or row in that file")]


def _table(name: str, comment: str, *columns: Column) -> Table:  # type: ignore[type-arg]
    return Table(name, metadata, *columns, comment=comment)


# --- what the generation is -------------------------------------------------------------------------------------------

meta_generation = _table(
    "meta_generation",
    "One row: this generation.",
    _text("generation_id", "identifier of the generation"),
    _text("based_on", "generation before it, empty for the first"),
    _text("content_hash", "SHA-256 over the hashes of all raw, core and mart tables"),
)
meta_cities = _table(
    "meta_cities",
    "The cities of this generation.",
    _city(),
    _date("as_of_on", "business day that rules were applied for; the day in progress"),
    _flag("is_synthetic", "rests on invented data"),
)
meta_divisions = _table(
    "meta_divisions",
    "Divisions as the city's folder had them.",
    _city(),
    _division(),
    _text("parent_code", "division above"),
    _town(),
    _text("level", "root, district, town or village"),
    _integer("eligible_persons", "persons who should be insured, all categories"),
)
meta_campaigns = _table(
    "meta_campaigns",
    "Campaigns as the city's folder had them.",
    _city(),
    _year(),
    _date("opens_on", "first day of the collection"),
    _date("deadline_on", "last on-time day, extensions announced by the as-of day included"),
    _date("closes_on", "last day a late payment is taken"),
)

# --- the ledger of files ----------------------------------------------------------------------------------------------

load_batches = _table(
    "load_batches",
    "One row per file version in use. rows_read = rows_loaded + rows_duplicate + rows_set_aside, always; the same in "
    "fen over readable amounts.",
    _integer("batch_key", "key within this generation"),
    _text("batch_id", "identifier for good: from city, feed and content"),
    _city(),
    _text("feed", "feed file that describes it"),
    _text("kind", "kind of record"),
    _text("file_name", "name of the file"),
    _text("version", "the file's own sequence or date"),
    _text("encoding", "encoding found"),
    _instant("received_at", "when the loader read it"),
    _flag("is_synthetic", "invented data"),
    _integer("rows_read", "data rows in the file"),
    _integer("rows_loaded", "rows taken, those in suspense or pending included"),
    _integer("rows_duplicate", "rows that repeat another row"),
    _integer("rows_set_aside", "rows set aside with a reason"),
    _fen("read_fen", "sum of readable amounts"),
    _fen("loaded_fen", "of the rows loaded"),
    _fen("duplicate_fen", "of the duplicates"),
    _fen("set_aside_fen", "of the rows set aside, where readable"),
    _integer("rows_unreadable_amount", "rows whose amount cannot be read"),
    _integer("trailer_rows", "rows the summary line declares; null without one"),
    _fen("trailer_fen", "sum the summary line declares; null without one"),
    _fen("unexplained_fen", "declared less readable; only with unreadable amounts"),
    _text("unknown_columns", "columns of the file that the feed does not know, without their values"),
)
load_refused_files = _table(
    "load_refused_files",
    "Files refused as a whole; outside every sum.",
    _city(),
    _text("feed", "feed, empty when none knows the name"),
    _text("file_name", "name of the file"),
    _text("reason", "reason code"),
    _text("detail", "what was found: key and values of its sentence, as JSON"),
    _text("content_hash", "hash of the content, empty when it was not read"),
)
load_set_aside = _table(
    "load_set_aside",
    "Rows set aside. Their text is kept encrypted beside the batch, never here.",
    _city(),
    _integer("batch_key", "file version"),
    _integer("line_no", "line in the file"),
    _text("stage", "check (the row alone) or merge (against other rows)"),
    _text("reason", "reason code"),
    _text("row_hash", "keyed hash of the raw row"),
    _fen("amount_fen", "amount, where readable"),
)

# --- raw events -------------------------------------------------------------------------------------------------------

raw_payments = _table(
    "raw_payments",
    "Payments that banks, terminals and ledgers report, duplicates and set-aside rows excluded.",
    _city(), _year(), *_line(),
    _person(),
    _integer("payer_key", "who paid, null when the insured"),
    _text("txn_no", "transaction number, unique within its feed"),
    _text("channel", "channel code"),
    _text("declared_tier", "tier on the row, null when the source has none"),
    _fen("amount_fen", "amount that moved"),
    _fen("asked_fen", "amount that was asked for, null when the source has none"),
    _instant("paid_at", "time of payment"),
    _flag("is_time_known", "whether the source gives the time of day"),
    _date("settled_on", "day the bank settled"),
    _text("order_no", "order it belongs to"),
    _flag("is_partial_debit", "only part of the amount asked for was debited"),
    Column("name_hash", BigInteger, comment="keyed hash of the name"),
)
raw_reversals = _table(
    "raw_reversals",
    "Reversals and refunds; pending until their original arrives.",
    _city(), _year(), *_line(),
    _person(),
    _text("txn_no", "number of the reversal"),
    _text("original_txn_no", "transaction it takes back"),
    _text("channel", "channel code"),
    _fen("amount_fen", "amount taken back, positive"),
    _instant("reversed_at", "time"),
    _flag("is_applied", "false: its original has not arrived"),
)
raw_orders = _table(
    "raw_orders",
    "Every reported state of every order.",
    _city(), _year(), *_line(),
    _person(),
    _integer("payer_key", "who pays, null when the insured"),
    _text("order_no", "order number"),
    _text("channel", "channel code"),
    _text("declared_tier", "tier chosen"),
    _fen("amount_fen", "amount of the order"),
    _text("state", "pending, completed, cancelled or void, as reported"),
    _instant("created_at", "made"),
    _instant("paid_at", "paid"),
    _text("bank_ref", "the bank's confirmation"),
    Column("name_hash", BigInteger, comment="keyed hash of the name"),
)
raw_enrolments = _table(
    "raw_enrolments",
    "Registers of villages and communities.",
    _city(), _year(), *_line(),
    _person(),
    Column("psn_hash", BigInteger, comment="keyed hash of the platform's person number"),
    _division(),
    _text("category", "category code"),
    _text("membership", "first or continuing as the register says, null when it does not"),
    _date("enrolled_on", "day of registration"),
    Column("name_hash", BigInteger, comment="keyed hash of the name"),
)
raw_card_events = _table(
    "raw_card_events",
    "Card applied for, issued, activated, signed for SMS.",
    _city(), *_line(),
    _person(),
    _text("event", "applied, issued, activated or sms_signed"),
    _date("occurred_on", "day"),
    _text("card_channel", "issuing channel"),
)
raw_funding_events = _table(
    "raw_funding_events",
    "Money put on a card or taken off. A deposit is not a payment: no amounts here, by design.",
    _city(), *_line(),
    _person(),
    _text("origin", "card (the card system says so) or bank (a deposit among payments)"),
    _date("occurred_on", "day"),
    _flag("is_funded", "money on the card afterwards; null when unknown"),
)
raw_not_due = _table(
    "raw_not_due",
    "Rosters of those who are not due.",
    _city(), _year(), *_line(),
    _person(),
    _text("reason", "deceased, employee_scheme, insured_elsewhere, moved or enlisted"),
    _date("since_on", "since when"),
)
raw_assisted = _table(
    "raw_assisted",
    "Rosters of those whose premium others pay in whole or part.",
    _city(), _year(), *_line(),
    _person(),
    _text("assistance_group", "group code"),
    _fen("amount_fen", "paid for the person"),
    _date("paid_on", "day it was paid"),
)
raw_receipts = _table(
    "raw_receipts",
    "What the treasury received.",
    _city(), _year(), *_line(),
    _date("received_on", "business day"),
    _text("channel", "channel code"),
    _fen("amount_fen", "sum received"),
    _integer("payments", "number of payments"),
)
raw_stays = _table(
    "raw_stays",
    "Hospital stays (optional feed).",
    _city(), *_line(),
    _person(),
    _date("admitted_on", "admission"),
    _date("discharged_on", "discharge"),
    Column("hospital_level", SmallInteger, comment="1, 2 or 3"),
    _fen("cost_fen", "total cost"),
    _fen("in_scope_cost_fen", "cost inside the catalogue"),
    _fen("fund_paid_fen", "what the fund paid"),
    _date("settled_on", "settlement"),
)
raw_platform_payments = _table(
    "raw_platform_payments",
    "The national platform's view of payments, a second witness.",
    _city(), _year(), *_line(),
    Column("psn_hash", BigInteger, comment="keyed hash of the person number"),
    _fen("amount_fen", "the person's part"),
    _fen("subsidy_fen", "fiscal subsidy"),
    _instant("paid_at", "time of payment"),
    _flag("is_counted", "residents' insurance, arrived, not reversed, accrual period overlaps the year"),
    _date("accrual_from_on", "first day of the accrual period"),
    _date("accrual_to_on", "last day of the accrual period"),
)

# --- what we conclude -------------------------------------------------------------------------------------------------

core_persons = _table(
    "core_persons",
    "Persons, by pseudonym. The key that made the pseudonym is never in the database.",
    _person(),
    Column("pseudonym", Uuid, comment="keyed hash (HMAC) of the normalised identifier"),
    Column("birth_year", SmallInteger, comment="null when the identifier holds none"),
)
core_payments = _table(
    "core_payments",
    "The payment ledger: every payment, completed order included, netted with its reversals.",
    _city(), _year(), *_line(),
    _text("feed", "feed it came by"),
    _person(),
    _integer("payer_key", "who paid, null when the insured"),
    _text("reference", "transaction or order number"),
    _text("channel", "channel code"),
    _text("declared_tier", "tier on the row"),
    _fen("amount_fen", "amount that moved"),
    _fen("reversed_fen", "taken back"),
    _fen("net_fen", "amount less reversals"),
    _instant("paid_at", "time of payment"),
    _date("paid_on", "day of payment"),
    _flag("is_time_known", "whether the source gives the time of day"),
    _date("settled_on", "day the bank settled"),
    _text("standing", "covering, paid_twice, reversed, suspense_not_enrolled or suspense_void_order"),
    _flag("is_amount_different", "paid is not what is due (H9)"),
    _flag("is_channel_unexpected", "channel not expected in this campaign (W3)"),
    _flag("is_partial_debit", "only part was debited"),
    _flag("is_name_different", "name is not the register's"),
)
core_orders = _table(
    "core_orders",
    "One row per order, in its state on the as-of day.",
    _city(), _year(), *_line(),
    _person(),
    _text("order_no", "order number"),
    _text("channel", "channel code"),
    _fen("amount_fen", "amount"),
    _instant("created_at", "made"),
    _text("state", "pending, completed, cancelled or void; an unpaid order is void the day after it was made (W8)"),
)
core_cards = _table(
    "core_cards",
    "One row per person with any card event.",
    _city(),
    _person(),
    _date("applied_on", "applied for"),
    _date("issued_on", "issued"),
    _date("activated_on", "activated"),
    _date("signed_on", "signed for SMS"),
    _text("card_channel", "issuing channel"),
    _text("card_state", "applied, issued or activated; issued when it was activated and no issue is on record"),
    _flag("is_issue_unknown", "activated, and no issue on record"),
    _flag("is_funded", "money on the card; null when unknown"),
)
core_participation = _table(
    "core_participation",
    "THE warehouse table: one row per person and campaign, for everyone on the register, on last year's register, or "
    "who paid.",
    _city(), _year(), _person(),
    _division(), _town(),
    _text("category", "category code; null when never registered"),
    Column("birth_year", SmallInteger, comment="null when unknown"),
    _text("age_band", "0-17, 18-29, 30-44, 45-59, 60-74, 75+ or unknown"),
    _flag("is_enrolled", "on this campaign's register"),
    _date("enrolled_on", "day of registration"),
    _text("membership", "first, continuing, returned (lapsed before), or unknown without earlier campaigns"),
    _flag("is_due", "enrolled or registered last year, and on no not-due roster"),
    _text("not_due_reason", "why not due"),
    _text("assistance_group", "group whose premium others pay"),
    _fen("assisted_fen", "paid by others, 0 for none"),
    _text("price_class", "price class of the policy"),
    _text("tier", "tier chosen; null where there is none to choose or it is unknown"),
    _text("benefit_tier", "tier of the benefits"),
    _flag("is_paid", "covered by a payment that counts"),
    _instant("paid_at", "time of the covering payment"),
    _date("paid_on", "its day"),
    _text("channel", "its channel"),
    _text("payer_relation", "self, other or assistance"),
    _text("reference", "its transaction or order number"),
    _fen("premium_due_fen", "what the person owed; null when unknown"),
    _fen("paid_fen", "what the person paid, net; 0 when unpaid"),
    _fen("refund_due_fen", "paid beyond the one cover, 0 for nothing"),
    _text("period", "on_time or late; null when unpaid"),
    _fen("subsidy_fen", "subsidy the payment brings, 0 when unpaid; null when unknown"),
    Column("waiting_months", SmallInteger, comment="months to wait; null when unpaid or unknown"),
    _date("entitled_on", "first day of entitlement; null when unpaid or unknown"),
    _text("order_state", "state of the latest order, null without one"),
    _text("card_state", "none, applied, issued or activated; null where cards play no part"),
    _flag("is_sms_signed", "signed for SMS"),
    _flag("is_funded", "money on the card; null when unknown"),
    _text("blocker", "of those due and unpaid: what holds them, exclusive; see mart_blockers"),
    _flag("is_paid_last_year", "paid in the campaign before; null when that is not loaded"),
    _flag("is_name_different", "one identifier, two names: for review"),
)

# --- what pages read --------------------------------------------------------------------------------------------------

mart_collection = _table(
    "mart_collection",
    "Covering payments at full grain.",
    _city(), _year(), _town(), _division(),
    _text("category", "category code"),
    _text("tier", "tier chosen, '-' without one"),
    _text("channel", "channel code"),
    _text("period", "on_time or late"),
    _date("paid_on", "day of payment"),
    _integer("paid_persons", "persons covered"),
    _integer("due_paid_persons", "of them, persons who are due"),
    _fen("paid_fen", "paid by persons, net"),
)
mart_progress_daily = _table(
    "mart_progress_daily",
    "New covers a day and town.",
    _city(), _year(), _town(),
    _date("paid_on", "day of payment"),
    _integer("days_to_deadline", "deadline less day; negative when late"),
    _integer("paid_persons", "persons covered that day"),
    _integer("due_paid_persons", "of them, persons who are due"),
    _fen("paid_fen", "paid by persons, net"),
)
mart_channel_daily = _table(
    "mart_channel_daily",
    "New covers a day, channel, town and category.",
    _city(), _year(), _town(),
    _text("category", "category code"),
    _text("channel", "channel code"),
    _date("paid_on", "day of payment"),
    _integer("paid_persons", "persons covered that day"),
    _fen("paid_fen", "paid by persons, net"),
)
mart_tiers = _table(
    "mart_tiers",
    "Paid persons by tier chosen and price class.",
    _city(), _year(), _town(),
    _text("category", "category code"),
    _flag("has_tier_choice", "category that chooses a tier"),
    _text("age_band", "age band"),
    _text("tier", "tier chosen, '-' without one"),
    _text("period", "on_time or late"),
    _integer("paid_persons", "persons covered"),
    _fen("paid_fen", "paid by persons, net"),
)
mart_coverage = _table(
    "mart_coverage",
    "Who should be insured, who is due, who paid when.",
    _city(), _year(), _town(), _division(),
    _text("category", "category code"),
    _integer("eligible_persons", "should be insured, from the divisions file"),
    _integer("enrolled_persons", "on the register"),
    _integer("due_persons", "due"),
    _integer("paid_persons", "covered, due or not"),
    _integer("due_on_time_persons", "due and paid within the collection period"),
    _integer("due_late_persons", "due and paid after it"),
    _integer("due_unpaid_persons", "due and unpaid"),
    _integer("last_year_paid_persons", "paid in the campaign before"),
    _integer("renewed_persons", "paid in both"),
    _integer("assisted_persons", "on an assistance roster"),
    _integer("assisted_paid_persons", "of them, covered"),
)
mart_not_due = _table(
    "mart_not_due",
    "Who is not due, and why.",
    _city(), _year(), _town(),
    _text("reason", "reason code"),
    _integer("persons", "persons"),
)
mart_blockers = _table(
    "mart_blockers",
    "What holds those who are due and unpaid; the groups exclude each other and add up to the unpaid.",
    _city(), _year(), _town(), _division(),
    _text("blocker", "not_registered, order_pending, no_card, not_issued, not_activated, funded_unpaid, "
          "order_void, silent_since_last_year or nothing_known"),
    _integer("persons", "persons"),
    _integer("sms_unsigned_persons", "of them, without SMS signing (a secondary mark)"),
)
mart_card_funnel = _table(
    "mart_card_funnel",
    "Card steps by day.",
    _city(),
    _text("card_channel", "issuing channel, '-' when unknown"),
    _text("step", "applied, issued, activated or sms_signed"),
    _date("occurred_on", "day"),
    _integer("persons", "persons"),
)
mart_exposure = _table(
    "mart_exposure",
    "Paid persons by entitlement date: the exposure of the fund.",
    _city(), _year(), _town(),
    _text("category", "category code"),
    _text("benefit_tier", "tier of the benefits; '-' when unknown"),
    _text("period", "on_time or late"),
    _date("entitled_on", "first day of entitlement; null when unknown"),
    _integer("persons", "persons"),
    _fen("paid_fen", "premiums paid, net"),
    _fen("subsidy_fen", "subsidies; null when unknown"),
)
mart_money_daily = _table(
    "mart_money_daily",
    "Money by channel and day, what others pay for the assisted included, beside what the treasury received.",
    _city(), _year(),
    _text("channel", "channel code"),
    _date("paid_on", "day of payment"),
    _integer("payments", "payments that were not wholly reversed"),
    _fen("net_fen", "amounts less reversals; suspense, double payments and assistance included"),
    _fen("suspense_fen", "of it, in suspense"),
    _fen("paid_twice_fen", "of it, to be refunded"),
    _fen("received_fen", "treasury receipts; null when none reported"),
)
mart_feed_days = _table(
    "mart_feed_days",
    "How far each feed has come.",
    _city(), _text("feed", "feed"), _text("kind", "kind of record"),
    _flag("is_daily", "a complete day is expected of it"),
    _date("latest_on", "latest day in its rows"),
    _date("complete_on", "latest day taken as complete"),
    _integer("files", "file versions in use"),
    _integer("rows_loaded", "rows loaded"),
)
