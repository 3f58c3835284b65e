"""When a file is read again: its batch is named by its content and by what the city's folder says about reading it."""

import hashlib
import re
from collections.abc import Collection

import pyarrow.compute as pc
import pyarrow.parquet as pq

from configuration.cities import CityFolder
from configuration.feed import Feed
from configuration.problems import ConfigurationError, file_problem
from etl.batches import ROWS_NAME, Batch
from etl.installation import Installation


def batch_id_of(folder: CityFolder, feed: Feed, file_name: str, content_sha256: str) -> str:
    """The same content, read the same way, is the same batch whatever its name (fault 2), unless that gives its year.

    Whoever mends a feed file, a division or a campaign gets those files read anew that rest on it.
    """
    way = [feed.model_dump_json(exclude={"title", "description"})]
    if any(column.parse == "division" for column in feed.columns):
        way.append(repr(division_codes(folder)))
    if feed.campaign != "none":
        campaigns = folder.city.campaigns
        way += [f"{c.year} {c.opens_on.value} {c.closes_on.value} {c.final_deadline_on()}" for c in campaigns]
    subject = [folder.city.code, feed.feed, _year_in(file_name, feed) or "", content_sha256]
    return hashlib.sha256("\n".join([*subject, *way]).encode()).hexdigest()[:24]


def subject_of(folder: CityFolder, file_name: str) -> str:
    """What a content would be about under this name: the feeds that take the name, and the benefit year in it."""
    taking = [feed for feed in folder.feeds if re.fullmatch(feed.files.pattern, file_name)]
    return " ".join(f"{feed.feed}:{_year_in(file_name, feed)}" for feed in taking)


def division_codes(folder: CityFolder) -> dict[str, str]:
    """Villages by code, and by name where only one bears it."""
    codes = {village.code: village.code for village in folder.divisions.villages}
    names: dict[str, list[str]] = {}
    for village in folder.divisions.villages:
        names.setdefault(village.name.zh, []).append(village.code)
    return codes | {name: found[0] for name, found in names.items() if len(found) == 1}


def outdated_ids(site: Installation, loaded: Collection[str], new: list[Batch]) -> set[str]:
    """Of the batches `loaded`, earlier readings of the files that are read anew as `new`."""
    ids = {batch.batch_id for batch in new}
    files = {_subject(site, b.city, b.feed, b.content_sha256, b.file_name) for b in new}
    return {
        entry["batch_id"]
        for entry in site.manifest.entries()
        if entry["event"] == "loaded"
        and entry["batch_id"] in loaded
        and entry["batch_id"] not in ids
        and _subject(site, entry["city"], entry["feed"], entry["content_sha256"], entry["file_name"]) in files
    }


def refuse_lost_campaigns(site: Installation, outdated: Collection[str]) -> None:
    """A campaign that rows were read for cannot just go: read anew, they would be set aside without a word.

    Raises ConfigurationError.
    """
    lost: set[tuple[str, int]] = set()
    for batch_id in filter(site.store.has, outdated):
        city = site.store.read(batch_id).city
        years = pq.read_table(site.store.path(batch_id) / ROWS_NAME, columns=["campaign_year"])["campaign_year"]
        planned = {campaign.year for campaign in site.folders[city].city.campaigns}
        lost |= {(city, year) for year in pc.unique(years).to_pylist() if year is not None and year not in planned}
    if lost:
        files = {city: site.folders[city].path / "city.yaml" for city, _ in lost}
        kept = "rows of {} are loaded: keep its campaign"
        raise ConfigurationError(
            [file_problem(files[city], kept.format(year), key="campaigns") for city, year in sorted(lost)]
        )


def _subject(site: Installation, city: str, feed: str, content_sha256: str, file_name: str) -> tuple[str, ...]:
    """What makes two readings readings of one file."""
    known = site.folders[city].feeds if city in site.folders else ()
    year = next((_year_in(file_name, found) for found in known if found.feed == feed), "")
    # A name that the mended pattern does not take any more says no year: such a file is its own subject.
    return city, feed, content_sha256, file_name if year is None else year


def _year_in(file_name: str, feed: Feed) -> str | None:
    """The benefit year in the name; "" where names give none, None where the name is not the feed's."""
    if feed.files.campaign_year is None:
        return ""
    match = re.fullmatch(feed.files.pattern, file_name)
    return match[feed.files.campaign_year] if match else None
