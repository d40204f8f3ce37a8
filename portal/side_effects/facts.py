"""From a form to the facts the rules judge: words become numbers, ticks become signs, “not sure” stays not sure."""

from collections.abc import Iterable

from portal.side_effects import wordlist
from portal.side_effects.conditions import SCALES, Facts
from portal.side_effects.forms import Discharge, FlagsAnswer, Late, Rash, ReportForm, Sign
from portal.side_effects.layout import Table
from portal.side_effects.rules import Strength, Symptom

LOW_C = 35.0  # measured so or lower: a low temperature is a sign of sepsis, too (S26; the number is general knowledge)
FELT_FEVER_C = 38.0  # felt feverish but not measured counts as this: clinical.md 4.1
BEFORE_SESSION_H = -6  # from the end of the session: begun earlier, it is not of this session; a slip of some hours is
CLEAR = "clear"  # “nothing at all” is an answer: its noughts count in later reports, which an untold strength does not
_MANY, _FEW = 5, 1
_CLEAR, _PUS = 1, 2
_MORE_HAIR_FALL, _OVER_TWO_WEEKS = 2, 15


def facts_of(
    form: ReportForm,
    table: Table,
    *,
    hours: float | None,
    risks: frozenset[str] = frozenset(),
    began_hours: float | None = None,
) -> Facts:
    """Everything the rules may know of one report. `began_hours`: from the end of the session to the beginning.

    What began before the session is judged by the strictest row: nobody knows which session it belongs to.
    """
    found = wordlist.RUNNING.search(form.note)
    is_older = began_hours is not None and began_hours < BEFORE_SESSION_H
    present = {*_present(form), *(["began_before_session"] if is_older else ())}
    return Facts(
        hours=None if is_older else hours,
        present=frozenset(present if found.is_read else {*present, "note_unread"}),
        unsure=frozenset(_unsure(form)),
        redness=_number(form, table, Symptom.REDNESS),
        swelling=_number(form, table, Symptom.SWELLING),
        pain=_number(form, table, Symptom.PAIN),
        itch=_number(form, table, Symptom.ITCH),
        crusting=_number(form, table, Symptom.CRUSTING),
        pustules=_MANY if Rash.MANY_PIMPLES in form.rash else _FEW if Rash.FEW_PIMPLES in form.rash else 0,
        discharge=_discharge(form),
        fever_c=_fever(form),
        trend=form.trend or (CLEAR if form.all_clear else ""),
        skin_colour_change=next((str(one) for one in form.late if one in (Late.DARKER, Late.LIGHTER)), "none"),
        shedding=_MORE_HAIR_FALL if Late.SHEDDING in form.late else 0,
        shedding_days=_OVER_TWO_WEEKS if Late.SHEDDING in form.late else 0,
        began_hours=began_hours,
        risks=risks,
        note_words=found.signs,
    )


def _number(form: ReportForm, table: Table, scale: Symptom) -> int:
    strength: Strength | None = getattr(form, scale)
    return 0 if strength in (None, Strength.UNSURE) else table.value(scale, str(strength))


def _discharge(form: ReportForm) -> int:
    if {Discharge.PUS, Discharge.BAD_SMELL} & set(form.discharge):
        return _PUS
    return _CLEAR if Discharge.CLEAR in form.discharge else 0


def _fever(form: ReportForm) -> float | None:
    felt = FELT_FEVER_C if form.feverish else None
    return max((one for one in (felt, form.temperature) if one is not None), default=None)


def _present(form: ReportForm) -> Iterable[str]:
    yield from form.flags
    for kinds in (form.signs, form.discharge, form.rash, form.late, form.products):
        yield from (str(kind) for kind in kinds)
    if Symptom.OTHER in form.symptoms and not form.late:
        yield "something_else"
    if form.temperature is not None and form.temperature <= LOW_C:
        yield "low_temperature"
    if form.wants_person:
        yield "wants_person"


def _unsure(form: ReportForm) -> Iterable[str]:
    if form.flags_answer is FlagsAnswer.UNSURE:
        yield "red_flags"
    for name, kinds in (("signs", form.signs), ("discharge", form.discharge), ("rash", form.rash)):
        if {Sign.UNSURE, Discharge.UNSURE, Rash.UNSURE} & set(kinds):
            yield name
    yield from (scale for scale in SCALES if getattr(form, scale) is Strength.UNSURE)
