from pathlib import Path

import pytest

from portal.kit.forms import checked
from portal.suitability.forms import ScreeningForm
from portal.suitability.rules import Code
from portal.suitability.screening import QUESTIONS, flags, newly_raised

NO = {question.key: "no" for question in QUESTIONS}


def test_every_question_is_complete_and_its_key_its_own():
    assert len({question.key for question in QUESTIONS}) == len(QUESTIONS) == 17
    for question in QUESTIONS:
        assert question.ask.endswith("?")
        assert question.why.endswith(".")
        assert question.sources


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.key)
def test_nothing_is_answered_for_the_client(question):
    form = checked(ScreeningForm, **{key: value for key, value in NO.items() if key != question.key})
    assert form.errors == {question.key: "Please choose yes, no or unsure."}


def test_an_empty_form_is_not_an_answer():
    assert set(checked(ScreeningForm).errors) == set(NO)


def test_what_is_raised_comes_first_and_unsure_counts_as_raised():
    found = flags(NO | {"skin": "unsure", "patches": "yes"})
    assert [(flag.question.key, flag.is_raised) for flag in found[:3]] == [
        ("skin", True),
        ("patches", True),
        ("bleeding", False),
    ]
    assert not any(flag.is_new for flag in found)


def test_what_changed_is_marked():
    before, after = NO | {"skin": "yes", "immune": "yes"}, NO | {"skin": "yes", "allergy": "unsure"}
    assert [flag.question.key for flag in flags(after, before) if flag.is_new] == ["allergy", "immune"]
    assert [question.key for question in newly_raised(after, before)] == ["allergy"]


def test_a_question_added_later_does_not_break_old_answers():
    assert [flag.question.key for flag in flags({"skin": "yes"})] == ["skin"]


def test_the_clinical_rules_name_every_question_its_sources_and_every_reason():
    told = (Path(__file__).parents[2] / "docs" / "clinical-rules.md").read_text("utf-8")
    for question in QUESTIONS:
        assert f"| `{question.key}` | {question.short} | {', '.join(question.sources)} |" in told
    for code in Code:
        assert f"| `{code}` |" in told
