"""A small real installation for ETL tests: the fictional city, a key, an inbox, and the loader itself."""

import os
from datetime import date
from pathlib import Path
from typing import Any

from configuration.settings import Settings
from etl import operations
from etl.checking.identity import check_character
from etl.installation import Installation, open_installation
from etl.load import LoadReport, load
from etl.progress import Progress
from tests.configuration.fictional_city import CITY_CODE, VILLAGE_CODES, write_fictional_city

AS_OF_ON = date(2022, 3, 10)
PAYMENT_HEADER = "number;takes_back;type;id;name;tier;fen;time"
ORDER_HEADER = "order,state,insured,payer,tier,yuan,made,paid,bank_ref,year"
REGISTER_HEADER = "id,name,village,category,membership,enrolled"


def person(number: int, birth: str = "19800101") -> str:
    """A citizen number, valid in form, from a division that does not exist."""
    body = f"990099{birth}{number:03d}"
    return body + check_character(body)


def payment(
    number: str, who: str, fen: object = 10000, *, tier: str = "B", time: str = "2022-02-01T10:00:00",
    kind: str = "P", takes_back: str = "", name: str = "王芳",
) -> str:  # fmt: skip
    """One line of the desk's payments."""
    return f"{number};{takes_back};{kind};{who};{name};{tier};{fen};{time}"


def order(
    number: str, who: str, state: str = "done", *, yuan: object = "100.00", tier: str = "base", payer: str = "",
    made: str = "2022-02-01 10:00:00", paid: str | None = None, bank_ref: str = "B1", year: str = "2022",
) -> str:  # fmt: skip
    """One line of the phone's orders."""
    if paid is None:
        paid = made if state == "done" else ""
    return f"{number},{state},{who},{payer or who},{tier},{yuan},{made},{paid},{bank_ref if paid else ''},{year}"


def registered(who: str, *, village: str = VILLAGE_CODES[0], category: str = "A", name: str = "王芳",
               membership: str = "old", on: str = "2022-01-05") -> str:  # fmt: skip
    """One line of a register."""
    return f"{who},{name},{village},{category},{membership},{on}"


class World:
    """One CANBAO_HOME with the fictional city."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        cities = folder / "cities"
        write_fictional_city(cities)
        self.key = folder / "key"
        self.key.write_text("11" * 32)
        self.inbox = folder / "inbox"
        (self.inbox / CITY_CODE).mkdir(parents=True)
        self.settings = Settings(
            home=folder / "home", cities_folders=(cities,), key_path=self.key, pseudonym="hmac-sha256", is_demo=False
        )

    def put(self, name: str, content: str | bytes) -> Path:
        """A file in the inbox that was finished a while ago."""
        path = self.inbox / CITY_CODE / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        self.age(path)
        return path

    @staticmethod
    def age(path: Path) -> None:
        """Make `path` look finished: its last change lies a minute back."""
        then = path.stat().st_mtime - 60
        os.utime(path, (then, then))

    def payments(self, *lines: str, date: str = "20220201", sequence: str = "01", encoding: str = "utf-8",
                 count: int | None = None, fen: int | None = None, header: str = PAYMENT_HEADER) -> Path:  # fmt: skip
        """A file of desk payments with a right summary line, unless another is asked for."""
        readable = [int(text) for line in lines if (text := line.split(";")[6 if ";" in line else 0]).isdigit()]
        trailer = f"END;{len(lines) if count is None else count};{sum(readable) if fen is None else fen}"
        return self.put(f"desk_{date}_{sequence}.txt", "\n".join([header, *lines, trailer, ""]).encode(encoding))

    def orders(self, *lines: str, date: str = "20220201", sequence: str = "01") -> Path:
        """A file of phone orders."""
        return self.put(f"phone_{date}_{sequence}.csv", "\n".join([ORDER_HEADER, *lines, ""]).encode("gbk"))

    def register(self, *lines: str, year: int = 2022, date: str | None = None, encoding: str = "utf-8-sig") -> Path:
        """The register of the first town."""
        name = f"register_990001001000_{year}_{date or f'{year}0110'}.csv"
        return self.put(name, "\n".join([REGISTER_HEADER, *lines, ""]).encode(encoding))

    def load(self, **options: Any) -> LoadReport:
        """Load the inbox as of the world's day."""
        return load(self.settings, self.inbox, Progress(is_quiet=True), options.pop("as_of_on", AS_OF_ON), **options)

    def site(self) -> Installation:
        """The opened installation."""
        return open_installation(self.settings)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Rows of the generation in use."""
        return operations.query(self.settings.home, sql)

    def value(self, sql: str) -> Any:
        """The single value a query gives."""
        rows = self.rows(sql)
        assert len(rows) == 1, rows
        return next(iter(rows[0].values()))

    def set_aside(self) -> list[tuple[str, int, str]]:
        """(file, line, reason) of every row set aside."""
        return [(r["file_name"], r["line_no"], r["reason"]) for r in operations.rejects(self.settings.home)]
