"""Reads of people and sign-ins."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from portal.accounts.models import MailedLink, Person, SignIn
from portal.accounts.rules import Lasting, Viewer
from portal.kit.crypto import fingerprint
from portal.kit.errors import NotFound

_SIGNED_IN = (
    select(  # type: ignore[call-overload]
        SignIn.id,
        SignIn.began_at,
        SignIn.used_at,
        Person.id,
        Person.name,
        Person.email,
        Person.is_practitioner,
        Person.is_admin,
        Person.time_zone,
    )
    .join(Person, col(Person.id) == col(SignIn.person_id))
    .where(col(SignIn.token_hash) == bindparam("hash"), col(SignIn.ended_at).is_(None), col(Person.is_active).is_(True))
)


def signed_in(db: Session, token: str, lasting: Lasting, at: datetime) -> tuple[Viewer, datetime] | None:
    """Who holds this token and when it was last used; None when it is unknown, ended, idle too long or too old."""
    row = db.connection().execute(_SIGNED_IN, {"hash": fingerprint(token)}).first()
    if row is None:
        return None
    sign_in_id, began, used = row[:3]
    viewer = Viewer(*row[3:], sign_in_id)  # type: ignore[call-arg]
    if lasting.is_over(is_staff=viewer.is_staff, began=began, used=used, at=at):
        return None
    return viewer, used


def by_email(db: Session, email: str) -> Person | None:
    return db.exec(select(Person).where(Person.email == email.strip().lower())).first()


def person(db: Session, person_id: UUID) -> Person:
    """Anyone's account; only for code that has already decided that the viewer may."""
    found = db.get(Person, person_id)
    if found is None:
        raise NotFound("There is no such person.")
    return found


def client(db: Session, viewer: Viewer, client_id: UUID) -> Person:
    """A client as a practitioner (any client) or the client (themself) may see them. Raises NotFound otherwise."""
    found = db.get(Person, client_id)
    if found is None or not found.is_client or not (viewer.is_practitioner or viewer.id == client_id):
        raise NotFound("There is no such client.")
    return found


def clients(db: Session, viewer: Viewer, words: str = "", limit: int = 100) -> Sequence[Person]:
    """Clients by name, for practitioners; at most `limit`."""
    if not viewer.is_practitioner:
        return []
    wanted = select(Person).where(col(Person.is_practitioner).is_(False), col(Person.is_admin).is_(False))
    if words:
        wanted = wanted.where(
            col(Person.name).icontains(words, autoescape=True) | col(Person.email).icontains(words, autoescape=True)
        )
    return db.exec(wanted.order_by(col(Person.name)).limit(limit)).all()


def team(db: Session) -> Sequence[Person]:
    """Everyone who works here."""
    return db.exec(
        select(Person).where(col(Person.is_practitioner) | col(Person.is_admin)).order_by(col(Person.name))
    ).all()


def practitioners(db: Session) -> Sequence[Person]:
    """Active practitioners, by name."""
    wanted = select(Person).where(col(Person.is_practitioner), col(Person.is_active)).order_by(col(Person.name))
    return db.exec(wanted).all()


def names(db: Session, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Names for ids already seen on a page the viewer may see."""
    if not ids:
        return {}
    return dict(db.exec(select(Person.id, Person.name).where(col(Person.id).in_(set(ids)))).all())


def own_sign_ins(db: Session, viewer: Viewer, since: datetime) -> Sequence[SignIn]:
    """The viewer's sign-ins that have not ended and were used after `since`, latest first."""
    wanted = select(SignIn).where(
        SignIn.person_id == viewer.id, col(SignIn.ended_at).is_(None), col(SignIn.used_at) > since
    )
    return db.exec(wanted.order_by(col(SignIn.used_at).desc())).all()


def mailed_link(db: Session, token: str, at: datetime) -> MailedLink | None:
    """The link a token belongs to, while it is valid."""
    found = db.exec(select(MailedLink).where(MailedLink.token_hash == fingerprint(token))).first()
    return found if found and found.is_valid(at) else None
