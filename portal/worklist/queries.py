"""What waits, gathered from the features that own it; at most fifty of each kind, each from an index of open rows."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as people
from portal.accounts.rules import Viewer
from portal.bookings.models import Appointment
from portal.checkins import queries as check_ins
from portal.enquiries import queries as enquiries
from portal.enquiries.models import Enquiry
from portal.messages import queries as messages
from portal.photos import queries as photos
from portal.photos.models import Photo
from portal.records import queries as records
from portal.side_effects import queries as side_effects
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Level
from portal.worklist import booked, health
from portal.worklist.rules import Kind, Rank, Waiting, in_order

_LEVELS = {
    Level.URGENT: (Rank.URGENT, "Call now", "alert", "alert"),
    Level.DAY: (Rank.WITHIN_A_DAY, "Within a day", "watch", "clock"),
    Level.WATCH: (Rank.SIDE_EFFECT, "Side effect", "neutral", "drop"),
    Level.EXPECTED: (Rank.SIDE_EFFECT, "Side effect", "neutral", "drop"),
}


MOST = {Kind.SILENT: check_ins.MOST}  # where a queue may be longer than what is shown, and says so


class _Someones(Protocol):
    """Anything about one client."""

    @property
    def client_id(self) -> UUID: ...


def queue(db: Session, viewer: Viewer) -> list[Waiting]:
    """Everything that waits for this practitioner, in order."""
    reports, pictures = side_effects.open_reports(db, viewer), photos.unreviewed(db, viewer)
    sessions, changed = records.unsigned(db, viewer), health.changed(db, viewer)
    silent = check_ins.silent(db, viewer)
    open_rows: list[Sequence[_Someones]] = [reports, pictures, sessions, changed, silent]
    names = people.names(db, [one.client_id for rows in open_rows for one in rows])
    return in_order(
        [
            *(_report(one, names) for one in reports),
            *(_silent(one, names) for one in silent),
            *booked.lines(db, viewer),
            *(_health(one, names) for one in changed),
            *_photos(pictures, names),
            *(_unsigned(one, names) for one in sessions),
            *map(_message, messages.waiting(db, viewer)),
            *map(_enquiry, enquiries.open_enquiries(db, viewer)),
        ]
    )


def _silent(one: check_ins.Silence, names: dict[UUID, str]) -> Waiting:
    return Waiting(
        Rank.SILENT_IN_ALARM if one.in_alarm else Rank.SILENT,
        Kind.SILENT,
        one.since,
        names[one.client_id],
        one.what,
        "A report that needs a person is open" if one.in_alarm else "Nothing was heard since",
        "checkins:missed",
        (("check_in_id", one.last.id),),
        "No answer",
        "watch",
        "clock",
    )


def _health(one: health.Changed, names: dict[UUID, str]) -> Waiting:
    return Waiting(
        Rank.HEALTH,
        Kind.HEALTH,
        one.since,
        names[one.client_id],
        "Health answers have changed since the verdict",
        f"The gravest of them: {one.gravest.label.lower()}",
        "questionnaires:of-client",
        (("client_id", one.client_id),),
        "Health",
        "watch",
        "document",
    )


def _unsigned(visit: Appointment, names: dict[UUID, str]) -> Waiting:
    what = " ".join(("Record of session", str(visit.session_number or ""), "is not signed")).replace("  ", " ")
    where = (("appointment_id", visit.id),)
    who, why = names[visit.client_id], "It counts once it is signed"
    return Waiting(
        Rank.UNSIGNED, Kind.RECORDS, visit.ends_at, who, what, why, "records:edit", where, "Unsigned", "info", "pen"
    )


def _message(one: messages.Waiting) -> Waiting:
    what = "A message" if one.unread == 1 else f"{one.unread} messages"
    where = (("client_id", one.client_id),)
    why = "Nobody has read it yet"
    return Waiting(
        Rank.MESSAGE,
        Kind.MESSAGES,
        one.since,
        one.client_name,
        what,
        why,
        "messages:thread",
        where,
        "Message",
        "info",
        "message",
    )


def _enquiry(one: Enquiry) -> Waiting:
    why = "New" if one.owner_id is None else "Taken, not finished"
    where = (("enquiry_id", one.id),)
    what = one.question[:90]
    return Waiting(
        Rank.ENQUIRY,
        Kind.ENQUIRIES,
        one.sent_at,
        one.name,
        what,
        why,
        "enquiries:show",
        where,
        "Enquiry",
        "neutral",
        "mail",
    )


def _report(report: SideEffectReport, names: dict[UUID, str]) -> Waiting:
    rank, word, tone, icon = _LEVELS[report.level]
    why = (
        report.fired[0]["because"]
        if report.fired
        else "The client asks for a person"
        if report.level is Level.EXPECTED
        else ""
    )
    where = (("report_id", report.id),)
    return Waiting(
        rank,
        Kind.SIDE_EFFECTS,
        report.reported_at,
        names[report.client_id],
        report.title,
        why,
        "side_effects:show",
        where,
        word,
        tone,
        icon,
    )


def _photos(pictures: Sequence[Photo], names: dict[UUID, str]) -> list[Waiting]:
    """One line a client, leading to the photo that waits longest."""
    groups: dict[UUID, list[Photo]] = {}
    for picture in pictures:
        groups.setdefault(picture.client_id, []).append(picture)
    return [_photo_line(names[client_id], group) for client_id, group in groups.items()]


def _photo_line(name: str, group: list[Photo]) -> Waiting:
    what = "A new photo" if len(group) == 1 else f"{len(group)} new photos"
    views = ", ".join(dict.fromkeys(picture.view_name for picture in group))
    where = (("photo_id", group[0].id),)
    return Waiting(
        Rank.PHOTOS,
        Kind.PHOTOS,
        group[0].received_at,
        name,
        what,
        views,
        "photos:show",
        where,
        "Photos",
        "neutral",
        "camera",
    )
