"""Reasons in words: what is wrong with a row or a file, and what to do about it. For the command line and the pages."""

import json
from functools import cache
from pathlib import Path

from configuration.yamlfile import read_yaml_model
from insurance.values import Bilingual, Model

REASON_TEXTS_PATH = Path(__file__).with_name("reason_texts.yaml")


class ReasonText(Model):
    """One reason: a short phrase for what is wrong, and one next step."""

    what: Bilingual
    todo: Bilingual


class _ReasonTexts(Model):
    reasons: dict[str, ReasonText]
    findings: dict[str, Bilingual]


def load_reason_texts() -> dict[str, ReasonText]:
    """Every reason code (rows, files, flags) with its texts. Raises ConfigurationError when the catalogue is broken."""
    return _catalogue().reasons


def finding(key: str, **values: str | int) -> str:
    """What was found, as it is stored: the key of its sentence and the values in it, as JSON."""
    return json.dumps({"key": key, "values": values}, ensure_ascii=False, sort_keys=True)


def finding_text(stored: str, language: str) -> str:
    """The sentence of a stored `finding`, in "zh" or "en"; whole numbers with separators."""
    record = json.loads(stored)
    template = _catalogue().findings[record["key"]].in_language(language)
    values = {name: f"{v:,}" if isinstance(v, int) else v for name, v in record["values"].items()}
    return template.format(**values)


@cache
def _catalogue() -> _ReasonTexts:
    return read_yaml_model(REASON_TEXTS_PATH, _ReasonTexts)
