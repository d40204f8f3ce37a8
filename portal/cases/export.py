"""A signed case as one document for an authority or a manufacturer. Every field is explained in docs/case-file.md.

No account is named: the person is a case number, the team are numbers, and whatever somebody typed is masked
(`masking`), lots and devices too. The print view is another thing: it carries names.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from portal.cases.masking import masked
from portal.cases.models import CaseFile
from portal.cases.queries import Sources
from portal.cases.rules import Criterion, SuspectKind
from portal.cases.suspects import of_kept
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Strength, Symptom
from portal.side_effects.table import RUNNING
from portal.side_effects.words import OUTCOMES

SCHEMA, SCHEMA_VERSION = "portal.case-file", 1
TICKED = ("flags", "signs", "discharge", "rash", "late", "products", "trend", "temperature", "feverish", "all_clear")
_SCALES = (Symptom.REDNESS, Symptom.SWELLING, Symptom.PAIN, Symptom.ITCH, Symptom.CRUSTING)
Document = dict[str, Any]


class Mask(Protocol):
    """`masked` with the people of this case."""

    def __call__(self, text: str, *, is_code: bool = False) -> str: ...


def document(of: Sources, at: datetime, *, with_words: bool) -> Document:
    """The whole; `with_words`: with what the client wrote."""
    mask = partial(masked, names=of.known_names, phone=of.phone)
    numbers = _numbers(of)
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "exported_at": at.isoformat(),
        "case": _case(of.file),
        "report": _report(of.report, mask, with_words=with_words),
        "reporter": {"role": "client", "assessed_by": "practitioner"},
        "patient": {"pseudonym": of.file.reference, "age_band": None, "sex": None},
        "event": {
            "term": of.file.term and of.file.term.label,
            "term_words": mask(of.file.term_words),
            "terms": of.file.terms_version,
            "assessment": mask(of.file.assessment),
        },
        "seriousness": _seriousness(of.file),
        "severity": {"grade": of.file.grade, "scale": of.file.terms_version, "assigned_by": "practitioner"},
        "dates": _dates(of.file, of.report),
        "treatment": _treatment(of, mask),
        "suspected": list(_suspected(of.file, mask)),
        "causality": {"value": of.file.causality, "words": of.file.causality and of.file.causality.label},
        "course": [_course(number, one, of.report.id, mask) for number, one in enumerate(of.course, 1)],
        "actions": [
            {"at": one.at.isoformat(), "kind": one.kind.value, "text": mask(one.text), "by": numbers[one.by_id]}
            for one in of.actions
        ],
        "outcome": _outcome(of.report),
        "practitioner": {"by": numbers[of.signer_id], "role": "practitioner", "signed_at": _iso(of.file.signed_at)},
        "addenda": [{"at": one.at.isoformat(), "text": mask(one.text), "by": numbers[one.by_id]} for one in of.addenda],
    }


def _case(file: CaseFile) -> Document:
    return {"number": file.reference, "begun_at": file.drafted_at.isoformat(), "signed_at": _iso(file.signed_at)}


def _report(report: SideEffectReport, mask: Mask, *, with_words: bool) -> Document:
    return {
        "reported_at": report.reported_at.isoformat(),
        "began_at": _iso(report.began_at),
        "title": report.title,
        "zones": report.zones,
        "has_photo": report.photo_id is not None,
        "with_words": with_words,
        "words": mask(report.note) if with_words else None,
    }


def _seriousness(file: CaseFile) -> Document:
    criteria = file.criteria
    return {
        "serious": bool(criteria),
        "criteria": [one.value for one in criteria],
        "words": [one.label for one in criteria] or [Criterion.NONE.label],
    }


def _dates(file: CaseFile, report: SideEffectReport) -> Document:
    return {
        "treatment_ended_at": _iso(report.followed_at),
        "onset_at": _iso(file.onset_at),
        "ended_at": _iso(file.ended_at),
        "duration_hours": round(file.lasted / timedelta(hours=1), 2) if file.lasted is not None else None,
        "ongoing": file.ended_at is None,
    }


def _treatment(of: Sources, mask: Mask) -> Document | None:
    if of.record is None:
        return None
    return {
        "device": mask(of.record.device, is_code=True),
        "cartridge_lot": mask(of.record.cartridge_lot, is_code=True),
        "topical": mask(of.record.topical),
        "topical_lot": mask(of.record.topical_lot, is_code=True),
        "anaesthetic": mask(of.record.anaesthetic),
        "zones": of.record.zones,
        "record_signed": of.record.is_signed,
    }


def _suspected(file: CaseFile, mask: Mask) -> Iterator[Document]:
    for one in of_kept(file.suspects):
        name, lot = mask(one.name, is_code=one.kind is SuspectKind.DEVICE), mask(one.lot, is_code=True)
        yield {"kind": one.kind.value, "name": name, "lot": lot or None, "source": one.source}


def _course(number: int, report: SideEffectReport, this: UUID, mask: Mask) -> Document:
    return {
        "number": number,
        "is_this_report": report.id == this,
        "reported_at": report.reported_at.isoformat(),
        "hours": None if report.hours is None else round(report.hours, 2),
        "symptoms": report.symptoms,
        "strengths": dict(_strengths(report)),
        "answers": {name: report.answers[name] for name in TICKED if name in report.answers},
        "zones": report.zones,
        "level": report.level.value,
        "rules": [mask(rule["id"], is_code=True) for rule in report.fired],
        "rules_version": mask(report.rules_version, is_code=True),
    }


def _strengths(report: SideEffectReport) -> Iterator[tuple[str, Document]]:
    for scale in _SCALES:
        if word := report.answers.get(scale.value):
            value = None if word == Strength.UNSURE else RUNNING.value(scale, word)
            yield scale.value, {"word": word, "value": value}


def _outcome(report: SideEffectReport) -> Document:
    words = OUTCOMES[report.outcome][0] if report.outcome else None
    return {"value": report.outcome, "words": words, "closed_at": _iso(report.closed_at)}


def _numbers(of: Sources) -> dict[UUID, str]:
    """The team as numbers, whoever signed first."""
    people = [of.signer_id, *(one.by_id for one in of.actions), *(one.by_id for one in of.addenda)]
    return {person: f"practitioner {number}" for number, person in enumerate(dict.fromkeys(people), 1)}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
