"""What a client reads of a report: each symptom placed on its band in words, and the answer."""

from collections.abc import Callable, Iterator, Sequence

from portal.side_effects.bands import ENDLESS, Band, Row
from portal.side_effects.conditions import SCALES
from portal.side_effects.layout import Answer, Table
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Level, Strength

FIXED = Answer(
    "Thank you, we have your report",
    "It is kept with your record. If something in it should not wait, one of us contacts you within a day.",
    (
        "Keep the area clean and leave it alone. Put nothing new on it, and use no products with alcohol.",
        "Report again if it gets stronger, comes back, spreads, gets hot or hurts more, or if pus or fever comes.",
        "If you do not want to wait, call us, or say below that it is urgent to you.",
    ),
)
GOOD_TO_HEAR = Answer(
    "Good to hear",
    "You told us that there is nothing to see or feel. It is kept with your record.",
    (
        "Keep the area clean and leave it alone. A gentle shampoo is fine after the first day.",
        "Use no products with alcohol, and stay out of strong sun.",
        "If you notice anything, also something small, report it here. You need not wait until we ask again.",
    ),
)
_COUNTED = {
    "pustules": {1: "One to four pimples", 5: "Five or more pimples"},
    "discharge": {1: "Clear fluid", 2: "Pus"},
}
_DAYS_FROM, _DAY = 96, 24  # hours: up to four days people count in hours


def answer(entry: SideEffectReport, table: Table, *, shows_level: bool) -> Answer:
    """What the client reads at once. Where levels are not shown it is the same for all that is not urgent."""
    if shows_level and entry.answers.get("all_clear") and entry.is_calm:
        return GOOD_TO_HEAR
    if shows_level or entry.level is Level.URGENT:
        return table.answer(entry.level, follow_up=entry.follow_up)
    return FIXED


def groups(reports: Sequence[SideEffectReport], *, shows_level: bool) -> list[tuple[str, list[SideEffectReport]]]:
    """A client's reports as the diary lists them. Without levels it is one list by time: neither its order nor where a
    report stands tells how it was judged.
    """
    if not shows_level:
        one = ("Your reports", sorted(reports, key=lambda entry: entry.reported_at, reverse=True))
        return [one] if reports else []
    looked_after = [entry for entry in reports if entry.is_open]
    rest = [entry for entry in reports if not entry.is_open]
    return [pair for pair in (("We are looking after", looked_after), ("Earlier reports", rest)) if pair[1]]


def placing(entry: SideEffectReport, table: Table) -> list[str]:
    """“Redness mild, 30 hours after your session: usual until hour 48.” Nothing by another table than it was judged by.

    Compared at the hours the rules were given; where there are none, with the strictest time.
    """
    if _name(entry.rules_version) != _name(table.version):
        return []
    hours = entry.inputs.get("hours")
    when = "compared with the strictest time" if hours is None else f"{_after(hours)} your session"
    return [f"{name}, {when}: {_place(table.bands[band], value, hours)}." for name, band, value in _told(entry)]


def reasons(entry: SideEffectReport, table: Table) -> list[str]:
    """Why, for the client: what raised to this level, and what a person looks at; “still within the normal” beside
    “stronger than we expect” would only confuse. Practitioners read every rule that fired.
    """
    looked_at = {rule.id for rule in table.rules if rule.follow_up}
    return [one["because"] for one in entry.fired if one["level"] == entry.level or one["id"] in looked_at]


def _name(version: str) -> str:
    """Without the words that say who has signed it."""
    return version.partition(",")[0]


def _told(entry: SideEffectReport) -> Iterator[tuple[str, str, int]]:
    """What has a band, as (words, band, value); what is not sure has no place."""
    for scale in SCALES:
        if (word := entry.answers.get(scale)) and word != Strength.UNSURE:
            yield f"{scale.capitalize()} {word}", scale, entry.inputs[scale]
    for band, words in _COUNTED.items():
        if value := entry.inputs.get(band):
            yield words[value], band, value


def _place(band: Band, value: int, hours: float | None) -> str:
    row = band.expected(hours)
    if value <= row.usual:
        return f"usual{_until(band, row, lambda one: value <= one.usual)}"
    if value <= row.highest:
        return f"a little more than usual, still normal{_until(band, row, lambda one: value <= one.highest)}"
    ends = [one.until for one in band.rows if value <= one.usual]
    return f"usual only until {_moment(ends[-1])}, so a person looks at it" if ends else "more than we expect"


def _until(band: Band, row: Row, fits: Callable[[Row], bool]) -> str:
    """To the end of the last row, from this one on, that fits: a band never rises."""
    end = [one.until for one in band.rows[band.rows.index(row) :] if fits(one)][-1]
    return "" if end == ENDLESS else f" until {_moment(end)}"


def _moment(hours: float) -> str:
    return f"hour {hours:g}" if hours < _DAYS_FROM else f"day {hours / _DAY:g}"


def _after(hours: float) -> str:
    if hours < 1:
        return "less than an hour after"
    if hours < _DAYS_FROM:
        return f"{hours:.0f} hour{'' if round(hours) == 1 else 's'} after"
    return f"{hours / _DAY:.0f} days after"
