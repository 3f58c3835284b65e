"""Kinds of numbers a policy file may hold, and the step from yuan to fen. Shares are of one, never per cent."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from insurance.values import Bilingual, Model

CODE_PATTERN = r"^[a-z][a-z0-9_]*$"


def _refuse_truth_value(value: object) -> object:
    # YAML reads "yes" and "on" as true, and true would pass for the number 1.
    if isinstance(value, bool):
        raise ValueError("must be a number, not yes or no")
    return value


def _share_of_one(value: Decimal) -> Decimal:
    if not 0 <= value <= 1:
        percent = f"; write {value / 100} for {value} %" if 1 < value <= 100 else ""
        raise ValueError(f"a share lies between 0 and 1{percent}")
    return value


Code = Annotated[str, Field(pattern=CODE_PATTERN)]
Yuan = Annotated[
    Decimal, BeforeValidator(_refuse_truth_value), Field(ge=0, max_digits=12, decimal_places=2, allow_inf_nan=False)
]
Share = Annotated[
    Decimal,
    BeforeValidator(_refuse_truth_value),
    Field(max_digits=12, decimal_places=6, allow_inf_nan=False),
    AfterValidator(_share_of_one),
]
Months = Annotated[int, BeforeValidator(_refuse_truth_value), Field(ge=0, le=60)]


class Named(Model):
    """A code of the policy and what people call it."""

    code: Code
    name: Bilingual


def to_fen(amount_yuan: Decimal) -> int:
    """`amount_yuan` (at most two decimals) in fen, exactly."""
    amount_fen = amount_yuan * 100
    if amount_fen != amount_fen.to_integral_value():
        raise ValueError(f"{amount_yuan} yuan is not a whole number of fen")
    return int(amount_fen)


def repeated(codes: list[str]) -> list[str]:
    """The codes that stand more than once, sorted."""
    return sorted({code for code in codes if codes.count(code) > 1})
