"""The hero chart: years aligned on days to the deadline."""

from dataclasses import dataclass
from datetime import date

import pandas as pd
import pytest

from dashboard import texts
from dashboard.charts import progress
from dashboard.charts.progress import HIDDEN_DAY_PERSONS, Goal
from dashboard.figures import DARK, LIGHT, FigureStyle

GOAL = Goal(2018, date(2018, 4, 30), date(2018, 4, 20), 0.95, is_target_assumed=True)


@dataclass(frozen=True)
class Reader:
    """A reader of one language."""

    language: str

    def text(self, key: str, **values: object) -> str:
        """From the real catalogues."""
        return texts.text(self.language, key, **values)


def daily() -> pd.DataFrame:
    rows = [
        (2017, 30, 20), (2017, 15, 30), (2017, 5, 40),
        (2018, 30, 20), (2018, 20, 40), (2018, 10, 20), (2018, 9, 1000),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["campaign_year", "days_to_deadline", "due_paid_persons"])
    return frame.astype({"due_paid_persons": "Int64"})


def shaped() -> pd.DataFrame:
    return progress.shape(daily(), {2017: 100, 2018: 200}, GOAL)


def test_this_year_ends_on_its_last_complete_day() -> None:
    frame = shaped()
    now = frame[frame["campaign_year"] == 2018]
    assert now["days_to_deadline"].tolist() == list(range(30, 9, -1))
    assert now["paid_persons"].iloc[-1] == 80  # the thousand of the day in progress stay out
    assert now["share_rate"].iloc[-1] == pytest.approx(0.4)


def test_past_years_end_on_their_deadline() -> None:
    frame = shaped()
    before = frame[frame["campaign_year"] == 2017]
    assert before["days_to_deadline"].iloc[-1] == 0
    assert before["share_rate"].iloc[-1] == pytest.approx(0.9)


def test_same_day_of_last_year() -> None:
    frame = shaped()
    assert progress.share_at(frame, 2017, 10) == pytest.approx(0.5)
    assert progress.share_at(frame, 2017, 31) is None
    assert progress.share_at(frame, 2016, 10) is None


def test_a_year_without_anybody_due_is_left_out() -> None:
    assert set(progress.shape(daily(), {2018: 200}, GOAL)["campaign_year"]) == {2018}
    assert progress.shape(daily(), {}, GOAL).empty


def test_hidden_day_counts_as_the_middle_of_what_it_hides() -> None:
    frame = daily()
    frame.loc[4, "due_paid_persons"] = pd.NA
    now = progress.shape(frame, {2018: 200}, GOAL)
    assert now["paid_persons"].iloc[-1] == 20 + HIDDEN_DAY_PERSONS + 20


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("palette", [LIGHT, DARK])
@pytest.mark.parametrize("is_narrow", [False, True])
def test_figure_says_today_target_and_past_years(language: str, palette: object, is_narrow: bool) -> None:
    style = FigureStyle(Reader(language), palette, is_narrow)  # type: ignore[arg-type]
    figure = progress.figure(shaped(), style, GOAL)
    layout = figure["layout"]
    words = " ".join(note["text"] for note in layout["annotations"])  # type: ignore[index]
    assert "40.0%" in words
    assert "2017" in words
    assert "90.0%" in words
    assert "95%" in words
    assumed = texts.text(language, "overview.progress.target_assumed", share="95%")
    assert assumed in words  # an assumption says that it is one
    assert layout["xaxis"]["range"] == [30, 0]  # type: ignore[index]


def test_finished_campaign_is_named_at_its_end() -> None:
    goal = Goal(2018, date(2018, 4, 30), date(2018, 4, 30), 0.95)
    frame = progress.shape(daily(), {2017: 100, 2018: 2000}, goal)
    figure = progress.figure(frame, FigureStyle(Reader("en")), goal)
    words = [note["text"] for note in figure["layout"]["annotations"]]  # type: ignore[index]
    assert words == ["2017 · 90.0%", "<b>2018 · 54.0%</b>", "target 95%"]


def test_sentence_is_computed() -> None:
    style = FigureStyle(Reader("en"))
    behind = progress.sentence(shaped(), style, GOAL)
    assert "40.0%" in behind
    assert "50.0%" in behind
    assert "−10.0 pp" in behind
    alone = progress.shape(daily(), {2018: 200}, GOAL)
    assert "no earlier year" in progress.sentence(alone, style, GOAL)
