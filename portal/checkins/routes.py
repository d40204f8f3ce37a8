"""A client answers; a practitioner settles what was not answered; an admin sets the limits."""

from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts import whose
from portal.accounts.auth import CurrentAdmin, CurrentClient, CurrentPractitioner
from portal.audit import service as audit
from portal.checkins import queries, service
from portal.checkins.forms import CheckInForm, PolicyForm, SettleForm, as_typed
from portal.checkins.models import CheckIn
from portal.checkins.prompts import prompts
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.forms import Bound, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.side_effects import running, words

router = Router()
Answered = Annotated[Bound[CheckInForm], Depends(bind(CheckInForm))]
Settled = Annotated[Bound[SettleForm], Depends(bind(SettleForm))]
Limits = Annotated[Bound[PolicyForm], Depends(bind(PolicyForm))]


@router.get("/check-ins", name="checkins:mine")
def mine(request: Request, db: Db, client: CurrentClient) -> Response:
    return render(request, "checkins/mine.html", lines=queries.with_states(db, client, client.id))


@router.get("/check-ins/{check_in_id}", name="checkins:ask")
def ask(request: Request, db: Db, client: CurrentClient, check_in_id: UUID) -> Response:
    return _ask_page(request, db, queries.check_in(db, client, check_in_id), blank())


@router.post("/check-ins/{check_in_id}", name="checkins:answer")
def answer(request: Request, db: Db, client: CurrentClient, form: Answered, check_in_id: UUID) -> Response:
    whose.only_of(request, client, form)
    row = queries.check_in(db, client, check_in_id)
    if not form.ok:
        return _ask_page(request, db, row, form, 422)
    report = service.answer(db, client, row, form.value)
    return redirect(request, "side_effects:show", report_id=report.id, flash="Thank you. Your answer is saved.")


@router.get("/check-ins/{check_in_id}/missed", name="checkins:missed")
def missed(request: Request, db: Db, viewer: CurrentPractitioner, check_in_id: UUID) -> Response:
    row = queries.check_in(db, viewer, check_in_id)
    audit.seen(db, viewer, "checkins.seen", row.client_id, row)
    return _missed_page(request, db, row, blank())


@router.post("/check-ins/{check_in_id}/settle", name="checkins:settle")
def settle(request: Request, db: Db, viewer: CurrentPractitioner, form: Settled, check_in_id: UUID) -> Response:
    row = queries.check_in(db, viewer, check_in_id)
    if not form.ok:
        return _missed_page(request, db, row, form, 422)
    service.settle(db, viewer, row, form.value)
    return redirect(request, "worklist:queue", flash="What you did is written down.")


@router.get("/admin/check-ins", name="checkins:policy")
def policy(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    return render(request, "checkins/policy.html", form=blank(**as_typed(queries.policy(db))))


@router.post("/admin/check-ins", name="checkins:save-policy")
def save_policy(request: Request, db: Db, admin: CurrentAdmin, form: Limits) -> Response:
    if not form.ok:
        return render(request, "checkins/policy.html", 422, form=form)
    service.edit_policy(db, admin, form.value)
    return redirect(request, "checkins:policy", flash="Saved. What waits goes by it from the next minute on.")


def _ask_page(request: Request, db: Db, row: CheckIn, form: Bound[Any], status: int = 200) -> Response:
    at, former = clock.now(), queries.former(db, row)
    known = {
        "row": row,
        "state": row.state(at),
        "about": queries.about(db, row),
        "is_unmarked": queries.is_unmarked(db, row),
        "asked": prompts(former, at, ZoneInfo(clinic.profile(db).time_zone)),
        "table": running.table(db),
        "words": words,
    }
    return render(request, "checkins/ask.html", status, form=form, **known)


def _missed_page(request: Request, db: Db, row: CheckIn, form: Bound[Any], status: int = 200) -> Response:
    known = {
        "row": row,
        "is_unmarked": queries.is_unmarked(db, row),
        "together": queries.together_with(db, row),
        "person": accounts.person(db, row.client_id),
        "former": queries.former(db, row),
        "closed_by": accounts.person(db, row.closed_by_id).name if row.closed_by_id else "",
    }
    return render(request, "checkins/missed.html", status, form=form, **known)
