"""Who pays in which campaign, when, by which channel and for which tier."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from configuration.city import ChannelKind, Need
from etl.synth.calendar_days import moment_of_day, pick_days
from etl.synth.plan import DAY, SECOND, Plan
from etl.synth.population import People
from etl.synth.register import Lag, Register
from etl.synth.ways import choose_channels

PAYS_RATE = 0.952  # of the registered and due, before the effects of age and place
PERSISTENCE = 0.85  # how alike a person's years are
LATE_RATE = 0.016  # of those who pay, where late payments are taken
STUCK_RATE = 0.012  # hold a card that was never activated
STUCK_RATE_IN_LAGGING_TOWN = 0.15
TIER_RATES = (0.378, 0.326, 0.285, 0.25, 0.22)  # share of the higher tiers, this year and back


@dataclass(frozen=True)
class Behaviour:
    """Arrays of (years, persons) unless stated otherwise. The unpaid keep NaT; later than the as-of moment is cut."""

    is_paid: NDArray[np.bool_]
    paid_at: NDArray[np.datetime64]
    channel: NDArray[np.int8]
    tier: NDArray[np.int8]  # -1 without a choice
    is_late: NDArray[np.bool_]
    amount_fen: NDArray[np.int64]
    is_card_stuck: NDArray[np.bool_]  # by person


def make_behaviour(plan: Plan, people: People, register: Register, rng: np.random.Generator) -> Behaviour:
    """Decide every person's payment of every campaign, up to the as-of moment."""
    years, count = len(plan.years), people.count
    shape = (years, count)
    is_paid, is_late = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    paid_at = np.full(shape, np.datetime64("NaT"), dtype=SECOND)
    channel, tier = np.full(shape, -1, dtype=np.int8), np.full(shape, -1, dtype=np.int8)
    amount = np.zeros(shape, dtype=np.int64)
    stuck = _stuck_cards(plan, people, register, rng)
    habit = rng.normal(size=count)
    place = rng.normal(0, 0.12, len(plan.villages))[people.village]
    tier_taste = rng.random(count)
    way_taste = rng.random(count)
    speed = _speeds(plan, people, rng)
    tier_place = rng.normal(0, 0.3, len(plan.towns))[people.town]
    for row, window in enumerate(plan.windows):
        rate = np.where(register.not_due[row] >= 0, 0.03, PAYS_RATE)
        lag = register.lag_of_town[people.town]
        mood = (
            ndtri(rate)
            + _age_effect(people.age)
            + place
            - 0.2 * (lag == Lag.SILENT) * (1.0 if window.is_current else 0.3)
        )
        habit = PERSISTENCE * habit + np.sqrt(1 - PERSISTENCE**2) * rng.normal(size=count) if row else habit
        wants = register.is_enrolled[row] & (habit < mood) & ~register.is_fully_assisted[row]
        channel[row] = choose_channels(plan, people, register.is_first[row], row, way_taste, rng)
        needs_card = plan.needs(Need.CARD_ACTIVATED, Need.CARD_ISSUED)[channel[row]]
        wants &= ~(stuck & needs_card) & (channel[row] >= 0)
        pace = speed * np.where(window.is_current, np.choose(lag, [1.0, 1.0, 0.85, 0.66]), 1.0)
        day = pick_days(plan, window, channel[row], pace, people.village, plan.years[-1] - window.year, rng)
        late_days = 1 + (rng.exponential(35, count)).astype(np.int64)
        is_late[row] = wants & (rng.random(count) < LATE_RATE) & (window.deadline + late_days <= window.closes)
        day = np.where(is_late[row], window.deadline + late_days, day)
        not_before = register.enrolled_on[row] + np.where(register.is_first[row], 1, 0)
        wants &= (day >= not_before) | (not_before <= window.deadline)
        day = np.maximum(day, not_before)
        is_late[row] &= day > window.deadline
        wants &= day <= np.where(is_late[row], window.closes, window.deadline)
        kinds = np.array([list(ChannelKind).index(c.kind) for c in plan.city.channels])[channel[row]]
        at = day.astype(SECOND) + moment_of_day(kinds, rng)
        tier[row] = _tiers(plan, people, row, tier_taste, tier_place)
        amount[row] = _amounts(plan, people, register, row, tier[row], is_late[row])
        is_paid[row] = wants & (amount[row] > 0) & (at < cut_of(plan))
        paid_at[row] = np.where(is_paid[row], at, np.datetime64("NaT"))
    return Behaviour(is_paid, paid_at, channel, tier, is_late & is_paid, amount, stuck)


def _speeds(plan: Plan, people: People, rng: np.random.Generator) -> NDArray[np.float64]:
    """How early people of a place pay against the city's mean, which stays at 1 whatever towns are drawn."""
    haste = rng.normal(0, 0.12, len(plan.towns))[people.town] + rng.normal(0, 0.1, len(plan.villages))[people.village]
    speed: NDArray[np.float64] = np.exp(haste - haste.mean())
    return speed


def cut_of(plan: Plan) -> np.datetime64:
    """The moment files end: late in the morning of the as-of day, which is in progress."""
    cut: np.datetime64 = plan.as_of.astype(SECOND) + np.timedelta64(11 * 3600, "s")
    return cut


def _age_effect(age: NDArray[np.int16]) -> NDArray[np.float64]:
    return np.interp(age, [0, 17, 18, 30, 45, 60, 80], [0.1, 0.05, -0.3, -0.3, 0.0, 0.3, 0.2])


def _stuck_cards(plan: Plan, people: People, register: Register, rng: np.random.Generator) -> NDArray[np.bool_]:
    if not plan.has_cards:
        return np.zeros(people.count, dtype=bool)
    in_lag = register.lag_of_town[people.town] == Lag.BLOCKED
    rate = (
        np.where(in_lag, STUCK_RATE_IN_LAGGING_TOWN, STUCK_RATE)
        * np.exp(rng.normal(0, 0.35, len(plan.villages)))[people.village]
    )
    return rng.random(people.count) < rate


def _tiers(
    plan: Plan, people: People, row: int, taste: NDArray[np.float64], place: NDArray[np.float64]
) -> NDArray[np.int8]:
    """Tier by person: the higher ones draw the older; a person's taste stays, its share grows year by year."""
    tier = np.full(people.count, -1, dtype=np.int8)
    chooses = (people.category[row] >= 0) & plan.has_choice[people.category[row]]
    if not chooses.any():
        return tier
    years_back = plan.years[-1] - plan.years[row]
    base = TIER_RATES[min(years_back, len(TIER_RATES) - 1)]
    leaning = 0.014 * (people.age - 52.0) + place
    level_at = np.log(base / (1 - base))
    for _ in range(6):  # towns and ages move the mean: bring it back to the share aimed at
        higher = 1 / (1 + np.exp(-(leaning + level_at)))
        level_at -= (higher[chooses].mean() - base) / (base * (1 - base))
    level = np.zeros(people.count, dtype=np.int8)
    for step in range(1, len(plan.tiers)):
        level += taste < higher / 3 ** (step - 1)
    tier[chooses] = level[chooses]
    return tier


def _amounts(
    plan: Plan, people: People, register: Register, row: int, tier: NDArray[np.int8], is_late: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """What the person is asked for, in fen: the price less what others pay; -1 where no price is known."""
    prices = plan.prices[row]
    column = np.where(tier >= 0, tier, len(plan.tiers))
    fen = np.where(
        is_late, prices.late_fen[people.category[row], column], prices.on_time_fen[people.category[row], column]
    )
    asked: NDArray[np.int64] = np.where(fen > 0, fen - register.assisted_fen[row], fen)
    return asked


def empty_days(count: int) -> NDArray[np.datetime64]:
    """`count` days that are not known."""
    return np.full(count, np.datetime64("NaT"), dtype=DAY)
