"""What no single file of a city can know to be wrong: codes that other files do not have, years without a policy."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

from configuration.city import City, Need
from configuration.divisions import DivisionTree
from configuration.feed import Feed
from configuration.problems import Problem, file_problem
from configuration.record_kinds import CANONICAL_CODES
from configuration.yamlfile import KeyPath, key_lines
from insurance.policy import Policy

CARD_NEEDS = frozenset({Need.CARD_ISSUED, Need.CARD_ACTIVATED, Need.CARD_FUNDED, Need.SMS_SIGNED})


def problems_across(
    path: Path,
    city: City,
    tree: DivisionTree | None,
    feeds: Sequence[Feed],
    policies: dict[int, Policy] | None,
) -> Iterator[Problem]:
    """Problems between the files of the city folder `path`; None stands for a file that cannot be read itself."""
    yield from _problems_of_city(path / "city.yaml", city, tree)
    for feed in feeds:
        yield from _problems_of_feed(path / "feeds" / f"{feed.feed}.yaml", feed, city)
    yield from _ambiguous_names(path / "feeds", feeds)
    is_complete = len(feeds) == len(list((path / "feeds").glob("*.yaml")))  # none that could not be read itself
    if feeds and is_complete and not any(feed.kind == "enrolment" for feed in feeds):
        allowed = "must hold a feed of kind enrolment: without a register nobody is due and every payment waits"
        yield file_problem(path / "feeds", allowed)
    if policies is not None:
        yield from _problems_of_policies(path, city, policies)


def _at(path: Path, keys: KeyPath, found: str, allowed: str) -> Problem:
    line = key_lines(path).get(keys) if path.exists() else None
    return file_problem(path, allowed, found=found, key=".".join(map(str, keys)), line=line)


def _problems_of_city(path: Path, city: City, tree: DivisionTree | None) -> Iterator[Problem]:
    for index, category in enumerate(city.categories):
        if category.has_tier_choice and not city.tiers:
            allowed = "a category with a choice needs tiers to choose from; list them or write false"
            yield _at(path, ("categories", index, "has_tier_choice"), "true", allowed)
    for index, channel in enumerate(city.channels):
        if channel.first_year and channel.last_year and channel.first_year > channel.last_year:
            allowed = f"must not be before first_year ({channel.first_year})"
            yield _at(path, ("channels", index, "last_year"), str(channel.last_year), allowed)
        if city.cards is None and (needs := sorted(CARD_NEEDS.intersection(channel.needs))):
            allowed = "needs the state of a card, so the city needs the section cards"
            yield _at(path, ("channels", index, "needs"), ", ".join(needs), allowed)
    if city.demo:
        years = [campaign.year for campaign in city.campaigns]
        if city.demo.campaign_year not in years:
            allowed = f"a campaign of this file: {', '.join(map(str, years))}"
            yield _at(path, ("demo", "campaign_year"), str(city.demo.campaign_year), allowed)
        real = {division.code[:6] for division in tree.divisions} if tree else set()
        for index, prefix in enumerate(city.demo.id_prefixes):
            if not re.fullmatch(r"[0-9]{6}", prefix) or prefix in real:
                allowed = "six digits that begin no division's code, so that no real person can be meant"
                yield _at(path, ("demo", "id_prefixes", index), prefix, allowed)


def _city_codes(city: City) -> dict[str, list[str]]:
    """Codes that fields of feeds may lead to, by field."""
    return {
        "channel": [channel.code for channel in city.channels],
        "tier": [tier.code for tier in city.tiers],
        "category": [category.code for category in city.categories],
        "card_channel": list(city.cards.channels) if city.cards else [],
    }


def _problems_of_feed(path: Path, feed: Feed, city: City) -> Iterator[Problem]:
    city_codes = _city_codes(city)
    for index, column in enumerate(feed.columns):
        for source_value, code in column.values.items():
            if column.field in city_codes and code not in city_codes[column.field]:
                allowed = f"{column.field} codes of city.yaml: {', '.join(city_codes[column.field]) or 'none'}"
                yield _at(path, ("columns", index, "values", source_value), code, allowed)
    for field, code in feed.constants.items():
        canonical = CANONICAL_CODES.get((feed.kind, field))
        if canonical and code not in canonical:
            yield _at(path, ("constants", field), code, f"allowed: {', '.join(sorted(canonical))}")
        if field in city_codes and code not in city_codes[field]:
            allowed = f"{field} codes of city.yaml: {', '.join(city_codes[field]) or 'none'}"
            yield _at(path, ("constants", field), code, allowed)
    if feed.kind == "card_event" and city.cards is None:
        yield _at(path, ("kind",), feed.kind, "card events need the section cards in city.yaml")


def sample_name(pattern: str) -> str | None:
    """A file name that `pattern` takes, or None for notation beyond literals, digits, counts and named groups."""
    plain = re.sub(r"\(\?P<\w+>((?:[^()\\]|\\.)*)\)", r"\1", pattern)
    plain = re.sub(r"\\d(?:\{(\d+)(?:,\d*)?\})?", lambda count: "1" * int(count[1] or 1), plain)
    name = re.sub(r"\\([^\w\s])", r"\1", plain)
    return name if re.fullmatch(pattern, name) else None


def _ambiguous_names(folder: Path, feeds: Sequence[Feed]) -> Iterator[Problem]:
    for first, second in combinations(feeds, 2):
        for taken, other in ((first, second), (second, first)):
            name = sample_name(taken.files.pattern)
            if name and re.fullmatch(other.files.pattern, name):
                allowed = f"a file name belongs to one feed; {taken.feed} takes '{name}' too"
                path = folder / f"{other.feed}.yaml"
                yield _at(path, ("files", "pattern"), other.files.pattern, allowed)
                break


def _problems_of_policies(path: Path, city: City, policies: dict[int, Policy]) -> Iterator[Problem]:
    for index, campaign in enumerate(city.campaigns):
        if campaign.year not in policies:
            allowed = f"every campaign needs policy/{campaign.year}.yaml"
            yield _at(path / "city.yaml", ("campaigns", index, "year"), str(campaign.year), allowed)
    priced = {
        (category.code, tier)
        for category in city.categories
        for tier in ([tier.code for tier in city.tiers] if category.has_tier_choice else [None])
    }
    for year, policy in policies.items():
        policy_path = path / "policy" / f"{year}.yaml"
        lines = {(premium.category, premium.tier): index for index, premium in enumerate(policy.premiums)}
        for category, tier in sorted(priced - set(lines), key=str):
            yield _at(policy_path, ("premiums",), f"no line for {_words(category, tier)}", "city.yaml has it")
        for category, tier in sorted(set(lines) - priced, key=str):
            allowed = "city.yaml has no such category, tier or choice"
            yield _at(policy_path, ("premiums", lines[category, tier]), _words(category, tier), allowed)


def _words(category: str, tier: str | None) -> str:
    return f"category {category}" + (f", tier {tier}" if tier else " without a tier")
