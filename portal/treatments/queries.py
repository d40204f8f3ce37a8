"""Reads of the catalogue. It is public: no viewer is asked."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.kit.errors import NotFound
from portal.treatments.models import Treatment
from portal.treatments.rules import Kind


def everything(db: Session) -> Sequence[Treatment]:
    """The whole catalogue, also what is no longer offered; for the admin's screen."""
    return db.exec(_in_order()).all()


def offered(db: Session) -> list[Treatment]:
    """What can be booked now, in the clinic's order."""
    return list(db.exec(_in_order().where(col(Treatment.is_active))).all())


def by_slug(db: Session, slug: str) -> Treatment:
    """An offered treatment by the word in its address. Raises NotFound."""
    return _found(db.exec(_in_order().where(Treatment.slug == slug, col(Treatment.is_active))).first())


def get(db: Session, treatment_id: UUID) -> Treatment:
    """Any treatment, offered or not: old appointments keep theirs. Raises NotFound."""
    return _found(db.get(Treatment, treatment_id))


def consultation(db: Session) -> Treatment:
    """The consultation everybody begins with. Raises NotFound while the clinic offers none."""
    return _found(_first(db, Kind.CONSULTATION))


def needling(db: Session) -> Treatment:
    """The clinic's first treatment session. Raises NotFound while it offers none."""
    return _found(_first(db, Kind.SESSION))


def with_verdict(db: Session) -> list[Treatment]:
    """What a verdict can be about: offered treatment sessions."""
    return [treatment for treatment in offered(db) if treatment.needs_verdict]


def _in_order() -> SelectOfScalar[Treatment]:
    return select(Treatment).order_by(col(Treatment.order), col(Treatment.name))


def _first(db: Session, kind: Kind) -> Treatment | None:
    return db.exec(_in_order().where(Treatment.kind == kind, col(Treatment.is_active))).first()


def _found(treatment: Treatment | None) -> Treatment:
    if treatment is None:
        raise NotFound("The clinic does not offer this treatment.")
    return treatment
