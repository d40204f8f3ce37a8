"""The signed-in navigation: built from `portal.features`, told where we are and what waits."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.kit.feature import NavItem


@dataclass(frozen=True, slots=True)
class Link:
    """One link as the layouts show it."""

    label: str
    href: str
    icon: str
    is_current: bool
    badge: int | None


_FOR: dict[str, Callable[[Viewer], bool]] = {
    "client": lambda viewer: viewer.is_client,
    "practitioner": lambda viewer: viewer.is_practitioner,
    "staff": lambda viewer: viewer.is_staff,
    "admin": lambda viewer: viewer.is_admin,
    "everyone": lambda viewer: True,  # noqa: ARG005
}


def links_for(request: Request, db: Session, viewer: Viewer | None) -> list[Link]:
    """The viewer's links in order; the one we are on is marked."""
    if viewer is None:
        return []
    items: list[NavItem] = request.app.state.navigation
    return [_link(request, db, viewer, item) for item in items if _FOR[item.role](viewer)]


def _link(request: Request, db: Session, viewer: Viewer, item: NavItem) -> Link:
    href = request.app.state.url(item.route)
    path = request.url.path
    waiting = item.badge(db, viewer) if item.badge else 0
    return Link(item.label, href, item.icon, path == href or path.startswith(f"{href}/"), waiting or None)
