"""Verbs: agree on a course, end it."""

from dataclasses import replace
from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.clinic import queries as clinic
from portal.courses import queries, rules
from portal.courses.forms import CourseForm, EndForm
from portal.courses.models import Course
from portal.kit import clock
from portal.kit.errors import NotAllowed, NotFound, Refused
from portal.kit.events import Event
from portal.notifications import service as notifications
from portal.suitability import queries as suitability
from portal.suitability.answer import Code, GateAnswer
from portal.suitability.rules import gate
from portal.treatments import queries as treatments
from portal.treatments.models import Treatment

CHANGED = Event()  # told (db, client_id): the interval, zones or depth that the gate looks at


def agree(db: Session, practitioner: Viewer, client_id: UUID, form: CourseForm) -> Course:
    """Begin a course. Refused with the gate's words while the gate is shut, and while another course runs."""
    _practitioner_only(practitioner)
    client = accounts.client(db, practitioner, client_id)
    treatment = treatments.get(db, form.treatment_id)
    _refuse_unsuitable(db, practitioner, client.id, treatment, form)
    if queries.current(db, practitioner, client.id):
        raise Refused("A course is running already. End it first.", ("See the course", f"/clients/{client.id}/course"))
    today = clock.today(clinic.profile(db).time_zone)
    course = Course(client_id=client.id, practitioner_id=practitioner.id, agreed_on=today, **form.model_dump())
    db.add(course)
    db.flush()
    audit.record(db, practitioner, "courses.agreed", course, client.id)
    text = "The plan you agreed on is in the portal."
    notifications.tell(db, client.id, f"courses.agreed:{course.id}", text, "/course")
    CHANGED.tell(db, client.id)
    return course


def end(db: Session, practitioner: Viewer, client_id: UUID, form: EndForm) -> Course:
    """End the course that runs. Raises NotFound when none does."""
    _practitioner_only(practitioner)
    course = queries.current(db, practitioner, client_id)
    if course is None:
        raise NotFound("There is no course to end.", ("Plan a course", f"/clients/{client_id}/course"))
    course.ended_on, course.end_reason = clock.today(clinic.profile(db).time_zone), form.reason
    db.add(course)
    db.flush()
    audit.record(db, practitioner, "courses.ended", course, client_id)
    CHANGED.tell(db, client_id)
    return course


def answer_for(db: Session, client_id: UUID, treatment: Treatment) -> GateAnswer:
    """Whether a course may be agreed on today. A plan comes first, then consent to it and the time to think."""
    facts = replace(suitability.facts_for(db, client_id, treatment), has_begun=True)
    return gate(facts, clock.now()).without(Code.CONSENT)


def _practitioner_only(actor: Viewer) -> None:
    if not actor.is_practitioner:
        raise NotAllowed("Only a practitioner agrees on a course.")


def _refuse_unsuitable(
    db: Session, practitioner: Viewer, client_id: UUID, treatment: Treatment, form: CourseForm
) -> None:
    way_out = ("To the verdict", f"/clients/{client_id}/verdict")
    answer = answer_for(db, client_id, treatment)
    if not answer.is_open:
        raise Refused(answer.to_clinic, way_out)
    verdict = suitability.current_verdict(db, practitioner, client_id)
    allowed = verdict.scope_sessions if verdict else 0
    problem = (
        rules.sessions_problem(form.sessions_planned, allowed)
        or rules.interval_problem(form.interval_days, treatment.interval_days)
        or rules.scope_problem(
            form.zones, form.depth_mm, *((verdict.scope_zones, verdict.scope_max_depth_mm) if verdict else ((), None))
        )
    )
    if problem:
        raise Refused(problem, way_out)
