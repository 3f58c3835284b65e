"""The policies of a city: policy/<year>.yaml, one file a benefit year, without gap or overlap."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from configuration.problems import ConfigurationError, Problem, file_problem
from configuration.yamlfile import read_yaml_model
from insurance.policy import Policy


def load_policies(city_dir: Path) -> dict[int, Policy]:
    """The policies under `city_dir`/policy by benefit year, ascending.

    Raises ConfigurationError with all that is wrong in all files: unreadable files, wrong or unknown keys, a file name
    that is not its year, benefit years that leave days out or share days (both files are named).
    """
    paths = sorted((city_dir / "policy").glob("*.yaml"))
    if not paths:
        raise ConfigurationError([file_problem(city_dir / "policy", "must hold one <year>.yaml for each benefit year")])
    problems: list[Problem] = []
    read: list[tuple[Path, Policy]] = []
    for path in paths:
        try:
            policy = read_yaml_model(path, Policy)
        except ConfigurationError as error:
            problems.extend(error.problems)
            continue
        if path.stem != str(policy.year):
            allowed = f"the file of this benefit year is called {policy.year}.yaml"
            problems.append(file_problem(path, allowed, found=path.name, key="year"))
        read.append((path, policy))
    if not problems:
        # With a file missing from the row, every neighbour would be blamed for a gap that is not its own.
        problems = _problems_of_dates(sorted(read, key=lambda pair: pair[1].valid_from))
    if problems:
        raise ConfigurationError(problems)
    return {policy.year: policy for _, policy in sorted(read, key=lambda pair: pair[1].year)}


def _problems_of_dates(in_order: list[tuple[Path, Policy]]) -> list[Problem]:
    problems = []
    for (earlier_path, earlier), (later_path, later) in pairwise(in_order):
        expected_on = earlier.valid_to + timedelta(days=1)
        if later.valid_from == expected_on:
            continue
        what = "leaves days without a policy" if later.valid_from > expected_on else "shares days with another policy"
        allowed = f"{what}: {earlier_path} ends on {earlier.valid_to}, so this one must start on {expected_on}"
        problems.append(file_problem(later_path, allowed, found=str(later.valid_from), key="valid_from"))
    return problems
