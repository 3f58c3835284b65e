"""One wrong file per mistake: the message names file, line, key, what was found and what is allowed."""

from pathlib import Path

import pytest

from configuration.cities import check_city, load_city
from tests.configuration.fictional_city import write_fictional_city

CITY_CASES = [
    pytest.param(
        "kind: counter",
        "kind: counter, colour: red",
        "city.yaml:13: channels.0.colour: found 'red'; unknown key: remove it or correct its spelling",
        id="unknown-key",
    ),
    pytest.param(
        "root_division_code:",
        "root_code:",
        "city.yaml:1: root_division_code: this key is required",
        id="missing-key",
    ),
    pytest.param(
        "code: lakeside\n",
        "code: lakeside\ncode: lakeside\n",
        "city.yaml:2: code: each key may stand once",
        id="repeated-key",
    ),
    pytest.param(
        "needs: [bank_card]",
        "needs: [bankcard]",
        "city.yaml:14: channels.1.needs.0: found 'bankcard'; Input should be 'card_issued', 'card_activated', "
        "'card_funded', 'sms_signed', 'bank_card', 'earlier_membership' or 'in_person'",
        id="wrong-value",
    ),
    pytest.param(
        "needs: [bank_card]",
        "needs: [card_activated]",
        "city.yaml:14: channels.1.needs: found card_activated; needs the state of a card, so the city needs the "
        "section cards",
        id="need-without-cards",
    ),
    pytest.param(
        "kind: counter",
        "kind: counter, first_year: 2022, last_year: 2021",
        "city.yaml:13: channels.0.last_year: found 2021; must not be before first_year (2022)",
        id="channel-years",
    ),
    pytest.param(
        "{value: 0.9, certainty: assumed}",
        "{value: 90, certainty: assumed}",
        "city.yaml:16: campaigns.0: target_rate is a share between 0 and 1 (0.95, not 95)",
        id="percent-for-a-share",
    ),
    pytest.param(
        "{value: 2022-03-31, certainty: assumed}",
        "{value: 2022-02-30, certainty: assumed}",
        "city.yaml:24: campaigns.1.deadline_on.value: found '2022-02-30'; a value that can be (day is out of range for "
        "month)",
        id="impossible-date",
    ),
    pytest.param(
        "{value: 2022-03-31, certainty: assumed}",
        "{value: 2021-12-31, certainty: assumed}",
        "city.yaml:22: campaigns.1: dates must run opens_on < deadline_on <= closes_on",
        id="dates-out-of-order",
    ),
    pytest.param(
        "{value: 2022-03-31, certainty: assumed}",
        "{value: 2022-03-31, certainty: stated}",
        "city.yaml:24: campaigns.1.deadline_on: certainty 'stated' needs a source",
        id="stated-without-source",
    ),
    pytest.param(
        "task_persons: {certainty: unknown}",
        "task_persons: {value: 0, certainty: unknown}",
        "city.yaml:21: campaigns.0.task_persons: certainty 'unknown' allows no value; remove the value or "
        "state its source",
        id="fault-40-zero-for-unknown",
    ),
    pytest.param(
        "code: phone, name",
        "code: desk, name",
        "city.yaml:1: channel codes must be unique; repeated: desk",
        id="repeated-channel",
    ),
    pytest.param(
        'id_prefixes: ["990099"]',
        'id_prefixes: ["990001"]',
        "city.yaml:34: demo.id_prefixes.0: found 990001; six digits that begin no division's code, so that "
        "no real person "
        "can be meant",
        id="demo-prefix-of-a-division",
    ),
    pytest.param(
        "name: {zh: 湖滨县, en: Lakeside}",
        "name: 湖滨县",
        "city.yaml:2: name: found '湖滨县'; a text for people has two languages: {zh: …, en: …}",
        id="one-language",
    ),
    pytest.param(
        "task_persons: {certainty: unknown}",
        "task_persons: 0",
        "city.yaml:21: campaigns.0.task_persons: found 0; a value says how sure it is: {value: …, certainty: …, "
        "source: …}, or {certainty: unknown}",
        id="figure-without-certainty",
    ),
    pytest.param(
        "code: lakeside",
        "code: Lakeside1",
        "city.yaml:1: code: found 'Lakeside1'; small letters a to z and _ only",
        id="capital-in-a-code",
    ),
    pytest.param(
        "[[2022-01-31, 2022-02-06]]",
        "[[2022-02-06, 2022-01-31]]",
        "city.yaml:28: calendar: holidays are [first day, last day]; the wrong way round: [2022-02-06, 2022-01-31]",
        id="holiday-ends-before-it-begins",
    ),
    pytest.param(
        "[[2022-01-31, 2022-02-06]]",
        "[2022-01-31]",
        "city.yaml:29: calendar.holidays.0: found 2022-01-31; must be a list, [a, b], or a line with "
        "'- ' for each item",
        id="one-day-for-a-holiday",
    ),
    pytest.param(
        "    closes_on: {value: 2022-12-31, certainty: assumed}",
        "    closes_on: {value: 2022-12-31, certainty: assumed}\n"
        "    extensions: [{announced_on: 2022-03-20, deadline_on: 2023-01-31}]",
        "city.yaml:22: campaigns.1: closes_on, the last day of any payment, must not lie before the end of an "
        "extension",
        id="extension-after-the-close",
    ),
    pytest.param(
        "    closes_on: {value: 2022-12-31, certainty: assumed}",
        "    closes_on: {value: 2022-12-31, certainty: assumed}\n"
        "    extensions: [{announced_on: 2022-06-01, deadline_on: 2022-04-30}]",
        "city.yaml:26: campaigns.1.extensions.0: an extension is announced before it ends: announced_on <= deadline_on",
        id="extension-announced-too-late",
    ),
    pytest.param(
        "campaign_year: 2022",
        "campaign_year: 2020",
        "city.yaml:32: demo.campaign_year: found 2020; a campaign of this file: 2021, 2022",
        id="demo-of-no-campaign",
    ),
    pytest.param(
        "[[2022-01-31, 2022-02-06]]",
        "[[2022-01-31]",
        "city.yaml:30: must be valid YAML (expected ',' or ']', but got '<scalar>')",
        id="not-yaml",
    ),
    pytest.param(
        "name: {zh: 湖滨县, en: Lakeside}",
        "name: {zh: 湖滨县, en: no}",
        "city.yaml:2: name.en: found False; must be a text: put it in quotes (YAML reads yes, no, 01 and "
        "dates as something "
        "else)",
        id="text-without-quotes",
    ),
]

FEED_CASES = [
    pytest.param(
        "  - {field: amount, headers: [fen], parse: money, unit: fen}\n",
        "",
        "feeds/desk_payments.yaml:13: columns: kind payment needs amount: map a column or give a constant",
        id="missing-column-mapping",
    ),
    pytest.param(
        ", unit: fen}",
        "}",
        "feeds/desk_payments.yaml:20: columns.6: money needs unit: yuan or fen",
        id="money-without-unit",
    ),
    pytest.param(
        "{B: base, P: plus}",
        "{B: base, P: gold}",
        "feeds/desk_payments.yaml:19: columns.5.values.P: found gold; tier codes of city.yaml: base, plus",
        id="tier-of-no-city",
    ),
    pytest.param(
        "{channel: desk}",
        "{channel: till}",
        "feeds/desk_payments.yaml:22: constants.channel: found till; channel codes of city.yaml: desk, phone",
        id="channel-of-no-city",
    ),
    pytest.param(
        "R: reversal",
        "R: refund",
        "feeds/desk_payments.yaml:16: columns.2.values.R: found refund; allowed: deposit, payment, reversal",
        id="entry-type",
    ),
    pytest.param(
        "constants: {channel: desk}",
        "constants: {channel: desk, is_partial: maybe}",
        "feeds/desk_payments.yaml:22: constants.is_partial: found maybe; allowed: no, yes",
        id="constant-of-no-code",
    ),
    pytest.param(
        "parse: identity",
        "parse: text",
        "feeds/desk_payments.yaml:17: columns.3.parse: found text; person_id must be parsed as identity",
        id="parser",
    ),
    pytest.param(
        "identity: [date]",
        "identity: [day]",
        "feeds/desk_payments.yaml:4: files: pattern has no named group day; it has ['date', 'sequence']",
        id="group-of-the-name",
    ),
    pytest.param(
        "campaign: payment_time",
        "campaign: column",
        "feeds/desk_payments.yaml:24: campaign: found column; needs a column mapped to campaign_year",
        id="campaign-column",
    ),
    pytest.param(
        "campaign: payment_time",
        "campaign: none",
        "feeds/desk_payments.yaml:24: campaign: found none; allowed for kind payment: column, file_name or "
        "payment_time",
        id="payments-of-no-campaign",
    ),
    pytest.param(
        "headers: [fen], ",
        "position: 4, ",
        "feeds/desk_payments.yaml:20: columns.6: found position; columns of this format are found by headers",
        id="position-beside-a-header",
    ),
    pytest.param(
        "headers: [fen], ",
        "headers: [time], ",
        "feeds/desk_payments.yaml:21: columns.7.headers: found time; a header has one meaning",
        id="header-twice",
    ),
    pytest.param(
        "parse: money, unit: fen}",
        "parse: money, unit: fen, empty: unknown}",
        "feeds/desk_payments.yaml:20: columns.6: a row cannot live without amount: neither is_optional nor "
        "'empty: unknown'",
        id="required-and-optional",
    ),
    pytest.param(
        '"%Y-%m-%dT%H:%M:%S"',
        '"YYYY-MM-DD"',
        "feeds/desk_payments.yaml:21: columns.7: formats need %Y, %m and %d, as in '%Y-%m-%d'; wrong: YYYY-MM-DD",
        id="date-notation",
    ),
    pytest.param(
        "feed: desk_payments",
        "feed: desk",
        "feeds/desk_payments.yaml: feed: found desk_payments.yaml; the file of this feed is called desk.yaml",
        id="name-of-the-file",
    ),
    pytest.param(
        "delimiter: \";\"",
        "delimiter: \";;\"",
        "feeds/desk_payments.yaml:11: format.delimiter: found ';;'; String should have at most 1 character",
        id="long-delimiter",
    ),
    pytest.param(
        "encodings: [utf-8, gb18030]",
        "encodings: [big5]",
        "feeds/desk_payments.yaml:10: format.encodings.0: found 'big5'; Input should be 'utf-8', 'utf-8-sig', "
        "'utf-16', 'gb18030' or 'gbk'",
        id="unknown-encoding",
    ),
    pytest.param(
        "count_position: 2",
        "count_position: 0",
        "feeds/desk_payments.yaml:12: format.trailer.count_position: found 0; Input should be greater than or equal "
        "to 1",
        id="positions-count-from-one",
    ),
]

DIVISION_CASES = [
    pytest.param(
        "990001001002,",
        "99000100100,",
        "divisions.csv:5: code: found '99000100100'; a code has 12 digits",
        id="eleven-digits",
    ),
    pytest.param(
        "990001001002,",
        "990001001001,",
        "divisions.csv:5: code: found 990001001001; codes must be unique; line 4 has it already",
        id="repeated-code",
    ),
    pytest.param(
        "990001001003,990001001000",
        "990001001003,990001009000",
        "divisions.csv:6: parent_code: found '990001009000'; the parent of a village is a town of this file",
        id="no-such-parent",
    ),
    pytest.param(
        "990001001003,990001001000",
        "990001001003,990001000000",
        "divisions.csv:6: parent_code: found 990001000000, a root; the parent of a village is a town",
        id="parent-of-wrong-level",
    ),
    pytest.param(
        ",village,磨坊村",
        ",hamlet,磨坊村",
        "divisions.csv:10: level: found 'hamlet'; allowed: root, district, town, village",
        id="unknown-level",
    ),
    pytest.param(
        "120,30",
        "120,-3",
        "divisions.csv:10: eligible_child: found '-3'; a whole number of persons, 0 or more",
        id="negative-persons",
    ),
    pytest.param(
        "120,30",
        "120,",
        "divisions.csv:10: eligible_child: found ''; a whole number of persons, 0 or more",
        id="fault-40-empty-is-not-zero",
    ),
    pytest.param(
        "120,30",
        "120",
        "divisions.csv:10: found 9 cells; a line has 10 cells like the header",
        id="missing-cell",
    ),
    pytest.param(
        "芦苇镇,Reed Town,true,0,0,,",
        "芦苇镇,Reed Town,true,0,0,5,",
        "divisions.csv:3: eligible_adult: found '5'; persons stand on villages only; above them leave the "
        "cell empty or 0",
        id="persons-above-villages",
    ),
    pytest.param(
        "West Bank,false,1,0",
        "West Bank,false,0,0",
        "divisions.csv:5: tile_x, tile_y: found 0, 0; line 4 has this tile already",
        id="tile-taken",
    ),
    pytest.param(
        "West Bank,false,",
        "West Bank,maybe,",
        "divisions.csv:5: is_urban: found 'maybe'; allowed: true, false",
        id="truth-value",
    ),
    pytest.param(
        "西岸村,West Bank",
        "西岸村,",
        "divisions.csv:5: name_en: found ''; a name",
        id="no-name",
    ),
]


def _messages_with(tmp_path: Path, file: str, right: str, wrong: str) -> list[str]:
    folder = write_fictional_city(tmp_path)
    text = (folder / file).read_text(encoding="utf-8")
    assert right in text
    (folder / file).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    return [str(problem).replace(f"{folder}/", "") for problem in check_city(folder)]


@pytest.mark.parametrize(("right", "wrong", "message"), CITY_CASES)
def test_mistake_in_city_yaml(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    assert message in _messages_with(tmp_path, "city.yaml", right, wrong)


@pytest.mark.parametrize(("right", "wrong", "message"), FEED_CASES)
def test_mistake_in_a_feed(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    assert _messages_with(tmp_path, "feeds/desk_payments.yaml", right, wrong) == [message]


@pytest.mark.parametrize(("right", "wrong", "message"), DIVISION_CASES)
def test_mistake_in_divisions(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    assert _messages_with(tmp_path, "divisions.csv", right, wrong) == [message]


def test_divisions_saved_by_a_spreadsheet(tmp_path: Path) -> None:
    folder = write_fictional_city(tmp_path)
    text = (folder / "divisions.csv").read_text(encoding="utf-8")
    saved = text.replace("true", "TRUE").replace("false", "FALSE") + ",,,,,,,,,\n"
    (folder / "divisions.csv").write_bytes(saved.replace("\n", "\r\n").encode("utf-8-sig"))
    assert check_city(folder) == []
    assert [town.is_urban for town in load_city(folder).divisions.towns] == [True, False]


def test_city_without_a_register(tmp_path: Path) -> None:
    folder = write_fictional_city(tmp_path)
    (folder / "feeds" / "register.yaml").unlink()
    (problem,) = check_city(folder)
    assert problem.file.endswith("feeds")
    assert "a feed of kind enrolment" in problem.allowed


def test_unknown_kind_lists_the_kinds(tmp_path: Path) -> None:
    (message,) = _messages_with(tmp_path, "feeds/receipts.yaml", "kind: receipt", "kind: reciept")
    assert message.startswith("feeds/receipts.yaml:2: kind: found reciept; allowed: assisted, card_event, enrolment")


def test_divisions_without_a_column(tmp_path: Path) -> None:
    messages = _messages_with(tmp_path, "divisions.csv", "eligible_child", "eligible_kid")
    assert [message.split(";")[0] for message in messages] == [
        "divisions.csv:1: found no eligible_child",
        "divisions.csv:1: found eligible_kid",
    ]


def test_root_of_the_divisions_is_the_city(tmp_path: Path) -> None:
    wrong = 'root_division_code: "990002000000"'
    messages = _messages_with(tmp_path, "city.yaml", 'root_division_code: "990001000000"', wrong)
    allowed = "the root is root_division_code of city.yaml, 990002000000"
    assert messages == [f"divisions.csv:2: code: found 990001000000; {allowed}"]


def test_two_feeds_for_one_name(tmp_path: Path) -> None:
    pattern = r"desk_(?P<date>\d{6,8})_(?P<sequence>\d{2})\.txt"
    folder = write_fictional_city(tmp_path)
    path = folder / "feeds" / "receipts.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("receipts_", "desk_").replace(".csv", ".txt"), "utf-8")
    (problem,) = check_city(folder)
    assert (problem.file, problem.line, problem.key) == (str(path), 5, "files.pattern")
    assert problem.found == pattern
    assert problem.allowed == "a file name belongs to one feed; desk_payments takes 'desk_111111_11.txt' too"


def test_campaign_without_policy(tmp_path: Path) -> None:
    folder = write_fictional_city(tmp_path)
    (folder / "policy" / "2021.yaml").unlink()
    (problem,) = check_city(folder)
    assert (problem.line, problem.key) == (16, "campaigns.0.year")
    assert problem.allowed == "every campaign needs policy/2021.yaml"


def test_policy_for_a_tier_that_the_city_has_not(tmp_path: Path) -> None:
    messages = _messages_with(tmp_path, "policy/2022.yaml", "tier: plus\n    price", "tier: gold\n    price")
    assert messages == [
        "policy/2022.yaml:12: premiums: found no line for category adult, tier plus; city.yaml has it",
        "policy/2022.yaml:18: premiums.1: found category adult, tier gold; city.yaml has no such category, "
        "tier or choice",
    ]


def test_file_that_would_be_passed_over_is_named(tmp_path: Path) -> None:
    folder = write_fictional_city(tmp_path)
    (folder / "feeds" / "bank.yml").write_text("feed: bank\n", encoding="utf-8")
    (problem,) = check_city(folder)
    assert problem.file.endswith("bank.yml")
    assert problem.allowed == "only .yaml files are read here: rename or remove it"


def test_all_files_are_checked_at_once(tmp_path: Path) -> None:
    folder = write_fictional_city(tmp_path)
    (folder / "divisions.csv").unlink()
    for file, right, wrong in (
        ("city.yaml", "kind: counter", "kind: window"),
        ("feeds/receipts.yaml", "parse: integer", "parse: number"),
        ("policy/2022.yaml", "value: 400", "value: -400"),
    ):
        text = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_text(text.replace(right, wrong), encoding="utf-8")
    files = {Path(problem.file).name for problem in check_city(folder)}
    assert files == {"city.yaml", "divisions.csv", "receipts.yaml", "2022.yaml"}


def test_tag_that_asks_for_an_object_is_a_mistake(tmp_path: Path) -> None:
    wrong = "persons: !!python/object/apply:os.getcwd []"
    messages = _messages_with(tmp_path, "city.yaml", "persons: 600", wrong)
    assert any(message.startswith("city.yaml:35: demo.persons") for message in messages)


def test_file_in_another_encoding(tmp_path: Path) -> None:
    folder = write_fictional_city(tmp_path)
    path = folder / "city.yaml"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    assert f"{path}: found another encoding; save the file as UTF-8" in map(str, check_city(folder))
