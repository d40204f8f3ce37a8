"""Reads of the audit record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam
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


def looks_at(db: Session, client_id: UUID, actions: Sequence[str], limit: int = 100) -> list[Look]:
    """Who looked at this client's data, by the actions named, latest first. Asked by the client themself."""
    rows = db.connection().execute(_LOOKS, {"client": client_id, "actions": list(actions), "most": limit})
    return [Look(*row) for row in rows]


_LAST = func.max(col(AuditEntry.at))
_LOOKS = (
    select(AuditEntry.actor_name, func.count(), _LAST)
    .where(
        col(AuditEntry.client_id) == bindparam("client"),
        col(AuditEntry.action).in_(bindparam("actions", expanding=True)),
        col(AuditEntry.actor_id) != bindparam("client"),
    )
    .group_by(col(AuditEntry.actor_name))
    .order_by(_LAST.desc())
    .limit(bindparam("most"))
)
