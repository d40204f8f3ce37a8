"""The table of rules: the researched test rows, every rule alone, every edge of time."""

import pytest

from portal.kit.forms import checked
from portal.side_effects.facts import facts_of
from portal.side_effects.forms import ReportForm
from portal.side_effects.rules import NUMBERS, Earlier, Facts, Level, Strength, Symptom
from portal.side_effects.table import RUNNING

EXPECTED, DAY, URGENT = Level.EXPECTED, Level.DAY, Level.URGENT


def facts(hours=1.0, **said):
    """Signs are given as `pus=True` or `pus="unsure"`; numbers and words as they are."""
    known = {
        name: said.pop(name)
        for name in list(said)
        if name in NUMBERS or name in {"trend", "skin_colour_change", "previous"}
    }
    present = frozenset(name for name, value in said.items() if value is True)
    unsure = frozenset(name for name, value in said.items() if value == "unsure")
    return Facts(hours=hours, present=present, unsure=unsure, **known)


def judged(given):
    found = RUNNING.triage(given)
    return found.level, [rule.id for rule in found.fired]


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
    (facts(60, redness=2, trend="same", previous=(Earlier(30, 2),)), DAY, ["D12"]),
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


# Each rule by what is just enough for it, and by what is just not.
ENOUGH = {
    "U01": (
        {"breathing_difficulty": True},
        {"tongue_or_throat_swelling": True},
        {"lip_or_face_swelling": True},
        {"collapse_or_faint": True},
    ),
    "U02": ({"hives_widespread": True, "vomiting_or_dizzy": True},),
    "U03": (
        {"confused_or_slurred": True},
        {"mottled_blue_or_very_pale": True},
        {"severely_breathless": True},
        {"no_urine_today": True},
    ),
    "U04": tuple(
        {"fever_c": 38.0, **one} for one in ({"redness": 3}, {"hot_skin": True}, {"pus": True}, {"spreading": True})
    ),
    "U05": tuple(
        {"spreading": True, "trend": "worse", **one}
        for one in ({"pain": 7}, {"vomiting_or_dizzy": True}, {"fast_or_irregular_heartbeat": True})
    ),
    "U06": ({"vision_change": True}, {"eye_area_red_and_painful": True}),
    "U07": ({"skin_black_purple_or_blistering": True}, {"pain": 9, "trend": "worse"}),
    "U08": ({"bleeding_not_stopped_15min_pressure": True},),
    "U09": ({"chest_pain": True}, {"fast_or_irregular_heartbeat": True}),
    "D01": (
        {"hours": 0, "redness": 4},
        {"hours": 24, "redness": 3},
        {"hours": 72, "redness": 2},
        {"hours": 168, "redness": 1},
    ),
    "D02": (
        {"hours": 0, "swelling": 3},
        {"hours": 48, "swelling": 2},
        {"hours": 72, "swelling": 1},
        {"hours": 0, "pain": 7},
        {"hours": 12, "pain": 4},
        {"hours": 48, "pain": 2},
    ),
    "D03": tuple({"hours": 24, "trend": "worse", **one} for one in ({"redness": 2}, {"swelling": 2}, {"pain": 4})),
    "D04": ({"pus": True}, {"bad_smell": True}, {"pustules": 5}, {"blisters_grouped": True}),
    "D05": ({"hours": 0, "fever_c": 38.0}, {"hours": 720, "fever_c": 38.0}, {"hours": None, "fever_c": 38.0}),
    "D06": (
        {"itch": 7},
        {"itch": 4, "rash_beyond_treated_area": True},
        {"hives_local": True},
        {"hives_widespread": True},
    ),
    "D07": ({"eyelid_or_forehead_swelling": True},),
    "D08": ({"hours": 48, "hot_skin": True}, {"hours": None, "hot_skin": True}),
    "D09": tuple(
        {"hours": 24, "risk_flag_immune_or_diabetes": True, **one}
        for one in ({"redness": 2}, {"swelling": 2}, {"hot_skin": True}, {"pustules": 1})
    ),
    "D10": ({"firm_bumps_over_14_days": True},),
    "D11": tuple({"lymph_nodes_swollen": True, **one} for one in ({"redness": 2}, {"pain": 4})),
    "D12": (
        {"hours": 48, "redness": 2, "previous": (Earlier(24, 2),)},
        {"hours": None, "redness": 2, "previous": (Earlier(47, 2),)},
        {"hours": 60, "redness": 2, "previous": (Earlier(None, 2),)},
    ),
    "D13": ({"chest_pain": "unsure"}, {"discharge": "unsure"}),
    "D14": ({"spreading": True}, {"vomiting_or_dizzy": True}),
    "D15": ({"wants_person": True},),
    "D16": ({"something_else": True}, {"rash_unclear": True}, {"rash_beyond_treated_area": True}),
    "D17": ({"hours": 72, "pustules": 1}, {"hours": None, "pustules": 1}),
    "R01": ({"skin_colour_change": "darker"}, {"skin_colour_change": "lighter"}, {"raised_scar_or_lines": True}),
    "R02": ({"shedding": 2, "shedding_days": 15},),
}
NOT_ENOUGH = {
    "U01": ({"breathing_difficulty": "unsure"},),
    "U02": ({"hives_widespread": True}, {"vomiting_or_dizzy": True}),
    "U03": ({"vomiting_or_dizzy": True},),
    "U04": ({"fever_c": 37.9, "pus": True}, {"fever_c": 39.0, "redness": 2}, {"pus": True, "hot_skin": True}),
    "U05": (
        {"spreading": True, "trend": "same", "pain": 7},
        {"spreading": True, "trend": "worse", "pain": 6},
        {"trend": "worse", "pain": 7},
    ),
    "U06": ({"eyelid_or_forehead_swelling": True},),
    "U07": ({"pain": 8, "trend": "worse"}, {"pain": 10, "trend": "same"}),
    "U08": ({"pus": True},),
    "U09": ({"chest_pain": "unsure"},),
    "D01": (
        {"hours": 23.9, "redness": 3},
        {"hours": 71.9, "redness": 2},
        {"hours": 167.9, "redness": 1},
        {"hours": None, "redness": 0},
    ),
    "D02": (
        {"hours": 47.9, "swelling": 2},
        {"hours": 71.9, "swelling": 1},
        {"hours": 11.9, "pain": 6},
        {"hours": 47.9, "pain": 3},
        {"hours": 900, "pain": 1},
    ),
    "D03": (
        {"hours": 23.9, "trend": "worse", "redness": 2},
        {"hours": 30, "trend": "same", "redness": 2},
        {"hours": 30, "trend": "worse", "redness": 1},
    ),
    "D04": ({"pustules": 4},),
    "D05": ({"hours": 720.1, "fever_c": 39.0}, {"hours": 1, "fever_c": 37.9}, {"hours": 1}),
    "D06": ({"itch": 6}, {"itch": 3, "rash_beyond_treated_area": True}),
    "D07": ({"swelling": 2},),
    "D08": ({"hours": 47.9, "hot_skin": True},),
    "D09": (
        {"hours": 23.9, "risk_flag_immune_or_diabetes": True, "redness": 2},
        {"hours": 30, "risk_flag_immune_or_diabetes": True, "redness": 1},
    ),
    "D10": ({"raised_scar_or_lines": True},),
    "D11": ({"lymph_nodes_swollen": True, "redness": 1, "pain": 3},),
    "D12": (
        {"hours": 47.9, "redness": 2, "previous": (Earlier(20, 2),)},
        {"hours": 60, "redness": 2, "previous": (Earlier(37, 2),)},
        {"hours": 60, "redness": 2, "previous": (Earlier(30, 1),)},
        {"hours": 60, "redness": 1, "previous": (Earlier(30, 2),)},
    ),
    "D13": ({"chest_pain": True},),
    "D14": ({"spreading": "unsure"},),
    "D15": ({},),
    "D16": ({"hives_local": True},),
    "D17": ({"hours": 71.9, "pustules": 1},),
    "R01": ({"skin_colour_change": "none"},),
    "R02": ({"shedding": 2, "shedding_days": 14}, {"shedding": 1, "shedding_days": 30}),
}
RULES = {rule.id: rule for rule in RUNNING.rules}


def test_every_rule_is_tested():
    assert set(ENOUGH) == set(NOT_ENOUGH) == set(RULES)


@pytest.mark.parametrize("name, said", [(name, one) for name, some in ENOUGH.items() for one in some])
def test_a_rule_fires_at_its_edge_and_raises_at_least_to_its_level(name, said):
    level, fired = judged(facts(**said))
    assert name in fired
    assert level.rank >= RULES[name].level.rank


@pytest.mark.parametrize("name, said", [(name, one) for name, some in NOT_ENOUGH.items() for one in some])
def test_a_rule_keeps_silent_below_its_edge(name, said):
    assert name not in judged(facts(**said))[1]


def test_late_changes_need_no_hurry_but_are_looked_at():
    assert RUNNING.triage(facts(1200, skin_colour_change="darker")).follow_up
    assert not RUNNING.triage(facts(3, redness=2)).needs_person
    assert not RUNNING.triage(facts(1200, skin_colour_change="darker", pus=True)).follow_up


@pytest.mark.parametrize("hours", [0, 5, 23, 24, 47, 48, 71, 72, 167, 168, 1000])
@pytest.mark.parametrize("field, top", [("redness", 4), ("swelling", 3), ("pain", 10), ("itch", 10), ("pustules", 6)])
def test_a_stronger_symptom_never_lowers_the_level(hours, field, top):
    for trend in ("better", "same", "worse"):
        levels = [RUNNING.triage(facts(hours, trend=trend, **{field: value})).level.rank for value in range(top + 1)]
        assert levels == sorted(levels)


@pytest.mark.parametrize(
    "field, value", [("redness", 1), ("redness", 3), ("swelling", 1), ("pain", 2), ("fever_c", 38.5), ("pustules", 1)]
)
def test_unknown_hours_are_as_strict_as_any(field, value):
    known = [RUNNING.triage(facts(hours, **{field: value})).level.rank for hours in range(0, 720, 6)]
    assert RUNNING.triage(facts(None, **{field: value})).level.rank >= max(known)


@pytest.mark.parametrize("flag", sorted(RUNNING.flag_ids))
def test_no_red_flag_is_ever_expected(flag):
    assert judged(facts(1, **{flag: True}))[0] in {DAY, URGENT}
    assert judged(facts(1, **{flag: "unsure"}))[0] is DAY


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
        ({"symptoms": ["crusting", "itch"], "itch": "mild"}, 48, EXPECTED, []),
        ({"symptoms": ["pain"], "pain": "marked"}, 3, DAY, ["D02"]),
        ({"symptoms": ["redness"], "redness": "unsure"}, 3, DAY, ["D13"]),
        ({"symptoms": ["redness"], "redness": "faint", "flags_answer": "unsure"}, 3, DAY, ["D13"]),
        ({"symptoms": ["redness"], "redness": "faint", "flags": ["chest_pain"]}, 3, URGENT, ["U09"]),
        ({"symptoms": ["discharge"], "discharge": ["pus"], "feverish": "yes"}, 30, URGENT, ["U04"]),
        ({"symptoms": ["discharge"], "discharge": ["unsure"]}, 30, DAY, ["D13"]),
        ({"symptoms": ["rash"], "rash": ["pustules_many"]}, 30, DAY, ["D04"]),
        ({"symptoms": ["rash"], "rash": ["rash_unclear"]}, 3, DAY, ["D16"]),
        ({"symptoms": ["other"], "note": "odd"}, 3, DAY, ["D16"]),
        ({"symptoms": ["other"], "late": ["darker"]}, 1200, EXPECTED, ["R01"]),
        ({"symptoms": ["other"], "late": ["shedding"]}, 1200, EXPECTED, ["R02"]),
        ({"signs": ["unsure"]}, 3, DAY, ["D13"]),
        ({"symptoms": ["redness"], "redness": "faint", "wants_person": "yes"}, 3, DAY, ["D15"]),
        ({"temperature": "38,2"}, 3, DAY, ["D05"]),
    ],
)
def test_a_form_is_judged_by_what_it_says(said, hours, level, must_fire):
    found, fired = judged(facts_of(form(**said), RUNNING, hours=hours))
    assert found is level
    assert set(must_fire) <= set(fired)


def test_the_strength_counts_even_where_the_symptom_was_not_ticked():
    said = form(symptoms=["itch"], itch="faint", redness="severe")
    assert facts_of(said, RUNNING, hours=1).redness == RUNNING.value(Symptom.REDNESS, "severe")
