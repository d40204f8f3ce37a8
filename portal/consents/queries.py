"""Reads of published texts and signatures, and the facts the gate is told."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts.rules import Viewer
from portal.clinic import queries as clinic
from portal.consents import rules
from portal.consents.models import Consent, ConsentDocument
from portal.consents.rules import PHOTO_PURPOSES, ConsentFacts, ConsentState, DocumentFacts, Purpose, SignatureFacts
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.treatments import queries as treatments
from portal.treatments.models import Treatment

Subject = tuple[Purpose, UUID | None]
_SUBJECT: tuple[Any, ...] = (col(ConsentDocument.purpose), col(ConsentDocument.treatment_id))
_VERSION: tuple[Any, ...] = (col(ConsentDocument.version), col(ConsentDocument.must_resign))
_WHOSE: tuple[Any, ...] = (col(Consent.client_id), col(Consent.purpose))
_SIGNATURE: tuple[Any, ...] = (
    col(Consent.version),
    col(Consent.signed_at),
    col(Consent.expires_on),
    col(Consent.withdrawn_at),
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """One thing the clinic asks consent for, and its text in force; None when there is none yet."""

    purpose: Purpose
    treatment: Treatment | None
    document: ConsentDocument | None

    @property
    def label(self) -> str:
        return self.treatment.name if self.treatment else self.purpose.label

    @property
    def key(self) -> str:
        """Its word in an address."""
        return str(self.treatment.id) if self.treatment else self.purpose.value


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing a client is asked to consent to, and where it stands today. `signature`: the newest that stands."""

    shelf: Shelf
    facts: ConsentFacts
    state: ConsentState
    signature: Consent | None
    may_sign: bool


def today(db: Session) -> date:
    """The day it is at the clinic."""
    return clock.today(clinic.profile(db).time_zone)


def document(db: Session, document_id: UUID) -> ConsentDocument:
    """One version of a text, in force or not: texts are nobody's secret. Raises NotFound."""
    found = db.get(ConsentDocument, document_id)
    if found is None:
        raise NotFound("There is no such text.")
    return found


def newest(db: Session, purpose: Purpose, treatment_id: UUID | None = None) -> ConsentDocument | None:
    """The text in force; None while nothing was published."""
    return next(iter(history(db, purpose, treatment_id)), None)


def history(db: Session, purpose: Purpose, treatment_id: UUID | None = None) -> Sequence[ConsentDocument]:
    """Every version of one text, newest first."""
    wanted = select(ConsentDocument).where(_about(ConsentDocument, [purpose], treatment_id))
    return db.exec(wanted.order_by(col(ConsentDocument.version).desc())).all()


def shelves(db: Session) -> list[Shelf]:
    """What needs a text: each offered treatment that needs a verdict, and each purpose of photos."""
    found = _in_force(db)
    about = [(Purpose.TREATMENT, treatment) for treatment in treatments.with_verdict(db)]
    subjects: list[tuple[Purpose, Treatment | None]] = [*about, *((purpose, None) for purpose in PHOTO_PURPOSES)]
    return [Shelf(one, treatment, found.get((one, treatment.id if treatment else None))) for one, treatment in subjects]


def shelf(db: Session, key: str = "") -> Shelf:
    """One of them by its key; the first one without. Raises NotFound."""
    for one in shelves(db):
        if key in ("", one.key):
            return one
    raise NotFound("There is nothing of this kind to consent to.")


def facts(db: Session, client_id: UUID, treatment_id: UUID) -> ConsentFacts:
    """Where a client stands with the consent to one treatment, for the gate. Two statements."""
    return _facts(db, [client_id], [Purpose.TREATMENT], treatment_id)[client_id, Purpose.TREATMENT]


def signed_by(db: Session, client_ids: Collection[UUID], treatment_id: UUID, on: date | None = None) -> set[UUID]:
    """Those of the clients whose consent to a treatment counts on a day (today, if none is named). Two statements."""
    return {client_id for client_id, _ in _counting(db, client_ids, [Purpose.TREATMENT], treatment_id, on)}


def photo_purposes(db: Session, client_id: UUID, on: date | None = None) -> set[Purpose]:
    """What a client's photos may be used for on a day (today, if none is named). Two statements."""
    return {purpose for _, purpose in _counting(db, [client_id], PHOTO_PURPOSES, None, on)}


def mine(db: Session, viewer: Viewer) -> list[Matter]:
    """Everything the viewer is asked to consent to, with where it stands."""
    return of_client(db, viewer, viewer.id)


def of_client(db: Session, viewer: Viewer, client_id: UUID) -> list[Matter]:
    """The same about one client; without signatures where they are not the viewer's to see."""
    day, published = today(db), _published(db)
    signed: dict[Subject, list[Consent]] = defaultdict(list)
    for one in signatures(db, viewer, client_id):
        signed[one.purpose, one.treatment_id].append(one)
    return [_matter(shelf, published, signed, day) for shelf in shelves(db)]


def signatures(db: Session, viewer: Viewer, client_id: UUID) -> Sequence[Consent]:
    """Every signature a client ever gave, newest first."""
    wanted = _visible_to(viewer).where(Consent.client_id == client_id)
    return db.exec(wanted.order_by(col(Consent.signed_at).desc())).all()


def consent(db: Session, viewer: Viewer, consent_id: UUID) -> Consent:
    """One signature. Raises NotFound when it is not the viewer's to see."""
    found = db.exec(_visible_to(viewer).where(Consent.id == consent_id)).first()
    if found is None:
        raise NotFound("There is no such consent.")
    return found


def standing_below(db: Session, client_id: UUID, document_id: UUID) -> Consent | None:
    """A client's standing signature below one version of a text; at most one (the database sees to it)."""
    wanted = select(Consent).where(Consent.client_id == client_id, Consent.document_id == document_id)
    return db.exec(wanted.where(*_stands())).first()


def standing_with(db: Session, other: Consent) -> Sequence[Consent]:
    """The client's standing signatures about the same thing, below whichever version."""
    about = _about(Consent, [other.purpose], other.treatment_id)
    return db.exec(select(Consent).where(Consent.client_id == other.client_id, about, *_stands())).all()


def signers(db: Session, text: ConsentDocument) -> Sequence[UUID]:
    """Clients with a standing signature about what a text is about; for telling them of a new one."""
    about = _about(Consent, [text.purpose], text.treatment_id)
    return db.exec(select(Consent.client_id).where(about, *_stands()).distinct()).all()


def _visible_to(viewer: Viewer) -> SelectOfScalar[Consent]:
    """A client sees their own; a practitioner all; an admin who is no practitioner none."""
    seen = select(Consent)
    return seen if viewer.is_practitioner else seen.where(Consent.client_id == viewer.id)


def _stands() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(Consent.withdrawn_at).is_(None), col(Consent.renewed_at).is_(None)


def _about(
    table: type[Consent | ConsentDocument], purposes: Collection[Purpose], treatment_id: UUID | None
) -> ColumnElement[bool]:
    return col(table.purpose).in_(purposes) & col(table.treatment_id).is_not_distinct_from(treatment_id)


def _in_force(db: Session) -> dict[Subject, ConsentDocument]:
    later = aliased(ConsentDocument)
    same = (col(later.purpose) == ConsentDocument.purpose) & col(later.treatment_id).is_not_distinct_from(
        col(ConsentDocument.treatment_id)
    )
    replaced = select(later.id).where(same, col(later.version) > ConsentDocument.version).exists()
    return {(one.purpose, one.treatment_id): one for one in db.exec(select(ConsentDocument).where(~replaced))}


def _published(db: Session) -> dict[Subject, list[DocumentFacts]]:
    """Every version of every text, without its words."""
    found: dict[Subject, list[DocumentFacts]] = defaultdict(list)
    for purpose, treatment_id, *version in db.connection().execute(sa.select(*_SUBJECT, *_VERSION)):
        found[purpose, treatment_id].append(DocumentFacts(*version))
    return found


def _counting(
    db: Session, client_ids: Collection[UUID], purposes: Collection[Purpose], treatment_id: UUID | None, on: date | None
) -> Iterator[tuple[UUID, Purpose]]:
    day = on or today(db)
    for key, found in _facts(db, client_ids, purposes, treatment_id).items():
        if found.on(day) is ConsentState.SIGNED:
            yield key


def _facts(
    db: Session, client_ids: Collection[UUID], purposes: Collection[Purpose], treatment_id: UUID | None
) -> dict[tuple[UUID, Purpose], ConsentFacts]:
    """For each client and purpose: where they stand. Two statements, without any words."""
    documents: dict[Purpose, list[DocumentFacts]] = defaultdict(list)
    signed: dict[tuple[UUID, Purpose], list[SignatureFacts]] = defaultdict(list)
    run = db.connection().execute
    about = _about(ConsentDocument, purposes, treatment_id)
    for purpose, *version in run(sa.select(_SUBJECT[0], *_VERSION).where(about)):
        documents[purpose].append(DocumentFacts(*version))
    theirs = _about(Consent, purposes, treatment_id) & col(Consent.client_id).in_(client_ids)
    for client_id, purpose, *signature in run(sa.select(*_WHOSE, *_SIGNATURE).where(theirs)):
        signed[client_id, purpose].append(SignatureFacts(*signature))
    return {
        (client_id, purpose): rules.standing(documents[purpose], signed[client_id, purpose])
        for client_id in client_ids
        for purpose in purposes
    }


def _matter(
    shelf: Shelf,
    published: dict[Subject, list[DocumentFacts]],
    signed: dict[Subject, list[Consent]],
    day: date,
) -> Matter:
    about = (shelf.purpose, shelf.treatment.id if shelf.treatment else None)
    found = rules.standing(published[about], [one.facts() for one in signed[about]])
    state = found.on(day)
    may_sign = state is not ConsentState.SIGNED or rules.may_renew(found.expires_on, day)
    signature = next((one for one in signed[about] if one.is_standing), None)
    return Matter(shelf, found, state, signature, may_sign and shelf.document is not None)
