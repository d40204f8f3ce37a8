"""Verbs: keep a draft, sign it, add to what is signed, hand out the export."""

from zoneinfo import ZoneInfo

from sqlmodel import Session

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.cases import queries, rules, suspects
from portal.cases.forms import AddendumForm, CaseForm
from portal.cases.models import CaseAddendum, CaseFile
from portal.clinic import queries as clinic
from portal.kit import clock
from portal.kit.db import afterwards, lock_row
from portal.kit.errors import NotAllowed, Refused, refuse_incomplete
from portal.side_effects.models import SideEffectReport

_PERSON = Person.__table__  # type: ignore[attr-defined]
_NOT_OFFERED = "Please choose one of the options."


def save_draft(db: Session, practitioner: Viewer, report: SideEffectReport, form: CaseForm) -> CaseFile:
    """Keep what is known so far. Raises Incomplete for what contradicts itself, Refused when it is signed."""
    file = _written(db, practitioner, report, form, signing=False)
    audit.record(db, practitioner, "cases.drafted", file, report.client_id)
    return file


def sign(db: Session, practitioner: Viewer, report: SideEffectReport, form: CaseForm) -> CaseFile:
    """Sign what the form says: nothing changes afterwards. Raises Incomplete for all that is missing."""
    file = _written(db, practitioner, report, form, signing=True)
    file.signed_at, file.signed_by_id = clock.now(), practitioner.id
    db.flush()
    audit.record(db, practitioner, "cases.signed", file, report.client_id)
    return file


def add_addendum(db: Session, practitioner: Viewer, file: CaseFile, form: AddendumForm) -> CaseAddendum:
    """Add to a signed file. Refused while it is a draft: that can still be written itself."""
    _practitioner_only(practitioner)
    if not file.is_signed:
        raise Refused("This case file is not signed yet, so you can still write in it.", _way_to(file, "file"))
    added = CaseAddendum(file_id=file.id, client_id=file.client_id, by_id=practitioner.id, text=form.text)
    db.add(added)
    db.flush()
    audit.record(db, practitioner, "cases.addendum", added, file.client_id)
    return added


def hand_out(db: Session, practitioner: Viewer, file: CaseFile, *, with_words: bool) -> None:
    """The export leaves the portal: written down before it is sent. Refused for a draft."""
    _practitioner_only(practitioner)
    if not file.is_signed:
        raise Refused("Only a signed case file is exported.", _way_to(file, "file"))
    action = "cases.exported-with-words" if with_words else "cases.exported"
    afterwards(db, lambda later: audit.record(later, practitioner, action, file, file.client_id))


def _written(db: Session, practitioner: Viewer, report: SideEffectReport, form: CaseForm, *, signing: bool) -> CaseFile:
    """The file with what the form says, under the client's row: of two who sign at once one is told."""
    _practitioner_only(practitioner)
    lock_row(db, _PERSON, report.client_id)
    file = queries.of_report(db, practitioner, report.id)
    if file and file.is_signed:
        raise Refused("This case file is signed. You can add to it, but not change it.", _way_to(file, "file/print"))
    zone = ZoneInfo(clinic.profile(db).time_zone)
    choices = suspects.offered(queries.record_of(db, practitioner, report), report)
    refuse_incomplete(_problems(report, form, zone, choices, signing=signing))
    chosen = [choices[key] for key in dict.fromkeys(form.suspects)]
    file = file or CaseFile(report_id=report.id, client_id=report.client_id, written_by_id=practitioner.id)
    file.sqlmodel_update(form.model_dump(include={"term", "grade", "causality", "assessment"}))
    file.term_words = form.term_words if form.term is rules.Term.OTHER else ""
    file.seriousness = [one.value for one in dict.fromkeys(form.seriousness)]
    file.onset_at, file.ended_at = form.onset_at(zone), form.ended_at(zone)
    file.suspects = [one.kept() for one in (*chosen, *form.extra)]
    file.written_by_id, file.terms_version = practitioner.id, rules.VERSION
    db.add(file)
    db.flush()
    return file


def _problems(
    report: SideEffectReport, form: CaseForm, zone: ZoneInfo, choices: dict[str, suspects.Suspect], *, signing: bool
) -> dict[str, str]:
    told = form.told(zone)
    found = {**(rules.missing(told) if signing else {}), **rules.problems(told, report.reported_at, clock.now())}
    if not set(form.suspects) <= choices.keys():
        found["suspects"] = _NOT_OFFERED
    if form.extra_lot and not form.extra_name:
        found["extra_name"] = "Please name what this lot is of."
    return found


def _practitioner_only(actor: Viewer) -> None:
    if not actor.is_practitioner:
        raise NotAllowed("Only a practitioner writes case files.")


def _way_to(file: CaseFile, page: str) -> tuple[str, str]:
    return ("To the case file", f"/side-effects/{file.report_id}/{page}")
