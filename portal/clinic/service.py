"""Changing what the clinic says about itself."""

from sqlmodel import Session

from portal.audit import service as audit
from portal.clinic import queries
from portal.clinic.forms import ClinicForm
from portal.clinic.models import ClinicProfile
from portal.kit.db import afterwards


def edit(db: Session, actor: audit.Actor | None, form: ClinicForm) -> ClinicProfile:
    """Store the profile as given."""
    row = queries.stored(db)
    row.sqlmodel_update(form.model_dump())
    audit.record(db, actor, "clinic.edited", row)
    afterwards(db, queries.stored)
    return row
