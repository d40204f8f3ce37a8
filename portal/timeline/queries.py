"""One client's story, gathered from the features that hold it, newest first; each asks who is looking."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.bookings import queries as bookings
from portal.bookings.queries import Visit
from portal.bookings.rules import State
from portal.courses import queries as courses
from portal.courses.models import Course
from portal.photos import queries as photos
from portal.photos.models import Photo
from portal.reviews import queries as reviews
from portal.side_effects import queries as side_effects
from portal.side_effects.models import SideEffectReport
from portal.suitability import queries as suitability
from portal.suitability.models import Verdict
from portal.suitability.rules import Outcome
from portal.timeline.rules import Standing, Stop, stops

VERDICTS = {
    Outcome.SUITABLE: ("Found suitable", "good"),
    Outcome.WITH_CONDITIONS: ("Found suitable, with conditions", "good"),
    Outcome.DEFERRED: ("Decision put off", "watch"),
    Outcome.NOT_SUITABLE: ("Not suitable for now", "watch"),
}
TONES = {"expected": "neutral", "day": "watch", "urgent": "alert"}


@dataclass(frozen=True, slots=True)
class Item:
    """One event of the story."""

    at: datetime
    icon: str
    title: str
    body: str = ""
    route: str = ""
    params: tuple[tuple[str, UUID], ...] = ()
    tone: str = "neutral"


@dataclass(frozen=True, slots=True)
class Story:
    """Everything about one client that this viewer may see."""

    visits: list[Visit]
    course: Course | None
    verdict: Verdict | None
    verdicts: list[Verdict]
    photos: list[Photo]
    reports: list[SideEffectReport]
    words: list[reviews.Said]

    @property
    def upcoming(self) -> list[Visit]:
        booked = [visit for visit in self.visits if visit.appointment.is_booked]
        return sorted(booked, key=lambda visit: visit.appointment.starts_at)

    @property
    def done(self) -> list[Visit]:
        return [
            visit
            for visit in self.visits
            if visit.appointment.state is State.ATTENDED and visit.appointment.session_number
        ]

    @property
    def last_session(self) -> datetime | None:
        return max((visit.appointment.starts_at for visit in self.done), default=None)


def progress(told: Story) -> list[Stop]:
    """The course as stops, or nothing without a course."""
    if told.course is None:
        return []
    mine = [
        visit.appointment
        for visit in told.visits
        if visit.appointment.course_id == told.course.id and visit.appointment.session_number
    ]
    done = {one.session_number or 0: one.starts_at for one in mine if one.state is State.ATTENDED}
    booked = {one.session_number or 0: one.starts_at for one in mine if one.state is State.BOOKED}
    return stops(told.course.sessions_planned, done, booked)


def story(db: Session, viewer: Viewer, client_id: UUID) -> Story:
    """Read it all; each feature decides what the viewer may see."""
    verdicts = list(suitability.verdicts(db, viewer, client_id))
    return Story(
        visits=bookings.visits(db, bookings.appointments(db, viewer, client_id)),
        course=courses.current(db, viewer, client_id),
        verdict=verdicts[0] if verdicts else None,
        verdicts=verdicts,
        photos=list(photos.photos(db, viewer, client_id)),
        reports=list(side_effects.reports(db, viewer, client_id)),
        words=reviews.for_client(db, viewer, client_id),
    )


def items(told: Story) -> list[Item]:
    """The story as events, newest first; photos of one day and view group into one line."""
    events = [
        *map(_visit, told.visits),
        *map(_verdict, told.verdicts),
        *map(_report, told.reports),
        *_photo_days(told.photos),
    ]
    events += [_word(word) for word in told.words if word.reply]
    return sorted(events, key=lambda item: item.at, reverse=True)


def standing(db: Session, viewer: Viewer, told: Story) -> Standing:
    """What the rules about what is due want to know."""
    return Standing(
        has_answers=suitability.latest_answers(db, viewer, viewer.id) is not None,
        has_yes=told.verdict is not None and told.verdict.outcome.allows,
        has_consultation=any(visit.treatment.is_consultation for visit in told.upcoming),
        in_course=told.course is not None,
        has_next_session=any(visit.appointment.session_number for visit in told.upcoming),
        last_session=told.last_session,
        last_report=max((report.reported_at for report in told.reports), default=None),
        last_photo_on=max((photo.taken_on for photo in told.photos if photo.taken_on), default=None),
        undated_photos=sum(photo.taken_on is None for photo in told.photos),
    )


def _visit(visit: Visit) -> Item:
    one = visit.appointment
    words = {
        State.BOOKED: "",
        State.ATTENDED: "",
        State.CANCELLED: "Cancelled. ",
        State.NO_SHOW: "Did not take place. ",
    }
    body = f"{words[one.state]}With {visit.practitioner_name}."
    tone = {State.ATTENDED: "good", State.BOOKED: "accent"}.get(one.state, "neutral")
    return Item(one.starts_at, "calendar", visit.title, body, "bookings:show", (("appointment_id", one.id),), tone)


def _verdict(verdict: Verdict) -> Item:
    title, tone = VERDICTS[verdict.outcome]
    return Item(verdict.signed_at, "shield", title, verdict.reasons, tone=tone)


def _report(report: SideEffectReport) -> Item:
    body = "Closed." if report.closed_at else "Open: we are looking after it." if report.is_open else ""
    tone = "good" if report.closed_at else TONES.get(report.level.value, "neutral")
    return Item(report.reported_at, "drop", report.title, body, "side_effects:show", (("report_id", report.id),), tone)


def _word(word: reviews.Said) -> Item:
    route, name = ("photos:show", "photo_id") if word.subject == "photo" else ("side_effects:show", "report_id")
    return Item(
        word.written_at, "message", f"{word.by} answered", word.reply, route, ((name, word.subject_id),), "info"
    )


def _photo_days(series: list[Photo]) -> list[Item]:
    days: dict[date, list[Photo]] = {}
    for photo in series:
        days.setdefault(photo.taken_on or photo.received_at.date(), []).append(photo)
    return [_photo_day(day, group) for day, group in days.items()]


def _photo_day(day: date, group: list[Photo]) -> Item:
    names = ", ".join(dict.fromkeys(photo.view_name for photo in group))
    title = "A photo" if len(group) == 1 else f"{len(group)} photos"
    return Item(
        datetime.combine(day, time(12), UTC), "camera", title, names, "photos:show", (("photo_id", group[0].id),)
    )
