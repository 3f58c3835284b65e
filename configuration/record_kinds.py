"""Kinds of record a feed can bring, and the canonical fields of each.

A feed file maps its own headers to these fields. Whether a row can live without a field is decided here, once.
"""

from insurance.values import Model


class FieldSpec(Model):
    """A canonical field: the parser it needs and whether every feed of the kind must map it."""

    parse: str  # identity | person_name | money | timestamp | date | code | division | integer | text
    is_required: bool = False
    meaning: str


def _kind(**fields: tuple[str, bool, str]) -> dict[str, FieldSpec]:
    return {
        name: FieldSpec(parse=parse, is_required=required, meaning=meaning)
        for name, (parse, required, meaning) in fields.items()
    }


RECORD_KINDS: dict[str, dict[str, FieldSpec]] = {
    # A bank's, terminal's or ledger's line: money moved.
    "payment": _kind(
        person_id=("identity", True, "the insured"),
        person_name=("person_name", False, "name of the insured"),
        payer_id=("identity", False, "who paid, when not the insured"),
        txn_no=("text", True, "transaction number, unique within the feed"),
        original_txn_no=("text", False, "of a reversal: the transaction it takes back"),
        entry_type=("code", False, "payment (default), reversal, or deposit (a funding event, never a payment)"),
        channel=("code", True, "channel code of the city"),
        tier=("code", False, "tier the payer chose"),
        category=("code", False, "category as the source has it"),
        amount=("money", True, "amount that really moved; of a reversal, the amount taken back (positive)"),
        due_amount=("money", False, "amount that was asked for"),
        is_partial=("code", False, "partial-debit flag: yes or no"),
        paid_at=("timestamp", True, "when the payer paid; its time rules, not the settlement's"),
        settled_on=("date", False, "when the bank settled"),
        receipted_at=("timestamp", False, "when the receipt (SMS) went out"),
        order_no=("text", False, "order the payment belongs to"),
        campaign_year=("integer", False, "benefit year, where the source has it"),
    ),
    # An online order; only a completed one is a payment.
    "order": _kind(
        order_no=("text", True, "order number"),
        person_id=("identity", True, "the insured"),
        person_name=("person_name", False, "name of the insured"),
        payer_id=("identity", False, "who pays"),
        channel=("code", True, "channel code of the city"),
        tier=("code", False, "tier chosen"),
        category=("code", False, "category as the source has it"),
        amount=("money", True, "amount of the order"),
        state=("code", True, "pending, completed, cancelled or void"),
        created_at=("timestamp", True, "when the order was made"),
        paid_at=("timestamp", False, "when it was paid"),
        bank_ref=("text", False, "the bank's confirmation number"),
        campaign_year=("integer", False, "benefit year, where the source has it"),
    ),
    # The register a village or community keeps.
    "enrolment": _kind(
        person_id=("identity", True, "the insured"),
        person_name=("person_name", True, "name"),
        psn_no=("text", False, "person number of the national platform"),
        division=("division", True, "village or community, 12-digit code"),
        category=("code", True, "category of the insured"),
        membership=("code", False, "first (first-time member) or continuing"),
        enrolled_on=("date", True, "day of registration"),
        campaign_year=("integer", False, "benefit year, where the source has it"),
    ),
    # The card system's events.
    "card_event": _kind(
        person_id=("identity", True, "card holder"),
        person_name=("person_name", False, "name"),
        event=("code", True, "applied, issued, activated or sms_signed; funding (see is_funded)"),
        occurred_on=("date", True, "day of the event"),
        card_channel=("code", False, "issuing channel of the city"),
        is_funded=("code", False, "yes or no: money on the card; never a balance"),
    ),
    # Those who are not due: deceased, employee scheme, insured elsewhere, moved, enlisted.
    "not_due": _kind(
        person_id=("identity", True, "person"),
        reason=("code", True, "deceased, employee_scheme, insured_elsewhere, moved or enlisted"),
        since_on=("date", False, "since when"),
        campaign_year=("integer", False, "benefit year, where the source has it"),
    ),
    # Those whose premium others pay in whole or part.
    "assisted": _kind(
        person_id=("identity", True, "person"),
        group=("code", True, "assistance group, free code of the city"),
        amount=("money", True, "amount paid for the person"),
        paid_on=("date", True, "day it was paid"),
        campaign_year=("integer", False, "benefit year, where the source has it"),
    ),
    # What the treasury received, by day and channel.
    "receipt": _kind(
        received_on=("date", True, "business day the money stands for"),
        channel=("code", True, "channel code of the city"),
        amount=("money", True, "sum received, refunds taken off"),
        payments=("integer", False, "number of payments"),
        campaign_year=("integer", False, "benefit year, where the source has it"),
    ),
    # Hospital stays, optional.
    "stay": _kind(
        person_id=("identity", True, "patient"),
        admitted_on=("date", True, "admission"),
        discharged_on=("date", False, "discharge"),
        level=("code", True, "hospital level: 1, 2 or 3"),
        cost=("money", True, "total cost"),
        in_scope_cost=("money", True, "cost inside the catalogue"),
        fund_paid=("money", False, "what the fund paid"),
        settled_on=("date", False, "day of settlement"),
    ),
    # The national platform's own view of the payments: a second witness, never summed into the collection.
    "platform_payment": _kind(
        psn_no=("text", True, "PSN_NO, person number"),
        insurance_type=("code", True, "INSUTYPE: residents (390) or other"),
        tier_rule=("text", False, "CLCTSTD_CRTF_RULE_CODG"),
        amount=("money", True, "PSN_CLCT_AMT, the person's part"),
        subsidy=("money", False, "FINSUBS_AMT"),
        total=("money", False, "CLCT_SUMAMT"),
        is_arrived=("code", True, "CLCT_FLAG: yes or no"),
        is_normal=("code", True, "REVS_FLAG: Z is normal"),
        paid_at=("timestamp", True, "CLCT_TIME, time of payment"),
        accrual_from=("text", True, "ACCRYM_BEGN, yyyymm"),
        accrual_to=("text", True, "ACCRYM_END, yyyymm"),
        campaign_year=("integer", False, "benefit year, where the source has it"),
    ),
}

# Canonical codes that value maps must lead to; other code fields lead to codes of the city.
CANONICAL_CODES: dict[tuple[str, str], frozenset[str]] = {
    ("payment", "entry_type"): frozenset({"payment", "reversal", "deposit"}),
    ("payment", "is_partial"): frozenset({"yes", "no"}),
    ("order", "state"): frozenset({"pending", "completed", "cancelled", "void"}),
    ("enrolment", "membership"): frozenset({"first", "continuing"}),
    ("card_event", "event"): frozenset({"applied", "issued", "activated", "sms_signed", "funding"}),
    ("card_event", "is_funded"): frozenset({"yes", "no"}),
    ("not_due", "reason"): frozenset({"deceased", "employee_scheme", "insured_elsewhere", "moved", "enlisted"}),
    ("stay", "level"): frozenset({"1", "2", "3"}),
    ("platform_payment", "insurance_type"): frozenset({"residents", "other"}),
    ("platform_payment", "is_arrived"): frozenset({"yes", "no"}),
    ("platform_payment", "is_normal"): frozenset({"yes", "no"}),
}
