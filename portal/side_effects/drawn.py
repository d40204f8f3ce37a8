"""The reports after one session as drawings, one for each symptom; who may see the reports has been asked before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from portal.accounts.rules import Viewer
from portal.kit import clock
from portal.side_effects import kept, plots, queries, running, words
from portal.side_effects.conditions import Earlier
from portal.side_effects.layout import Table
from portal.side_effects.models import SideEffectReport
from portal.side_effects.plots import Course, Rung
from portal.side_effects.rules import Symptom

_BAND_OF = {Symptom.RASH: "pustules"}  # of a rash only the pimples have a band
_TITLES = {Symptom.RASH: "Pimples"}
_COUNTED: Mapping[Symptom, Sequence[Rung]] = {
    Symptom.RASH: (Rung(0, "none"), Rung(1, "1 to 4"), Rung(5, "5 or more")),
    Symptom.DISCHARGE: (Rung(0, "none"), Rung(1, "clear"), Rung(2, "pus")),
}
DRAWN = (*words.QUESTIONS, Symptom.DISCHARGE, Symptom.RASH)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One symptom's drawing and its name."""

    symptom: Symptom
    title: str
    course: Course

    @property
    def sentence(self) -> str:
        """The drawing in words, for who does not see it."""
        told = "; ".join(spot.says for spot in self.course.spots)
        return f"{self.title}, hours and days after the session, over what is usual. Told: {told or 'nothing yet'}."


def of_session(
    table: Table,
    reports: Sequence[SideEffectReport],
    also: Iterable[Symptom] = (),
    now: float | None = None,
    *,
    judged: bool = True,
) -> list[Drawn]:
    """Each symptom that the reports of one session name, and those in `also`. `now`: hours since the session; not
    `judged`: no mark says more than what was told.
    """
    told = [kept.earlier(one.hours, one.inputs) for one in reports if one.hours is not None]
    return [
        Drawn(one, _TITLES.get(one, words.SYMPTOMS[one]), _course(table, one, told, now, judged=judged))
        for one in DRAWN
        if one in also or any(getattr(earlier, _band(one)) for earlier in told)
    ]


def of_report(db: Session, viewer: Viewer, entry: SideEffectReport) -> list[Drawn]:
    """What a report the viewer may see names, with all that was told after the same session; none without a session."""
    if entry.followed_at is None or entry.hours is None:
        return []
    others = queries.reports(db, viewer, entry.client_id)
    reports = [one for one in others if one.followed_at == entry.followed_at]
    own = kept.earlier(entry.hours, entry.inputs)
    judged = viewer.is_practitioner or running.shows_level(db)
    now = hours_since(entry.followed_at, clock.now())
    drawn = of_session(running.table(db), reports, now=now, judged=judged)
    return [one for one in drawn if getattr(own, _band(one.symptom))]


def hours_since(ended_at: datetime, at: datetime) -> float:
    """Hours from the end of a session to `at`."""
    return (at - ended_at) / timedelta(hours=1)


def _course(table: Table, symptom: Symptom, told: Sequence[Earlier], now: float | None, *, judged: bool) -> Course:
    name = _band(symptom)
    points = [
        (one.hours, getattr(one, name)) for one in told if one.hours is not None and not _is_untold(name, one.unsure)
    ]
    return plots.course(table.bands[name], points, rungs(table, symptom), now, judged=judged)


def rungs(table: Table, symptom: Symptom) -> Sequence[Rung]:
    """The words of a scale with their numbers, “none” first; words of one number share a rung: “marked +”."""
    if symptom in _COUNTED:
        return _COUNTED[symptom]
    found = [Rung(0, "none")]
    for step in table.scales[symptom]:
        if step.value > found[-1].value:
            found.append(Rung(step.value, step.word))
        else:
            found[-1] = Rung(step.value, f"{found[-1].word} +")
    return tuple(found)


def _band(symptom: Symptom) -> str:
    return _BAND_OF.get(symptom, symptom.value)


def _is_untold(name: str, unsure: Iterable[str]) -> bool:
    return name in unsure or (name == "pustules" and "rash" in unsure)
