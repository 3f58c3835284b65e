"""Who may see what: roles, viewers, and the declarations that every callback and every route must make.

Nothing answers unless it was declared here; the gate (dashboard/gate.py) asks these registries before any other code
runs.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import dash
from dash._callback import GLOBAL_CALLBACK_MAP


class Role(StrEnum):
    """What a viewer is here for."""

    PUBLIC = "public"
    DISPLAY = "display"
    LEADER = "leader"
    ANALYST = "analyst"
    OPERATOR = "operator"
    CLERK = "clerk"


EVERYONE: frozenset[Role] = frozenset(Role)
STAFF: frozenset[Role] = frozenset({Role.LEADER, Role.ANALYST, Role.OPERATOR, Role.CLERK})
BACK_OFFICE: frozenset[Role] = frozenset({Role.LEADER, Role.ANALYST, Role.OPERATOR})


@dataclass(frozen=True)
class Viewer:
    """Who asks. `divisions` are the 12-digit codes a clerk may see exactly; empty for every other role."""

    role: Role
    divisions: frozenset[str] = frozenset()
    key_id: str = "demo"  # token the viewer came with, for the audit


class ForbiddenError(Exception):
    """The viewer may not have this. `what` names it for the audit; no figure is in it."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"not allowed: {what}")


@dataclass
class Declarations:
    """Roles by callback output and by route endpoint. Filled while modules load, read-only afterwards."""

    callbacks: dict[str, frozenset[Role]] = field(default_factory=dict)
    endpoints: dict[str, frozenset[Role] | None] = field(default_factory=dict)  # None: open without a viewer

    def callback_roles(self, output: str) -> frozenset[Role]:
        """Roles that may call `output`; none when nobody declared it."""
        return self.callbacks.get(output, frozenset())

    def declare_endpoint(self, endpoint: str, roles: frozenset[Role] | None) -> None:
        """Declare a route by its Flask endpoint. `None` opens it to requests without a token."""
        self.endpoints[endpoint] = roles

    def declare_callbacks(self, outputs: Iterable[str], roles: frozenset[Role]) -> None:
        """Declare callbacks by their output ids."""
        for output in outputs:
            self.callbacks[output] = roles


declarations = Declarations()


def callback(*args: Any, roles: frozenset[Role], **kwargs: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`dash.callback` with the roles that may call it. The only way this product registers callbacks."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        before = set(GLOBAL_CALLBACK_MAP)
        wrapped: Callable[..., Any] = dash.callback(*args, **kwargs)(function)
        declarations.declare_callbacks(set(GLOBAL_CALLBACK_MAP) - before, roles)
        return wrapped

    return register
