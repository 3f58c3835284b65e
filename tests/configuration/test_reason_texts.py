"""Whatever can stop a row or a file has words for it, in both languages."""

import pytest

from configuration.reason_texts import load_reason_texts
from etl.reasons import FileReason, RowFlag, RowReason

CODES = [*RowReason, *FileReason, *RowFlag]


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_what_and_what_to_do(code: str) -> None:
    text = load_reason_texts()[code]
    for language in ("zh", "en"):
        assert len(text.what.in_language(language)) >= 2
        assert text.todo.in_language(language)[-1] in "。."


def test_no_words_for_codes_that_do_not_exist() -> None:
    assert set(load_reason_texts()) == {str(code) for code in CODES}


def test_english_texts_hold_no_chinese() -> None:
    english = "".join(t.what.en + t.todo.en for t in load_reason_texts().values())
    assert not [letter for letter in english if "\u4e00" <= letter <= "\u9fff"]
