"""Changing what the clinic says about itself."""

from sqlmodel import Session

from portal.audit import service as audit
from portal.clinic import queries
from portal.clinic.forms import ClinicForm
from portal.clinic.models import BookingPolicy, ClinicProfile
from portal.clinic.policy_form import PolicyForm
from portal.kit.db import afterwards
from portal.kit.events import Event

CHANGED = Event()  # told (db, None): another time zone, so that days begin and end at other moments


def edit(db: Session, actor: audit.Actor | None, form: ClinicForm) -> ClinicProfile:
    """Store the profile as given."""
    row = queries.stored(db)
    days_shift = form.time_zone != row.time_zone
    row.sqlmodel_update(form.model_dump())
    audit.record(db, actor, "clinic.edited", row)
    afterwards(db, queries.stored)
    if days_shift:
        CHANGED.tell(db, None)
    return row


def edit_policy(db: Session, actor: audit.Actor | None, form: PolicyForm) -> BookingPolicy:
    """Store the limits for booking as given. What is booked already stays as it is."""
    row = queries.stored_policy(db)
    row.sqlmodel_update(form.values)
    audit.record(db, actor, "clinic.policy_edited", row)
    return row
