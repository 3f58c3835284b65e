"""The people: where they live, when they were born, how they are written down."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from etl.synth.identity import citizen_numbers, permits, sequence_numbers, short_numbers
from etl.synth.people_names import name_stock
from etl.synth.plan import Days, Plan

PERMIT_RATE = 0.001
SHORT_RATE = 0.004  # of those born before 2000: some sources still write the old 15-digit number
_OLDEST = 96
# Weights of ages 0, 10, 20 … 90: a district that ages.
_PYRAMID = (9.0, 9.5, 10.5, 13.5, 14.5, 16.0, 15.0, 9.5, 4.0, 0.9)


@dataclass(frozen=True)
class People:
    """Arrays by person, sorted by village."""

    village: NDArray[np.int32]
    town: NDArray[np.int16]
    is_urban: NDArray[np.bool_]
    born_on: Days
    category: NDArray[np.int8]  # (years, persons), -1 before birth
    age: NDArray[np.int16]  # on 1 January of the last campaign's year
    ids: pa.StringArray  # as normalised
    written_ids: pa.StringArray  # as some sources write them: 15 digits for a few
    is_citizen: NDArray[np.bool_]
    is_short: NDArray[np.bool_]
    ends_in_x: NDArray[np.bool_]
    names: pa.StringArray
    psn_no: pa.StringArray
    family_payer: NDArray[np.int32]  # an adult of the same village who may pay for the person, -1 for none

    @property
    def count(self) -> int:
        """Number of persons."""
        return len(self.village)


def make_people(plan: Plan, rng: np.random.Generator) -> People:
    """People in proportion to the eligible persons of villages and categories in the divisions file."""
    count = plan.order.persons
    weights = np.array([[v.eligible_persons.get(c, 0) for c in plan.categories] for v in plan.villages], dtype=float)
    cells = np.repeat(np.arange(weights.size), rng.multinomial(count, weights.ravel() / weights.sum()))
    village, category = (cells // weights.shape[1]).astype(np.int32), (cells % weights.shape[1]).astype(np.int8)
    age = np.zeros(count, dtype=np.int16)
    for index, spec in enumerate(plan.city.categories):
        of_category = np.flatnonzero(category == index)
        ages = np.arange(spec.ages[0], min(spec.ages[1], _OLDEST) + 1)
        density = np.interp(ages, np.arange(0, 100, 10), _PYRAMID)
        age[of_category] = rng.choice(ages, size=len(of_category), p=density / density.sum())
    born_on = _birth_dates(plan, age, rng)
    is_citizen = rng.random(count) >= PERMIT_RATE
    prefix, sequence = sequence_numbers(born_on, len(plan.demo.id_prefixes))
    numbers = citizen_numbers(plan.demo.id_prefixes, prefix, born_on, sequence)
    others = np.flatnonzero(~is_citizen)
    ids = _replace(numbers, others, permits(np.arange(len(others), dtype=np.int64)))
    is_short = is_citizen & (born_on < np.datetime64("2000-01-01")) & (rng.random(count) < SHORT_RATE)
    shorts = np.flatnonzero(is_short)
    return People(
        village=village,
        town=plan.town_of_village[village],
        is_urban=plan.is_urban_village[village],
        born_on=born_on,
        category=_categories_by_year(plan, category, age),
        age=age,
        ids=ids,
        written_ids=_replace(ids, shorts, short_numbers(ids.take(pa.array(shorts)))),
        is_citizen=is_citizen,
        is_short=is_short,
        ends_in_x=np.asarray(pc.ends_with(ids, "X")),
        names=_names(count, rng),
        psn_no=_platform_numbers(plan, count),
        family_payer=_family_payers(village, age, rng),
    )


def _birth_dates(plan: Plan, age: NDArray[np.int16], rng: np.random.Generator) -> Days:
    """Birth dates that give `age` on 1 January of the last year; nobody is born after the last campaign opened."""
    first_of_year = np.datetime64(f"{plan.years[-1]}-01-01", "D")
    born_year = first_of_year.astype("datetime64[Y]") - age.astype(np.int64) - 1
    born: Days = born_year.astype("datetime64[D]") + rng.integers(1, 365, len(age))
    latest = min(plan.windows[-1].opens, first_of_year) - 1
    too_late = born > latest
    born[too_late] = latest - rng.integers(0, 240, int(too_late.sum()))
    return born


def _categories_by_year(plan: Plan, category: NDArray[np.int8], age: NDArray[np.int16]) -> NDArray[np.int8]:
    """The category of every campaign: today's where the age then fits it, else the first one that fits; -1 unborn."""
    ranges = [spec.ages for spec in plan.city.categories]
    table = np.full((len(ranges), 200), -1, dtype=np.int8)
    for own, (low, high) in enumerate(ranges):
        for years_old in range(200):
            fitting = [other for other, (a, b) in enumerate(ranges) if a <= years_old <= b]
            table[own, years_old] = own if low <= years_old <= high else (fitting[0] if fitting else own)
    by_year = np.empty((len(plan.years), len(age)), dtype=np.int8)
    for row, year in enumerate(plan.years):
        then = age - (plan.years[-1] - year)
        by_year[row] = np.where(then >= 0, table[category, np.maximum(then, 0)], -1)
    return by_year


def _names(count: int, rng: np.random.Generator) -> pa.StringArray:
    stock = name_stock()
    surnames, given = pa.array(list(stock.surnames)), pa.array([*stock.given, ""])
    first = surnames.take(pa.array(rng.integers(0, len(surnames), count)))
    second = given.take(pa.array(rng.integers(0, len(given) - 1, count)))
    third_index = np.where(rng.random(count) < 0.7, rng.integers(0, len(given) - 1, count), len(given) - 1)
    third = given.take(pa.array(third_index))
    return pc.binary_join_element_wise(first, second, third, "")


def _platform_numbers(plan: Plan, count: int) -> pa.StringArray:
    """Person numbers of the platform: 20 digits for most, a letter and ten digits for some from old systems."""
    root = plan.city.root_division_code[:6]
    serial = pc.utf8_lpad(pa.array(np.arange(count) * 37 + 11).cast(pa.string()), 12, "0")
    long = pc.binary_join_element_wise(root + "00", serial, "")
    old = pc.binary_join_element_wise("G", pc.utf8_slice_codeunits(serial, 2, 12), "")
    return pc.if_else(pa.array(np.arange(count) % 11 == 3), old, long)


def _family_payers(village: NDArray[np.int32], age: NDArray[np.int16], rng: np.random.Generator) -> NDArray[np.int32]:
    """For minors and a part of the old: the next adult of working age in the village, who may pay for them."""
    payer = np.full(len(village), -1, dtype=np.int32)
    adults = np.flatnonzero((age >= 24) & (age < 62))
    if len(adults) == 0:
        return payer
    dependants = np.flatnonzero((age < 18) | ((age >= 65) & (rng.random(len(age)) < 0.35)))
    nearest = adults[np.minimum(np.searchsorted(adults, dependants), len(adults) - 1)]
    same = village[nearest] == village[dependants]
    payer[dependants[same]] = nearest[same]
    return payer


def _replace(texts: pa.StringArray, at: NDArray[np.int64], new: pa.StringArray) -> pa.StringArray:
    mask = np.zeros(len(texts), dtype=bool)
    mask[at] = True
    return pc.replace_with_mask(texts, pa.array(mask), new) if len(at) else texts
