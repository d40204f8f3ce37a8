"""The signed-in navigation: built once per role, told at each page where we are and what waits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fastapi import Request
from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.kit.feature import NavItem
from portal.kit.templating import UrlMaker


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


@dataclass(frozen=True, slots=True)
class Menu:
    """The links of one kind of viewer, and one statement that counts everything that waits behind them."""

    items: Sequence[tuple[NavItem, str]]
    counting: sa.Select[Any] | None

    def counts(self, db: Session, viewer: Viewer) -> dict[str, int]:
        if self.counting is None:
            return {}
        row = db.connection().execute(self.counting, {"person": viewer.id}).one()
        return {item.route: count for (item, _), count in zip(self._counted(), row, strict=True)}

    def _counted(self) -> list[tuple[NavItem, str]]:
        return [(item, href) for item, href in self.items if item.badge is not None]


class Navigation:
    """Every feature's links; `url` makes their addresses."""

    def __init__(self, items: Sequence[NavItem], url: UrlMaker) -> None:
        self._items = [(item, url(item.route)) for item in sorted(items, key=lambda item: item.order)]
        self._menus: dict[tuple[bool, bool], Menu] = {}

    def links(self, request: Request, db: Session, viewer: Viewer) -> list[Link]:
        """The viewer's links in order; the one we are on is marked, what waits is counted."""
        menu, path = self._menu(viewer), request.scope["path"]
        counts = menu.counts(db, viewer)
        around = [href for _, href in menu.items if path == href or path.startswith(f"{href}/")]
        here = max(around, key=len, default=None)  # /admin/team is the team's page, not the overview's
        return [
            Link(item.label, href, item.icon, href == here, counts.get(item.route) or None) for item, href in menu.items
        ]

    def _menu(self, viewer: Viewer) -> Menu:
        kind = (viewer.is_practitioner, viewer.is_admin)
        if kind not in self._menus:
            items = [(item, href) for item, href in self._items if _FOR[item.role](viewer)]
            counted = [item.badge.scalar_subquery() for item, _ in items if item.badge is not None]
            self._menus[kind] = Menu(items, sa.select(*counted) if counted else None)
        return self._menus[kind]
