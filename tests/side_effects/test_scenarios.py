"""Every course of the library through the real form: none missed, few alarms where nothing was wrong, no rule idle."""

from dataclasses import replace

import pytest

from portal.side_effects.table import RUNNING
from tests.side_effects.scenarios.course import library, missed, run
from tests.side_effects.scenarios.figures import figures
from tests.side_effects.scenarios.page import DOC, marks, parts

COURSES = library()
FIGURES = figures()


@pytest.mark.parametrize("course", COURSES, ids=lambda course: f"{course.kind}: {course.name}")
def test_each_report_comes_out_as_it_must(course):
    wrong = {judged.report.at: problems for judged in run(course) if (problems := missed(judged))}
    assert not wrong, f"{course.why}: {wrong}"


def test_the_library_is_as_large_as_promised_and_each_course_has_a_name_of_its_own():
    assert len(COURSES) >= 150
    assert sum(course.ordinary for course in COURSES) >= 60
    assert sum(course.must_escalate for course in COURSES) >= 100
    assert len({course.name for course in COURSES}) >= len(COURSES) - 1
    assert all(course.why and course.source for course in COURSES)


def test_every_source_is_one_of_the_table():
    assert {name for course in COURSES for name in course.source} <= set(RUNNING.sources)


def test_what_must_reach_a_person_does_without_exception():
    assert FIGURES.recall.some == FIGURES.recall.all


def test_ordinary_courses_raise_at_most_half_the_alarms_of_fixed_thresholds():
    for ours, fixed in zip(FIGURES.alarms, FIGURES.baseline, strict=True):
        assert ours.value <= fixed.value / 2


def test_the_ordinary_courses_are_not_all_easy():
    """A share of none would say that the library leaves out what is hard."""
    reports, courses = FIGURES.alarms
    assert reports.some >= 10
    assert courses.some >= 10


@pytest.mark.parametrize("rule", RUNNING.rules, ids=lambda rule: rule.id)
def test_a_rule_that_is_deleted_is_missed(rule):
    without = replace(RUNNING, rules=tuple(one for one in RUNNING.rules if one is not rule))
    assert any(missed(judged) for course in COURSES for judged in run(course, without))


@pytest.mark.parametrize("name", list(parts()))
def test_the_documentation_shows_what_runs(name):
    begin, end = marks(name)
    shown = DOC.read_text("utf-8").partition(begin)[2].partition(end)[0].strip()
    assert shown == parts()[name].strip(), "run `python -m tests.side_effects.scenarios --write`"
