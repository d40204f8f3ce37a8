"""The dry run on kept reports, and the publication that only it offers."""

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts.auth import CurrentAdmin, CurrentStaff
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.kit.errors import Refused
from portal.kit.forms import Bound, bind, blank, refused
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.side_effects import words
from portal.triage import queries, rules, service
from portal.triage.forms import PublishForm
from portal.triage.pages import drafted_table

MOST_SHOWN = 200
IN_FORCE = "The new version is in force. It waits for the signature of a practitioner."
router = Router(prefix="/triage")
Publish = Annotated[Bound[PublishForm], Depends(bind(PublishForm))]


@router.get("/dry-run", name="triage:dry-run")
def dry_run(request: Request, db: Db, viewer: CurrentStaff) -> Response:
    return _dry_run_page(request, db, viewer, blank())


@router.post("/dry-run", name="triage:publish")
def publish(request: Request, db: Db, admin: CurrentAdmin, form: Publish) -> Response:
    try:
        if form.ok:
            service.publish(db, admin, form.value.mark, form.value.why)
    except Refused as error:
        refused(form, "", error)
    if not form.ok:
        return _dry_run_page(request, db, admin, form, 422)
    return redirect(request, "triage:table", flash=IN_FORCE)


def _dry_run_page(request: Request, db: Db, viewer: Viewer, form: Bound[Any], status: int = 200) -> Response:
    """A practitioner may open each report from here, so each look is recorded; an admin sees figures only."""
    prepared = queries.prepared(db)
    found = queries.tried(db, drafted_table(prepared))
    shown = found.changes[:MOST_SHOWN] if viewer.is_practitioner else ()
    for change in shown:
        audit.seen(db, viewer, "triage.tried", change.given.client_id)
    known = {
        "prepared": prepared,
        "tried": found,
        "changes": shown,
        "lines": rules.differences(rules.named(prepared.in_force, ""), rules.named(prepared.text, "")),
        "days": queries.TRIED_DAYS,
        "most": queries.MOST_REPORTS,
    }
    return render(request, "triage/dry_run.html", status, viewer=viewer, form=form, words=words, **known)
