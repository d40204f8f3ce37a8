"""Pages for admins."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as people
from portal.accounts import service as accounts
from portal.accounts.auth import CurrentAdmin
from portal.accounts.forms import TeamForm
from portal.accounts.rules import Role
from portal.admin import queries, service
from portal.audit import queries as audit
from portal.kit.errors import Refused
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.side_effects import running

router = Router(prefix="/admin")
Entry = Annotated[Bound[TeamForm], Depends(bind(TeamForm))]
ROLES = [(Role.PRACTITIONER.value, "Practitioner"), (Role.ADMIN.value, "Administrator")]


@router.get("", name="admin:overview")
def overview(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    known = {"engine": queries.engine_room(db), "team": people.team(db), "trouble": running.trouble(db)}
    return render(request, "admin/overview.html", **known)


@router.get("/team", name="admin:team")
def team(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    return _team(request, db, blank(role=Role.PRACTITIONER.value))


@router.post("/team", name="admin:invite")
def invite(request: Request, db: Db, admin: CurrentAdmin, form: Entry) -> Response:
    if form.ok:
        try:
            person = accounts.invite_colleague(db, admin, form.value)
            return redirect(request, "admin:team", flash=f"{person.name} is invited.")
        except Refused as error:
            form.fail("email", error.sentence)
    return _team(request, db, form, 422)


@router.post("/team/{person_id}/closed", name="admin:close-account")
def close_account(request: Request, db: Db, admin: CurrentAdmin, posted: Posted, person_id: UUID) -> Response:
    person = accounts.set_active(db, admin, person_id, active=False)
    return redirect(request, "admin:team", flash=f"{person.name} can no longer sign in.")


@router.post("/team/{person_id}/open", name="admin:open-account")
def open_account(request: Request, db: Db, admin: CurrentAdmin, posted: Posted, person_id: UUID) -> Response:
    person = accounts.set_active(db, admin, person_id, active=True)
    return redirect(request, "admin:team", flash=f"{person.name} can sign in again.")


@router.get("/audit", name="admin:audit")
def audit_record(request: Request, db: Db, admin: CurrentAdmin, before: str | None = None) -> Response:
    page = audit.entries(db, before)
    names = people.names(db, [entry.client_id for entry in page.rows if entry.client_id])
    return render(request, "admin/audit.html", page=page, names=names)


@router.get("/engine", name="admin:engine")
def engine(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    return render(request, "admin/engine.html", engine=queries.engine_room(db))


@router.post("/engine/{job_id}/again", name="admin:try-again")
def try_again(request: Request, db: Db, admin: CurrentAdmin, posted: Posted, job_id: UUID) -> Response:
    service.try_again(db, admin, job_id)
    return redirect(request, "admin:engine", flash="It is tried again now.")


def _team(request: Request, db: Db, form: Bound[TeamForm], status: int = 200) -> Response:
    return render(request, "admin/team.html", status, form=form, team=people.team(db), roles=ROLES)
