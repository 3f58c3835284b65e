"""A city that exists in no country, built from YAML and CSV alone: what a third city needs, and no line of code.

Two towns with three villages each, two categories, one choice of tiers, a desk and a phone to pay by.
"""

from datetime import date
from pathlib import Path

CITY_CODE = "lakeside"
TOWN_CODES = ("990001001000", "990001002000")
VILLAGE_CODES = tuple(f"{town[:9]}{number:03d}" for town in TOWN_CODES for number in (1, 2, 3))
DEADLINE_2022_ON = date(2022, 3, 31)

CITY_YAML = """\
code: lakeside
name: {zh: 湖滨县, en: Lakeside}
place: {zh: 虚构省湖滨县, en: "Lakeside, in no province"}
scheme: {zh: 居民基本医疗保险, en: Resident basic medical insurance}
root_division_code: "990001000000"
categories:
  - {code: adult, name: {zh: 成年人, en: Adults}, has_tier_choice: true, ages: [18, 105]}
  - {code: child, name: {zh: 儿童, en: Children}, has_tier_choice: false, ages: [0, 17]}
tiers:
  - {code: base, name: {zh: 基础档, en: Base}}
  - {code: plus, name: {zh: 提高档, en: Plus}}
channels:
  - {code: desk, name: {zh: 窗口, en: Desk}, kind: counter}
  - {code: phone, name: {zh: 手机, en: Phone}, kind: online, needs: [bank_card], has_orders: true}
campaigns:
  - year: 2021
    opens_on: {value: 2021-01-01, certainty: assumed}
    deadline_on: {value: 2021-03-31, certainty: assumed}
    closes_on: {value: 2021-12-31, certainty: assumed}
    target_rate: {value: 0.9, certainty: assumed}
    task_persons: {certainty: unknown}
  - year: 2022
    opens_on: {value: 2022-01-01, certainty: assumed}
    deadline_on: {value: 2022-03-31, certainty: assumed}
    closes_on: {value: 2022-12-31, certainty: assumed}
    target_rate: {value: 0.9, certainty: assumed}
    task_persons: {certainty: unknown}
calendar:
  holidays: [[2022-01-31, 2022-02-06]]
  working_weekends: [2022-01-29]
demo:
  campaign_year: 2022
  as_of_on: 2022-03-10
  id_prefixes: ["990099"]
  persons: 600
"""

DIVISIONS_CSV = """\
code,parent_code,level,name_zh,name_en,is_urban,tile_x,tile_y,eligible_adult,eligible_child
990001000000,,root,湖滨县,Lakeside,false,0,0,,
990001001000,990001000000,town,芦苇镇,Reed Town,true,0,0,,
990001001001,990001001000,village,东岸村,East Bank,true,0,0,90,20
990001001002,990001001000,village,西岸村,West Bank,false,1,0,70,15
990001001003,990001001000,village,渡口村,Ferry,false,0,1,60,10
990001002000,990001000000,town,枫叶镇,Maple Town,false,1,0,,
990001002001,990001002000,village,上坡村,Upper Slope,false,0,0,80,25
990001002002,990001002000,village,下坡村,Lower Slope,false,1,0,65,15
990001002003,990001002000,village,磨坊村,Mill,false,0,1,120,30
"""

POLICY_YAML = """\
year: {year}
title: {{zh: 湖滨县{year}年度, en: Lakeside {year}}}
valid_from: {year}-01-01
valid_to: {year}-12-31
price_classes:
  - {{code: base, name: {{zh: 基础档, en: Base}}}}
  - {{code: plus, name: {{zh: 提高档, en: Plus}}}}
  - {{code: child, name: {{zh: 儿童, en: Child}}}}
benefit_tiers:
  - {{code: base, name: {{zh: 基础待遇, en: Base benefits}}}}
  - {{code: plus, name: {{zh: 提高待遇, en: Plus benefits}}}}
premiums:
  - category: adult
    tier: base
    price_class: base
    benefit_tier: {{value: base, certainty: assumed}}
    premium_yuan: {{value: 100, certainty: assumed}}
  - category: adult
    tier: plus
    price_class: plus
    benefit_tier: {{value: plus, certainty: assumed}}
    premium_yuan: {{value: 200, certainty: assumed}}
  - category: child
    price_class: child
    benefit_tier: {{value: plus, certainty: assumed}}
    premium_yuan: {{value: 60, certainty: assumed}}
subsidy_yuan: {{value: 400, certainty: assumed}}
late_rule: {{value: loses_subsidy_and_waits, certainty: assumed}}
waiting_months:
  first_time: {{value: 2, certainty: assumed}}
  lapsed: {{value: 2, certainty: assumed}}
  late: {{value: 3, certainty: assumed}}
cover_starts: {{value: from_1_january, certainty: assumed}}
inpatient:
  hospital_levels: [{{code: any, name: {{zh: 医院, en: Hospital}}}}]
  deductible_yuan: {{any: {{value: 200, certainty: assumed}}}}
  annual_cap_yuan:
    base: {{value: 50000, certainty: assumed}}
    plus: {{value: 80000, certainty: assumed}}
  bands:
    - benefit_tier: base
      hospital_level: any
      shares: {{value: [{{above_yuan: 0, share: 0.5}}], certainty: assumed}}
    - benefit_tier: plus
      hospital_level: any
      shares: {{value: [{{above_yuan: 0, share: 0.7}}], certainty: assumed}}
  break_period: {{value: per_stay, certainty: assumed}}
  break_basis: {{value: gross_cost, certainty: assumed}}
  later_deductible: {{value: same, certainty: assumed}}
outpatient:
  is_paid: {{certainty: unknown}}
  share: {{certainty: unknown}}
catastrophic:
  is_paid: {{certainty: unknown}}
  share: {{certainty: unknown}}
"""

FEEDS = {
    "desk_payments": """\
feed: desk_payments
kind: payment
title: {zh: 窗口缴费, en: Desk payments}
files:
  pattern: 'desk_(?P<date>\\d{6,8})_(?P<sequence>\\d{2})\\.txt'
  identity: [date]
  version: [date, sequence]
format:
  type: delimited
  encodings: [utf-8, gb18030]
  delimiter: ";"
  trailer: {marker: END, count_position: 2, sum_position: 3, sum_unit: fen}
columns:
  - {field: txn_no, headers: [number], parse: text}
  - {field: original_txn_no, headers: [takes_back], parse: text, empty: unknown}
  - {field: entry_type, headers: [type], parse: code, values: {P: payment, R: reversal, D: deposit}}
  - {field: person_id, headers: [id, identifier], parse: identity}
  - {field: person_name, headers: [name], parse: person_name, empty: unknown}
  - {field: tier, headers: [tier], parse: code, values: {B: base, P: plus}, empty: unknown}
  - {field: amount, headers: [fen], parse: money, unit: fen}
  - {field: paid_at, headers: [time], parse: timestamp, formats: ["%Y-%m-%dT%H:%M:%S"]}
constants: {channel: desk}
ignored_headers: [desk_no]
campaign: payment_time
""",
    "phone_orders": """\
feed: phone_orders
kind: order
title: {zh: 手机订单, en: Phone orders}
files:
  pattern: 'phone_(?P<date>\\d{6,8})_(?P<sequence>\\d{2})\\.csv'
  identity: [date]
  version: [date, sequence]
format: {type: delimited, encodings: [gbk], delimiter: ",", quote: '"'}
columns:
  - {field: order_no, headers: [order], parse: text}
  - field: state
    headers: [state]
    parse: code
    values: {open: pending, done: completed, withdrawn: cancelled, expired: void}
  - {field: person_id, headers: [insured], parse: identity}
  - {field: payer_id, headers: [payer], parse: identity, empty: unknown}
  - {field: tier, headers: [tier], parse: code, values: {base: base, plus: plus}, empty: unknown}
  - {field: amount, headers: [yuan], parse: money, unit: yuan}
  - {field: created_at, headers: [made], parse: timestamp, formats: ["%Y-%m-%d %H:%M:%S"]}
  - {field: paid_at, headers: [paid], parse: timestamp, formats: ["%Y-%m-%d %H:%M:%S"], empty: unknown}
  - {field: bank_ref, headers: [bank_ref], parse: text, empty: unknown}
  - {field: campaign_year, headers: [year], parse: integer}
constants: {channel: phone}
campaign: column
""",
    "register": """\
feed: register
kind: enrolment
title: {zh: 登记册, en: Register}
files:
  pattern: 'register_(?P<town>\\d{12})_(?P<year>\\d{4})_(?P<date>\\d{8})\\.csv'
  identity: [town, year]
  version: [date]
  campaign_year: year
format: {type: delimited, encodings: [utf-8-sig, gb18030], delimiter: ",", quote: '"'}
columns:
  - {field: person_id, headers: [id, identifier], parse: identity}
  - {field: person_name, headers: [name], parse: person_name}
  - {field: division, headers: [village], parse: division}
  - {field: category, headers: [category], parse: code, values: {A: adult, C: child}}
  - {field: membership, headers: [membership], parse: code, values: {new: first, old: continuing}, empty: unknown}
  - {field: enrolled_on, headers: [enrolled], parse: date, formats: ["%Y-%m-%d"]}
campaign: file_name
is_daily: false
""",
    "receipts": """\
feed: receipts
kind: receipt
title: {zh: 到账, en: Receipts}
files:
  pattern: 'receipts_(?P<date>\\d{6,8})_(?P<sequence>\\d{2})\\.csv'
  identity: [date]
  version: [date, sequence]
format: {type: delimited, encodings: [utf-8], delimiter: ","}
columns:
  - {field: received_on, headers: [day], parse: date, formats: ["%Y-%m-%d"]}
  - {field: channel, headers: [channel], parse: code, values: {desk: desk, phone: phone}}
  - {field: amount, headers: [yuan], parse: money, unit: yuan}
  - {field: payments, headers: [payments], parse: integer}
  - {field: campaign_year, headers: [year], parse: integer}
campaign: column
""",
}


def write_fictional_city(folder: Path) -> Path:
    """Write the city below `folder` and return its own folder, as `load_city` wants it."""
    city = folder / CITY_CODE
    (city / "feeds").mkdir(parents=True)
    (city / "policy").mkdir()
    (city / "city.yaml").write_text(CITY_YAML, encoding="utf-8")
    (city / "divisions.csv").write_text(DIVISIONS_CSV, encoding="utf-8")
    for year in (2021, 2022):
        (city / "policy" / f"{year}.yaml").write_text(POLICY_YAML.format(year=year), encoding="utf-8")
    for name, text in FEEDS.items():
        (city / "feeds" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return city
