"""Pages of the client: reporting, the answer, the diary. A report is also where a practitioner opens its case."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from portal.accounts import whose
from portal.accounts.auth import CurrentClient, SignedIn
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.errors import PortalError
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, InHop, Router
from portal.kit.templating import zone_name
from portal.kit.web import redirect, render
from portal.side_effects import drafts, queries, running, service, telling, words
from portal.side_effects.forms import ReportForm
from portal.side_effects.models import SideEffectReport
from portal.side_effects.routes.scripted import for_script
from portal.side_effects.routes.staff import case_page

router = Router(prefix="/side-effects")
Entry = Annotated[Bound[ReportForm], Depends(bind(ReportForm))]
PhotoIntake = Callable[[Db, Viewer, UploadFile], UUID]
MOST_BYTES = 110 * 1024 * 1024  # a photo that is too large must not cost the words that came with it
MOST_PHOTO = 25 * 1024 * 1024
NOTED = "We have noted that this is urgent to you."  # whether somebody was told already, the page itself says
NO_PHOTO = "Your report is saved. The photo could not be added; you can send it under “Photos”."


async def _clinic_zone() -> InHop:
    return InHop(lambda db: clinic.profile(db).time_zone)


ClinicZone = Annotated[str, Depends(_clinic_zone)]


@router.get("", name="side_effects:mine")
def mine(request: Request, db: Db, client: CurrentClient) -> Response:
    reports, shows_level = queries.reports(db, client, client.id), running.shows_level(db)
    known = {
        "stage": queries.stage_now(db, client, client.id, clock.now()),
        "seen": queries.acknowledged(db, reports),
        **_unsent(db, client),
        "groups": telling.groups(reports, shows_level=shows_level),
        "shows_level": shows_level,
    }
    return render(request, "side_effects/mine.html", words=words, **known)


@router.get("/new", name="side_effects:new")
def new(request: Request, db: Db, client: CurrentClient, zone: ClinicZone) -> Response:
    known = _unsent(db, client)
    draft = known["draft"]
    return _form_page(request, db, blank(**draft.answers) if draft else blank(), zone, **known)


@router.post("/new", name="side_effects:report", max_body_size=MOST_BYTES)
def report(request: Request, db: Db, client: CurrentClient, zone: ClinicZone, form: Entry) -> Response:
    whose.only_of(request, client, form)
    if not _checked(form, zone).ok:
        return _form_page(request, db, form, zone, 422)
    photo_id, lost = _photo(request, db, client, form)
    made = service.report(db, client, form.value, photo_id)
    drafts.discard(db, client)
    flash, kind = (NO_PHOTO, "warning") if lost else ("Your report is saved.", "ok")
    return for_script(request, redirect(request, "side_effects:show", report_id=made.id, flash=flash, kind=kind))


@router.get("/{report_id}", name="side_effects:show")
def show(request: Request, db: Db, viewer: SignedIn, report_id: UUID) -> Response:
    entry = queries.report(db, viewer, report_id)
    audit.seen(db, viewer, "side_effects.seen", entry.client_id, entry)
    if viewer.is_practitioner:
        return case_page(request, db, viewer, entry, form=blank())
    return render(request, "side_effects/show.html", **_answered(db, entry))


@router.post("/{report_id}/urgent", name="side_effects:urgent")
def urgent(request: Request, db: Db, client: CurrentClient, posted: Posted, report_id: UUID) -> Response:
    service.ask_for_person(db, client, queries.report(db, client, report_id))
    return redirect(request, "side_effects:show", report_id=report_id, flash=NOTED)


def _unsent(db: Db, client: Viewer) -> dict[str, Any]:
    draft = drafts.of(db, client)
    return {"draft": draft, "is_overtaken": draft is not None and drafts.told_since(db, draft)}


def _form_page(request: Request, db: Db, form: Bound[Any], zone: str, status: int = 200, **known: Any) -> Response:
    local = clock.now().astimezone(ZoneInfo(zone))
    known = {"draft": None, "clock_name": zone_name(local), "latest": f"{local:%Y-%m-%dT%H:%M}", **known}
    known |= {"table": running.table(db), "words": words, "days": drafts.DAYS}
    return render(request, "side_effects/new.html", status, form=form, **known)


def _answered(db: Db, entry: SideEffectReport) -> dict[str, Any]:
    """What the client reads of a report; without levels, nothing that tells one."""
    table, shows_level = running.table(db), running.shows_level(db)
    return {
        "report": entry,
        "answer": telling.answer(entry, table, shows_level=shows_level),
        "placing": telling.placing(entry, table),
        "reasons": telling.reasons(entry, table),
        "shows_level": shows_level,
        "stage": table.stage(entry.hours),
        "seen": queries.acknowledged(db, [entry]).get(entry.id, []),
        "words": words,
    }


def _checked(form: Bound[ReportForm], zone: str) -> Bound[ReportForm]:
    """What only the clinic's clock can tell, before a photo is looked at; it keeps no red flag from being reported."""
    if form.ok and not form.value.flags and (began := form.value.began_at(zone)) and began > clock.now():
        form.fail("began", service.IN_FUTURE)
    return form


def _photo(request: Request, db: Db, client: Viewer, form: Bound[ReportForm]) -> tuple[UUID | None, bool]:
    """The id of the photo that came along, and whether one came but was lost. A bad photo never stops a report.

    The hook: whoever takes in photos puts a `PhotoIntake` into `app.state.photo_intake`. It raises PortalError for a
    photo it refuses, before it has written anything.
    """
    uploads = form.files.get("photo") or []
    intake: PhotoIntake | None = getattr(request.app.state, "photo_intake", None)
    if not uploads:
        return None, False
    if intake is None or (uploads[0].size or 0) > MOST_PHOTO:
        return None, True
    try:
        return intake(db, client, uploads[0]), False
    except PortalError:
        return None, True
