"""A city as a folder: city.yaml, divisions.csv, feeds/*.yaml, policy/<year>.yaml, read and checked together."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from configuration.city import City
from configuration.city_checks import problems_across
from configuration.divisions import DivisionTree, read_divisions
from configuration.feed import Feed
from configuration.policies import load_policies
from configuration.problems import ConfigurationError, Problem, file_problem
from configuration.yamlfile import read_yaml_model
from insurance.policy import Policy


@dataclass(frozen=True)
class CityFolder:
    """Everything a city's folder says."""

    path: Path
    city: City
    divisions: DivisionTree
    feeds: tuple[Feed, ...]  # in the order of their names
    policies: dict[int, Policy]  # by benefit year

    def feed(self, name: str) -> Feed:
        """The feed called `name`; KeyError when the city has none."""
        for feed in self.feeds:
            if feed.feed == name:
                return feed
        raise KeyError(name)


def load_city(path: Path) -> CityFolder:
    """The city in the folder `path`. Raises ConfigurationError with everything that is wrong in its files."""
    folder, problems = _read_city(path)
    if folder is None or problems:
        raise ConfigurationError(problems)
    return folder


def check_city(path: Path) -> list[Problem]:
    """Everything that is wrong with the city in the folder `path`, at once; empty when it can be loaded."""
    return _read_city(path)[1]


def load_cities(roots: Iterable[Path]) -> dict[str, CityFolder]:
    """The cities below `roots` by code, in the order of the roots and of the folders' names.

    A root is a folder of city folders, or a city folder itself. Raises ConfigurationError with the problems of all of
    them; two folders with the same city code are one.
    """
    problems: list[Problem] = []
    cities: dict[str, CityFolder] = {}
    for root in roots:
        if not root.is_dir():
            problems.append(file_problem(root, "must be a folder of cities"))
            continue
        for path in _city_paths(root):
            folder, found = _read_city(path)
            problems.extend(found)
            if folder is None:
                continue
            code = folder.city.code
            if code in cities:
                allowed = f"the city {cities[code].path} has this code already"
                problems.append(file_problem(path / "city.yaml", allowed, found=code, key="code"))
            cities.setdefault(code, folder)
    if problems:
        raise ConfigurationError(problems)
    return cities


def _city_paths(root: Path) -> list[Path]:
    if (root / "city.yaml").exists():
        return [root]
    return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith((".", "_")))


def _read_city(path: Path) -> tuple[CityFolder | None, list[Problem]]:
    if not path.is_dir():
        return None, [file_problem(path, "must be the folder of a city")]
    problems = _stray_files(path)
    city: City | None = None
    tree: DivisionTree | None = None
    policies: dict[int, Policy] | None = None
    try:
        city = read_yaml_model(path / "city.yaml", City)
    except ConfigurationError as error:
        problems.extend(error.problems)
    try:
        tree = read_divisions(
            path / "divisions.csv",
            root_code=city.root_division_code if city else None,
            categories=[category.code for category in city.categories] if city else None,
        )
    except ConfigurationError as error:
        problems.extend(error.problems)
    feeds = _read_feeds(path, problems)
    try:
        policies = load_policies(path)
    except ConfigurationError as error:
        problems.extend(error.problems)
    if city is not None:
        problems.extend(problems_across(path, city, tree, feeds, policies))
    if city is None or tree is None or policies is None:
        return None, problems
    return CityFolder(path=path, city=city, divisions=tree, feeds=tuple(feeds), policies=policies), problems


def _read_feeds(path: Path, problems: list[Problem]) -> list[Feed]:
    feeds = []
    paths = sorted((path / "feeds").glob("*.yaml"))
    if not paths:
        problems.append(file_problem(path / "feeds", "must hold at least one <feed>.yaml"))
    for feed_path in paths:
        try:
            feed = read_yaml_model(feed_path, Feed)
        except ConfigurationError as error:
            problems.extend(error.problems)
            continue
        if feed.feed != feed_path.stem:
            allowed = f"the file of this feed is called {feed.feed}.yaml"
            problems.append(file_problem(feed_path, allowed, found=feed_path.name, key="feed"))
        feeds.append(feed)
    return feeds


def _stray_files(path: Path) -> list[Problem]:
    """Files that would be passed over in silence, such as feeds/bank.yml."""
    allowed = "only .yaml files are read here: rename or remove it"
    return [
        file_problem(stray, allowed, found=stray.name)
        for folder in ("feeds", "policy")
        for stray in sorted((path / folder).glob("*"))
        if stray.suffix != ".yaml" and not stray.name.startswith(".")
    ]
