"""Builders of the waiting list, through the services: who waits, a time that came free, the steps that follow."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, select

from portal.accounts.rules import Viewer
from portal.availability.queries import clinic_zone
from portal.availability.rules import instant
from portal.bookings import service as appointments
from portal.bookings.models import Appointment
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.forms import checked
from portal.treatments import queries as treatments
from portal.treatments.models import Treatment
from portal.waiting import entries, service
from portal.waiting.forms import WaitForm
from portal.waiting.models import FreedTime, WaitingEntry, WaitingOffer
from portal.waiting.rules import OfferState
from tests.make_consents import a_signed_consent
from tests.make_suitability import a_verdict

GRACE = timedelta(minutes=6)


def waits(
    db: Session, client: Viewer, treatment: Treatment, actor: Viewer | None = None, **wishes: Any
) -> WaitingEntry:
    """The client, or somebody for them, joins the list; `wishes` are fields of the form."""
    form = checked(WaitForm, treatment=treatment.slug, **wishes).value
    return entries.join(db, actor or client, client.id, form)


def wait_in_turn(db: Session, people: Sequence[Viewer], treatment: Treatment, **wishes: Any) -> None:
    """They join in this order, a minute apart, within the last hour."""
    for number, one in enumerate(people):
        with clock.travelled(timedelta(minutes=number - 60)):
            waits(db, one, treatment, **wishes)


def an_open_gate(db: Session, practitioner: Viewer, client: Viewer) -> None:
    """Verdict and consent of some days ago, so that the time to think is over."""
    with clock.travelled(timedelta(days=-4)):
        a_verdict(db, practitioner, client)
        a_signed_consent(db, client, treatments.needling(db))


def at(db: Session, in_days: int, hour: int) -> datetime:
    """An hour on the clinic's wall, so many days from today."""
    return instant(day(db, in_days), time(hour), clinic_zone(db))


def day(db: Session, in_days: int) -> date:
    return clock.now().astimezone(clinic_zone(db)).date() + timedelta(days=in_days)


def booked(
    db: Session, client: Viewer, practitioner: Viewer, treatment: Treatment, in_days: int = 3, hour: int = 10
) -> Appointment:
    """An appointment that the practitioner booked for a client."""
    return appointments.book(db, practitioner, client.id, treatment, practitioner.id, at(db, in_days, hour))


def a_freed_time(
    db: Session, client: Viewer, practitioner: Viewer, treatment: Treatment, in_days: int = 3, hour: int = 10
) -> FreedTime:
    """That appointment is cancelled again while somebody waits."""
    appointments.cancel(db, practitioner, booked(db, client, practitioner, treatment, in_days, hour), "Ill")
    db.flush()
    return db.exec(select(FreedTime).order_by(FreedTime.freed_at.desc())).first() or _nobody_waits()  # type: ignore[attr-defined]


def an_offer(db: Session, entry: WaitingEntry, practitioner: Viewer) -> WaitingOffer:
    """An open offer of a time next week, as if it had just been made, whatever the hour."""
    now, starts_at = clock.now(), clock.now() + timedelta(days=7)
    time = FreedTime(
        practitioner_id=practitioner.id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        offer_from=now,
    )
    db.add(time)
    db.flush()
    offer = WaitingOffer(
        entry_id=entry.id,
        client_id=entry.client_id,
        freed_id=time.id,
        practitioner_id=practitioner.id,
        starts_at=starts_at,
        offered_at=now,
        answer_by=now + timedelta(hours=2),
    )
    db.add(offer)
    db.flush()
    return offer


def all_steps(db: Session) -> None:
    """What the job does, in one transaction."""
    for step in (service.lapse_next, service.offer_next):
        while step(db):
            pass


def offers(where: Session | Engine, **wanted: Any) -> list[WaitingOffer]:
    """All offers in the order in which they were made."""
    if isinstance(where, Engine):
        with transaction(where, write=False) as db:
            return offers(db, **wanted)
    found = where.exec(select(WaitingOffer).order_by(WaitingOffer.offered_at))  # type: ignore[arg-type]
    return [one for one in found if all(getattr(one, name) == value for name, value in wanted.items())]


def open_offers(where: Session | Engine) -> list[WaitingOffer]:
    """Those that wait for an answer."""
    return offers(where, state=OfferState.OPEN)


def policy(db: Session, **changes: object) -> None:
    """The clinic's settings, changed."""
    clinic.stored_policy(db).sqlmodel_update(changes)
    db.flush()


def _nobody_waits() -> FreedTime:
    raise AssertionError("nobody waits, so nothing is written: call `waits` first")
