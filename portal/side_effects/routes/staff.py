"""Pages of the practitioner: the case of one report."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentPractitioner
from portal.accounts.rules import Viewer
from portal.kit.forms import Bound, Posted, bind
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.side_effects import queries, running, service, telling, words
from portal.side_effects.forms import CloseForm
from portal.side_effects.models import SideEffectReport

router = Router(prefix="/side-effects")
Closing = Annotated[Bound[CloseForm], Depends(bind(CloseForm))]


@router.post("/{report_id}/acknowledge", name="side_effects:acknowledge")
def acknowledge(
    request: Request, db: Db, practitioner: CurrentPractitioner, posted: Posted, report_id: UUID
) -> Response:
    service.acknowledge(db, practitioner, queries.report(db, practitioner, report_id))
    return redirect(
        request, "side_effects:show", report_id=report_id, flash="The client now sees that you have seen it."
    )


@router.post("/{report_id}/close", name="side_effects:close")
def close(request: Request, db: Db, practitioner: CurrentPractitioner, form: Closing, report_id: UUID) -> Response:
    entry = queries.report(db, practitioner, report_id)
    if not form.ok:
        return case_page(request, db, practitioner, entry, form=form, status=422)
    service.close(db, practitioner, entry, form.value)
    return redirect(request, "side_effects:show", report_id=report_id, flash="The report is closed.")


def case_page(
    request: Request, db: Db, viewer: Viewer, entry: SideEffectReport, *, form: Bound[Any], status: int = 200
) -> Response:
    """What a practitioner sees of a report; whoever calls it has asked who may."""
    table = running.table(db)
    known = {
        "person": accounts.client(db, viewer, entry.client_id),
        "has_seen": queries.acknowledgement(db, viewer, entry.id) is not None,
        "others": [one for one in queries.reports(db, viewer, entry.client_id) if one.id != entry.id],
        "stage": table.stage(entry.hours),
        "answer": telling.answer(entry, table, shows_level=running.shows_level(db)),
        "seen": queries.acknowledged(db, [entry]).get(entry.id, []),
    }
    return render(request, "side_effects/case.html", status, form=form, report=entry, words=words, **known)
