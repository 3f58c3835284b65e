"""Who is asking: by the demo's switch on loopback, by a token everywhere else."""

from collections.abc import Iterable

from flask import Request

from configuration.cities import CityFolder
from dashboard.access import Role, Viewer
from dashboard.installation import Installation

ROLE_COOKIE = "canbao_role"
TOKEN_COOKIE = "canbao_token"  # the name of the cookie, not a secret
DEMO_ROLE = Role.LEADER


def identify(place: Installation, request: Request) -> Viewer | None:
    """The viewer of `request`; None when a token is needed and there is no valid one."""
    if place.is_demo:
        return demo_viewer(place, request.cookies.get(ROLE_COOKIE, ""))
    record = place.tokens.find(request.cookies.get(TOKEN_COOKIE, "")) if place.tokens else None
    if record is None:
        return None
    return Viewer(record.role, with_divisions_below(record.divisions, place.cities.values()), record.id)


def demo_viewer(place: Installation, role_name: str) -> Viewer:
    """The role the switch was set to; a clerk of the demo belongs to the first town of each city."""
    role = Role(role_name) if role_name in {role.value for role in Role} else DEMO_ROLE
    if role is not Role.CLERK:
        return Viewer(role)
    towns = [folder.divisions.towns[0].code for folder in place.cities.values() if folder.divisions.towns]
    return Viewer(role, with_divisions_below(towns, place.cities.values()))


def with_divisions_below(codes: Iterable[str], cities: Iterable[CityFolder]) -> frozenset[str]:
    """`codes` and every division below them; codes that no city knows give nothing."""
    folders, found = list(cities), set[str]()
    waiting = list(codes)
    while waiting:
        code = waiting.pop()
        for folder in folders:
            if code in folder.divisions and code not in found:
                found.add(code)
                waiting.extend(child.code for child in folder.divisions.children(code))
    return frozenset(found)


def host_of(request: Request) -> str:
    """The name the request was sent to, without its port."""
    host = request.host
    return host.rsplit(":", 1)[0] if not host.endswith("]") and ":" in host else host
