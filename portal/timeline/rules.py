"""What is normal on this day after a session, and how far a course is. Pure.

The expected course is clinical.md section 1: redness hours to a day (the clinic's own page), up to 72 h (PMC8008152),
everything transient gone within seven days (review of 2,805 people, doi 10.1097/01.dss.0000790428.70373.f6).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta


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
class Stop:
    """One session of the course as the progress line shows it; `state`: done, now (booked), hold (booked, but on hold)
    or next.
    """

    number: int
    state: str
    at: datetime | None


def stops(
    planned: int, done: dict[int, datetime], booked: dict[int, datetime], on_hold: Collection[int] = ()
) -> list[Stop]:
    """Session n of N, by session number; `on_hold`: which of the booked ones."""
    numbers = range(1, max(planned, *done, *booked, 0) + 1)
    return [Stop(n, _state(n, done, booked, on_hold), done.get(n) or booked.get(n)) for n in numbers]


def _state(number: int, done: Collection[int], booked: Collection[int], on_hold: Collection[int]) -> str:
    if number in done:
        return "done"
    if number not in booked:
        return "next"
    return "hold" if number in on_hold else "now"


def greeting(hour: int) -> str:
    """By the hour of the viewer's own day."""
    return "Good morning" if 5 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"  # noqa: PLR2004
