"""Builders for tests that need a report, or a treatment session that lies so many hours back."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.bookings.models import Appointment
from portal.bookings.rules import State
from portal.kit import clock
from portal.kit.forms import checked
from portal.side_effects import service
from portal.side_effects.forms import ReportForm
from portal.side_effects.models import SideEffectReport
from portal.treatments.models import Treatment
from portal.treatments.rules import Kind

ORDINARY: dict[str, Any] = {"flags_answer": "none", "symptoms": ["redness"], "redness": "mild", "trend": "same"}


def a_report_form(**answers: Any) -> ReportForm:
    """Mild redness and nothing else, but for what is said otherwise."""
    return checked(ReportForm, **{**ORDINARY, **answers}).value


def a_report(db: Session, client: Viewer, **answers: Any) -> SideEffectReport:
    """A report of mild redness; without a treatment session before it, it is answered within a day."""
    return service.report(db, client, a_report_form(**answers))


def an_urgent_report(db: Session, client: Viewer) -> SideEffectReport:
    """A report with a red flag and nothing more."""
    return service.report(db, client, checked(ReportForm, flags=["lip_or_face_swelling"]).value)


def a_session_done(
    db: Session, client: Viewer, practitioner: Viewer, hours_ago: float = 3, treatment: Treatment | None = None
) -> Appointment:
    """A treatment session that ended so many hours ago and was attended. Only for tests: real ones come by booking."""
    treatment = treatment or _needling(db)
    ends = clock.now() - timedelta(hours=hours_ago)
    starts = ends - timedelta(hours=1)
    appointment = Appointment(
        client_id=client.id,
        practitioner_id=practitioner.id,
        booked_by_id=practitioner.id,
        treatment_id=treatment.id,
        starts_at=starts,
        ends_at=ends,
        blocked_from=starts,
        blocked_until=ends,
        state=State.ATTENDED,
    )
    db.add(appointment)
    db.flush()
    return appointment


def _needling(db: Session) -> Treatment:
    slug = f"needling-{uuid4().hex[:6]}"
    treatment = Treatment(
        slug=slug,
        name="Scalp micro-needling",
        summary="Needling",
        kind=Kind.SESSION,
        needs_verdict=True,
        minutes=60,
        interval_days=28,
    )
    db.add(treatment)
    db.flush()
    return treatment
