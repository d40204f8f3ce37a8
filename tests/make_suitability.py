"""Verdicts, courses and a catalogue for tests, made through the services."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.courses import service as courses
from portal.courses.forms import CourseForm
from portal.courses.models import Course
from portal.kit import clock
from portal.kit.forms import checked
from portal.suitability import service
from portal.suitability.forms import VerdictForm
from portal.suitability.models import Verdict
from portal.suitability.scope import Zone
from portal.treatments import queries as treatments
from portal.treatments import service as catalogue
from portal.treatments.models import Treatment
from tests.make_consents import a_signed_consent


def a_consultation(db: Session) -> Treatment:
    """The free consultation; the catalogue is filled when it is empty."""
    catalogue.add_starters(db)
    return treatments.consultation(db)


def a_needling(db: Session) -> Treatment:
    """The treatment session that needs a verdict, with 28 days of rest."""
    catalogue.add_starters(db)
    return treatments.needling(db)


def verdict_fields(treatment_id: UUID, **changes: object) -> dict[str, object]:
    """What the verdict's form carries for a plain yes: six sessions, front and crown, up to 1.5 mm, six months."""
    today = clock.now().date()
    fields: dict[str, object] = {
        "outcome": "suitable",
        "reasons": "Your scalp is healthy and nothing speaks against it.",
        "treatment_id": treatment_id,
        "sessions": 6,
        "zones": [Zone.FRONTAL, Zone.VERTEX],
        "max_depth_mm": 1.5,
        "valid_until": today + timedelta(days=180),
        "deferred_until": today + timedelta(days=60),
        "note_private": "Seen together with a colleague.",
    }
    return {**fields, **changes}


def a_verdict(
    db: Session, practitioner: Viewer, client: Viewer, *, consents: bool = True, **changes: object
) -> Verdict:
    """A signed verdict, and below a yes the client's consent to it unless `consents` is False; `changes` replace fields
    of the form, for example outcome="not_suitable".
    """
    fields = {**verdict_fields(a_needling(db).id), **changes}
    form = checked(VerdictForm, **fields)
    verdict = service.sign_verdict(db, practitioner, client.id, form.value)
    if consents and verdict.outcome.allows:
        a_signed_consent(db, client, a_needling(db))
    return verdict


def a_course(db: Session, practitioner: Viewer, client: Viewer, **changes: object) -> Course:
    """An agreed course of four sessions, four weeks apart; needs a verdict first."""
    fields: dict[str, object] = {
        "treatment_id": a_needling(db).id,
        "sessions_planned": 4,
        "interval_days": 28,
        "review_on": clock.now().date() + timedelta(days=120),
        "stop_rule": "We stop if redness lasts longer than three days.",
    }
    return courses.agree(db, practitioner, client.id, checked(CourseForm, **{**fields, **changes}).value)
