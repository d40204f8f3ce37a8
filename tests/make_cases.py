"""Case files for tests, made through the services."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.cases import service
from portal.cases.forms import CaseForm
from portal.cases.models import CaseFile
from portal.clinic import queries as clinic
from portal.kit.forms import checked
from portal.side_effects.models import SideEffectReport


def case_fields(db: Session, report: SideEffectReport, **changes: Any) -> dict[str, Any]:
    """What the form carries when everything is there: an itch that began an hour before it was reported."""
    began = (report.reported_at - timedelta(hours=1)).astimezone(ZoneInfo(clinic.profile(db).time_zone))
    fields = {
        "seriousness": ["none"],
        "term": "pruritus",
        "grade": "1",
        "onset": f"{began:%Y-%m-%dT%H:%M}",
        "causality": "cannot_be_said",
    }
    return {**fields, **changes}


def case_form(db: Session, report: SideEffectReport, **changes: Any) -> CaseForm:
    """The same, validated."""
    return checked(CaseForm, **case_fields(db, report, **changes)).value


def a_signed_case(db: Session, practitioner: Viewer, report: SideEffectReport, **changes: Any) -> CaseFile:
    """A case file of this report, signed."""
    return service.sign(db, practitioner, report, case_form(db, report, **changes))
