"""From a form to the facts the rules judge: words become numbers, ticks become signs, “not sure” stays not sure."""

from collections.abc import Iterable, Sequence

from portal.side_effects.forms import Discharge, FlagsAnswer, Late, Rash, ReportForm, Sign
from portal.side_effects.rules import Earlier, Facts, Strength, Symptom
from portal.side_effects.table import Table

SCALES = (Symptom.REDNESS, Symptom.SWELLING, Symptom.PAIN, Symptom.ITCH)
FELT_FEVER_C = 38.0  # felt feverish but not measured counts as this: clinical.md 4.1
_MANY, _FEW = 5, 1
_MORE_HAIR_FALL, _OVER_TWO_WEEKS = 2, 15


def facts_of(
    form: ReportForm, table: Table, *, hours: float | None, at_risk: bool = False, previous: Sequence[Earlier] = ()
) -> Facts:
    """Everything the rules may know of one report."""
    return Facts(
        hours=hours,
        present=frozenset(_present(form, at_risk=at_risk)),
        unsure=frozenset(_unsure(form)),
        redness=_number(form, table, Symptom.REDNESS),
        swelling=_number(form, table, Symptom.SWELLING),
        pain=_number(form, table, Symptom.PAIN),
        itch=_number(form, table, Symptom.ITCH),
        pustules=_MANY if Rash.MANY_PIMPLES in form.rash else _FEW if Rash.FEW_PIMPLES in form.rash else 0,
        fever_c=_fever(form),
        trend=form.trend or "",
        skin_colour_change=next((str(one) for one in form.late if one in (Late.DARKER, Late.LIGHTER)), "none"),
        shedding=_MORE_HAIR_FALL if Late.SHEDDING in form.late else 0,
        shedding_days=_OVER_TWO_WEEKS if Late.SHEDDING in form.late else 0,
        previous=tuple(previous),
    )


def _number(form: ReportForm, table: Table, scale: Symptom) -> int:
    strength: Strength | None = getattr(form, scale)
    return 0 if strength in (None, Strength.UNSURE) else table.value(scale, str(strength))


def _fever(form: ReportForm) -> float | None:
    felt = FELT_FEVER_C if form.feverish else None
    return max((one for one in (felt, form.temperature) if one is not None), default=None)


def _present(form: ReportForm, *, at_risk: bool) -> Iterable[str]:
    yield from form.flags
    for kinds in (form.signs, form.discharge, form.rash, form.late):
        yield from (str(kind) for kind in kinds)
    if Symptom.OTHER in form.symptoms and not form.late:
        yield "something_else"
    if form.wants_person:
        yield "wants_person"
    if at_risk:
        yield "risk_flag_immune_or_diabetes"


def _unsure(form: ReportForm) -> Iterable[str]:
    if form.flags_answer is FlagsAnswer.UNSURE:
        yield "red_flags"
    for name, kinds in (("signs", form.signs), ("discharge", form.discharge), ("rash", form.rash)):
        if {Sign.UNSURE, Discharge.UNSURE, Rash.UNSURE} & set(kinds):
            yield name
    yield from (str(scale) for scale in SCALES if getattr(form, scale) is Strength.UNSURE)
