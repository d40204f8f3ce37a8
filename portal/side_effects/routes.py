"""Pages of the client (report, answer, history) and of the practitioner (the case)."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentClient, CurrentPractitioner, SignedIn
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.errors import PortalError
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, InHop, Router
from portal.kit.templating import zone_name
from portal.kit.web import redirect, render
from portal.side_effects import queries, service, words
from portal.side_effects.forms import CloseForm, ReportForm
from portal.side_effects.models import SideEffectReport
from portal.side_effects.table import RUNNING

router = Router(prefix="/side-effects")
Entry = Annotated[Bound[ReportForm], Depends(bind(ReportForm))]
Closing = Annotated[Bound[CloseForm], Depends(bind(CloseForm))]
PhotoIntake = Callable[[Db, Viewer, UploadFile], UUID]
MOST_BYTES = 27 * 1024 * 1024  # one photo of 25 MB and the words
NO_PHOTO = "Your report is saved. The photo could not be added; you can send it under “Photos”."


async def _clinic_zone() -> InHop:
    return InHop(lambda db: clinic.profile(db).time_zone)


ClinicZone = Annotated[str, Depends(_clinic_zone)]


@router.get("", name="side_effects:mine")
def mine(request: Request, db: Db, client: CurrentClient) -> Response:
    reports = queries.reports(db, client, client.id)
    stage = queries.stage_now(db, client, client.id, clock.now())
    seen = queries.acknowledged(db, reports)
    return render(request, "side_effects/mine.html", reports=reports, seen=seen, stage=stage, words=words)


@router.get("/new", name="side_effects:new")
def new(request: Request, db: Db, client: CurrentClient, zone: ClinicZone) -> Response:
    return _form_page(request, blank(), zone)


@router.post("/new", name="side_effects:report", max_body_size=MOST_BYTES)
def report(request: Request, db: Db, client: CurrentClient, zone: ClinicZone, form: Entry) -> Response:
    if not _checked(form, zone).ok:
        return _form_page(request, form, zone, 422)
    photo_id, lost = _photo(request, db, client, form)
    made = service.report(db, client, form.value, photo_id)
    flash, kind = (NO_PHOTO, "warning") if lost else ("Your report is saved.", "ok")
    return redirect(request, "side_effects:show", report_id=made.id, flash=flash, kind=kind)


@router.get("/{report_id}", name="side_effects:show")
def show(request: Request, db: Db, viewer: SignedIn, report_id: UUID) -> Response:
    entry = queries.report(db, viewer, report_id)
    audit.seen(db, viewer, "side_effects.seen", entry.client_id, entry)
    if viewer.is_practitioner:
        return _case_page(request, db, viewer, entry, form=blank())
    return render(request, "side_effects/show.html", **_told(db, entry), stage=RUNNING.stage(entry.hours))


@router.post("/{report_id}/urgent", name="side_effects:urgent")
def urgent(request: Request, db: Db, client: CurrentClient, posted: Posted, report_id: UUID) -> Response:
    service.ask_for_person(db, client, queries.report(db, client, report_id))
    return redirect(request, "side_effects:show", report_id=report_id, flash="We have told our practitioners.")


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
        return _case_page(request, db, practitioner, entry, form=form, status=422)
    service.close(db, practitioner, entry, form.value)
    return redirect(request, "side_effects:show", report_id=report_id, flash="The report is closed.")


def _form_page(request: Request, form: Bound[Any], zone: str, status: int = 200) -> Response:
    local = clock.now().astimezone(ZoneInfo(zone))
    known = {"table": RUNNING, "words": words, "clock_name": zone_name(local), "latest": f"{local:%Y-%m-%dT%H:%M}"}
    return render(request, "side_effects/new.html", status, form=form, **known)


def _case_page(
    request: Request, db: Db, viewer: Viewer, entry: SideEffectReport, *, form: Bound[Any], status: int = 200
) -> Response:
    person = accounts.client(db, viewer, entry.client_id)
    has_seen = queries.acknowledgement(db, viewer, entry.id) is not None
    others = [one for one in queries.reports(db, viewer, entry.client_id) if one.id != entry.id]
    known = {"person": person, "has_seen": has_seen, "others": others, "stage": RUNNING.stage(entry.hours)}
    return render(request, "side_effects/case.html", status, form=form, **known, **_told(db, entry))


def _told(db: Db, entry: SideEffectReport) -> dict[str, Any]:
    seen = queries.acknowledged(db, [entry]).get(entry.id, [])
    return {
        "report": entry,
        "answer": RUNNING.answer(entry.level, follow_up=entry.follow_up),
        "seen": seen,
        "words": words,
    }


def _checked(form: Bound[ReportForm], zone: str) -> Bound[ReportForm]:
    """What only the clinic's clock can tell, before a photo is looked at."""
    if form.ok and (began := form.value.began_at(zone)) and began > clock.now():
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
    try:
        return (intake(db, client, uploads[0]), False) if intake else (None, True)
    except PortalError:
        return None, True
