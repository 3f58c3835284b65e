"""The figures beside the hero chart: new on the last complete day, money in, upper tier, unpaid."""

from collections.abc import Mapping
from datetime import timedelta

from dash.development.base_component import Component

from dashboard import collection_data as data
from dashboard.charts.blockers import HARD
from dashboard.collection_data import Moment, Totals
from dashboard.components import kpi
from dashboard.context import PageContext
from dashboard.formats import UNKNOWN, Formats


def figures(context: PageContext, moment: Moment, totals: Mapping[int, Totals]) -> list[Component]:
    """Three figures, four in a city with tiers. After the deadline the late payers take the place of the new ones."""
    now = totals[context.campaign.year]
    first = _new_kpi(context, moment) if moment.days_left >= 0 else _late_kpi(context, now)
    cards = [first, _money_kpi(context, moment)]
    if len(context.city.tiers) > 1:
        cards.append(_tier_kpi(context))
    return [*cards, _unpaid_kpi(context, now)]


def _new_kpi(context: PageContext, moment: Moment) -> Component:
    formats = Formats(context)
    new = data.covers_on(context, moment.complete_on)
    before = data.covers_on(context, moment.complete_on - timedelta(days=7))
    label = context.text("overview.kpi.new", day=formats.day(moment.complete_on))
    if new is None:
        return kpi(label, UNKNOWN, note=context.text("overview.kpi.new_unknown"))
    if not before:
        note = context.text("overview.kpi.new_alone")
    else:
        change = formats.percent(new / before - 1, 0)
        note = context.text("overview.kpi.new_note", change=change if new < before else f"+{change}")
    return kpi(label, formats.count(new), _person(context), note)


def _late_kpi(context: PageContext, totals: Totals) -> Component:
    formats = Formats(context)
    label = context.text("overview.kpi.late")
    if totals.due_late is None:
        return kpi(label, UNKNOWN, note=context.text("common.hidden_reason"))
    share = formats.percent(totals.due_late / totals.due if totals.due else None)
    note = context.text("overview.kpi.unpaid_plain", share=share)
    return kpi(label, formats.count(totals.due_late), _person(context), note)


def _money_kpi(context: PageContext, moment: Moment) -> Component:
    formats = Formats(context)
    money = data.money(context, moment.complete_on)
    total = formats.money_parts(money.net_fen)
    note = ""
    if context.town_code is None:
        note = _reconciliation(context, money, formats.day(moment.complete_on))
    return kpi(context.text("overview.kpi.money"), total.number, total.unit, note)


def _reconciliation(context: PageContext, money: data.Money, day: str) -> str:
    if money.compared_net_fen is None or money.compared_received_fen is None:
        return context.text("overview.kpi.money_no_receipts")
    difference_fen = money.compared_received_fen - money.compared_net_fen
    if difference_fen == 0:
        return context.text("overview.kpi.money_matched", day=day)
    key = "money_exceeds" if difference_fen > 0 else "money_differs"
    return context.text(f"overview.kpi.{key}", difference=Formats(context).yuan(abs(difference_fen)), day=day)


def _tier_kpi(context: PageContext) -> Component:
    formats = Formats(context)
    upper = context.city.tiers[-1]
    label = context.text("overview.kpi.tier", tier=upper.name.in_language(context.language))
    shares = data.tier_uptake(context, upper.code)
    if context.campaign.year not in shares:
        return kpi(label, UNKNOWN, note=context.text("common.hidden_reason"))
    share, choosing = shares[context.campaign.year]
    before = shares.get(context.campaign.year - 1)
    if before is None:
        note = context.text("overview.kpi.tier_alone", choosing=formats.count(choosing))
    else:
        note = context.text(
            "overview.kpi.tier_note", choosing=formats.count(choosing), before=formats.percent(before[0])
        )
    return kpi(label, formats.percent(share), note=note)


def _unpaid_kpi(context: PageContext, totals: Totals) -> Component:
    formats = Formats(context)
    label = context.text("overview.kpi.unpaid")
    if totals.due_unpaid is None or totals.share_rate is None:
        return kpi(label, UNKNOWN, note=context.text("common.hidden_reason"))
    blockers = context.read("mart_blockers", ["blocker"], ["persons"], data.in_town(context))
    ready = blockers[~blockers["blocker"].isin(HARD)]["persons"]
    share = formats.percent(1 - totals.share_rate)
    if ready.isna().any() or not len(ready):
        note = context.text("overview.kpi.unpaid_plain", share=share)
    else:
        note = context.text("overview.kpi.unpaid_note", share=share, ready=formats.count(int(ready.sum())))
    return kpi(label, formats.count(totals.due_unpaid), _person(context), note, tone="accent")


def _person(context: PageContext) -> str:
    return context.text("overview.kpi.person")
