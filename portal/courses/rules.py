"""What a course may be. It is reviewed when a change can be seen: trials read out at 12 and 24 weeks (PMC3746236)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

LATEST_REVIEW = timedelta(days=366)
LONGEST_WINDOW_DAYS = 28


@dataclass(frozen=True, slots=True)
class Step:
    """One session of a plan: its number from 1, and the first and last day of its target window."""

    number: int
    opens: date
    closes: date


def plan(sessions: int, interval_days: int, window_days: int, known: Sequence[date]) -> list[Step]:
    """The target window of each session. `known`: the days of the first sessions, done or booked, in order; where there
    is none yet, the first is the day from which the plan counts. What is known stands on its own day, what follows
    counts from the last known day.
    """
    last, first = known[-1], len(known)
    steps = [Step(number, day, day + timedelta(days=window_days)) for number, day in enumerate(known[:sessions], 1)]
    for number in range(first + 1, sessions + 1):
        opens = last + timedelta(days=interval_days * (number - first))
        steps.append(Step(number, opens, opens + timedelta(days=window_days)))
    return steps


def numbers_problem(numbers: Iterable[int], sessions: int) -> str | None:
    """What is wrong with the numbers of sessions before which photos are taken or after which one looks; else None."""
    wrong = [number for number in numbers if not 1 <= number <= sessions]
    return f"There is no session {wrong[0]} in a course of {sessions}." if wrong else None


def scope_problem(
    zones: Collection[str], depth_mm: float | None, allowed: Collection[str], most_mm: float | None
) -> str | None:
    """What is wrong with treating these zones to this depth (mm) under a verdict; None when nothing is."""
    if set(zones) - set(allowed):
        return "The verdict does not cover all of these areas. Choose fewer, or sign a new verdict."
    if depth_mm is not None and most_mm is not None and depth_mm > most_mm:
        return f"The verdict allows up to {most_mm:g} mm. Choose less, or sign a new verdict."
    return None


def interval_problem(days: int, least: int) -> str | None:
    """What is wrong with `days` between sessions where the treatment asks for `least`; None when nothing is."""
    return f"This treatment needs at least {least} days between sessions." if days < least else None


def sessions_problem(planned: int, allowed: int) -> str | None:
    """What is wrong with planning more sessions than the verdict covers; None when nothing is."""
    if planned <= allowed:
        return None
    return f"The verdict covers {allowed} session{'' if allowed == 1 else 's'}. Plan fewer, or sign a new verdict."


def review_problem(review_on: date, today: date) -> str | None:
    """What is wrong with the day of the review; None when nothing is."""
    if review_on <= today:
        return "Please choose a day in the future."
    if review_on > today + LATEST_REVIEW:
        return "Please look at the result together within a year."
    return None
