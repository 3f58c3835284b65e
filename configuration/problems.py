"""Problems found in files that people write: what, where, and what would be right."""

from pathlib import Path

from insurance.values import Model


class Problem(Model):
    """One mistake in one file."""

    file: str
    line: int | None = None
    key: str = ""
    found: str = ""
    allowed: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        key = f" {self.key}:" if self.key else ""
        found = f" found {self.found};" if self.found else ""
        return f"{place}:{key}{found} {self.allowed}"


class ConfigurationError(Exception):
    """Everything that is wrong with a set of files, at once."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


def file_problem(path: Path, allowed: str, *, found: str = "", key: str = "", line: int | None = None) -> Problem:
    """A problem in `path`."""
    return Problem(file=str(path), line=line, key=key, found=found, allowed=allowed)
