"""A table of rules is checked before it runs: nonsense is refused with the name of the row."""

from pathlib import Path

import pytest

import portal.side_effects.table as running
from portal.side_effects.table import RUNNING, read
from tests.tools.source import ROOT

TEXT = (Path(running.__file__).parent / "triage.toml").read_text("utf-8")


@pytest.mark.parametrize(
    "before, after, complaint",
    [
        ('all = ["bleeding_not_stopped_15min_pressure"]', 'all = ["bleding"]', "rule U08: no condition “bleding”"),
        ('all = ["eyelid_or_forehead_swelling"]', 'all = ["redness >= much"]', "rule D07: no condition"),
        ('all = ["eyelid_or_forehead_swelling"]', 'all = ["mood == bad"]', "rule D07: no condition"),
        ('all = ["eyelid_or_forehead_swelling"]', 'all = ["redness <> 3"]', "rule D07: no condition"),
        ('all = ["eyelid_or_forehead_swelling"]', "all = []", "rule D07: it can never fire"),
        ('all = ["eyelid_or_forehead_swelling"]', "all = [{ any = [] }]", "rule D07: no condition"),
        ('above_expected = ["redness"]', 'above_expected = ["itch"]', "rule D01: nothing is expected"),
        ('id = "D02"\nlevel = "day"', 'id = "D02"\nlevel = "soon"', "rule D02"),
        ('field = "redness"', 'field = "mood"', "rule D12: repeat takes"),
        ("min_gap_h = 24, ", "", "rule D12: repeat takes"),
        ('id = "D02"', 'id = "D01"', "rule D01: the id is used twice"),
        ('source = ["S26"]', 'source = ["S99"]', "rule U03: no source “S99”"),
        ('source = ["S26"]', "source = []", "rule U03: no source"),
        ('say = "eye"', 'say = "ear"', "rule U06: no advice “ear”"),
    ],
)
def test_nonsense_is_refused_with_the_name_of_the_row(before, after, complaint):
    assert before in TEXT
    with pytest.raises(ValueError, match=complaint):
        read(TEXT.replace(before, after, 1))


def test_the_running_table_says_that_nobody_signed_it():
    assert RUNNING.version == "draft-1, not yet signed off by a clinician"


def test_every_urgent_rule_says_what_to_do():
    assert all(rule.say for rule in RUNNING.rules if rule.level == "urgent")


def test_there_is_an_answer_for_every_outcome():
    assert set(RUNNING.answers) == {"urgent", "day", "expected", "follow_up"}


@pytest.mark.parametrize(
    "hours, when",
    [
        (0, "the first day"),
        (24, "the second and third day"),
        (168, "more than a week after"),
        (None, "more than a week after"),
    ],
)
def test_the_stage_follows_the_hours(hours, when):
    assert RUNNING.stage(hours).when == when


@pytest.mark.parametrize("rule", RUNNING.rules, ids=lambda rule: rule.id)
def test_the_documentation_shows_every_rule(rule):
    line = f"| {rule.id} | {rule.level} | {rule.because} |"
    assert line in (ROOT / "docs" / "clinical-rules.md").read_text("utf-8")
