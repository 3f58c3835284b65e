"""Which channel a person takes: by age of who pays, town and countryside, and the year's mix."""

import numpy as np
from numpy.typing import NDArray

from configuration.city import ChannelKind, Need
from etl.synth.plan import Plan
from etl.synth.population import People

_MIX = {ChannelKind.ONLINE: 0.63, ChannelKind.MACHINE: 0.37, ChannelKind.COUNTER: 0.3}
# Cash in its last years: share in the last one, and how much more with every year before it.
_CASH_LAST, _CASH_STEP, _CASH_MOST = 0.45, 0.18, 0.9
_STRAY = 0.0006  # cash handed in after it was given up
_SECOND = 0.6  # weight of the next channel of the same kind
_NEW_SHARE = 0.5  # of a channel in its first year
_SIGNED_SHARE = 0.45  # of a channel that needs a signature for SMS


def choose_channels(
    plan: Plan,
    people: People,
    is_first: NDArray[np.bool_],
    row: int,
    taste: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.int8]:
    """Index of the channel everybody would pay by in one campaign; -1 where none is open to a person."""
    mix = year_mix(plan, plan.years[row])
    payer = np.where(people.family_payer >= 0, people.family_payer, np.arange(people.count))
    tilt = _tilts(plan, people.age[payer], people.is_urban, rng.normal(0, 0.35, len(plan.towns))[people.town])
    scale = _balanced(mix, tilt, rng)
    weights = tilt * scale
    if is_first.any():
        weights[is_first] *= np.where(plan.needs(Need.EARLIER_MEMBERSHIP), 0.0, 1.0)
    total = weights.sum(axis=1)
    # A person's taste stays from year to year, with a little change of mind.
    moved = (taste + rng.normal(0, 0.05, people.count)) % 1.0
    chosen = (np.cumsum(weights, axis=1) < (moved * total)[:, None]).sum(axis=1).astype(np.int8)
    return np.where(total > 0, np.minimum(chosen, len(plan.channels) - 1), -1).astype(np.int8)


def year_mix(plan: Plan, year: int) -> NDArray[np.float64]:
    """Share of every channel aimed at in a campaign, summing to 1 (0 where nothing is open or no feed reports it)."""
    mix = np.zeros(len(plan.channels))
    cash = 0.0
    seen: dict[ChannelKind, int] = {}
    for index, channel in enumerate(plan.city.channels):
        if channel.kind is ChannelKind.ASSISTANCE or not plan.routes_of(channel):
            continue
        if channel.kind is ChannelKind.COLLECTIVE:
            mix[index] = _cash_share(channel.last_year, year)
            cash += mix[index]
            continue
        if channel.is_open_in(year):
            rank = seen.get(channel.kind, 0)
            seen[channel.kind] = rank + 1
            mix[index] = _MIX[channel.kind] * _SECOND**rank
            mix[index] *= _NEW_SHARE if channel.first_year == year else 1.0
            mix[index] *= _SIGNED_SHARE if Need.SMS_SIGNED in channel.needs else 1.0
    others = mix.sum() - cash
    if others > 0:
        is_collective = np.array([c.kind is ChannelKind.COLLECTIVE for c in plan.city.channels])
        mix = np.where(is_collective, mix, mix / others * (1 - min(cash, 1.0)))
    return mix / mix.sum() if mix.sum() > 0 else mix


def _cash_share(last_year: int | None, year: int) -> float:
    if last_year is None:
        return 0.4
    if year > last_year:
        return _STRAY
    return min(_CASH_MOST, _CASH_LAST + _CASH_STEP * (last_year - year))


def _tilts(
    plan: Plan, age: NDArray[np.int16], is_urban: NDArray[np.bool_], place: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Relative liking of every channel by person, before the year's mix: (persons, channels)."""
    liking = np.empty((len(age), len(plan.channels)))
    younger = (46.0 - age) / 16
    for index, channel in enumerate(plan.city.channels):
        if channel.kind is ChannelKind.ONLINE:
            lean = younger + 0.25 * is_urban + place - 0.2 * (index % 2) * younger
        elif channel.kind is ChannelKind.COLLECTIVE:
            lean = -0.5 * younger - 0.5 * is_urban
        elif channel.kind is ChannelKind.COUNTER:
            lean = -0.4 * younger + 0.2 * is_urban
        else:
            lean = np.zeros(len(age))
        liking[:, index] = np.exp(np.clip(lean, -4, 4))
    return liking


def _balanced(mix: NDArray[np.float64], tilt: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Scale of every channel such that the choices of a sample of persons come out at `mix`."""
    sample = tilt[rng.integers(0, len(tilt), min(len(tilt), 20_000))]
    scale = mix.copy()
    for _ in range(12):
        weights = sample * scale
        shares = (weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)).mean(axis=0)
        scale = np.where(shares > 0, scale * mix / np.maximum(shares, 1e-12), 0.0)
    return scale
