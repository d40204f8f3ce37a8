"""What is asked of one client beside the story: consents, health answers, check-ins, a yes to an offered time.

The home page wants all of it and is opened most of all pages: so it is one statement, built once, whose rows say what
they are about. No text of a consent and no answer is among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from portal.checkins.models import CheckIn
from portal.clinic.models import BookingPolicy
from portal.consents import rules as consents
from portal.consents.models import Consent, ConsentDocument
from portal.consents.rules import ConsentFacts, DocumentFacts, SignatureFacts
from portal.questionnaires.models import HealthAnswers
from portal.timeline.due import Offer, Question
from portal.waiting.models import WaitingOffer
from portal.waiting.rules import OfferState

_USUAL_HOURS = BookingPolicy().reminder_hours  # before anybody edits the clinic's policy


class About(StrEnum):
    """What a row is about."""

    SIGNATURE = "signature"
    TEXT = "text"
    ANSWERS = "answers"
    OFFER = "offer"
    CHECK_IN = "check_in"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Fact:
    """One row; what does not belong to its kind is None. `ends_at`: withdrawn, or to be answered until then."""

    about: About
    id: UUID | None = None
    treatment_id: UUID | None = None
    title: str | None = None
    version: int | None = None
    at: datetime | None = None
    ends_at: datetime | None = None
    last_day: date | None = None
    must_resign: bool | None = None
    hours: list[int] | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """A consent the client gave, and may have taken back."""

    id: UUID
    title: str
    signed_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """The rows as the rules want them. `consent`: to the treatment a practitioner decided about; None without that.
    `remind_before`: how long before an appointment the clinic first reminds of it.
    """

    consent: ConsentFacts | None
    signatures: list[Signature]
    answered_at: datetime | None
    offers: tuple[Offer, ...]
    questions: tuple[Question, ...]
    remind_before: timedelta


def gathered(facts: Sequence[Fact], treatment_id: UUID | None) -> Asked:
    """Sort the rows of FACTS. `treatment_id`: what the newest verdict is about, as it was given to the statement."""
    of: dict[About, list[Any]] = {about: [one for one in facts if one.about == about] for about in About}
    hours = next((one.hours for one in of[About.POLICY]), _USUAL_HOURS)
    return Asked(
        consent=_standing(of[About.TEXT], of[About.SIGNATURE], treatment_id) if treatment_id else None,
        signatures=[Signature(one.id, one.title, one.at, one.ends_at) for one in of[About.SIGNATURE]],
        answered_at=next((one.at for one in of[About.ANSWERS]), None),
        offers=tuple(Offer(one.id, one.ends_at) for one in of[About.OFFER]),
        questions=tuple(Question(one.id, one.at, is_follow_up=one.title is not None) for one in of[About.CHECK_IN]),
        remind_before=timedelta(hours=max(hours, default=0)),
    )


def _standing(texts: list[Any], signed: list[Any], treatment_id: UUID) -> ConsentFacts:
    return consents.standing(
        [DocumentFacts(one.version, one.must_resign) for one in texts],
        [
            SignatureFacts(one.version, one.at, one.last_day, one.ends_at)
            for one in signed
            if one.treatment_id == treatment_id
        ],
    )


# Every part names the type of what it leaves out: PostgreSQL does not guess it.
_KINDS: dict[str, Any] = {
    "id": sa.Uuid(),
    "treatment_id": sa.Uuid(),
    "title": sa.String(),
    "version": sa.Integer(),
    "at": UTCDateTime(),
    "ends_at": UTCDateTime(),
    "last_day": sa.Date(),
    "must_resign": sa.Boolean(),
    "hours": sa.JSON(),
}


def _part(about: About, **known: Any) -> sa.Select[Any]:
    given = (known.get(name, sa.cast(sa.null(), kind)).label(name) for name, kind in _KINDS.items())
    return sa.select(sa.literal_column(f"'{about}'", sa.String()).label("about"), *given)


_CLIENT: sa.BindParameter[UUID] = sa.bindparam("client")
_TREATMENT: sa.BindParameter[UUID | None] = sa.bindparam("treatment")
FACTS = sa.union_all(
    _part(
        About.SIGNATURE,
        id=col(Consent.id),
        treatment_id=col(Consent.treatment_id),
        title=col(Consent.title),
        version=col(Consent.version),
        at=col(Consent.signed_at),
        ends_at=col(Consent.withdrawn_at),
        last_day=col(Consent.expires_on),
    ).where(col(Consent.client_id) == _CLIENT),
    _part(About.TEXT, version=col(ConsentDocument.version), must_resign=col(ConsentDocument.must_resign)).where(
        col(ConsentDocument.treatment_id) == _TREATMENT
    ),
    _part(About.ANSWERS, at=sa.func.max(col(HealthAnswers.submitted_at))).where(
        col(HealthAnswers.client_id) == _CLIENT
    ),
    _part(About.OFFER, id=col(WaitingOffer.id), ends_at=col(WaitingOffer.answer_by)).where(
        col(WaitingOffer.client_id) == _CLIENT, col(WaitingOffer.state) == OfferState.OPEN
    ),
    _part(
        About.CHECK_IN,
        id=col(CheckIn.id),
        at=col(CheckIn.due_at),
        title=sa.cast(col(CheckIn.report_id), sa.String()),
    ).where(
        col(CheckIn.client_id) == _CLIENT,
        col(CheckIn.answered_at).is_(None),
        col(CheckIn.closed_at).is_(None),
        col(CheckIn.ended_at).is_(None),
    ),
    _part(About.POLICY, hours=col(BookingPolicy.reminder_hours)),
)
"""Takes `client` and `treatment`, gives Facts."""
