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


class Mistake(Model):
    """One mistake inside a model, before anybody knows the file."""

    keys: tuple[str | int, ...]  # below the model
    found: str = ""
    allowed: str


class MistakesError(ValueError):
    """What a model's validator raises to name every mistake with its own key."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("; ".join(mistake.allowed for mistake in mistakes))


class ConfigurationError(Exception):
    """Everything that is wrong with a set of files, at once."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


def file_problem(path: Path, allowed: str, *, found: str = "", key: str = "", line: int | None = None) -> Problem:
    """A problem in `path`."""
    return Problem(file=str(path), line=line, key=key, found=found, allowed=allowed)
