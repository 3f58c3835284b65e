"""A feed file: what a source's files are called, how they are laid out, and what each column means.

A new bank or a new city is a new YAML file and no code. docs/feed-files.md documents every key for a bureau's engineer.
"""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from configuration.record_kinds import CANONICAL_CODES, RECORD_KINDS
from insurance.values import Bilingual, Model

Encoding = Literal["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"]
Parser = Literal[
    "identity", "person_name", "money", "timestamp", "date", "code", "division", "integer", "text"
]


class Files(Model):
    """Which files belong to the feed, and which of two files is the newer version of the same thing."""

    pattern: str  # regular expression over the file's name; named groups may be used below
    identity: tuple[str, ...]  # groups that say what the file is about; same identity = versions of one file
    version: tuple[str, ...] = ()  # groups that order the versions, e.g. [date, sequence]
    campaign_year: str | None = None  # group that holds the benefit year
    done_marker: str | None = None  # suffix of an empty file that says "complete", e.g. ".done"

    @model_validator(mode="after")
    def _groups_exist(self) -> Self:
        try:
            groups = set(re.compile(self.pattern).groupindex)
        except re.error as error:
            raise ValueError(f"pattern is not a regular expression: {error}") from None
        wanted = {*self.identity, *self.version, *([self.campaign_year] if self.campaign_year else [])}
        if missing := sorted(wanted - groups):
            raise ValueError(f"pattern has no named group {', '.join(missing)}; it has {sorted(groups)}")
        return self


class Trailer(Model):
    """A summary line at the end of the file."""

    marker: str  # first field of the line, e.g. "TRL" or "合计"
    count_position: int | None = None  # 1-based field number of the row count
    sum_position: int | None = None  # 1-based field number of the sum of `amount`
    sum_unit: Literal["yuan", "fen"] = "yuan"
    version_position: int | None = None  # 1-based field number of the file's own sequence


class Delimited(Model):
    """Lines of text with a delimiter."""

    type: Literal["delimited"]
    encodings: tuple[Encoding, ...] = Field(min_length=1)  # tried in order, strictly
    # Kept as written: a tab is whitespace, and would be stripped like the blanks around other texts.
    delimiter: Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=1)]
    quote: str | None = Field(default=None, min_length=1, max_length=1)
    skip_lines: int = Field(default=0, ge=0)  # title lines before the header
    has_header: bool = True
    trailer: Trailer | None = None


class FixedWidth(Model):
    """Lines of a fixed number of bytes in `encoding`; columns are byte spans."""

    type: Literal["fixed_width"]
    encodings: tuple[Encoding, ...] = Field(min_length=1)
    line_bytes: int = Field(gt=0)  # without the line end
    trailer: Trailer | None = None  # positions count fields separated by blanks


class Excel(Model):
    """A workbook; the header row is found by its names below merged title rows."""

    type: Literal["excel"]
    sheets: tuple[str, ...] = ()  # empty: every sheet
    header_within_rows: int = Field(default=10, ge=1)
    trailer: Trailer | None = None


class Column(Model):
    """Where a canonical field comes from and how it is read."""

    field: str
    headers: tuple[str, ...] = ()  # any of these names (files with a header)
    position: int | None = Field(default=None, ge=1)  # 1-based (files without a header)
    span: tuple[int, int] | None = None  # first byte (1-based) and length (fixed width)
    parse: Parser
    unit: Literal["yuan", "fen"] | None = None  # money
    formats: tuple[str, ...] = ()  # dates and timestamps, strptime notation, tried in order
    values: dict[str, str] = Field(default_factory=dict)  # code: source value → canonical or city code
    is_optional: bool = False  # the column may be missing from the file
    empty: Literal["refuse", "unknown"] = "refuse"  # what an empty cell means

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.parse == "money" and self.unit is None:
            raise ValueError("money needs unit: yuan or fen")
        if self.parse in ("date", "timestamp") and not self.formats:
            raise ValueError(f"{self.parse} needs formats, e.g. ['%Y-%m-%d']")
        if self.parse == "code" and not self.values:
            raise ValueError("code needs values: what the source writes → what it means")
        if sum(place is not None for place in (self.position, self.span)) + bool(self.headers) != 1:
            raise ValueError("name exactly one of headers, position or span")
        return self


class Feed(Model):
    """feeds/<name>.yaml."""

    feed: str = Field(pattern=r"^[a-z0-9_]+$")
    kind: str
    title: Bilingual
    description: Bilingual | None = None
    files: Files
    format: Annotated[Delimited | FixedWidth | Excel, Field(discriminator="type")]
    columns: tuple[Column, ...]
    constants: dict[str, str] = Field(default_factory=dict)  # canonical field → value for every row
    ignored_headers: tuple[str, ...] = ()  # known columns that are not loaded (and not reported as unknown)
    campaign: Literal["column", "file_name", "payment_time", "none"]
    is_daily: bool = True  # whether a complete day is expected of it while the campaign runs

    @model_validator(mode="after")
    def _fits_kind(self) -> Self:
        if self.kind not in RECORD_KINDS:
            raise ValueError(f"kind '{self.kind}' is unknown; allowed: {', '.join(sorted(RECORD_KINDS))}")
        fields = RECORD_KINDS[self.kind]
        mapped = [column.field for column in self.columns]
        if repeated := sorted({field for field in mapped if mapped.count(field) > 1}):
            raise ValueError(f"fields mapped twice: {', '.join(repeated)}")
        for field in (*mapped, *self.constants):
            if field not in fields:
                raise ValueError(f"'{field}' is no field of kind '{self.kind}'; allowed: {', '.join(fields)}")
        for column in self.columns:
            if column.parse != fields[column.field].parse:
                raise ValueError(f"'{column.field}' must be parsed as {fields[column.field].parse}")
            allowed = CANONICAL_CODES.get((self.kind, column.field))
            if allowed and (wrong := sorted(set(column.values.values()) - allowed)):
                raise ValueError(f"'{column.field}' maps to {', '.join(wrong)}; allowed: {', '.join(sorted(allowed))}")
        missing = [n for n, spec in fields.items() if spec.is_required and n not in mapped and n not in self.constants]
        if missing:
            raise ValueError(f"kind '{self.kind}' needs {', '.join(missing)}; map a column or give a constant")
        if self.campaign == "column" and "campaign_year" not in mapped:
            raise ValueError("campaign: column needs a column mapped to campaign_year")
        if self.campaign == "file_name" and self.files.campaign_year is None:
            raise ValueError("campaign: file_name needs files.campaign_year, the group of the pattern with the year")
        has_spans = any(column.span for column in self.columns)
        if isinstance(self.format, FixedWidth) != has_spans:
            raise ValueError("span belongs to fixed_width files, and there every column needs one")
        return self
