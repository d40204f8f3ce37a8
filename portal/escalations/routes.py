"""What runs, for practitioners; taking a case and writing down what was done; the clinic's limits, for an admin."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentAdmin, CurrentPractitioner
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.escalations import queries, service
from portal.escalations.forms import ActionForm, PolicyForm, as_typed
from portal.kit.errors import Refused
from portal.kit.forms import Bound, Posted, bind, blank, refused
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.side_effects import queries as side_effects
from portal.side_effects import words

router = Router()
Action = Annotated[Bound[ActionForm], Depends(bind(ActionForm))]
Limits = Annotated[Bound[PolicyForm], Depends(bind(PolicyForm))]


@router.get("/escalations", name="escalations:running")
def running(request: Request, db: Db, viewer: CurrentPractitioner) -> Response:
    cases = queries.running(db, viewer)
    for case in cases:
        audit.seen(db, viewer, "escalations.seen", case.escalation.client_id, case.escalation)
    return render(request, "escalations/running.html", cases=cases, weeks=queries.load(db, viewer), words=words)


@router.post("/side-effects/{report_id}/take", name="escalations:take")
def take(request: Request, db: Db, viewer: CurrentPractitioner, posted: Posted, report_id: UUID) -> Response:
    service.take(db, viewer, side_effects.report(db, viewer, report_id))
    return redirect(request, "side_effects:show", report_id=report_id, flash="You have it. The client sees your name.")


@router.post("/side-effects/{report_id}/actions", name="escalations:act")
def act(request: Request, db: Db, viewer: CurrentPractitioner, form: Action, report_id: UUID) -> Response:
    report = side_effects.report(db, viewer, report_id)
    if not form.ok:
        case = queries.of_report(db, viewer, report_id)
        return render(request, "escalations/act.html", 422, form=form, report=report, case=case)
    service.act(db, viewer, report, form.value)
    return redirect(request, "side_effects:show", report_id=report_id, flash="What you did is written down.")


@router.get("/admin/escalation", name="escalations:policy")
def policy(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    return _policy_page(request, db, admin, blank(**as_typed(queries.policy(db))))


@router.post("/admin/escalation", name="escalations:save-policy")
def save_policy(request: Request, db: Db, admin: CurrentAdmin, form: Limits) -> Response:
    if not _saved(db, admin, form):
        return _policy_page(request, db, admin, form, 422)
    return redirect(request, "escalations:policy", flash="Saved. Clocks that run go by it from the next minute on.")


def _saved(db: Db, admin: Viewer, form: Bound[PolicyForm]) -> bool:
    try:
        if form.ok:
            service.edit_policy(db, admin, form.value)
    except Refused as error:
        refused(form, "duty", error)
    return form.ok


def _policy_page(request: Request, db: Db, admin: Viewer, form: Bound[Any], status: int = 200) -> Response:
    people, weeks = accounts.practitioners(db), queries.load(db, admin)
    return render(request, "escalations/policy.html", status, form=form, people=people, weeks=weeks)
