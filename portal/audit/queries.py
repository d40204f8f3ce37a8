"""Reads of the audit record."""

import functools
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Executable, bindparam, or_
from sqlmodel import Session, col, func, select

from portal.audit.models import AuditEntry
from portal.kit.paging import Page, page_of, parse_before

PAGE = 50


@dataclass(frozen=True, slots=True)
class Look:
    """One person's looks at a client's photos: how often, and when last."""

    name: str
    times: int
    last: datetime


def entries(db: Session, before: str | None = None) -> Page[AuditEntry]:
    """The whole record, newest first; for admins."""
    wanted = select(AuditEntry).order_by(col(AuditEntry.at).desc()).limit(PAGE + 1)
    if moment := parse_before(before):
        wanted = wanted.where(col(AuditEntry.at) < moment)
    return page_of(db.exec(wanted).all(), PAGE, "at")


def looks_at(db: Session, client_id: UUID, actions: tuple[str, ...], limit: int = 100) -> list[Look]:
    """Who looked at this client's data, by the actions named, latest first. Asked by the client themself."""
    rows = db.connection().execute(_looks(actions), {"client": client_id, "most": limit})
    return [Look(*row) for row in rows]


@functools.cache
def _looks(actions: tuple[str, ...]) -> Executable:
    """Built once for each set of actions: they are named in our code, so there are few."""
    last = func.max(col(AuditEntry.at))
    return (
        select(AuditEntry.actor_name, func.count(), last)
        .where(
            col(AuditEntry.client_id) == bindparam("client"),
            or_(*(col(AuditEntry.action) == action for action in actions)),
            col(AuditEntry.actor_id) != bindparam("client"),
        )
        .group_by(col(AuditEntry.actor_name))
        .order_by(last.desc())
        .limit(bindparam("most"))
    )
