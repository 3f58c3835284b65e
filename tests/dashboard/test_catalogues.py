"""Both languages of a catalogue say the same things with the same numbers in them."""

from string import Formatter

import pytest

from dashboard import texts

AREAS = ["common", "overview", "channels"]
# The Chinese day needs no name of the month, the English one no number.
DAYS = {"common.day", "common.long_day"}


def fields(template: str) -> set[str]:
    """Names of the placeholders of `template`."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("area", AREAS)
def test_languages_have_the_same_keys_and_placeholders(area: str) -> None:
    chinese = {key: text for key, text in texts.catalogue("zh").items() if key.startswith(f"{area}.")}
    english = {key: text for key, text in texts.catalogue("en").items() if key.startswith(f"{area}.")}
    assert chinese.keys() == english.keys()
    assert len(chinese) > 20
    for key in chinese.keys() - DAYS:
        allowed = fields(chinese[key]) | fields(english[key])
        assert fields(chinese[key]) == allowed or fields(english[key]) == allowed, key
