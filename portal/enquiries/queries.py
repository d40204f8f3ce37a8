"""Reads of enquiries, for staff."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from portal.accounts.rules import Viewer
from portal.enquiries.models import Enquiry
from portal.enquiries.rules import OPEN
from portal.kit.errors import NotFound
from portal.kit.paging import Page, page_of, parse_before

PAGE = 30


def enquiries(db: Session, viewer: Viewer, before: str | None = None) -> Page[Enquiry]:
    """All, newest first. Clients see none."""
    if not viewer.is_staff:
        return Page([], None)
    wanted = select(Enquiry).order_by(col(Enquiry.sent_at).desc()).limit(PAGE + 1)
    if moment := parse_before(before):
        wanted = wanted.where(col(Enquiry.sent_at) < moment)
    return page_of(db.exec(wanted).all(), PAGE, "sent_at")


def open_enquiries(db: Session, viewer: Viewer, limit: int = 50) -> Sequence[Enquiry]:
    """Those nobody has finished, oldest first."""
    if not viewer.is_staff:
        return []
    return db.exec(
        select(Enquiry).where(col(Enquiry.status).in_(OPEN)).order_by(col(Enquiry.sent_at)).limit(limit)
    ).all()


def enquiry(db: Session, viewer: Viewer, enquiry_id: UUID) -> Enquiry:
    """One enquiry. Raises NotFound, also for clients."""
    found = db.get(Enquiry, enquiry_id) if viewer.is_staff else None
    if found is None:
        raise NotFound("There is no such enquiry.")
    return found
