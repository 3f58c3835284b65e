"""When within a campaign: the rush before the deadline, weekends and holidays, office hours."""

import numpy as np
from numpy.typing import NDArray

from configuration.city import ChannelKind
from etl.synth.plan import Days, Plan, Window

# By kind of channel: weight of a weekend day and of a public holiday against a working day.
_QUIET = {
    ChannelKind.COUNTER: (0.25, 0.03),
    ChannelKind.MACHINE: (0.75, 0.35),
    ChannelKind.ONLINE: (1.05, 0.55),
    ChannelKind.COLLECTIVE: (0.8, 0.05),
    ChannelKind.ASSISTANCE: (0.0, 0.0),
}
_RUSH = (0.20, 0.29, 0.35)  # weight of the rush against an even flow, this year and back
_RUSH_LENGTH = 0.09  # of the campaign
# First and last hour, and the hour most people come.
_HOURS = {
    ChannelKind.COUNTER: (8.5, 10.0, 17.0),
    ChannelKind.MACHINE: (7.0, 10.5, 20.5),
    ChannelKind.ONLINE: (6.0, 20.0, 23.95),
    ChannelKind.COLLECTIVE: (8.0, 9.5, 18.0),
    ChannelKind.ASSISTANCE: (9.0, 10.0, 17.0),
}


def day_weights(plan: Plan, window: Window, kind: ChannelKind, years_back: int) -> NDArray[np.float64]:
    """Relative weight of every day from the opening to the deadline, both included."""
    length = int((window.deadline - window.opens).astype(int)) + 1
    days = (window.opens + np.arange(length)).astype("datetime64[D]")
    passed = (np.arange(length) + 0.5) / length
    rush = _RUSH[min(years_back, len(_RUSH) - 1)]
    weights = 1 + 0.9 * np.exp(-np.arange(length) / 5) + rush / _RUSH_LENGTH * np.exp((passed - 1) / _RUSH_LENGTH)
    weekend, holiday = _QUIET[kind]
    calendar = plan.city.calendar
    for index, day in enumerate(days.tolist()):
        if any(first <= day <= last for first, last in calendar.holidays):
            weights[index] *= holiday
        elif not calendar.is_working_day(day):
            weights[index] *= weekend
    return weights


def pick_days(
    plan: Plan,
    window: Window,
    channel: NDArray[np.int8],
    pace: NDArray[np.float64],
    village: NDArray[np.int32],
    years_back: int,
    rng: np.random.Generator,
) -> Days:
    """A day on time for everyone. A pace above 1 comes earlier. Cash is collected on a few days of each village."""
    ripe = rng.random(len(channel)) ** pace
    village_moment = rng.beta(1.65, 1.4, len(plan.villages))[village]
    day = np.full(len(channel), window.opens)
    for index, spec in enumerate(plan.city.channels):
        chosen = np.flatnonzero(channel == index)
        weights = day_weights(plan, window, spec.kind, years_back)
        if len(chosen) == 0 or weights.sum() == 0:
            continue
        share = ripe[chosen]
        if spec.kind is ChannelKind.COLLECTIVE:
            share = np.clip(village_moment[chosen] + 0.07 * rng.normal(size=len(chosen)), 0, 0.999)
        day[chosen] = window.opens + np.searchsorted(np.cumsum(weights) / weights.sum(), share)
    return day


def moment_of_day(kind: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.timedelta64]:
    """Seconds after midnight by kind of channel (index in ChannelKind)."""
    hours = np.array([_HOURS[k] for k in ChannelKind])
    first, peak, last = hours[kind].T
    moment: NDArray[np.timedelta64] = (rng.triangular(first, peak, last) * 3600).astype("timedelta64[s]")
    return moment
