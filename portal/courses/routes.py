"""Agreeing on a course, ending it, and the plan as the client reads it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentClient, CurrentPractitioner
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.courses import queries, service
from portal.courses.forms import CourseForm, EndForm
from portal.kit.errors import Refused
from portal.kit.forms import Bound, bind, blank, refused
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.suitability import queries as suitability
from portal.suitability.answer import GateAnswer
from portal.suitability.scope import Zone
from portal.treatments import queries as treatments

router = Router()
Entry = Annotated[Bound[CourseForm], Depends(bind(CourseForm))]
Ending = Annotated[Bound[EndForm], Depends(bind(EndForm))]


@router.get("/course", name="courses:mine")
def mine(request: Request, db: Db, client: CurrentClient) -> Response:
    course = queries.current(db, client, client.id)
    treatment = treatments.get(db, course.treatment_id) if course else None
    names = accounts.names(db, [course.practitioner_id] if course else [])
    return render(request, "courses/mine.html", course=course, treatment=treatment, names=names)


@router.get("/clients/{client_id}/course", name="courses:agree")
def agree(request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID) -> Response:
    return _page(request, db, practitioner, client_id)


@router.post("/clients/{client_id}/course", name="courses:start")
def start(request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID, form: Entry) -> Response:
    accounts.client(db, practitioner, client_id)
    try:
        if form.ok:
            service.agree(db, practitioner, client_id, form.value)
    except Refused as error:
        refused(form, "", error)
    if not form.ok:
        return _page(request, db, practitioner, client_id, 422, form=form)
    return redirect(request, "courses:agree", flash="The course is agreed.", client_id=client_id)


@router.post("/clients/{client_id}/course/end", name="courses:end")
def end(request: Request, db: Db, practitioner: CurrentPractitioner, client_id: UUID, form: Ending) -> Response:
    accounts.client(db, practitioner, client_id)
    if not form.ok:
        return _page(request, db, practitioner, client_id, 422, ending=form)
    service.end(db, practitioner, client_id, form.value)
    return redirect(request, "courses:agree", flash="The course has ended.", client_id=client_id)


def _page(
    request: Request, db: Db, practitioner: Viewer, client_id: UUID, status: int = 200, **given: Bound[Any]
) -> Response:
    client = accounts.client(db, practitioner, client_id)
    audit.seen(db, practitioner, "courses.seen", client.id)
    standing = suitability.standing(db, practitioner, client.id)
    known = queries.courses(db, practitioner, client.id)
    context = {
        "client": client,
        "standing": standing,
        "answer": service.answer_for(db, client.id, standing.treatment) if standing.treatment else GateAnswer(),
        "running": next((course for course in known if course.is_open), None),
        "ended": [course for course in known if not course.is_open],
        "treatment_names": {treatment.id: treatment.name for treatment in treatments.everything(db)},
        "treatment_options": [(treatment.id, treatment.name) for treatment in treatments.with_verdict(db)],
        "zone_options": [(zone.value, zone.label) for zone in Zone],
        "form": _suggested(standing),
        "ending": blank(),
    }
    return render(request, "courses/agree.html", status, **{**context, **given})


def _suggested(standing: suitability.Standing) -> Bound[Any]:
    """What the treatment and the verdict suggest; the review day and the stop rule are the practitioner's own."""
    treatment, verdict = standing.treatment, standing.verdict
    if treatment is None:
        return blank()
    most = verdict.scope_sessions if verdict and verdict.outcome.allows else treatment.sessions_suggested
    planned = min(treatment.sessions_suggested, most)
    known = {"treatment_id": treatment.id, "sessions_planned": planned, "interval_days": treatment.interval_days}
    zones = verdict.scope_zones if verdict else []
    return blank(**known, window_days=7, zones=zones, photos_before="1", reviews_after=str((planned + 1) // 2))
