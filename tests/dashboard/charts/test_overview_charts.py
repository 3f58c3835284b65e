"""Towns against last year, and what holds the unpaid."""

import pandas as pd
import pytest

from dashboard.charts import blockers, town_dumbbell
from dashboard.figures import FigureStyle
from tests.dashboard.charts.test_progress import Reader

ENGLISH = FigureStyle(Reader("en"))


def towns(paid: dict[str, object], due: int = 100) -> pd.DataFrame:
    frame = pd.DataFrame({"town_code": list(paid), "due_paid_persons": list(paid.values())})
    return frame.assign(due_persons=due).astype({"due_paid_persons": "Int64", "due_persons": "Int64"})


NOW = {"a": 40, "b": 60, "c": 55, "d": pd.NA, "e": 70}
BEFORE = {"a": 50, "b": 50, "c": 60, "d": 50, "f": 10}


def test_furthest_behind_first_and_hidden_left_out() -> None:
    frame = town_dumbbell.shape(towns(NOW), towns(BEFORE))
    assert frame["town_code"].tolist() == ["a", "c", "b"]
    assert [round(float(change), 3) for change in frame["change_rate"]] == [-0.1, -0.05, 0.1]


def test_extremes_never_show_a_town_twice() -> None:
    frame = town_dumbbell.shape(towns(NOW), towns(BEFORE))
    assert town_dumbbell.extremes(frame, behind=2, ahead=3)["town_code"].tolist() == ["a", "c", "b"]
    assert town_dumbbell.extremes(frame, behind=1, ahead=1)["town_code"].tolist() == ["a", "b"]


def test_nobody_due_gives_no_rate() -> None:
    assert town_dumbbell.shape(towns({"a": 0}, due=0), towns({"a": 1})).empty


def test_dumbbell_writes_signed_differences() -> None:
    frame = town_dumbbell.shape(towns(NOW), towns(BEFORE))
    figure = town_dumbbell.figure(frame, ENGLISH, str.upper)
    words = [note["text"] for note in figure["layout"]["annotations"]]  # type: ignore[index]
    assert words == ["A", "<b>−10.0 pp</b>", "C", "<b>−5.0 pp</b>", "B", "<b>+10.0 pp</b>"]
    assert "2 of 3 towns" in town_dumbbell.sentence(frame, ENGLISH, str.upper)


def groups(**persons: object) -> pd.DataFrame:
    frame = pd.DataFrame({"blocker": list(persons), "persons": list(persons.values())}).astype({"persons": "Int64"})
    return frame.assign(is_hidden=frame["persons"].isna())


def test_blockers_in_order_of_precedence_without_empty_groups() -> None:
    frame = blockers.shape(groups(nothing_known=50, no_card=0, order_pending=20, not_registered=30))
    assert frame["blocker"].tolist() == ["not_registered", "order_pending", "nothing_known"]
    assert frame["share_rate"].sum() == pytest.approx(1.0)


def test_hidden_group_is_shown_as_hidden_never_as_zero() -> None:
    frame = blockers.shape(groups(nothing_known=50, order_pending=pd.NA))
    assert frame["blocker"].tolist() == ["order_pending", "nothing_known"]
    figure = blockers.figure(frame, ENGLISH)
    words = [note["text"] for note in figure["layout"]["annotations"]]  # type: ignore[index]
    assert "hidden" in words
    assert "0" not in words


def test_blockers_sentence_tells_blocked_from_ready() -> None:
    frame = blockers.shape(groups(nothing_known=50, funded_unpaid=5000, not_activated=1200, not_registered=300))
    sentence = blockers.sentence(frame, ENGLISH)
    assert "1,500 must do one thing first" in sentence
    assert "Card not activated" in sentence
    assert "5,050 could pay today" in sentence


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_group_has_words(language: str) -> None:
    reader = Reader(language)
    for code in blockers.ORDER:
        assert reader.text(f"overview.blockers.name.{code}")
        assert reader.text(f"overview.blockers.remedy.{code}")
