"""The frame around every page: top bar, navigation, the marks that nothing removes, and where the figures come from."""

from dataclasses import dataclass
from datetime import timedelta

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import sitemap
from dashboard.access import Role
from dashboard.context import PageContext, default_campaign
from dashboard.faces import role_switch
from dashboard.formats import Formats
from dashboard.markup import attributes
from dashboard.texts import LANGUAGES


@dataclass(frozen=True)
class Choice:
    """One entry of a menu."""

    label: str
    href: str
    is_current: bool


def frame(context: PageContext, body: list[Component]) -> Component:
    """The page: `body` between bar, navigation and foot, in the language and theme of its address."""
    return html.Div(
        [
            html.A(context.text("shell.skip"), href="#cb-main", className="cb-skip"),
            _top_bar(context),
            html.Div(
                [
                    _navigation(context),
                    html.Main(
                        [*_banners(context), *body, _foot(context)], className="cb-main", id="cb-main", tabIndex="-1"
                    ),
                ],
                className="cb-body",
            ),
        ],
        className="cb-frame",
        lang="zh-CN" if context.language == "zh" else "en",
        **attributes(data_theme=context.theme),
    )


def _top_bar(context: PageContext) -> Component:
    return html.Header(
        [
            dcc.Link(
                [
                    html.Span(context.text("shell.brand_latin")),
                    html.Span(context.text("shell.brand_han"), lang="zh-CN"),
                ],
                href=context.href("overview", town=None),
                className="cb-topbar__brand",
            ),
            html.Div(
                [
                    _city_menu(context),
                    _campaign_menu(context),
                    _town_menu(context),
                    _as_of(context),
                    *_badge(context),
                ],
                className="cb-topbar__where",
            ),
            html.Div([*_role_menu(context), _language_link(context), _theme_link(context)], className="cb-topbar__how"),
        ],
        className="cb-topbar",
    )


def _city_menu(context: PageContext) -> Component:
    default = next(iter(context.cities))
    choices = [
        Choice(
            folder.city.name.in_language(context.language),
            context.href(city=None if code == default else code),
            code == context.city.code,
        )
        for code, folder in context.cities.items()
    ]
    return _menu(context, "city", choices, is_changed=context.city.code != default)


def _campaign_menu(context: PageContext) -> Component:
    default = default_campaign(context.city, context.as_of_on)
    choices = [
        Choice(
            context.text("shell.campaign", year=campaign.year),
            context.href(year=None if campaign.year == default.year else campaign.year),
            campaign.year == context.campaign.year,
        )
        for campaign in reversed(context.city.campaigns)
    ]
    return _menu(context, "campaign", choices, is_changed=context.campaign.year != default.year)


def _town_menu(context: PageContext) -> Component:
    towns = [town for town in context.folder.divisions.towns if _may_open(context, town.code)]
    choices = [Choice(context.text("shell.all_towns"), context.href(town=None), context.town_code is None)]
    choices += [
        Choice(town.name.in_language(context.language), context.href(town=town.code), town.code == context.town_code)
        for town in towns
    ]
    return _menu(context, "town", choices, is_changed=context.query.town is not None)


def _may_open(context: PageContext, town_code: str) -> bool:
    return context.viewer.role is not Role.CLERK or town_code in context.viewer.divisions


def _as_of(context: PageContext) -> Component:
    day = Formats(context).day(context.as_of_on)
    words: list[Component | str] = [context.text("shell.as_of", day=day)]
    if context.is_clock_demo:
        words.append(html.Span(context.text("shell.demo_clock"), className="cb-topbar__clock"))
    return html.Span(words, className="cb-topbar__day", title=context.text("shell.as_of_meaning"))


def _badge(context: PageContext) -> list[Component]:
    if not context.is_synthetic:
        return []
    meaning = context.text("shell.synthetic_meaning")
    return [html.Strong(context.text("shell.synthetic"), className="cb-badge", title=meaning)]


def _role_menu(context: PageContext) -> list[Component]:
    if not context.installation.is_demo:
        leave = html.Button(context.text("shell.leave"), type="submit", className="cb-topbar__link cb-topbar__leave")
        return [html.Form(leave, action="/leave", method="POST")]
    role = context.viewer.role
    return [
        dbc.DropdownMenu(
            role_switch(context.language, context.href(), role),
            label=context.text("shell.acting_as", role=context.text(f"shell.role.{role.value}")),
            className="cb-menu",
            toggleClassName="cb-menu__toggle",
            align_end=True,
            key=f"role {context.href()}",
        )
    ]


def _language_link(context: PageContext) -> Component:
    other = next(language for language in LANGUAGES if language != context.language)
    return dcc.Link(
        context.text("shell.other_language"),
        href=context.href(lang=None if other == LANGUAGES[0] else other),
        className="cb-topbar__link",
        title=context.text("shell.switch_language"),
    )


def _theme_link(context: PageContext) -> Component:
    is_light = context.theme == "light"
    return dcc.Link(
        html.Span(className="cb-topbar__theme", **attributes(aria_hidden="true")),
        href=context.href(theme="dark" if is_light else None),
        className="cb-topbar__link",
        title=context.text("shell.to_dark" if is_light else "shell.to_light"),
    )


def _menu(context: PageContext, name: str, choices: list[Choice], *, is_changed: bool) -> Component:
    current = next(choice.label for choice in choices if choice.is_current)
    menu: Component = dbc.DropdownMenu(
        [dbc.DropdownMenuItem(choice.label, href=choice.href, active=choice.is_current) for choice in choices],
        label=current,
        className="cb-menu cb-menu--changed" if is_changed else "cb-menu",
        toggleClassName="cb-menu__toggle",
        # Another key for another address: the menu that was open on the last page starts closed on this one.
        key=f"{name} {context.href()}",
    )
    return menu


def _navigation(context: PageContext) -> Component:
    links = [
        dcc.Link(
            context.text(f"shell.nav.{page.key}"),
            href=context.href(page.key),
            className="cb-nav__link" + (" cb-nav__link--current" if page.key == context.page.key else ""),
        )
        for page in sitemap.all_pages()
        if context.viewer.role in page.roles
    ]
    return html.Nav(links, className="cb-nav", **attributes(aria_label=context.text("shell.nav.label")))


def _banners(context: PageContext) -> list[Component]:
    banners: list[Component] = []
    if context.marks.is_stale:
        banners.append(html.Div(context.text("shell.stale"), className="cb-banner cb-banner--warn", role="status"))
    if context.alarm:
        banners.append(html.Div(context.text("shell.alarm"), className="cb-banner cb-banner--warn", role="status"))
    return banners


def _foot(context: PageContext) -> Component:
    formats = Formats(context)
    published = context.published_at
    parts = [
        context.text("shell.foot.as_of", day=formats.long_day(context.as_of_on)),
        context.text("shell.foot.published", day=formats.day(published.date()), time=f"{published:%H:%M}"),
        context.text("shell.foot.generation", id=context.generation_id),
        _sources(context),
        _rows_set_aside(context, formats),
    ]
    children: list[Component] = [html.Span(part, className="cb-footer__part") for part in parts]
    if context.is_synthetic:
        children.append(html.Strong(context.text("shell.synthetic_meaning"), className="cb-footer__part"))
    return html.Footer(children, className="cb-footer")


def _sources(context: PageContext) -> str:
    feeds = context.read_for_shell("mart_feed_days", ["feed", "is_daily", "complete_on"], [])
    daily = feeds[feeds["is_daily"].fillna(False).astype(bool)]
    wanted_on = context.as_of_on - timedelta(days=1)
    complete = int((daily["complete_on"].dt.date >= wanted_on).sum())
    key = "shell.foot.sources_all" if complete == len(daily) else "shell.foot.sources_some"
    return context.text(key, complete=complete, expected=len(daily))


def _rows_set_aside(context: PageContext, formats: Formats) -> str:
    rows = context.read_for_shell("load_batches", [], ["rows_read", "rows_set_aside"])
    read, aside = rows["rows_read"].iloc[0], rows["rows_set_aside"].iloc[0]
    share = aside / read if read else None
    return context.text("shell.foot.set_aside", rows=formats.count(aside), share=formats.percent(share, 2))
