"""Make, renew, change and revoke a calendar address; say yes to an appointment."""

from uuid import UUID

from sqlmodel import Session

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.bookings.models import Appointment
from portal.calendars import queries
from portal.calendars.models import CalendarFeed
from portal.calendars.rules import FEED_READS_AN_HOUR, Detail, details_for
from portal.kit import clock, limits
from portal.kit.crypto import fingerprint, new_token
from portal.kit.db import lock_row
from portal.kit.errors import Refused

READS = {"limit": FEED_READS_AN_HOUR, "seconds": 3600}
_NAME = "calendar-feed"


def make_feed(db: Session, viewer: Viewer, detail: Detail) -> str:
    """A new address in place of the old one, if there was one; returns its token, which is not kept."""
    _require_may_choose(viewer, detail)
    lock_row(db, Person.__table__, viewer.id)  # type: ignore[attr-defined]
    _end(db, viewer)
    token = new_token()
    feed = CalendarFeed(person_id=viewer.id, token_hash=fingerprint(token), detail=detail)
    db.add(feed)
    db.flush()
    audit.record(db, viewer, "calendars.feed_made", feed, None)
    return token


def revoke_feed(db: Session, viewer: Viewer) -> None:
    """The address stops working at once; doing it twice does nothing."""
    if feed := _end(db, viewer):
        audit.record(db, viewer, "calendars.feed_revoked", feed, None)


def set_detail(db: Session, viewer: Viewer, detail: Detail) -> None:
    """The same address says more or less from now on."""
    _require_may_choose(viewer, detail)
    feed = queries.own_feed(db, viewer)
    if feed is None:
        raise Refused("You have no calendar address yet. Please make one first.", ("My calendar", "/calendar"))
    feed.detail = detail
    audit.record(db, viewer, "calendars.feed_changed", feed, None)


def is_read_too_often(db: Session, feed: CalendarFeed) -> bool:
    """Programs ask every quarter of an hour at most; more is an accident."""
    return limits.is_spent(db, _NAME, str(feed.id), **READS)


def note_read(db: Session, feed_id: UUID) -> None:
    """Some program has read it: what its owner sees, and what the limit counts."""
    limits.allowed(db, _NAME, str(feed_id), **READS)
    if feed := db.get(CalendarFeed, feed_id):
        feed.last_read_at = clock.now()


def confirm(db: Session, client: Viewer, appointment: Appointment) -> None:
    """The client says they come. Doing it twice does nothing."""
    lock_row(db, Appointment.__table__, appointment.id)  # type: ignore[attr-defined]
    db.refresh(appointment)
    if not appointment.is_booked or appointment.starts_at <= clock.now():
        raise Refused("This appointment is no longer open, so there is nothing to confirm.")
    if appointment.is_on_hold:
        raise Refused("This appointment is on hold. Its page says why, and what happens next.")
    if appointment.confirmed_at is None:
        appointment.confirmed_at = clock.now()
        audit.record(db, client, "calendars.confirmed", appointment, client.id)


def _require_may_choose(viewer: Viewer, detail: Detail) -> None:
    if detail not in details_for(is_practitioner=viewer.is_practitioner):
        raise Refused("Names are for practitioners only. Please choose one of the other options.")


def _end(db: Session, viewer: Viewer) -> CalendarFeed | None:
    feed = queries.own_feed(db, viewer)
    if feed:
        feed.revoked_at = clock.now()
        db.flush()
    return feed
