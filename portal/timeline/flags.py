"""What a practitioner should see at once on a client's page: what shuts the gate or will, and who waits for a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.clinic import queries as clinic
from portal.consents.rules import ConsentState
from portal.kit import clock
from portal.questionnaires import queries as questionnaires
from portal.questionnaires.rules import HealthChange
from portal.timeline.queries import Story
from portal.waiting import queries as waiting
from portal.waiting.models import WaitingEntry


@dataclass(frozen=True, slots=True)
class Flag:
    """A word with a sign, why it is there, and the route where it is settled."""

    label: str
    icon: str
    tone: str
    why: str
    route: str
    params: tuple[tuple[str, UUID], ...] = ()


def flags(db: Session, practitioner: Viewer, client_id: UUID, told: Story) -> list[Flag]:
    """What matters most first."""
    verdict, zone = told.verdict, ZoneInfo(clinic.profile(db).time_zone)
    changes = questionnaires.changes_since(db, client_id, verdict.signed_at) if verdict and told.has_yes else ()
    entries = waiting.entries(db, practitioner, client_id)
    return [*_on_hold(told), *_health(client_id, changes), *_consent(client_id, told, zone), *_waits(entries)]


def _on_hold(told: Story) -> list[Flag]:
    return [
        Flag("On hold", "alert", "watch", visit.title, "bookings:show", (("appointment_id", visit.id),))
        for visit in told.upcoming
        if visit.is_on_hold
    ]


def _health(client_id: UUID, changes: tuple[HealthChange, ...]) -> list[Flag]:
    if not changes:
        return []
    gravest = max((change.meaning for change in changes), key=lambda meaning: meaning.weight)
    why = f"Since the verdict. The gravest of them: {gravest.label.lower()}."
    where = ("questionnaires:of-client", (("client_id", client_id),))
    return [Flag("Health answers changed", "document", "alert", why, *where)]


def _consent(client_id: UUID, told: Story, zone: ZoneInfo) -> list[Flag]:
    """Of somebody found suitable: today's state, or what it will be on the day of the next session."""
    facts = told.asked.consent
    if facts is None or not told.has_yes:
        return []
    where = ("consents:of-client", (("client_id", client_id),))
    today = clock.today(zone.key)
    label, tone, why = _CONSENT[facts.on(today)]
    if label:
        return [Flag(label, "pen", tone, why, *where)]
    ends = facts.expires_on
    return [
        Flag("Consent ends soon", "pen", "watch", "It does not count any more on the day of the next session.", *where)
        for day in _session_days(told, zone)[:1]
        if ends and day > ends
    ]


_CONSENT = {
    ConsentState.SIGNED: ("", "", ""),
    ConsentState.NO_DOCUMENT: ("No consent text", "alert", "The clinic has published none for this treatment."),
    ConsentState.MISSING: ("Consent missing", "watch", "Not signed yet."),
    ConsentState.OUTDATED: ("Consent outdated", "watch", "There is a newer text to sign."),
    ConsentState.EXPIRED: ("Consent expired", "watch", "Its last day is over."),
    ConsentState.WITHDRAWN: ("Consent withdrawn", "alert", "Respect it: only the client can sign again."),
}


def _session_days(told: Story, zone: ZoneInfo) -> list[date]:
    return [visit.starts_at.astimezone(zone).date() for visit in told.upcoming if visit.number]


def _waits(entries: Sequence[WaitingEntry]) -> list[Flag]:
    return [Flag("On the waiting list", "bell", "info", f"{entry.times}.", "waiting:list") for entry in entries]
