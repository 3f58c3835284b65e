"""Reasons in words: what is wrong with a row or a file, and what to do about it. For the command line and the pages."""

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


@cache
def load_reason_texts() -> dict[str, ReasonText]:
    """Every reason code (rows, files, flags) with its texts. Raises ConfigurationError when the catalogue is broken."""
    return read_yaml_model(REASON_TEXTS_PATH, _ReasonTexts).reasons
