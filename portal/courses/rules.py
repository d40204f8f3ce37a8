"""What a course may be. It is reviewed when a change can be seen: trials read out at 12 and 24 weeks (PMC3746236)."""

from datetime import date, timedelta

LATEST_REVIEW = timedelta(days=366)


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
