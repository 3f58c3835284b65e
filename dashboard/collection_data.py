"""What the pages on a running collection read: totals, the last complete day, the same day of earlier years."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from dashboard.charts import channel_mix, town_dumbbell
from dashboard.charts.channel_bands import Band
from dashboard.charts.progress import Goal
from dashboard.context import PageContext
from dashboard.formats import is_known
from dashboard.queries import AtLeast, AtMost
from insurance.values import Certainty

DAILY_FEED_COLUMNS = ["feed", "kind", "latest_on", "complete_on"]


@dataclass(frozen=True)
class Totals:
    """One campaign's counts of persons; None where hidden or unknown."""

    due: int | None
    due_unpaid: int | None
    due_late: int | None
    paid: int | None

    @property
    def due_paid(self) -> int | None:
        """Of those due, those who paid."""
        return None if self.due is None or self.due_unpaid is None else self.due - self.due_unpaid

    @property
    def share_rate(self) -> float | None:
        """Paid ÷ due, 0–1; None without anybody due."""
        return self.due_paid / self.due if self.due and self.due_paid is not None else None


@dataclass(frozen=True)
class Moment:
    """Where the campaign stands.

    Attributes:
        opens_on, deadline_on: of the campaign, extensions announced by now included.
        today_on: by the business clock.
        complete_on: the last day complete in every daily source, at most the deadline.
    """

    opens_on: date
    deadline_on: date
    today_on: date
    complete_on: date

    @property
    def days_left(self) -> int:
        """Days from today to the deadline; negative after it."""
        return (self.deadline_on - self.today_on).days

    @property
    def days_to_deadline(self) -> int:
        """Days from the last complete day to the deadline, never negative: the day that years are compared on."""
        return max((self.deadline_on - self.complete_on).days, 0)

    @property
    def has_started(self) -> bool:
        """Whether the collection has opened."""
        return self.today_on >= self.opens_on


def in_town(context: PageContext, **where: object) -> dict[str, object]:
    """Filters of a read, with the town of the address when one is chosen."""
    return where if context.town_code is None else {"town_code": context.town_code, **where}


def integer(value: object) -> int | None:
    """A cell as int, None for a hidden or unknown one."""
    return int(value) if isinstance(value, (int, float, np.number)) and is_known(float(value)) else None


def daily_feeds(context: PageContext) -> pd.DataFrame:
    """Feeds of which a complete day is expected: feed, kind, latest_on, complete_on, rows_loaded; slowest first."""
    frame = context.read("mart_feed_days", DAILY_FEED_COLUMNS, ["rows_loaded"], {"is_daily": True})
    return frame.sort_values(["complete_on", "feed"]).reset_index(drop=True)


def moment(context: PageContext, feeds: pd.DataFrame) -> Moment:
    """Where the campaign of `context` stands. Without daily feeds the day before the as-of day counts as complete."""
    opens_on = context.campaign.opens_on.value
    assert opens_on is not None
    deadline_on = context.campaign.final_deadline_on(context.as_of_on)
    complete = feeds["complete_on"].dropna()
    last_on = complete.min().date() if len(complete) else context.as_of_on - timedelta(days=1)
    return Moment(opens_on, deadline_on, context.today_on, min(last_on, deadline_on))


def campaign_totals(context: PageContext) -> Mapping[int, Totals]:
    """Totals of every campaign that has data, by year."""
    values = ["due_persons", "due_unpaid_persons", "due_late_persons", "paid_persons"]
    frame = context.read("mart_coverage", ["campaign_year"], values, in_town(context, campaign_year=None))
    return {
        int(row["campaign_year"]): Totals(*(integer(row[name]) for name in values))
        for row in frame.to_dict("records")
    }  # fmt: skip


def daily_covers(context: PageContext) -> pd.DataFrame:
    """New covers of those due by campaign_year and days_to_deadline, up to each deadline."""
    where = in_town(context, campaign_year=None, days_to_deadline=AtLeast(0))
    return context.read("mart_progress_daily", ["campaign_year", "days_to_deadline"], ["due_paid_persons"], where)


def towns_at(context: PageContext, year: int, days_to_deadline: int) -> pd.DataFrame:
    """town_code, due_paid_persons up to that many days before the deadline of `year`, due_persons (NA where hidden)."""
    where = {"campaign_year": year, "days_to_deadline": AtLeast(days_to_deadline)}
    paid = context.read("mart_progress_daily", ["town_code"], ["due_paid_persons"], where)
    due = context.read("mart_coverage", ["town_code"], ["due_persons"], {"campaign_year": year})
    return due[["town_code", "due_persons"]].merge(paid[["town_code", "due_paid_persons"]], on="town_code", how="left")


def towns_against_last_year(context: PageContext, moment: Moment) -> pd.DataFrame:
    """Rows of `town_dumbbell.shape`; empty without data of the year before."""
    year, days = context.campaign.year, moment.days_to_deadline
    return town_dumbbell.shape(towns_at(context, year, days), towns_at(context, year - 1, days))


def goal_of(context: PageContext, moment: Moment) -> Goal:
    """What the campaign of `context` is measured against."""
    target = context.campaign.target_rate
    return Goal(
        campaign_year=context.campaign.year,
        deadline_on=moment.deadline_on,
        complete_on=moment.complete_on,
        target_rate=target.value,
        is_target_assumed=target.certainty is Certainty.ASSUMED,
    )


def covers_on(context: PageContext, day: date) -> int | None:
    """Persons newly covered on `day`; None when hidden, 0 when nobody."""
    frame = context.read("mart_progress_daily", ["paid_on"], ["paid_persons"], in_town(context, paid_on=day))
    return 0 if frame.empty else integer(frame["paid_persons"].iloc[0])


def channel_mix_by(context: PageContext, group: str, bands: Sequence[Band]) -> pd.DataFrame:
    """Rows of `channel_mix.shape` by `group`: campaign_year (up to this campaign), category or town_code."""
    where = in_town(context, campaign_year=None) if group == "campaign_year" else in_town(context)
    paid = context.read("mart_channel_daily", [group, "channel"], ["paid_persons"], where)
    totals = context.read("mart_channel_daily", [group], ["paid_persons"], where)
    mix = channel_mix.shape(paid, totals, group, bands)
    return mix[mix["group"] <= context.campaign.year] if group == "campaign_year" else mix


@dataclass(frozen=True)
class Money:
    """Premiums paid, by persons and by others for the assisted, and what the treasury says it received.

    Attributes:
        net_fen: all payments less reversals.
        compared_net_fen, compared_received_fen: up to the last complete day, of channels with receipts; None without.
    """

    net_fen: int | None
    compared_net_fen: int | None
    compared_received_fen: int | None


def money(context: PageContext, complete_on: date) -> Money:
    """Money of the campaign; of a chosen town without receipts, which name no town."""
    if context.town_code is not None:
        town = context.read("mart_progress_daily", [], ["paid_fen"], in_town(context))
        return Money(integer(town["paid_fen"].iloc[0]) if len(town) else None, None, None)
    total = context.read("mart_money_daily", [], ["net_fen"])
    by_channel = context.read(
        "mart_money_daily", ["channel"], ["net_fen", "received_fen"], {"paid_on": AtMost(complete_on)}
    )
    with_receipts = by_channel[by_channel["received_fen"].notna() & by_channel["net_fen"].notna()]
    net_fen = integer(total["net_fen"].iloc[0]) if len(total) else None
    if with_receipts.empty:
        return Money(net_fen, None, None)
    return Money(net_fen, int(with_receipts["net_fen"].sum()), int(with_receipts["received_fen"].sum()))


def tier_uptake(context: PageContext, upper_tier: str) -> dict[int, tuple[float, int]]:
    """By campaign: share (0–1) choosing `upper_tier` and the number who had a choice and whose tier is known."""
    where = in_town(context, campaign_year=None, has_tier_choice=True)
    frame = context.read("mart_tiers", ["campaign_year", "tier"], ["paid_persons"], where)
    frame = frame[frame["tier"] != "-"]
    shares: dict[int, tuple[float, int]] = {}
    for year, rows in frame.groupby("campaign_year"):
        # With a hidden cell the share would lean to one side, so it is unknown.
        choosing = 0 if rows["is_hidden"].any() else int(rows["paid_persons"].sum())
        if choosing:
            upper = int(rows.loc[rows["tier"] == upper_tier, "paid_persons"].sum())
            shares[int(str(year))] = (upper / choosing, choosing)
    return shares
