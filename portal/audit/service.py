"""Record what was done (`record`) and what was seen (`seen`)."""

from typing import Protocol
from uuid import UUID

from sqlmodel import Session

from portal.audit.models import AuditEntry
from portal.kit.db import Row, afterwards


class Actor(Protocol):
    """Whoever acts: a person, or the portal itself."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...


def record(
    db: Session, actor: Actor | None, action: str, subject: Row | None = None, client_id: UUID | None = None
) -> None:
    """Write one entry in the caller's transaction: it stands or falls with the deed. No actor: the portal itself."""
    db.add(_entry(actor, action, subject, client_id))


def seen(db: Session, actor: Actor, action: str, client_id: UUID, subject: Row | None = None) -> None:
    """Somebody looked at a client's data. The client's own looks are not recorded. Written before the page is sent."""
    if actor.id != client_id:
        entry = _entry(actor, action, subject, client_id)
        afterwards(db, lambda later: later.add(entry))


def _entry(actor: Actor | None, action: str, subject: Row | None, client_id: UUID | None) -> AuditEntry:
    return AuditEntry(
        actor_id=actor.id if actor else None,
        actor_name=actor.name if actor else "The portal",
        action=action,
        subject=type(subject).__name__ if subject else "",
        subject_id=subject.id if subject else None,
        client_id=client_id,
    )
