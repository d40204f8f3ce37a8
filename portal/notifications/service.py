"""Tell people: in the portal always, by e-mail without content."""

from uuid import UUID

from sqlmodel import Session, col, update

from portal.accounts import queries as accounts
from portal.accounts.rules import Viewer
from portal.kit import clock, mail
from portal.kit.db import insert_once
from portal.notifications.models import Notice

SUBJECT = "There is something new for you in the portal"
TEXT = "There is something new for you. For your privacy we do not write it in an e-mail: please sign in to read it."


def tell(
    db: Session,
    person_id: UUID,
    key: str,
    text: str,
    href: str,
    *,
    by_mail: str | None = SUBJECT,
    invite: UUID | None = None,
) -> bool:
    """Give a notice once per `key`; False when it was given before. `by_mail`: the e-mail's subject, or None; `invite`:
    the appointment whose invitation goes with it.
    """
    notice = Notice(person_id=person_id, key=f"{key}:{person_id}", text=text, href=href)
    if not insert_once(db, Notice.__table__, notice.model_dump(), "key"):  # type: ignore[attr-defined]
        return False
    if by_mail:
        write(db, person_id, by_mail, href, invite)
    return True


def write(db: Session, person_id: UUID, subject: str, href: str, invite: UUID | None = None) -> None:
    """An e-mail that says only that there is something, for who needs no notice: it was their own doing."""
    person = accounts.person(db, person_id)
    if person.is_active:
        mail.post(db, person.email, subject, TEXT, ("Open the portal", href), invite)


def tell_practitioners(db: Session, key: str, text: str, href: str, *, by_mail: str | None = SUBJECT) -> None:
    """The same for every active practitioner."""
    for person in accounts.practitioners(db):
        tell(db, person.id, key, text, href, by_mail=by_mail)


def mark_read(db: Session, viewer: Viewer, notice_id: UUID | None = None) -> None:
    """One of the viewer's notices, or all of them."""
    mine = [col(Notice.person_id) == viewer.id, col(Notice.read_at).is_(None)]
    if notice_id is not None:
        mine.append(col(Notice.id) == notice_id)
    db.exec(update(Notice).where(*mine).values(read_at=clock.now()))
