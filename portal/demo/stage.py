"""The stage of the demo: the clinic's people, its profile, and a way to let things happen on another day."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from portal.accounts import service as accounts
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.availability import premises
from portal.availability import service as working_time
from portal.availability.forms import ClosureForm, HoursForm, PlaceForm, ResourceForm
from portal.bookings import queries as bookings
from portal.bookings import service as booking
from portal.bookings.models import Appointment
from portal.clinic import service as clinic
from portal.clinic.forms import ClinicForm
from portal.consents import service as consents
from portal.demo.people import PASSWORD
from portal.kit import clock
from portal.kit.forms import checked
from portal.kit.passwords import Passwords
from portal.photos.vault import Vault
from portal.questionnaires import editor as questions
from portal.treatments import queries as treatments
from portal.treatments import service as catalogue
from portal.treatments.models import Treatment

ZONE = "Europe/Berlin"
MONDAY_TO_SATURDAY = range(6)


@dataclass
class Stage:
    """Everything a chapter of the story needs."""

    db: Session
    vault: Vault
    passwords: Passwords
    now: datetime

    @contextmanager
    def days_ago(self, days: int, hour: int = 11) -> Iterator[None]:
        """What happens inside happened so many days ago, at that hour of the clinic's clock (but never after now)."""
        local = (self.now - timedelta(days=days)).astimezone(ZoneInfo(ZONE))
        with self.until(min(local.replace(hour=hour, minute=20), self.now - timedelta(minutes=5))):
            yield

    @contextmanager
    def until(self, moment: datetime) -> Iterator[None]:
        """What happens inside happens at `moment`."""
        with clock.travelled(moment - self.now):
            yield

    def evening(self, days_ago: int) -> datetime:
        """Half past six of that day."""
        return (self.now - timedelta(days=days_ago)).astimezone(ZoneInfo(ZONE)).replace(hour=18, minute=30)

    def person(
        self, email: str, name: str, *, title: str = "", practitioner: bool = False, admin: bool = False
    ) -> Viewer:
        """Somebody who can sign in with the demo's password."""
        person = accounts.add_person(self.db, None, name, email)
        person.title, person.is_practitioner, person.is_admin = title, practitioner, admin
        accounts.set_first_password(self.db, self.passwords, person, PASSWORD)
        return _saved(self.db, person)

    def book(
        self, client: Viewer, practitioner: Viewer, treatment: Treatment, from_day: datetime, hour: int = 10
    ) -> Appointment:
        """The first free time at or after `hour` from that day on."""
        day = from_day.astimezone(ZoneInfo(ZONE)).date()
        days = bookings.slots(
            self.db, practitioner, treatment, day, practitioner_id=practitioner.id, client_id=client.id
        )
        late_enough = (
            slot for one in days for slot in one.slots if slot.starts_at.astimezone(ZoneInfo(ZONE)).hour >= hour
        )
        slot = next(late_enough)
        return booking.book(self.db, practitioner, client.id, treatment, practitioner.id, slot.starts_at)

    @property
    def consultation(self) -> Treatment:
        return treatments.consultation(self.db)

    @property
    def needling(self) -> Treatment:
        return treatments.needling(self.db)


def open_clinic(stage: Stage) -> tuple[Viewer, Viewer, Viewer]:
    """The clinic itself, its catalogue, its team and their hours. Returns two practitioners and the admin."""
    admin = stage.person("admin@example.test", "Ada Admin", title="Clinic manager", admin=True)
    first = stage.person("practitioner@example.test", "Dr. Petra Lindqvist", title="Dermatologist", practitioner=True)
    second = stage.person("practitioner2@example.test", "Marek Novotny", title="Dermatology nurse", practitioner=True)
    clinic.edit(stage.db, admin, _PROFILE)
    catalogue.add_starters(stage.db, admin)
    questions.add_starters(stage.db)
    consents.add_starters(stage.db, admin)
    for practitioner in (first, second):
        for weekday in MONDAY_TO_SATURDAY:
            for opens, closes in ((time(9), time(13)), (time(14), time(18))):
                row = checked(HoursForm, weekday=weekday, opens=opens, closes=closes).value
                working_time.add_hours(stage.db, practitioner, row)
    _premises(stage, admin)
    stage.db.flush()
    return first, second, admin


def _premises(stage: Stage, admin: Viewer) -> None:
    """One place with two rooms and the device that a session needs; shut on the coming New Year's Day."""
    db, needling, consultation = stage.db, stage.needling, stage.consultation
    place = premises.save_place(db, admin, _PLACE)
    consultation.needs_room = needling.needs_room = needling.needs_device = True
    both = [consultation.id, needling.id]
    for kind, name, serves in (
        ("room", "Room 1, garden side", both),
        ("room", "Room 2", both),
        ("device", "Needling pen 1", [needling.id]),
    ):
        where = place.id if kind == "room" else None
        form = checked(ResourceForm, kind=kind, name=name, place_id=where, treatments=serves, is_active=True).value
        premises.save_resource(db, admin, form)
    year = stage.now.year + 1
    new_year = checked(ClosureForm, name="New Year’s Day", first_day=f"{year}-01-01", last_day=f"{year}-01-01").value
    premises.add_closure(db, admin, new_year)


def _saved(db: Session, person: Person) -> Viewer:
    db.flush()
    return person.as_viewer()


_PLACE = checked(
    PlaceForm,
    name="Example Street",
    address="Example Street 12\n10115 Berlin",
    directions="Through the courtyard, second floor. There is a lift.",
    is_active=True,
).value
_PROFILE = checked(
    ClinicForm,
    name="Lindqvist Scalp Clinic",
    tagline="Scalp micro-needling, carefully",
    address="Example Street 12\n10115 Berlin",
    phone="+49 30 901820",
    whatsapp="+49 30 901820",
    email="hello@example.test",
    opening_hours="Monday to Saturday\n9:00 to 13:00 and 14:00 to 18:00",
    emergency_number="112",
    time_zone=ZONE,
    currency="EUR",
    accent="#2f5f55",
).value
