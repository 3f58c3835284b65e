"""Addresses: written short, read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.addresses import AddressError, Query, join, languages_of, local_path, parse_query


def test_an_address_is_read_as_it_was_written() -> None:
    parameters: dict[str, str | int | None] = {"city": "some_city", "year": 2018, "town": "371003001000"}
    parameters |= {"lang": "en", "theme": "dark"}
    assert parse_query(join("", parameters)) == Query("some_city", 2018, "371003001000", "en", "dark")
    assert join("/tiers", {"year": None, "lang": "en"}) == "/tiers?lang=en"
    assert join("/tiers", {}) == "/tiers"


@given(st.text(max_size=60))
def test_any_query_is_read_or_refused(search: str) -> None:
    try:
        query = parse_query("?" + search)
    except AddressError:
        return
    assert parse_query(join("", vars(query))) == query


@given(st.text(max_size=60))
def test_a_broken_address_still_has_a_language_and_a_theme(search: str) -> None:
    language, theme = languages_of("?" + search)
    assert language in ("zh", "en")
    assert theme in ("light", "dark")


def test_what_is_shown_of_a_refused_address_is_short() -> None:
    with pytest.raises(AddressError) as caught:
        parse_query("?" + "n" * 500 + "=1")
    assert len(caught.value.values["name"]) == 40


@given(st.text(max_size=30))
def test_a_way_back_stays_on_this_server(target: str) -> None:
    back = local_path(target)
    assert back.startswith("/")
    assert not back.startswith(("//", "/\\"))
