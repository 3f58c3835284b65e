"""divisions.csv: the tree of divisions, from the city down to the villages and communities that register people.

docs/adding-a-city.md explains the columns. Eligible persons stand on villages; the figures above are their sums.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path

from configuration.city import Division, DivisionLevel
from configuration.problems import ConfigurationError, Problem, file_problem
from insurance.values import Bilingual, Model

FIXED_COLUMNS = ("code", "parent_code", "level", "name_zh", "name_en", "is_urban", "tile_x", "tile_y")
ELIGIBLE_PREFIX = "eligible_"
_PARENT_LEVELS = {
    DivisionLevel.ROOT: frozenset[DivisionLevel](),
    DivisionLevel.DISTRICT: frozenset({DivisionLevel.ROOT}),
    DivisionLevel.TOWN: frozenset({DivisionLevel.ROOT, DivisionLevel.DISTRICT}),
    DivisionLevel.VILLAGE: frozenset({DivisionLevel.TOWN}),
}


class DivisionTree(Model):
    """The divisions of one city in the order of the file, with look-ups by code and name."""

    divisions: tuple[Division, ...]

    @cached_property
    def _by_code(self) -> dict[str, Division]:
        return {division.code: division for division in self.divisions}

    @cached_property
    def _children(self) -> dict[str, tuple[Division, ...]]:
        children: dict[str, list[Division]] = {}
        for division in self.divisions:
            children.setdefault(division.parent_code, []).append(division)
        return {code: tuple(below) for code, below in children.items()}

    @cached_property
    def _town_codes(self) -> dict[str, str]:
        towns = {town.code: town.code for town in self.towns}
        return towns | {village.code: village.parent_code for village in self.villages}

    @cached_property
    def root(self) -> Division:
        """The city or district itself."""
        return self._children[""][0]

    @cached_property
    def towns(self) -> tuple[Division, ...]:
        """Streets and towns."""
        return tuple(division for division in self.divisions if division.level is DivisionLevel.TOWN)

    @cached_property
    def villages(self) -> tuple[Division, ...]:
        """Villages and communities."""
        return tuple(division for division in self.divisions if division.level is DivisionLevel.VILLAGE)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def by_code(self, code: str) -> Division:
        """The division with the 12-digit `code`; KeyError when there is none."""
        return self._by_code[code]

    def by_name(self, name: str) -> tuple[Division, ...]:
        """Every division of that name, in either language; names may repeat in different towns."""
        return tuple(division for division in self.divisions if name in (division.name.zh, division.name.en))

    def children(self, code: str) -> tuple[Division, ...]:
        """The divisions directly below `code`, in the order of the file."""
        return self._children.get(code, ())

    def town_of(self, code: str) -> Division:
        """The street or town of a village (a town is its own); KeyError for other divisions."""
        return self._by_code[self._town_codes[code]]

    def path_to(self, code: str) -> tuple[Division, ...]:
        """From the root down to `code`, both included; KeyError when there is no such division."""
        division = self._by_code[code]
        above = self.path_to(division.parent_code) if division.parent_code else ()
        return (*above, division)

    def villages_below(self, code: str) -> tuple[Division, ...]:
        """All villages and communities at or below `code`."""
        division = self._by_code[code]
        if division.level is DivisionLevel.VILLAGE:
            return (division,)
        return tuple(village for child in self.children(code) for village in self.villages_below(child.code))

    def eligible_persons(self, code: str) -> dict[str, int]:
        """Persons who should be insured at or below `code`, by category code."""
        sums: dict[str, int] = {}
        for village in self.villages_below(code):
            for category, persons in village.eligible_persons.items():
                sums[category] = sums.get(category, 0) + persons
        return sums


def read_divisions(path: Path, *, root_code: str | None, categories: Collection[str] | None) -> DivisionTree:
    """The tree in `path`. Raises ConfigurationError with every mistake, each with its line.

    `root_code` and `categories` come from city.yaml; None when that file cannot be read, and what rests on them is not
    checked then.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigurationError([file_problem(path, "this file must exist")]) from None
    except UnicodeDecodeError:
        raise ConfigurationError([file_problem(path, "save the file as UTF-8", found="another encoding")]) from None
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    problems = list(_header_problems(path, header, categories))
    if problems:
        raise ConfigurationError(problems)
    read: list[tuple[int, Division]] = []
    unreadable_codes: set[str] = set()
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue  # spreadsheets leave lines of separators below the table
        if len(cells) != len(header):
            allowed = f"a line has {len(header)} cells like the header"
            problems.append(file_problem(path, allowed, found=f"{len(cells)} cells", line=reader.line_num))
            continue
        row = _Row(path, reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True)))
        division = row.division()
        problems.extend(row.problems)
        if division:
            read.append((reader.line_num, division))
        else:
            unreadable_codes.add(row.cells["code"])
    problems.extend(_tree_problems(path, read, root_code, unreadable_codes))
    if problems:
        raise ConfigurationError(sorted(problems, key=lambda problem: problem.line or 0))
    return DivisionTree(divisions=tuple(division for _, division in read))


def _header_problems(path: Path, header: list[str], categories: Collection[str] | None) -> Iterator[Problem]:
    if repeated := sorted({name for name in header if header.count(name) > 1}):
        yield file_problem(path, "each column may stand once", found=", ".join(repeated), line=1)
    eligible = [name for name in header if name.startswith(ELIGIBLE_PREFIX)]
    wanted = [ELIGIBLE_PREFIX + category for category in categories] if categories is not None else eligible
    if missing := [name for name in (*FIXED_COLUMNS, *wanted) if name not in header]:
        allowed = f"columns must be {', '.join((*FIXED_COLUMNS, *wanted))}"
        yield file_problem(path, allowed, found=f"no {', '.join(missing)}", line=1)
    if unknown := [name for name in header if name not in (*FIXED_COLUMNS, *wanted)]:
        allowed = f"unknown column; allowed: {', '.join((*FIXED_COLUMNS, *wanted))}"
        yield file_problem(path, allowed, found=", ".join(unknown), line=1)


class _Row:
    """One line of the file: its cells turned into values, with what is wrong on the way."""

    def __init__(self, path: Path, line: int, cells: dict[str, str]) -> None:
        self.path, self.line, self.cells = path, line, cells
        self.problems: list[Problem] = []

    def division(self) -> Division | None:
        """The division, or None when a cell is wrong."""
        code = self._matching("code", r"\d{12}", "a code has 12 digits")
        parent_code = self._matching("parent_code", r"(\d{12})?", "12 digits, or empty for the root")
        level = self._one_of("level", [level.value for level in DivisionLevel])
        is_urban = self._one_of("is_urban", ["true", "false"], is_any_case=True) == "true"
        name = Bilingual(zh=self._matching("name_zh", r".+", "a name"), en=self._matching("name_en", r".+", "a name"))
        tile_x, tile_y = self._integer("tile_x"), self._integer("tile_y")
        names = [name for name in self.cells if name.startswith(ELIGIBLE_PREFIX)]
        # A wrong level says nothing about where persons may stand.
        is_village = level not in (DivisionLevel.ROOT, DivisionLevel.DISTRICT, DivisionLevel.TOWN)
        eligible = {name.removeprefix(ELIGIBLE_PREFIX): self._eligible(name, is_village) for name in names}
        if self.problems:
            return None
        return Division(
            code=code,
            parent_code=parent_code,
            level=DivisionLevel(level),
            name=name,
            is_urban=is_urban,
            tile_x=tile_x,
            tile_y=tile_y,
            eligible_persons=eligible if is_village else {},
        )

    def _refuse(self, column: str, allowed: str) -> None:
        found = repr(self.cells[column])
        self.problems.append(file_problem(self.path, allowed, found=found, key=column, line=self.line))

    def _matching(self, column: str, pattern: str, allowed: str) -> str:
        if not re.fullmatch(pattern, self.cells[column], re.ASCII):
            self._refuse(column, allowed)
        return self.cells[column]

    def _one_of(self, column: str, allowed: list[str], *, is_any_case: bool = False) -> str:
        """The cell if it is allowed. Spreadsheets write TRUE for true: `is_any_case`."""
        found = self.cells[column].lower() if is_any_case else self.cells[column]
        if found not in allowed:
            self._refuse(column, f"allowed: {', '.join(allowed)}")
        return found

    def _integer(self, column: str) -> int:
        if not re.fullmatch(r"-?[0-9]+", self.cells[column]):
            self._refuse(column, "a whole number")
            return 0
        return int(self.cells[column])

    def _eligible(self, column: str, is_village: bool) -> int:
        if is_village:
            if not re.fullmatch(r"[0-9]+", self.cells[column]):
                self._refuse(column, "a whole number of persons, 0 or more")
                return 0
            return int(self.cells[column])
        if self.cells[column] not in ("", "0"):
            self._refuse(column, "persons stand on villages only; above them leave the cell empty or 0")
        return 0


def _tree_problems(
    path: Path, read: list[tuple[int, Division]], root_code: str | None, unreadable_codes: set[str]
) -> Iterator[Problem]:
    levels: dict[str, DivisionLevel] = {}
    lines: dict[str, int] = {}
    for line, division in read:
        if division.code in levels:
            allowed = f"codes must be unique; line {lines[division.code]} has it already"
            yield file_problem(path, allowed, found=division.code, key="code", line=line)
            continue
        levels[division.code], lines[division.code] = division.level, line
    roots = [division.code for _, division in read if division.level is DivisionLevel.ROOT]
    if len(roots) != 1 and (root_code is None or root_code not in unreadable_codes):
        yield file_problem(path, "exactly one division has the level root", found=f"{len(roots)} of them")
    elif root_code is not None and roots and roots[0] != root_code:
        allowed = f"the root is root_division_code of city.yaml, {root_code}"
        yield file_problem(path, allowed, found=roots[0], key="code", line=lines[roots[0]])
    if not unreadable_codes and DivisionLevel.VILLAGE not in levels.values():
        yield file_problem(path, "at least one division must have the level village")
    tiles: dict[tuple[str, int, int], int] = {}
    for line, division in read:
        if division.parent_code not in unreadable_codes:  # its own line says what is wrong with the parent
            yield from _parent_problems(path, line, division, levels)
        # Towns share one map, whatever district they lie in; villages have one a town.
        board = "" if division.level is DivisionLevel.TOWN else f"{division.level} below {division.parent_code}"
        first = tiles.setdefault((board, division.tile_x, division.tile_y), line)
        if first != line:
            allowed, found = f"line {first} has this tile already", f"{division.tile_x}, {division.tile_y}"
            yield file_problem(path, allowed, found=found, key="tile_x, tile_y", line=line)


def _parent_problems(
    path: Path, line: int, division: Division, levels: dict[str, DivisionLevel]
) -> Iterator[Problem]:
    allowed_levels = _PARENT_LEVELS[division.level]
    if not allowed_levels:
        if division.parent_code:
            yield file_problem(path, "the root has none", found=division.parent_code, key="parent_code", line=line)
        return
    level = levels.get(division.parent_code)
    names = " or ".join(sorted(allowed_levels))
    if level is None:
        allowed = f"the parent of a {division.level} is a {names} of this file"
        yield file_problem(path, allowed, found=f"'{division.parent_code}'", key="parent_code", line=line)
    elif level not in allowed_levels:
        allowed = f"the parent of a {division.level} is a {names}"
        found = f"{division.parent_code}, a {level}"
        yield file_problem(path, allowed, found=found, key="parent_code", line=line)
