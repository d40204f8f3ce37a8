"""What an answer to a check-in becomes: a report with less asked, and nothing lost."""

import pytest

from portal.checkins.forms import CONTRADICTION, CheckInForm, PolicyForm, SettleForm
from portal.kit.forms import checked
from portal.side_effects.facts import facts_of
from portal.side_effects.table import RUNNING

CLEAR = {"flags_answer": "none", "feeling": "nothing"}
SOME = {"flags_answer": "none", "feeling": "something"}
NONES = dict.fromkeys(("redness", "swelling", "pain", "itch", "crusting"), "none")


def errors(**said):
    return checked(CheckInForm, **said).errors


def test_nothing_at_all_is_a_whole_answer():
    form = checked(CheckInForm, **CLEAR, **NONES)
    assert form.ok
    assert form.value.all_clear
    assert form.value.symptoms == []
    assert form.value.answers() == {"flags_answer": "none", "all_clear": True}


def test_the_noughts_of_an_all_clear_are_facts_and_raise_nothing():
    facts = facts_of(checked(CheckInForm, **CLEAR).value, RUNNING, hours=100)
    assert (facts.redness, facts.pain, facts.discharge, facts.trend) == (0, 0, 0, "clear")
    assert not facts.unsure
    assert RUNNING.triage(facts).fired == ()


def test_what_is_above_none_is_a_symptom():
    form = checked(CheckInForm, **SOME, **{**NONES, "redness": "faint", "itch": "unsure"}, trend="same").value
    assert [str(one) for one in form.symptoms] == ["redness", "itch"]
    assert not form.all_clear
    assert form.answers() == {"flags_answer": "none", "redness": "faint", "itch": "unsure", "trend": "same"}


@pytest.mark.parametrize(
    "said, wrong",
    [
        ({}, {"flags_answer", "feeling"}),
        ({"flags_answer": "none"}, {"feeling"}),
        ({"feeling": "nothing"}, {"flags_answer"}),
        ({**CLEAR, "flags_answer": "some"}, {"flags_answer"}),
        (SOME, {"symptoms", "trend"}),
        ({**SOME, **NONES}, {"symptoms", "trend"}),
        ({**SOME, "redness": "mild"}, {"trend"}),
        ({**SOME, "redness": "purple", "trend": "same"}, {"redness"}),
        ({**SOME, "symptoms": ["discharge"], "trend": "same"}, {"discharge"}),
        ({**CLEAR, "asked": ["redness"]}, {"redness", "trend"}),
        ({**CLEAR, "asked": ["rash"]}, {"rash_now"}),
        ({**CLEAR, "asked": ["rash"], "rash_now": "there", "trend": "same"}, {"rash"}),
        ({**CLEAR, "feeling": "perhaps"}, {"feeling"}),
    ],
)
def test_what_is_missing_is_asked_for(said, wrong):
    assert errors(**said).keys() == wrong


@pytest.mark.parametrize(
    "more",
    [
        {"redness": "mild", "trend": "same"},
        {"signs": ["hot_skin"]},
        {"feverish": True},
        {"temperature": "38.4"},
        {"discharge": ["pus"]},
        {"rash": ["blisters_grouped"]},
        {"late": ["darker"]},
        {"asked": ["rash"], "rash_now": "gone", "rash": ["pustules_many"]},
    ],
)
def test_nothing_beside_something_is_never_taken_for_nothing(more):
    assert errors(**CLEAR, **more)["feeling"] == CONTRADICTION


def test_what_was_asked_by_name_and_has_gone_is_all_clear():
    asked = {"asked": ["redness", "rash"], "redness": "none", "rash_now": "gone"}
    form = checked(CheckInForm, **CLEAR, **asked)
    assert form.ok
    assert form.value.all_clear


def test_what_was_asked_by_name_and_is_still_there_is_no_contradiction():
    form = checked(CheckInForm, **CLEAR, asked=["redness"], redness="mild", trend="better")
    assert form.ok
    assert [str(one) for one in form.value.symptoms] == ["redness"]
    assert not form.value.all_clear


def test_a_red_flag_asks_for_nothing_else():
    form = checked(CheckInForm, flags=["lip_or_face_swelling"], asked=["redness", "rash"])
    assert form.ok
    assert (form.value.symptoms, form.value.all_clear) == ([], False)


def test_not_sure_of_a_red_flag_is_no_all_clear_by_the_rules():
    facts = facts_of(checked(CheckInForm, **{**CLEAR, "flags_answer": "unsure"}).value, RUNNING, hours=100)
    assert RUNNING.triage(facts).level.is_alarm


@pytest.mark.parametrize("wish, ok", [({"did": "called"}, True), ({"did": "nothing"}, False), ({}, False)])
def test_nothing_needed_wants_a_reason(wish, ok):
    assert checked(SettleForm, **wish).ok is ok
    assert checked(SettleForm, did="nothing", note="On holiday, said so before.").ok


@pytest.mark.parametrize(
    "name, value",
    [
        ("missed_after_hours", 0),
        ("missed_after_hours", 169),
        ("answer_hours", 49),
        ("follow_up_hours", 3),
        ("follow_up_hours", 25),
    ],
)
def test_limits_stay_in_range(name, value):
    usual = {"missed_after_hours": 24, "answer_hours": 4, "follow_up_hours": 24}
    walls = {"quiet_from": "21:00", "quiet_until": "08:00"}
    assert checked(PolicyForm, **walls, **usual).ok
    assert checked(PolicyForm, **walls, **{**usual, name: value}).errors.keys() == {name}
    assert not checked(PolicyForm, **{**walls, "quiet_from": "21:00:30"}, **usual).ok
