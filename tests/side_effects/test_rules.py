"""The table of rules: the researched test rows, unknown time, and the path from the form to the answer."""

import json

import pytest

from portal.kit.forms import checked
from portal.side_effects.facts import facts_of
from portal.side_effects.forms import ReportForm
from portal.side_effects.kept import earlier as earlier_of
from portal.side_effects.kept import plain, restored
from portal.side_effects.rules import Strength, Symptom
from portal.side_effects.table import RUNNING
from tests.side_effects.told import DAY, EXPECTED, URGENT, WATCH, earlier, facts, judged

# The sixteen rows of the researched draft (clinical.md 4.2): inputs, level, rules that must fire.
RESEARCHED = [
    (facts(3, redness=3, swelling=1, pain=4, trend="same"), EXPECTED, []),
    (facts(30, redness=2, trend="better"), EXPECTED, []),
    (facts(30, redness=3, trend="same"), DAY, ["D01"]),
    (facts(80, redness=2, trend="same"), DAY, ["D01"]),
    (facts(200, redness=1, trend="better"), DAY, ["D01"]),
    (facts(60, redness=2, trend="worse"), DAY, ["D03"]),
    (facts(96, pus=True, redness=1, trend="same"), DAY, ["D04"]),
    (facts(96, pus=True, fever_c=38.4, redness=1, trend="worse"), URGENT, ["U04", "D04", "D05"]),
    (facts(1, lip_or_face_swelling=True), URGENT, ["U01"]),
    (facts(1, breathing_difficulty="unsure"), DAY, ["D13"]),
    (facts(26, eyelid_or_forehead_swelling=True, pain=1), DAY, ["D07"]),
    (facts(50, chest_pain=True), URGENT, ["U09"]),
    (facts(60, redness=2, trend="same", history=[earlier(30, redness=2)]), DAY, ["D12"]),
    (facts(1200, skin_colour_change="darker"), EXPECTED, ["R01"]),
    (facts(None, redness=1, trend="same"), DAY, ["D01"]),
    (facts(None, fever_c=38.1), DAY, ["D05"]),
]


@pytest.mark.parametrize("given, level, must_fire", RESEARCHED)
def test_the_researched_rows_hold(given, level, must_fire):
    found, fired = judged(given)
    assert found is level
    assert set(must_fire) <= set(fired)
    assert must_fire or not fired


def test_late_changes_need_no_hurry_but_are_looked_at():
    late = RUNNING.triage(*facts(1200, skin_colour_change="darker"))
    assert late.follow_up
    assert late.needs_person
    assert not RUNNING.triage(*facts(3, redness=2)).needs_person
    assert not RUNNING.triage(*facts(1200, skin_colour_change="darker", pus=True)).follow_up


def test_a_watched_report_needs_nobody_unless_a_rule_says_so():
    watched, looked_at = RUNNING.triage(*facts(40, swelling=2)), RUNNING.triage(*facts(210, itch=3))
    assert (watched.level, watched.needs_person) == (WATCH, False)
    assert (looked_at.level, looked_at.needs_person) == (WATCH, True)


@pytest.mark.parametrize("hours", [0, 5, 23, 24, 47, 48, 71, 72, 167, 168, 1000])
@pytest.mark.parametrize("field, top", [("redness", 4), ("swelling", 3), ("pain", 10), ("itch", 10), ("pustules", 6)])
def test_a_stronger_symptom_never_lowers_the_level(hours, field, top):
    for trend in ("better", "same", "worse"):
        levels = [RUNNING.triage(*facts(hours, trend=trend, **{field: value})).level.rank for value in range(top + 1)]
        assert levels == sorted(levels)


@pytest.mark.parametrize(
    "field, value", [("redness", 1), ("redness", 3), ("swelling", 1), ("pain", 2), ("fever_c", 38.5), ("pustules", 1)]
)
def test_unknown_hours_are_as_strict_as_any(field, value):
    known = [RUNNING.triage(*facts(hours, **{field: value})).level.rank for hours in range(0, 720, 6)]
    assert RUNNING.triage(*facts(None, **{field: value})).level.rank >= max(known)


@pytest.mark.parametrize("flag", sorted(RUNNING.flag_ids))
def test_every_red_flag_alone_is_urgent_and_unsure_of_it_is_a_day(flag):
    assert judged(facts(1, **{flag: True}))[0] is URGENT
    assert judged(facts(1, **{flag: "unsure"}))[0] is DAY


@pytest.mark.parametrize(
    "said", [{"fever_c": 38.0}, {"hives_local": True}, {"eyelid_or_forehead_swelling": True}, {"pus": True}]
)
def test_lone_fever_hives_forehead_swelling_and_pus_are_at_least_a_day(said):
    assert judged(facts(5, **said))[0] is DAY


def test_a_session_that_lies_ahead_counts_as_just_over():
    assert judged(facts(-2, redness=3))[0] is EXPECTED


def test_the_words_of_a_scale_only_grow():
    for steps in RUNNING.scales.values():
        assert [step.value for step in steps] == sorted(step.value for step in steps)
        assert [step.word for step in steps] == [one for one in Strength if one is not Strength.UNSURE]


def form(**said):
    found = checked(ReportForm, **{"flags_answer": "none", "trend": "same", **said})
    assert found.ok, found.errors
    return found.value


@pytest.mark.parametrize(
    "said, hours, level, must_fire",
    [
        ({"symptoms": ["redness", "swelling"], "redness": "marked", "swelling": "mild"}, 3, EXPECTED, []),
        ({"symptoms": ["crusting", "itch"], "itch": "mild", "crusting": "mild"}, 48, EXPECTED, []),
        ({"symptoms": ["pain"], "pain": "marked"}, 3, DAY, ["D02"]),
        ({"symptoms": ["redness"], "redness": "unsure"}, 3, DAY, ["D13"]),
        ({"symptoms": ["redness"], "redness": "faint", "flags_answer": "unsure"}, 3, DAY, ["D13"]),
        ({"symptoms": ["redness"], "redness": "faint", "flags": ["chest_pain"]}, 3, URGENT, ["U09"]),
        ({"symptoms": ["discharge"], "discharge": ["pus"], "feverish": "yes"}, 30, URGENT, ["U04"]),
        ({"symptoms": ["discharge"], "discharge": ["unsure"]}, 30, DAY, ["D13"]),
        ({"symptoms": ["rash"], "rash": ["pustules_many"]}, 30, DAY, ["D04"]),
        ({"symptoms": ["rash"], "rash": ["rash_unclear"]}, 3, DAY, ["D16"]),
        ({"symptoms": ["other"], "note": "It feels odd"}, 3, DAY, ["D16"]),
        ({"symptoms": ["other"], "late": ["darker"]}, 1200, EXPECTED, ["R01"]),
        ({"symptoms": ["other"], "late": ["shedding"]}, 1200, EXPECTED, ["R02"]),
        ({"signs": ["unsure"]}, 3, DAY, ["D13"]),
        ({"symptoms": ["redness"], "redness": "faint", "wants_person": "yes"}, 3, DAY, ["D15"]),
        ({"temperature": "38,2"}, 3, DAY, ["D05"]),
        ({"symptoms": ["crusting"], "crusting": "severe"}, 30, DAY, ["D26"]),
        ({"symptoms": ["itch"], "itch": "faint", "signs": ["bleeds_again"]}, 3, WATCH, ["W13"]),
        ({"symptoms": ["itch"], "itch": "faint", "products": ["used_minoxidil"]}, 3, WATCH, ["W14"]),
        ({"symptoms": ["redness"], "redness": "faint", "note": "😱"}, 3, WATCH, ["W10"]),
        ({"symptoms": ["redness"], "redness": "faint", "note": "my face is swollen"}, 3, URGENT, ["U13"]),
    ],
)
def test_a_form_is_judged_by_what_it_says(said, hours, level, must_fire):
    found, fired = judged((facts_of(form(**said), RUNNING, hours=hours), ()))
    assert found is level
    assert set(must_fire) <= set(fired)


def test_the_strength_counts_even_where_the_symptom_was_not_ticked():
    said = form(symptoms=["itch"], itch="faint", redness="severe")
    assert facts_of(said, RUNNING, hours=1).redness == RUNNING.value(Symptom.REDNESS, "severe")


def test_what_began_before_the_session_is_judged_by_the_strictest_row():
    said = form(symptoms=["redness"], redness="faint")
    assert judged((facts_of(said, RUNNING, hours=5, began_hours=-100), ()))[0] is DAY
    assert judged((facts_of(said, RUNNING, hours=5, began_hours=-2), ()))[0] is EXPECTED


def test_a_kept_report_can_be_judged_again_to_the_same_answer():
    said = form(symptoms=["redness", "discharge"], redness="mild", discharge=["unsure"], note="no fever")
    given = facts_of(said, RUNNING, hours=50, risks=frozenset({"keloid"}), began_hours=3)
    before = (earlier(30, redness=2, unsure=frozenset({"pain"})), earlier(None, itch=3))
    kept = json.loads(json.dumps(plain(given, before)))
    again, history = restored(kept)
    assert again == given
    assert set(history) == set(before)


def test_a_red_flag_with_nothing_else_told_is_no_trough():
    flagged = plain(facts_of(checked(ReportForm, flags=["chest_pain"]).value, RUNNING, hours=20), ())
    quiet = plain(facts_of(form(symptoms=["itch"], itch="faint"), RUNNING, hours=20), ())
    now = facts_of(form(symptoms=["redness"], redness="mild"), RUNNING, hours=30)
    assert judged((now, (earlier_of(20, flagged),)))[0] is EXPECTED
    assert judged((now, (earlier_of(20, quiet),)))[0] is DAY
