"""What is due from the client, and why. Pure.

The health questions are asked again by the rule of the questionnaires, the consent stands by the rule of the consents:
here is only when the home page says so.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from portal.consents.rules import ConsentFacts, ConsentState, may_renew
from portal.questionnaires.rules import needs_check

PHOTOS_EVERY = timedelta(days=28)
REPORT_AFTER = timedelta(hours=6)
REPORT_UNTIL = timedelta(days=14)
CHECK_WITHIN = timedelta(days=7)
_MINUTE = "A minute is enough, also when all is well."


@dataclass(frozen=True, slots=True)
class Coming:
    """A booked appointment that is not over. `day`: at the clinic. `kept_until`: only while it is on hold."""

    id: UUID
    starts_at: datetime
    day: date
    is_session: bool
    is_confirmed: bool = False
    is_on_hold: bool = False
    kept_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A time of the waiting list that is kept for the client."""

    id: UUID
    answer_by: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """A check-in that nobody has answered and that still counts, also one to come."""

    id: UUID
    due_at: datetime
    is_follow_up: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a client when we ask what is due. `ahead`: the soonest first. `consent`: None without a verdict.
    `last_photo_on`: of any view. `today`: at the clinic.
    """

    today: date
    has_yes: bool = False
    is_decided: bool = False
    in_course: bool = False
    answered_at: datetime | None = None
    ahead: tuple[Coming, ...] = ()
    remind_before: timedelta = timedelta(0)
    offers: tuple[Offer, ...] = ()
    questions: tuple[Question, ...] = ()
    consent: ConsentFacts | None = None
    last_session: datetime | None = None
    last_report: datetime | None = None
    last_photo_on: date | None = None
    undated_photos: int = 0

    @property
    def sessions(self) -> list[Coming]:
        return [one for one in self.ahead if one.is_session]


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to do: what, why, and the route that does it. `by`: a moment that ends the sentence of `why`."""

    title: str
    why: str
    route: str
    icon: str
    params: tuple[tuple[str, UUID], ...] = ()
    by: datetime | None = None


def due(standing: Standing, at: datetime) -> list[Due]:
    """What the client should do next, most urgent first."""
    found = [rule(standing, at) for rule in _RULES]
    return [one for one in found if one]


def _check_in(standing: Standing, at: datetime) -> Due | None:
    """The last question that is due. Without any (a session before there were check-ins) we ask by the clock."""
    asked = [one for one in standing.questions if one.due_at <= at]
    if asked:
        one = max(asked, key=lambda question: question.due_at)
        title = "How is it now?" if one.is_follow_up else "How is your scalp?"
        return Due(title, _MINUTE, "checkins:ask", "drop", (("check_in_id", one.id),))
    return None if standing.questions else _by_the_clock(standing, at)


def _by_the_clock(standing: Standing, at: datetime) -> Due | None:
    last = standing.last_session
    if last is None or not REPORT_AFTER <= at - last <= REPORT_UNTIL:
        return None
    if standing.last_report and standing.last_report > last:
        return None
    return Due("Tell us how your scalp feels", _MINUTE, "side_effects:new", "drop")


def _offer(standing: Standing, at: datetime) -> Due | None:
    """The one that ends first; what the clinic has not taken back yet but is over is none."""
    left = [one for one in standing.offers if at < one.answer_by]
    if not left:
        return None
    one = min(left, key=lambda offer: offer.answer_by)
    params = (("offer_id", one.id),)
    return Due("A time is offered to you", "Please answer by", "waiting:offer", "clock", params, one.answer_by)


def _on_hold(standing: Standing, _: datetime) -> Due | None:
    held = [one for one in standing.ahead if one.is_on_hold]
    if not held:
        return None
    one = "Your next session is on hold" if held == standing.sessions[:1] else "One of your sessions is on hold"
    title = one if len(held) == 1 else f"{len(held)} of your sessions are on hold"
    whose = "Its time is" if len(held) == 1 else "Their times are"
    why, until = f"See what it takes. {whose} kept until", held[0].kept_until
    return Due(title, why, "bookings:show", "alert", (("appointment_id", held[0].id),), until)


def _consent(standing: Standing, _: datetime) -> Due | None:
    """Only what can be signed now: without a text of the clinic, or too early to renew, the client can do nothing."""
    if not standing.has_yes or standing.consent is None:
        return None
    state = standing.consent.on(standing.today)
    if state is ConsentState.SIGNED and not _ends_too_soon(standing, standing.consent):
        return None
    why = _CONSENT.get(state)
    return Due("Read and sign the consent", why, "consents:mine", "pen") if why else None


def _ends_too_soon(standing: Standing, consent: ConsentFacts) -> bool:
    unsigned = any(consent.on(one.day) is ConsentState.EXPIRED for one in standing.sessions[:1])
    return unsigned and may_renew(consent.expires_on, standing.today)


_CONSENT = {
    ConsentState.MISSING: "It comes before your first session.",
    ConsentState.OUTDATED: "The text has changed since you signed it.",
    ConsentState.EXPIRED: "The one you signed is no longer valid.",
    ConsentState.WITHDRAWN: "You have withdrawn it. Sign it again only if you want the treatment.",
    ConsentState.SIGNED: "The one you signed ends before your next session.",
}


def _answers(standing: Standing, at: datetime) -> Due | None:
    """Who was found suitable has talked about them; before a session they are wanted in writing all the same."""
    if standing.answered_at or (standing.has_yes and not _soon(standing, at)):
        return None
    why = "Your practitioner reads them before " + ("your session." if standing.has_yes else "the consultation.")
    return Due("Answer the health questions", why, "questionnaires:mine", "document")


def _health_check(standing: Standing, at: datetime) -> Due | None:
    if standing.answered_at is None:
        return None
    if not any(needs_check(standing.answered_at, one.starts_at, standing.last_session) for one in _soon(standing, at)):
        return None
    why = "Your answers are from some time ago, and your session is near."
    return Due("Has anything changed in your health?", why, "questionnaires:check", "document")


def _confirm(standing: Standing, at: datetime) -> Due | None:
    open_ = [one for one in standing.ahead if not (one.is_confirmed or one.is_on_hold) and one.starts_at > at]
    if not open_ or open_[0].starts_at - at > standing.remind_before:
        return None
    params = (("appointment_id", open_[0].id),)
    why = "Tell us that you are coming on"
    return Due("Confirm your appointment", why, "bookings:show", "check", params, open_[0].starts_at)


def _consultation(standing: Standing, _: datetime) -> Due | None:
    if standing.has_yes or standing.is_decided or any(not one.is_session for one in standing.ahead):
        return None
    return Due("Book your free consultation", "It comes before any session.", "bookings:choose", "calendar")


def _next_session(standing: Standing, _: datetime) -> Due | None:
    if not standing.in_course or standing.sessions:
        return None
    return Due("Book your next session", "Your course is open and no session is booked.", "bookings:mine", "calendar")


def _dates(standing: Standing, _: datetime) -> Due | None:
    if not standing.undated_photos:
        return None
    return Due("Tell us when your photos were taken", "Their files do not say.", "photos:undated", "clock")


def _photos(standing: Standing, at: datetime) -> Due | None:
    last = standing.last_photo_on
    if not standing.in_course or (last and at.date() - last < PHOTOS_EVERY):
        return None
    why = "It is four weeks since the last ones." if last else "The first ones are the baseline for all later ones."
    return Due("Send new photos", why, "photos:new", "camera")


def _soon(standing: Standing, at: datetime) -> list[Coming]:
    """The next session, when it is near enough to ask about health."""
    return [one for one in standing.sessions[:1] if one.starts_at - at <= CHECK_WITHIN]


_RULES = (
    _check_in,
    _offer,
    _on_hold,
    _consent,
    _answers,
    _health_check,
    _confirm,
    _consultation,
    _next_session,
    _dates,
    _photos,
)
