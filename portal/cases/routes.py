"""The case file of a report: written, signed, added to, printed, exported. For practitioners only."""

import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentPractitioner
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.cases import export, queries, rules, service, suspects
from portal.cases.forms import AddendumForm, CaseForm
from portal.cases.models import CaseFile
from portal.clinic import queries as clinic
from portal.escalations import queries as escalations
from portal.kit import clock
from portal.kit.forms import Bound, bind, blank, completed
from portal.kit.routing import Db, Router
from portal.kit.templating import zone_name
from portal.kit.web import redirect, render
from portal.side_effects import queries as side_effects
from portal.side_effects import words
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import ScalpZone

router = Router(prefix="/side-effects/{report_id}")
Entry = Annotated[Bound[CaseForm], Depends(bind(CaseForm))]
Extra = Annotated[Bound[AddendumForm], Depends(bind(AddendumForm))]
TICKED = "yes"


@router.get("/file", name="cases:edit")
def edit(request: Request, db: Db, practitioner: CurrentPractitioner, report_id: UUID) -> Response:
    report = side_effects.report(db, practitioner, report_id)
    file = queries.of_report(db, practitioner, report.id)
    if file and file.is_signed:
        return redirect(request, "cases:show", report_id=report.id)
    audit.seen(db, practitioner, "cases.seen", report.client_id, file)
    return _page(request, db, practitioner, report, _filled(db, practitioner, report, file))


@router.post("/file", name="cases:save")
def save(request: Request, db: Db, practitioner: CurrentPractitioner, report_id: UUID, form: Entry) -> Response:
    report = side_effects.report(db, practitioner, report_id)
    if not completed(form, lambda: service.save_draft(db, practitioner, report, form.value)):
        return _page(request, db, practitioner, report, form, 422)
    return redirect(request, "cases:edit", flash="The draft is kept.", report_id=report_id)


@router.post("/file/sign", name="cases:sign")
def sign(request: Request, db: Db, practitioner: CurrentPractitioner, report_id: UUID, form: Entry) -> Response:
    report = side_effects.report(db, practitioner, report_id)
    if not completed(form, lambda: service.sign(db, practitioner, report, form.value)):
        return _page(request, db, practitioner, report, form, 422)
    return redirect(request, "cases:show", flash="The case file is signed.", report_id=report_id)


@router.get("/file/print", name="cases:show")
def show(request: Request, db: Db, practitioner: CurrentPractitioner, report_id: UUID) -> Response:
    return _shown(request, db, practitioner, side_effects.report(db, practitioner, report_id), blank())


@router.post("/file/addenda", name="cases:addendum")
def addendum(request: Request, db: Db, practitioner: CurrentPractitioner, report_id: UUID, form: Extra) -> Response:
    report = side_effects.report(db, practitioner, report_id)
    if not form.ok:
        return _shown(request, db, practitioner, report, form, 422)
    service.add_addendum(db, practitioner, queries.case_file(db, practitioner, report.id), form.value)
    return redirect(request, "cases:show", flash="Your addendum is part of the file.", report_id=report_id)


@router.get("/file.json", name="cases:export")
def exported(
    request: Request, db: Db, practitioner: CurrentPractitioner, report_id: UUID, with_words: str = ""
) -> Response:
    case = queries.sources(db, practitioner, side_effects.report(db, practitioner, report_id))
    service.hand_out(db, practitioner, case.file, with_words=with_words == TICKED)
    made = export.document(case, clock.now(), with_words=with_words == TICKED)
    disposition = f'attachment; filename="case-{case.file.reference.lower()}.json"'
    headers = {"content-disposition": disposition, "cache-control": "private, no-store"}
    return Response(json.dumps(made, ensure_ascii=False, indent=2), media_type="application/json", headers=headers)


def _page(
    request: Request, db: Db, viewer: Viewer, report: SideEffectReport, form: Bound[Any], status: int = 200
) -> Response:
    local = clock.now().astimezone(ZoneInfo(clinic.profile(db).time_zone))
    choices = suspects.offered(queries.record_of(db, viewer, report), report)
    known = {
        "report": report,
        "person": accounts.client(db, viewer, report.client_id),
        "criteria": [(one.value, one.label) for one in rules.Criterion],
        "terms": [(one.value, one.choice) for one in rules.Term],
        "grades": [(grade, f"{grade}") for grade in range(1, rules.DEATH + 1)],
        "choices": [(key, one.label) for key, one in choices.items()],
        "kinds": [(one.value, one.label) for one in rules.SuspectKind],
        "causalities": [(one.value, one.label) for one in rules.Causality],
        "version": rules.VERSION,
        "clock_name": zone_name(local),
        "actions": escalations.actions(db, viewer, report.id),
        "words": words,
    }
    return render(request, "cases/edit.html", status, form=form, **known)


def _shown(
    request: Request, db: Db, viewer: Viewer, report: SideEffectReport, form: Bound[Any], status: int = 200
) -> Response:
    case = queries.sources(db, viewer, report)
    audit.seen(db, viewer, "cases.seen", report.client_id, case.file)
    known: dict[str, Any] = {
        "case": case,
        "file": case.file,
        "report": report,
        "suspects": suspects.of_kept(case.file.suspects),
    }
    known["lasted"] = rules.in_words(case.file.lasted) if case.file.lasted is not None else ""
    known["where"] = ", ".join(words.ZONES[ScalpZone(zone)] for zone in report.zones)
    return render(request, "cases/show.html", status, form=form, words=words, **known)


def _filled(db: Db, viewer: Viewer, report: SideEffectReport, file: CaseFile | None) -> Bound[Any]:
    """The draft as it was left; where there is none, with what the client told of the beginning."""
    zone = ZoneInfo(clinic.profile(db).time_zone)
    if file is None:
        return blank(onset=_typed(report.began_at, zone), extra_kind=rules.SuspectKind.OTHER)
    choices = suspects.offered(queries.record_of(db, viewer, report), report)
    kept = suspects.of_kept(file.suspects)
    chosen = [key for key, one in choices.items() if one in kept]
    extra = next((one for one in kept if one.source == "written"), None)
    times = {"onset": _typed(file.onset_at, zone), "ended": _typed(file.ended_at, zone)}
    more = {"extra_kind": extra.kind, "extra_name": extra.name, "extra_lot": extra.lot} if extra else {}
    said = file.model_dump(include={"seriousness", "term", "term_words", "grade", "causality", "assessment"})
    return blank(**said, **times, **more, suspects=chosen)


def _typed(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}" if moment else None
