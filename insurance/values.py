"""Values that carry their source and their certainty: the alphabet of every file people write.

A figure without a source is not a fact. `Sourced` keeps the figure, where it stands, and how sure we are; an unknown
figure is `None` and stays unknown through every computation that needs it.
"""

from enum import StrEnum
from typing import Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

T = TypeVar("T")


class Model(BaseModel):
    """A frozen model that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Bilingual(Model):
    """A text for people, in Chinese and English."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in `language` ("zh" or "en")."""
        return self.zh if language == "zh" else self.en


class Certainty(StrEnum):
    """How sure a value is."""

    STATED = "stated"  # a source states it
    DERIVED = "derived"  # arithmetic from stated values
    ASSUMED = "assumed"  # ours, for want of a source; labelled wherever it is shown
    UNREADABLE = "unreadable"  # the source has it, but damaged
    UNKNOWN = "unknown"  # no source states it


class Source(Model):
    """Where a value stands: document, section, and the rule in our own words."""

    document: str
    section: str = ""
    rule: Bilingual | None = None


class Sourced(Model, Generic[T]):
    """A value with its source and certainty. `value` is None exactly when it is unknown or unreadable."""

    value: T | None = None
    certainty: Certainty
    source: Source | None = None
    note: Bilingual | None = None

    @model_validator(mode="after")
    def _value_matches_certainty(self) -> Self:
        is_absent = self.certainty in (Certainty.UNKNOWN, Certainty.UNREADABLE)
        if is_absent and self.value is not None:
            raise ValueError(f"certainty '{self.certainty}' allows no value; remove the value or state its source")
        if not is_absent and self.value is None:
            raise ValueError(f"certainty '{self.certainty}' needs a value; if there is none, write 'unknown'")
        if self.certainty in (Certainty.STATED, Certainty.DERIVED) and self.source is None:
            raise ValueError(f"certainty '{self.certainty}' needs a source")
        return self

    @property
    def is_known(self) -> bool:
        """Whether there is a value at all."""
        return self.value is not None


class UnknownValueError(Exception):
    """A computation needs values that no source states. `names` lists them; nothing was computed."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__("unknown values needed: " + ", ".join(names))
