"""The part of the list of features that watches recovery: what is reported, judged, asked, escalated and filed."""

from portal.accounts import service as accounts_service
from portal.bookings import service as bookings_service
from portal.cases import routes as cases
from portal.cases.models import CaseAddendum, CaseFile
from portal.checkins import jobs as check_in_jobs
from portal.checkins import routes as check_ins
from portal.checkins import service as check_ins_service
from portal.checkins import steps as check_in_steps
from portal.checkins.models import CheckIn
from portal.escalations import jobs as escalation_jobs
from portal.escalations import queries as escalation_queries
from portal.escalations import routes as escalations
from portal.escalations import service as escalations_service
from portal.escalations.models import CaseAction, Escalation, EscalationNotice
from portal.kit.feature import Feature, NavItem
from portal.kit.personal_data import Claim
from portal.recovery import routes as recovery
from portal.side_effects import drafts as report_drafts
from portal.side_effects import service as side_effects_service
from portal.side_effects.models import ReportAcknowledgement, ReportDraft, SideEffectReport, TriageTable
from portal.side_effects.routes import own as side_effects
from portal.side_effects.routes import staff as side_effect_cases
from portal.side_effects.routes import unsent as side_effect_drafts
from portal.triage.models import TriageDraft
from portal.triage.routes import editing as triage_editing
from portal.triage.routes import shown as triage
from portal.triage.routes import trying as triage_trying

AFTERCARE: tuple[Feature, ...] = (
    Feature(
        "side_effects",
        routers=[side_effects.router, side_effect_drafts.router, side_effect_cases.router],
        navigation=[NavItem("Side effects", "side_effects:mine", "drop", "client", 40)],
        personal_data=[
            Claim(ReportDraft, "client_id"),
            Claim(SideEffectReport, "client_id"),
            Claim(ReportAcknowledgement, "practitioner_id", kept="who saw a report belongs to the report"),
            Claim(TriageTable, "published_by_id", kept="who published a version belongs to the version"),
        ],
        ticks=[report_drafts.sweep],
    ),
    Feature(
        "triage",
        routers=[triage.router, triage_editing.router, triage_trying.router],
        navigation=[NavItem("Triage rules", "triage:table", "flag", "staff", 42)],
        personal_data=[Claim(TriageDraft, "edited_by_id", kept="who edited the next version belongs to the version")],
    ),
    Feature(
        "recovery",
        routers=[recovery.router],
        navigation=[
            NavItem("Recovery", "recovery:mine", "leaf", "client", 42),
            NavItem("Recovery", "recovery:clients", "leaf", "practitioner", 21),
        ],
    ),
    Feature(
        "checkins",
        routers=[check_ins.router],
        jobs={check_in_steps.ADVANCE: check_in_jobs.advance},
        navigation=[NavItem("Check-ins", "checkins:policy", "clock", "admin", 42)],
        personal_data=[Claim(CheckIn, "client_id")],
        ticks=[check_in_steps.tick],
    ),
    Feature(
        "escalations",
        routers=[escalations.router],
        jobs={escalations_service.ADVANCE: escalation_jobs.advance},
        navigation=[
            NavItem("Escalations", "escalations:running", "alert", "practitioner", 12, escalation_queries.UNSEEN),
            NavItem("Escalation", "escalations:policy", "alert", "admin", 41),
        ],
        personal_data=[
            Claim(CaseAction, "client_id"),
            Claim(EscalationNotice, "person_id", kept="who was told of a report belongs to the report"),
            Claim(Escalation, "client_id"),
        ],
        ticks=[escalations_service.tick],
    ),
    Feature(
        "cases",
        routers=[cases.router],
        personal_data=[Claim(CaseAddendum, "client_id"), Claim(CaseFile, "client_id")],
    ),
)

side_effects_service.RAISED.listen(escalations_service.raised)
side_effects_service.SEEN.listen(escalations_service.seen)
side_effects_service.CLOSED.listen(escalations_service.closed)
side_effects_service.REPORTED.listen(check_ins_service.reported)
side_effects_service.CLOSED.listen(check_ins_service.report_closed)
side_effects_service.RAISED.listen(check_ins_service.raised)
bookings_service.MISSED.listen(check_ins_service.not_attended)
accounts_service.CLOSED.listen(check_ins_service.account_closed)
accounts_service.CLOSED.listen(escalations_service.account_closed)
