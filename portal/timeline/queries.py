"""One client's story as events and as what is due. Asked by the client themself, or by a practitioner; nobody else."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.bookings.rules import State
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.side_effects import running
from portal.suitability.rules import Outcome
from portal.timeline import rows
from portal.timeline.asked import FACTS, Asked, Fact, Signature, gathered
from portal.timeline.due import Coming, Standing
from portal.timeline.rows import Decision, Passed, Picture, Plan, Report, Visit, Words
from portal.timeline.rules import Stop, stops
from portal.treatments.rules import Kind

VERDICTS = {
    Outcome.SUITABLE: ("Found suitable", "good"),
    Outcome.WITH_CONDITIONS: ("Found suitable, with conditions", "good"),
    Outcome.DEFERRED: ("Decision put off", "watch"),
    Outcome.NOT_SUITABLE: ("Not suitable for now", "watch"),
}
_TONES = {"expected": "neutral", "watch": "info", "day": "watch", "urgent": "alert"}
_VISITS = {State.ATTENDED: "good", State.BOOKED: "accent"}
_STATES = {State.CANCELLED: "Cancelled. ", State.NO_SHOW: "Did not take place. "}


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
    """Everything about one client that client and practitioners alike may see; `passed` for practitioners only.
    `shows_level`: whether who looks may see how reports were judged.
    """

    visits: list[Visit]
    course: Plan | None
    verdicts: list[Decision]
    photos: list[Picture]
    reports: list[Report]
    words: list[Words]
    asked: Asked
    passed: list[Passed]
    shows_level: bool = True

    @property
    def verdict(self) -> Decision | None:
        return self.verdicts[0] if self.verdicts else None

    @property
    def has_yes(self) -> bool:
        return self.verdict is not None and self.verdict.outcome.allows

    @property
    def upcoming(self) -> list[Visit]:
        """What is booked and not over, the soonest first."""
        now = clock.now()
        booked = [visit for visit in self.visits if visit.state is State.BOOKED and visit.ends_at > now]
        return sorted(booked, key=lambda visit: visit.starts_at)

    @property
    def last_session(self) -> datetime | None:
        done = (
            visit.starts_at for visit in self.visits if visit.state is State.ATTENDED and visit.kind is Kind.SESSION
        )
        return max(done, default=None)


def story(db: Session, viewer: Viewer, client_id: UUID) -> Story:
    """Read it all. Raises NotFound for anybody but the client and practitioners."""
    if not (viewer.is_practitioner or viewer.id == client_id):
        raise NotFound("There is no such client.")
    connection = db.connection()
    plans = rows.read(connection, rows.PLANS, Plan, client_id)
    verdicts = rows.read(connection, rows.DECISIONS, Decision, client_id)
    about = verdicts[0].treatment_id if verdicts else None
    reports = rows.read(connection, rows.REPORTS, Report, client_id)
    return Story(
        visits=rows.read(connection, rows.VISITS, Visit, client_id),
        course=plans[0] if plans else None,
        verdicts=verdicts,
        photos=rows.read(connection, rows.PICTURES, Picture, client_id),
        reports=reports,
        words=rows.read(connection, rows.REPLIES, Words, client_id),
        asked=gathered(rows.read(connection, FACTS, Fact, client_id, treatment=about), about),
        passed=rows.read(connection, rows.PASSED, Passed, client_id) if viewer.is_practitioner else [],
        shows_level=viewer.is_practitioner or not reports or running.shows_level(db),
    )


def progress(told: Story) -> list[Stop]:
    """The course as stops, or nothing without a course."""
    if told.course is None:
        return []
    mine = [visit for visit in told.visits if visit.course_id == told.course.id and visit.number]
    done = {visit.number or 0: visit.starts_at for visit in mine if visit.state is State.ATTENDED}
    booked = {visit.number or 0: visit.starts_at for visit in mine if visit.state is State.BOOKED}
    return stops(told.course.sessions_planned, done, booked, {visit.number or 0 for visit in mine if visit.is_on_hold})


def items(told: Story) -> list[Item]:
    """The story as events, newest first; the photos of one day are one line."""
    events = [*map(_visit, told.visits), *map(_verdict, told.verdicts)]
    events += [_report(report, shows_level=told.shows_level) for report in told.reports]
    events += [*_photo_days(told.photos), *map(_word, told.words), *map(_passed, told.passed)]
    events += [event for signature in told.asked.signatures for event in _consent(signature)]
    return sorted(events, key=lambda item: item.at, reverse=True)


def standing(told: Story, zone: ZoneInfo) -> Standing:
    """What the rules about what is due want to know; `zone`: the clinic's."""
    asked = told.asked
    return Standing(
        today=clock.today(zone.key),
        has_yes=told.has_yes,
        is_decided=told.verdict is not None,
        in_course=told.course is not None,
        answered_at=asked.answered_at,
        ahead=tuple(_coming(visit, zone) for visit in told.upcoming),
        remind_before=asked.remind_before,
        offers=asked.offers,
        questions=asked.questions,
        consent=asked.consent,
        last_session=told.last_session,
        last_report=max((report.reported_at for report in told.reports), default=None),
        last_photo_on=max((photo.taken_on for photo in told.photos if photo.taken_on), default=None),
        undated_photos=sum(photo.taken_on is None for photo in told.photos),
    )


def _coming(visit: Visit, zone: ZoneInfo) -> Coming:
    return Coming(
        id=visit.id,
        starts_at=visit.starts_at,
        day=visit.starts_at.astimezone(zone).date(),
        is_session=visit.kind is Kind.SESSION,
        is_confirmed=visit.confirmed_at is not None,
        is_on_hold=visit.is_on_hold,
        kept_until=visit.on_hold_until,
    )


def _visit(visit: Visit) -> Item:
    body = f"{'On hold. ' if visit.is_on_hold else _STATES.get(visit.state, '')}With {visit.practitioner}."
    tone = "watch" if visit.is_on_hold else _VISITS.get(visit.state, "neutral")
    return Item(visit.starts_at, "calendar", visit.title, body, "bookings:show", (("appointment_id", visit.id),), tone)


def _verdict(verdict: Decision) -> Item:
    title, tone = VERDICTS[verdict.outcome]
    return Item(verdict.signed_at, "shield", title, verdict.reasons, tone=tone)


def _report(report: Report, *, shows_level: bool) -> Item:
    is_looked_after = shows_level and report.is_open
    body = "Closed." if report.closed_at else "Open: we are looking after it." if is_looked_after else ""
    tone = "good" if report.closed_at else _TONES[report.level] if shows_level else "neutral"
    return Item(report.reported_at, "drop", report.title, body, "side_effects:show", (("report_id", report.id),), tone)


def _consent(signature: Signature) -> list[Item]:
    """Given, and taken back: two events."""
    where = ("consents:show", (("consent_id", signature.id),))
    given = Item(signature.signed_at, "pen", "Consent signed", f"{signature.title}.", *where, "good")
    if signature.withdrawn_at is None:
        return [given]
    return [given, Item(signature.withdrawn_at, "x", "Consent withdrawn", f"{signature.title}.", *where, "watch")]


def _passed(one: Passed) -> Item:
    body = f"{one.by}: {one.reason}{' Not countersigned.' if one.is_waiting else ''}"
    where, tone = (("appointment_id", one.appointment_id),), "watch" if one.is_waiting else "info"
    return Item(one.at, "flag", "Decided in spite of the gate", body, "bookings:show", where, tone)


def _word(word: Words) -> Item:
    route, name = ("photos:show", "photo_id") if word.subject == "photo" else ("side_effects:show", "report_id")
    return Item(word.at, "message", f"{word.by} answered", word.reply, route, ((name, word.subject_id),), "info")


def _photo_days(series: list[Picture]) -> list[Item]:
    days: dict[date, list[Picture]] = {}
    for photo in series:
        days.setdefault(photo.taken_on or photo.received_at.date(), []).append(photo)
    return [_photo_day(day, group) for day, group in days.items()]


def _photo_day(day: date, group: list[Picture]) -> Item:
    names = ", ".join(dict.fromkeys(photo.view_name for photo in group))
    title = "A photo" if len(group) == 1 else f"{len(group)} photos"
    return Item(
        datetime.combine(day, time(12), UTC), "camera", title, names, "photos:show", (("photo_id", group[0].id),)
    )
