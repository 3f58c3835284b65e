"""Every command used wrongly, without a generation, without a key, with --json: told in words, never a traceback."""

import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from etl.__main__ import main
from tests.etl.world import World, payment, person, registered

A, B = person(1), person(2)
NAME = "欧阳独特"
Run = Callable[..., tuple[int, str, str]]
AS_OF = ("--as-of", "2022-03-10")


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in the world's installation → (exit status, stdout, stderr)."""
    monkeypatch.setenv("CANBAO_HOME", str(world.settings.home))
    monkeypatch.setenv("CANBAO_CITIES", str(world.folder / "cities"))
    monkeypatch.setenv("CANBAO_KEY", str(world.key))
    monkeypatch.delenv("CANBAO_DEMO", raising=False)

    def command(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as stop:  # what argparse does about usage
            status = int(stop.code or 0)
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return status, printed.out, printed.err

    return command


def fill(world: World) -> None:
    """A register, payments, a row set aside of each, a refused file."""
    world.register(registered(A, name=NAME), registered("1" + A[1:], name=NAME))
    world.payments(payment("1", A, name=NAME), payment("2", B, "三百", name=NAME))
    world.put("desk_20220202_01.txt", payment("3", A, name=NAME))
    world.put("notes.txt", A)


@pytest.mark.parametrize("command", ["status", "totals", "rejects", "verify"])
@pytest.mark.parametrize("mode", [(), ("--json",)])
def test_without_a_generation_questions_say_so(run: Run, command: str, mode: tuple[str, ...]) -> None:
    status, out, err = run(command, *mode)
    assert status == 1
    assert "no generation" in out + err


@pytest.mark.parametrize("command", [("load",), ("watch", "--rounds", "1"), ("revoke", "x"), ("rebuild",), ("prune",)])
@pytest.mark.parametrize("mode", [(), ("--json",)])
def test_without_a_key_nothing_begins(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], mode: tuple[str, ...]
) -> None:
    (world.settings.home / "inbox").mkdir(parents=True)
    monkeypatch.delenv("CANBAO_KEY")
    status, out, err = run(*command, *mode)
    assert (status, out) == (1, "")
    message = json.loads(err)["error"] if mode else err
    assert "set CANBAO_KEY" in message


def test_answers_for_scripts_are_json(run: Run, world: World) -> None:
    fill(world)
    status, out, _ = run("load", world.inbox, *AS_OF, "--json")
    report = json.loads(out)
    assert status == 0
    assert {len(report["new"]), len(report["refused"])} == {2}
    for command in ("status", "totals", "rejects", "verify", "rebuild", "prune"):
        status, out, _ = run(command, "--json", *(AS_OF if command == "rebuild" else ()))
        assert status == 0, command
        json.loads(out)
    status, out, _ = run("revoke", report["new"][0]["batch_id"], "--json", *AS_OF)
    assert (status, json.loads(out)["is_new"]) == (0, True)


def test_answers_for_people_name_files_and_reasons(run: Run, world: World) -> None:
    fill(world)
    status, out, _ = run("load", world.inbox, *AS_OF)
    assert status == 0
    assert "2 files loaded, 0 known already, 2 refused" in out
    assert "desk_20220202_01.txt" in out
    assert "amount_unreadable" in run("rejects")[1]
    assert run("verify")[:2] == (0, "All is as the manifest says.\n")
    status, out, _ = run("status")
    assert (status, run("totals")[0]) == (0, 0)
    assert "refused lakeside/desk_20220202_01.txt" in out
    assert '"key"' not in out


def test_revoke_takes_what_the_list_of_files_shows(run: Run, world: World) -> None:
    fill(world)
    run("load", world.inbox, *AS_OF)
    _, out, _ = run("status", "--files")
    (line,) = [line for line in out.splitlines() if "desk_20220201_01.txt" in line]
    batch_id = line.split()[0]
    assert run("revoke", batch_id, *AS_OF)[0] == 0
    assert batch_id not in run("status", "--files")[1]
    status, _, err = run("revoke", batch_id, *AS_OF)
    assert status == 1
    assert "status --files" in err


def test_watch_stops_after_its_rounds(run: Run, world: World) -> None:
    fill(world)
    status, out, _ = run("watch", world.inbox, "--rounds", "2", "--every", "0.01", *AS_OF)
    assert status == 0
    assert out.count("2 files loaded") == 1


def test_rejects_open_in_a_workbook_whatever_they_hold(run: Run, world: World) -> None:
    world.register(registered(A, name="王\x01芳"), registered("=1+1\x0b"), registered("x" * 40_000))
    run("load", world.inbox, *AS_OF)
    path = world.folder / "rejects.xlsx"
    status, out, _ = run("rejects", "--xlsx", path, "--with-text", "--json")
    assert (status, json.loads(out)) == (0, {"rows": 3, "path": str(path)})
    sheet = openpyxl.load_workbook(path).active
    texts = [str(row[8].value) for row in sheet.iter_rows(min_row=2)]
    assert "\\x01" in texts[0]
    assert texts[1].startswith("'=1+1\\x0b")
    assert run("rejects", "--with-text")[0] == 1
    assert run("rejects", "--xlsx", world.folder / "nowhere" / "r.xlsx")[0] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("fly",),
        ("load", "--as-of", "2022-02-30"),
        ("watch", "--every", "-1"),
        ("watch", "--every", "nan"),
        ("watch", "--rounds", "-1"),
        ("prune", "--keep-generations", "-1"),
        ("prune", "--keep-days", "x"),
        ("revoke",),
        ("check-city",),
        ("demo", "--persons", "many"),
    ],
)
def test_wrong_usage_is_told_with_the_usage(run: Run, arguments: tuple[str, ...]) -> None:
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert "usage:" in err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("load", "/nowhere"), "is no folder"),
        (("revoke", ""), "no single loaded batch"),
        (("revoke", "zz"), "no single loaded batch"),
        (("demo",), "CANBAO_DEMO=1"),
        (("check-city", "/nowhere"), "/nowhere"),
        (("new-key", "/proc/nowhere/key"), "stay as they are"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(run: Run, world: World, arguments: tuple[str, ...], word: str) -> None:
    world.register(registered(A))
    run("load", world.inbox, *AS_OF)
    status, out, err = run(*arguments)
    assert status == 1
    assert word in out + err
    assert run("status")[0] == 0


def test_a_key_is_never_overwritten(run: Run, world: World) -> None:
    before = world.key.read_bytes()
    assert run("new-key", world.key)[0] == 1
    assert world.key.read_bytes() == before


@pytest.mark.parametrize("home", ["/proc/nowhere", "/tmp/it's", "/tmp/[a]*"])
def test_a_home_that_cannot_be_used_is_told(run: Run, world: World, monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    monkeypatch.setenv("CANBAO_HOME", home)
    status, _, err = run("load", world.inbox, *AS_OF)
    assert status == 1
    assert home.rsplit("/", maxsplit=1)[-1] in err
    assert not Path(home).exists()


@pytest.mark.parametrize("content", ["", "zz", "11" * 31, "钥匙"])
def test_a_key_of_another_form_is_told_without_it(run: Run, world: World, content: str) -> None:
    world.key.write_text(content, encoding="utf-8")
    status, _, err = run("load", world.inbox, *AS_OF)
    assert status == 1
    assert "key" in err
    assert not content or content not in err


def test_nothing_personal_is_printed_or_stored(run: Run, world: World) -> None:
    fill(world)
    world.put("desk_20220203_01.txt", f"number;{A};{NAME}\n1;2;3\nEND;1;0\n")
    world.put("phone_20220201_01.csv", f"{A},{NAME}\n".encode("gbk"))
    world.payments(payment("7", A, kind=NAME, name=NAME), payment("8", A, tier=A, name=NAME), date="20220204")
    path = world.folder / "r.xlsx"
    printed = ""
    for mode in ((), ("--json",)):
        for command in (("load", world.inbox, *AS_OF), ("status",), ("totals",), ("rejects",), ("verify",)):
            printed += "".join(map(str, run(*command, *mode)))
    printed += "".join(map(str, run("rejects", "--xlsx", path)))
    book = openpyxl.load_workbook(path).active
    printed += str([[cell.value for cell in row] for row in book.iter_rows()])
    key = world.key.read_text(encoding="ascii").strip()
    for secret in (A, A[:17], B, NAME, key):
        assert secret not in printed
    needles = [text.encode(code) for text in (A[:17], NAME, key) for code in ("utf-8", "gb18030", "utf-16-le")]
    for file in world.settings.home.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert not any(needle in data for needle in needles), file
