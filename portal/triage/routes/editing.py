"""The next version of the table, for admins: a band, a rule, or the whole text."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from portal.accounts import queries as accounts
from portal.accounts.auth import CurrentAdmin
from portal.kit.errors import NotFound
from portal.kit.forms import Bound, Posted, bind, blank
from portal.kit.routing import Db, Router
from portal.kit.web import redirect, render
from portal.side_effects import words
from portal.side_effects.layout import Table
from portal.side_effects.learning import ENOUGH
from portal.side_effects.limits import HARD
from portal.side_effects.rules import Level
from portal.triage import patching, queries, rules, service
from portal.triage.forms import BandForm, RuleForm, TextForm, band_numbers, band_values, rule_numbers, rule_values
from portal.triage.pages import drafted_table, in_words

KEPT = "Kept in the draft. No report is judged by it before you publish."
LEVELS = [(level.value, words.LEVELS[level]) for level in reversed(Level)]
router = Router(prefix="/triage/edit")
WholeText = Annotated[Bound[TextForm], Depends(bind(TextForm))]
OneBand = Annotated[Bound[BandForm], Depends(bind(BandForm))]
OneRule = Annotated[Bound[RuleForm], Depends(bind(RuleForm))]


@router.get("", name="triage:edit")
def edit(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    prepared = queries.prepared(db)
    changes = rules.differences(rules.named(prepared.in_force, ""), rules.named(prepared.text, ""))
    editor = accounts.names(db, [prepared.draft.edited_by_id]) if prepared.draft and prepared.draft.edited_by_id else {}
    known = {"prepared": prepared, "changes": changes, "editor": editor}
    return render(request, "triage/edit.html", **known, **in_words(drafted_table(prepared)))


@router.get("/bands/{symptom}", name="triage:band")
def band(request: Request, db: Db, admin: CurrentAdmin, symptom: str) -> Response:
    drafted = drafted_table(queries.prepared(db))
    if symptom not in drafted.bands:
        raise NotFound("There is no such band.")
    return _band_page(request, db, drafted, symptom, blank(**band_values(drafted.bands[symptom])))


@router.post("/bands/{symptom}", name="triage:keep-band")
def keep_band(request: Request, db: Db, admin: CurrentAdmin, symptom: str, form: OneBand) -> Response:
    drafted = drafted_table(queries.prepared(db))
    if symptom not in drafted.bands:
        raise NotFound("There is no such band.")
    numbers = band_numbers(form, drafted.bands[symptom])
    problems = service.keep_band(db, admin, symptom, numbers) if form.ok else ()
    if problems or not form.ok:
        return _band_page(request, db, drafted, symptom, _beside_rows(form, symptom, problems), problems)
    return redirect(request, "triage:edit", flash=KEPT, fragment=f"band-{symptom}")


@router.get("/rules/{rule_id}", name="triage:rule")
def rule(request: Request, db: Db, admin: CurrentAdmin, rule_id: str) -> Response:
    known = _rule_of(queries.prepared(db), rule_id)
    return _rule_page(request, known, blank(**rule_values(known["rule"].level, known["slots"])))


@router.post("/rules/{rule_id}", name="triage:keep-rule")
def keep_rule(request: Request, db: Db, admin: CurrentAdmin, rule_id: str, form: OneRule) -> Response:
    known = _rule_of(queries.prepared(db), rule_id)
    numbers = rule_numbers(form, known["slots"])
    problems = service.keep_rule(db, admin, rule_id, form.value.level, numbers) if form.ok else ()
    if problems or not form.ok:
        return _rule_page(request, known, _beside_level(form, problems), problems)
    return redirect(request, "triage:edit", flash=KEPT, fragment=f"rule-{rule_id}")


@router.get("/text", name="triage:text")
def text(request: Request, db: Db, admin: CurrentAdmin) -> Response:
    prepared = queries.prepared(db)
    form = blank(text=prepared.text, mark=prepared.mark)
    return render(request, "triage/text.html", form=form, prepared=prepared, problems=prepared.candidate.problems)


@router.post("/text", name="triage:keep-text")
def keep_text(request: Request, db: Db, admin: CurrentAdmin, form: WholeText) -> Response:
    problems = service.keep_text(db, admin, form.value.text, form.value.mark) if form.ok else ()
    if problems or not form.ok:
        known = {"form": form, "prepared": queries.prepared(db), "problems": problems}
        return render(request, "triage/text.html", 422, **known)
    return redirect(request, "triage:edit", flash=KEPT)


@router.post("/discard", name="triage:discard")
def discard(request: Request, db: Db, admin: CurrentAdmin, posted: Posted) -> Response:
    service.discard(db, admin)
    return redirect(request, "triage:table", flash="The draft is thrown away. Nothing else changed.", kind="info")


def _rule_of(prepared: queries.Prepared, name: str) -> dict[str, Any]:
    drafted = drafted_table(prepared)
    found = next((one for one in drafted.rules if one.id == name), None)
    if found is None:
        raise NotFound("There is no such rule.")
    return {"table": drafted, "rule": found, "slots": patching.slots(patching.raw_rule(prepared.text, name))}


def _beside_rows(form: Bound[Any], symptom: str, problems: Sequence[str]) -> Bound[Any]:
    """What is wrong with a row stands beside its last number."""
    for problem in problems:
        _, found, rest = problem.partition(f"band {symptom}, row ")
        row, _, why = rest.partition(": ")
        if found:
            form.fail(f"highest-{row}", f"{why[:1].upper()}{why[1:]}.")
    return form


def _beside_level(form: Bound[Any], problems: Sequence[str]) -> Bound[Any]:
    if why := next((problem for problem in problems if "its level must be" in problem), ""):
        form.fail("level", f"I{why.partition(': i')[2]}.")
    return form


def _band_page(
    request: Request, db: Db, drafted: Table, symptom: str, form: Bound[Any], problems: Sequence[str] = ()
) -> Response:
    known = {
        "table": drafted,
        "band": drafted.bands[symptom],
        "limits": HARD.bands[symptom],
        "learned": queries.learned(db, drafted)[symptom],
        "enough": ENOUGH,
        "problems": problems,
    }
    return render(request, "triage/band.html", 422 if form.errors or problems else 200, form=form, **known)


def _rule_page(request: Request, known: dict[str, Any], form: Bound[Any], problems: Sequence[str] = ()) -> Response:
    status = 422 if form.errors or problems else 200
    more = {"problems": problems, "choices": LEVELS, "words": words, "least": HARD.levels.get(known["rule"].id)}
    return render(request, "triage/rule.html", status, form=form, **known, **more)
