"""What kinds of treatment there are, and the ranges they stay within."""

import re
from collections.abc import Sequence
from enum import StrEnum


class Kind(StrEnum):
    """A consultation is open to everybody; a treatment session is booked only under a valid signed verdict."""

    CONSULTATION = "consultation"
    SESSION = "session"


# Weekly to monthly in 22 studies of 1,127 people (PMC8776974): a week is the shortest rest that was studied.
SHORTEST_INTERVAL_DAYS, LONGEST_INTERVAL_DAYS = 7, 365
SHORTEST_MINUTES, LONGEST_MINUTES, LONGEST_BUFFER = 5, 480, 120
MOST_IN_A_COURSE = 24
LONGEST_COOLING_OFF_DAYS = 60
# When we ask how it went: the evening, the next day, when redness should be gone, a week, two weeks (clinical.md 4).
CHECK_IN_HOURS = (6, 24, 72, 168, 336)
MOST_CHECK_INS, LATEST_CHECK_IN_HOURS = 12, 1440


def needs_verdict(kind: Kind) -> bool:
    """The clinic's one rule; no screen switches it off: a treatment session needs a verdict, a consultation never."""
    return kind is Kind.SESSION


def interval_problem(kind: Kind, days: int) -> str | None:
    """What is wrong with `days` between two appointments of this kind, as a sentence; None when nothing is."""
    if kind is Kind.SESSION and days < SHORTEST_INTERVAL_DAYS:
        return f"The scalp needs at least {SHORTEST_INTERVAL_DAYS} days between sessions."
    return None


def check_ins_problem(kind: Kind, hours: Sequence[int]) -> str | None:
    """What is wrong with the hours after which a client is asked, as a sentence; None when nothing is. In any order."""
    if kind is Kind.CONSULTATION:
        return None
    if not 1 <= len(set(hours)) <= MOST_CHECK_INS:
        return f"Please give 1 to {MOST_CHECK_INS} check-ins."
    if not 1 <= min(hours) <= max(hours) <= LATEST_CHECK_IN_HOURS:
        return f"Each must be from 1 to {LATEST_CHECK_IN_HOURS} hours after the session."
    return None


def slug_of(name: str) -> str:
    """“Scalp micro-needling” → “scalp-micro-needling”: lower-case ASCII letters, digits, single hyphens; at most 60."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-")
