"""What is normal on this day after a session, and what is due from the client. Pure.

The expected course is clinical.md section 1: redness hours to a day (the clinic's own page), up to 72 h (PMC8008152),
everything transient gone within seven days (review of 2,805 people, doi 10.1097/01.dss.0000790428.70373.f6).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

PHOTOS_EVERY = timedelta(days=28)
REPORT_AFTER = timedelta(hours=6)
REPORT_UNTIL = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of hours after a session, and what belongs to it."""

    from_hour: int
    to_hour: int | None
    when: str
    normal: str
    call: str

    def holds(self, hours: float) -> bool:
        return self.from_hour <= hours and (self.to_hour is None or hours < self.to_hour)


WINDOWS = (
    Window(
        0,
        24,
        "First day",
        "Redness, warmth, tightness, tiny crusts, mild swelling, soreness.",
        "Hives, swelling of lips or tongue, fever, or strong pain.",
    ),
    Window(24, 72, "Days 2 and 3", "Mild redness, flaking, itch.", "Marked redness, anything getting worse, or pus."),
    Window(72, 168, "Days 4 to 7", "None or faint redness, flaking.", "Clear redness, or new pimples."),
    Window(
        168, None, "After a week", "Nothing should be left.", "Any redness, bumps, lines, or darker or lighter patches."
    ),
)
WATCHED = timedelta(days=14)


def window_at(last_session: datetime | None, at: datetime) -> Window | None:
    """The window we are in, or None: no session yet, or more than two weeks ago."""
    if last_session is None or not timedelta(0) <= at - last_session <= WATCHED:
        return None
    hours = (at - last_session) / timedelta(hours=1)
    return next(window for window in WINDOWS if window.holds(hours))


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a client when we ask what is due. `last_photo_on`: of any view."""

    has_answers: bool
    has_yes: bool
    has_consultation: bool
    in_course: bool
    has_next_session: bool
    last_session: datetime | None
    last_report: datetime | None
    last_photo_on: date | None
    undated_photos: int


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to do: what, why, and the route that does it."""

    title: str
    why: str
    route: str
    icon: str


def due(standing: Standing, at: datetime) -> list[Due]:
    """What the client should do next, most urgent first."""
    found = [rule(standing, at) for rule in (_check_in, _answers, _consultation, _next_session, _dates, _photos)]
    return [one for one in found if one]


def _check_in(standing: Standing, at: datetime) -> Due | None:
    last = standing.last_session
    if last is None or not REPORT_AFTER <= at - last <= REPORT_UNTIL:
        return None
    if standing.last_report and standing.last_report > last:
        return None
    return Due("Tell us how your scalp feels", "A minute is enough, also when all is well.", "side_effects:new", "drop")


def _answers(standing: Standing, _: datetime) -> Due | None:
    if standing.has_answers:
        return None
    return Due(
        "Answer the health questions",
        "Your practitioner reads them before the consultation.",
        "suitability:health",
        "document",
    )


def _consultation(standing: Standing, _: datetime) -> Due | None:
    if standing.has_yes or standing.has_consultation:
        return None
    return Due("Book your free consultation", "It comes before any session.", "bookings:choose", "calendar")


def _next_session(standing: Standing, _: datetime) -> Due | None:
    if not standing.in_course or standing.has_next_session:
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


@dataclass(frozen=True, slots=True)
class Stop:
    """One session of the course as the progress line shows it; `state`: done, now (booked) or next."""

    number: int
    state: str
    at: datetime | None


def stops(planned: int, done: dict[int, datetime], booked: dict[int, datetime]) -> list[Stop]:
    """Session n of N, by session number."""
    numbers = range(1, max(planned, *done, *booked, 0) + 1)
    return [
        Stop(n, "done" if n in done else "now" if n in booked else "next", done.get(n) or booked.get(n))
        for n in numbers
    ]


def greeting(hour: int) -> str:
    """By the hour of the viewer's own day."""
    return "Good morning" if 5 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"  # noqa: PLR2004
