"""A feed file: what a source's files are called, how they are laid out, and what each column means.

A new bank or a new city is a new YAML file and no code. docs/feed-files.md documents every key for a bureau's engineer.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from configuration.problems import Mistake, MistakesError
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
    count_position: int | None = Field(default=None, ge=1)  # 1-based field number of the row count
    sum_position: int | None = Field(default=None, ge=1)  # 1-based field number of the sum of `amount`
    sum_unit: Literal["yuan", "fen"] = "yuan"
    version_position: int | None = Field(default=None, ge=1)  # 1-based field number of the file's own sequence


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
    example: str | None = None  # text: how the source writes it; synthetic data take its letters and number of digits

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.parse == "money" and self.unit is None:
            raise ValueError("money needs unit: yuan or fen")
        if self.parse in ("date", "timestamp") and not self.formats:
            raise ValueError(f"{self.parse} needs formats, e.g. ['%Y-%m-%d']")
        if wrong := [f for f in self.formats if not all(part in f for part in ("%Y", "%m", "%d"))]:
            raise ValueError(f"formats need %Y, %m and %d, as in '%Y-%m-%d'; wrong: {', '.join(wrong)}")
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
            allowed = f"allowed: {', '.join(sorted(RECORD_KINDS))}"
            raise MistakesError([Mistake(keys=("kind",), found=self.kind, allowed=allowed)])
        mistakes = [*self._field_mistakes(), *self._campaign_mistakes(), *self._layout_mistakes()]
        if mistakes:
            raise MistakesError(mistakes)
        return self

    def _field_mistakes(self) -> Iterator[Mistake]:
        """Columns and constants against the fields of the kind."""
        fields = RECORD_KINDS[self.kind]
        mapped = [column.field for column in self.columns]
        names = f"allowed for kind {self.kind}: {', '.join(fields)}"
        for field in self.constants:
            if field not in fields:
                yield Mistake(keys=("constants", field), found=field, allowed=names)
            elif field in mapped:
                yield Mistake(keys=("constants", field), found=field, allowed="a column is mapped to it already")
        for index, column in enumerate(self.columns):
            at = ("columns", index)
            if column.field not in fields:
                yield Mistake(keys=(*at, "field"), found=column.field, allowed=names)
                continue
            spec = fields[column.field]
            if column.field in mapped[:index]:
                yield Mistake(keys=(*at, "field"), found=column.field, allowed="each field may be mapped once")
            if column.parse != spec.parse:
                allowed = f"{column.field} must be parsed as {spec.parse}"
                yield Mistake(keys=(*at, "parse"), found=column.parse, allowed=allowed)
            if spec.is_required and (column.is_optional or column.empty == "unknown"):
                allowed = f"a row cannot live without {column.field}: neither is_optional nor 'empty: unknown'"
                yield Mistake(keys=at, allowed=allowed)
            canonical = CANONICAL_CODES.get((self.kind, column.field))
            for source_value, code in column.values.items():
                if canonical and code not in canonical:
                    allowed = f"allowed: {', '.join(sorted(canonical))}"
                    yield Mistake(keys=(*at, "values", source_value), found=code, allowed=allowed)
        missing = [n for n, spec in fields.items() if spec.is_required and n not in mapped and n not in self.constants]
        if missing:
            allowed = f"kind {self.kind} needs {', '.join(missing)}: map a column or give a constant"
            yield Mistake(keys=("columns",), allowed=allowed)

    def _campaign_mistakes(self) -> Iterator[Mistake]:
        """Whether the benefit year of a row can be known the way `campaign` says."""
        at = ("campaign",)
        has_year = "campaign_year" in RECORD_KINDS[self.kind]
        if has_year != (self.campaign != "none"):
            allowed = "column, file_name or payment_time" if has_year else "none: these rows belong to no campaign"
            yield Mistake(keys=at, found=self.campaign, allowed=f"allowed for kind {self.kind}: {allowed}")
        if self.campaign == "column" and "campaign_year" not in [column.field for column in self.columns]:
            yield Mistake(keys=at, found=self.campaign, allowed="needs a column mapped to campaign_year")
        if self.campaign == "file_name" and self.files.campaign_year is None:
            allowed = "needs files.campaign_year, the group of the pattern that holds the year"
            yield Mistake(keys=at, found=self.campaign, allowed=allowed)

    def _layout_mistakes(self) -> Iterator[Mistake]:
        """Columns against the format: spans in fixed width, positions without a header, names with one."""
        wanted = "headers"
        if isinstance(self.format, FixedWidth):
            wanted = "span"
        elif isinstance(self.format, Delimited) and not self.format.has_header:
            wanted = "position"
        names = list(self.ignored_headers)
        for index, column in enumerate(self.columns):
            at = ("columns", index)
            found = "headers" if column.headers else "span" if column.span else "position"
            if found != wanted:
                yield Mistake(keys=at, found=found, allowed=f"columns of this format are found by {wanted}")
            if repeated := sorted(set(column.headers) & set(names)):
                yield Mistake(keys=(*at, "headers"), found=", ".join(repeated), allowed="a header has one meaning")
            names.extend(column.headers)
            if isinstance(self.format, FixedWidth) and column.span:
                first, length = column.span
                if first < 1 or length < 1 or first + length - 1 > self.format.line_bytes:
                    allowed = f"[first byte, length] within the {self.format.line_bytes} bytes of a line"
                    yield Mistake(keys=(*at, "span"), found=str(list(column.span)), allowed=allowed)
