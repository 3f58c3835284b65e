"""What reading a file yields, whatever its layout."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from configuration.reason_texts import finding, finding_text
from etl.reasons import FileReason, RowReason


class RefusedFileError(Exception):
    """The whole file is refused; what was loaded before stays. `detail` is a stored finding."""

    def __init__(self, reason: FileReason, key: str, **values: str | int) -> None:
        self.reason = reason
        self.detail = finding(key, **values)
        super().__init__(f"{reason}: {finding_text(self.detail, 'en')}")


@dataclass(frozen=True)
class BadRow:
    """A row that cannot even be split into fields."""

    line_no: int
    reason: RowReason
    raw: bytes


@dataclass(frozen=True)
class Declared:
    """What the file says about itself in its summary line."""

    rows: int | None = None
    amount_fen: int | None = None
    version: str | None = None


@dataclass(frozen=True)
class RawRows:
    """Text rows of one file.

    columns: source column name (header, or "#position") → strings, one per good row
    line_no: physical line of every good row (Excel: sheet index × 1,000,000 + row)
    raw: bytes of every good row as the file has them, for hashing and for the encrypted copy of rows set aside
    repeated: names that stand over more than one column; `columns` holds the first
    """

    encoding: str
    columns: dict[str, pa.StringArray]
    line_no: NDArray[np.int64]
    raw: pa.Array
    bad: list[BadRow] = field(default_factory=list)
    declared: Declared | None = None
    repeated: frozenset[str] = frozenset()

    @property
    def row_count(self) -> int:
        """All data rows, good and bad."""
        return len(self.line_no) + len(self.bad)


def repeated_names(names: Sequence[str]) -> frozenset[str]:
    """The names that stand over more than one column."""
    return frozenset(name for name, count in Counter(names).items() if name and count > 1)
