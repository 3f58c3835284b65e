"""Catalogues: both languages say the same things, and a hole in one is an error."""

import re
from string import Formatter

import pytest

from dashboard import sitemap, texts
from dashboard.access import Role


def fields(template: str) -> set[str]:
    names = {name for _, name, _, _ in Formatter().parse(template) if name}
    # A month is a number in one language and a word in the other.
    return {name.removesuffix("_name") for name in names}


def test_both_languages_have_the_same_keys_and_fields() -> None:
    chinese, english = texts.catalogue("zh"), texts.catalogue("en")
    assert set(chinese) == set(english)
    for key in chinese:
        assert fields(chinese[key]) == fields(english[key]), key


def test_every_role_and_page_has_a_name(app: object) -> None:
    for language in texts.LANGUAGES:
        for page in sitemap.all_pages():
            assert texts.text(language, f"shell.nav.{page.key}")
        for role in Role:
            assert texts.text(language, f"shell.role.{role.value}")


def test_a_missing_key_raises() -> None:
    with pytest.raises(texts.MissingTextError, match=re.escape("shell.nothing (en)")):
        texts.text("en", "shell.nothing")
