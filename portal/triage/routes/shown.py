"""The table in force, its versions and its signature, for the team."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import PlainTextResponse, Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentAdmin, CurrentPractitioner, CurrentStaff
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.side_effects import running
from portal.triage import queries, rules, service
from portal.triage.forms import SettingForm
from portal.triage.pages import in_words

router = Router(prefix="/triage")
Setting = Annotated[Bound[SettingForm], Depends(bind(SettingForm))]


@router.get("", name="triage:table")
def table(request: Request, db: Db, viewer: CurrentStaff) -> Response:
    published = queries.versions(db)
    people = [one for row in published for one in (row.published_by_id, row.signed_by_id) if one]
    known = {
        **in_words(running.table(db)),
        "published": published,
        "said": queries.said_anew(db, published[0] if published else None),
        "names": accounts.names(db, people),
        "trouble": running.trouble(db),
        "prepared": queries.prepared(db),
        "form": blank(shows_level=queries.setting(db).shows_level),
    }
    return render(request, "triage/table.html", viewer=viewer, **known)


@router.post("/setting", name="triage:choose")
def choose(request: Request, db: Db, admin: CurrentAdmin, form: Setting) -> Response:
    service.choose(db, admin, shows_level=form.value.shows_level)
    return redirect(request, "triage:table", flash="Saved. Clients see it from now on.")


@router.get("/versions/{version_id}", name="triage:version")
def version(request: Request, db: Db, viewer: CurrentStaff, version_id: UUID) -> Response:
    row = queries.version(db, version_id)
    names = accounts.names(db, [one for one in (row.published_by_id, row.signed_by_id) if one])
    known = {"row": row, "names": names, "changes": rules.differences(queries.before(db, row), row.text)}
    return render(request, "triage/version.html", **known)


@router.get("/versions/{version_id}/text", name="triage:version-text")
def version_text(request: Request, db: Db, viewer: CurrentStaff, version_id: UUID) -> Response:
    row = queries.version(db, version_id)
    named = f'attachment; filename="triage-{row.number}.toml"'
    return PlainTextResponse(row.text, headers={"content-disposition": named, "cache-control": "no-store"})


@router.post("/versions/{version_id}/sign", name="triage:sign")
def sign(request: Request, db: Db, practitioner: CurrentPractitioner, posted: Posted, version_id: UUID) -> Response:
    service.sign(db, practitioner, version_id)
    return redirect(request, "triage:table", flash="Signed. Reports say so from now on.")
