"""Nonsense is refused with the line and the reason, and the table in force stays."""

import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.side_effects import running
from portal.side_effects.conditions import Earlier, Facts
from portal.side_effects.rules import Level
from portal.side_effects.table import RUNNING, SHIPPED
from portal.triage import queries, service
from portal.triage.patching import Numbers
from portal.triage.rules import MOST_CHARACTERS, candidate, differences, is_same, named

U08 = 'all = ["bleeding_not_stopped_15min_pressure"]'
D27 = 'all = ["bleeds_again", "hours >= 24"]'
FLAG = 'id = "chest_pain", says = "Pain in the chest"'


def swapped(before, after, text=SHIPPED):
    assert before in text
    return text.replace(before, after, 1)


def without(rule_id):
    return re.sub(
        rf'\[\[rules\]\]\nid = "{rule_id}"\n.*?(?=\n\[\[rules\]\]|\n# )', "", SHIPPED, count=1, flags=re.DOTALL
    )


NONSENSE = {
    "nothing": ("", "version"),
    "only emoji": ("🆘🆘", "cannot be read as TOML"),
    "a null byte": (swapped(U08, 'all = ["\0"]'), "cannot be read as TOML"),
    "half a text": (SHIPPED[:9000], "cannot be read as TOML"),
    "a text that is none": ("Please make it milder.", "cannot be read as TOML"),
    "brackets without end": ("a = " + "[" * 5000, "line 1"),
    "brackets in brackets": (swapped(D27, "all = [" + "{ any = [" * 300 + '"pus"' + "] }" * 300 + "]"), "line 1"),
    "a number without end": (swapped("until = 48", f"until = {'9' * 5000}"), "line"),
    "far too long": (SHIPPED + "#" * MOST_CHARACTERS, "characters"),
    "an id that is none": (swapped('id = "D27"', 'id = "<b>"'), "its id must be letters and digits"),
    "rules without end": (
        SHIPPED
        + "".join(
            f'\n[[rules]]\nid = "X{n}"\nlevel = "watch"\nall = ["pus"]\nbecause = "Pus"\nsource = ["S12"]\n'
            for n in range(200)
        ),
        "rules: at most 200",
    ),
    "a part that is none": (SHIPPED + '\n[[rule]]\nid = "D99"\n', "rule: a table has no such part"),
    "a rule that must stay is gone": (without("U01"), "rule U01: it must stay"),
    "its level is lowered": (
        swapped('id = "U08"\nlevel = "urgent"', 'id = "U08"\nlevel = "watch"'),
        "level must be urgent",
    ),
    "its condition is emptied": (swapped(U08, "all = []"), "rule U08: it can never fire"),
    "its meaning is taken out": (swapped(U08, 'all = ["chest_pain"]'), "must come out as urgent"),
    "a wider band": (
        swapped("until = 48, usual = 2, highest = 2", "until = 48, usual = 2, highest = 4"),
        "must lie between",
    ),
    "a band that rises": (
        swapped("until = 48, usual = 1, highest = 2", "until = 48, usual = 3, highest = 3"),
        "not rise",
    ),
    "a band without an end": (swapped("until = -1", "until = 900"), "without end"),
    "hours that go back": (
        swapped("until = 24, usual = 2, highest = 3", "until = 9, usual = 2, highest = 3"),
        "must grow",
    ),
    "a number that is none": (swapped("until = 12", "until = nan"), "from 0 to 10000"),
    "an hour of 400 digits": (swapped("until = 168, usual = 0", f"until = {'9' * 400}, usual = 0"), "from 0 to 10000"),
    "an hour without end": (swapped("until = 168, usual = 0", "until = inf, usual = 0"), "from 0 to 10000"),
    "an hour after years": (swapped("until = 168, usual = 0", "until = 1e300, usual = 0"), "from 0 to 10000"),
    "a comparison after years": (swapped(D27, 'all = ["bleeds_again", "hours >= 10001"]'), "no condition"),
    "a gap of 400 digits": (swapped("gap_h = 24", f"gap_h = {'9' * 400}"), "lasting takes"),
    "conditions too deep": (swapped(D27, "all = [" + "{ any = [" * 9 + '"pus"' + "] }" * 9 + "]"), "8 deep"),
    "a word for a number": (swapped("highest = 3", 'highest = "three"'), "wrong kind"),
    "yes for a number": (swapped("highest = 3", "highest = true"), "wrong kind"),
    "no source": (swapped('source = ["S26"]', "source = []"), "rule U03: no source"),
    "a source nobody knows": (swapped('source = ["S26"]', 'source = ["hearsay"]'), "no source “hearsay”"),
    "a level nobody knows": (swapped('id = "D27"\nlevel = "day"', 'id = "D27"\nlevel = "soon"'), "rule D27"),
    "weaker meets it": (swapped(D27, 'all = ["bleeds_again", "pain <= 3"]'), "no condition “pain <= 3”"),
    "a digit that is none": (swapped(D27, 'all = ["bleeds_again", "hours >= ²"]'), "no condition"),
    "hours without end": (swapped("gap_h = 24", "gap_h = inf"), "lasting takes"),
    "hours below nothing": (swapped("gap_h = 24", "gap_h = -1"), "lasting takes"),
    "a list in a list": (swapped(D27, 'all = [{ word = [["fever"]] }]'), "rule D27: something is of the wrong kind"),
    "a rule that says nothing": (
        swapped('because = "Bleeding that pressure did not stop"', 'because = " "'),
        "rule U08",
    ),
    "a stage without an end": (swapped("until = -1\nwhen", "until = 900\nwhen"), "course: its hours must grow"),
    "stages that go back": (swapped("until = 72\nwhen", "until = 24\nwhen"), "course: its hours must grow"),
    "a stage of 400 digits": (
        swapped("until = 168\nwhen", f"until = {'9' * 400}\nwhen"),
        "course: its hours must grow",
    ),
    "a stage that says nothing": (
        swapped('normal = "nothing to be seen or felt"', 'normal = ""'),
        "course: a sentence",
    ),
    "an answer that says nothing": (swapped('title = "Call now"', 'title = ""'), "answers.urgent"),
    "an essay": (swapped('title = "Call now"', f'title = "{"call " * 100}"'), "at most 400"),
    "a version that cannot be named": (
        swapped('version = "draft-2, not yet signed off by a clinician"', 'version = """\ndraft"""'),
        "version: it must stand on a line of its own",
    ),
    "another warning sign": (swapped(FLAG, FLAG.replace("Pain", "A little pain")), "red_flags: the warning signs"),
    "a warning sign less": (swapped(f"  {{ {FLAG} }},\n", ""), "no condition “chest_pain”"),
    "another word of a scale": (swapped("Mild: there, but I do not", "Mild: there, and I do not"), "scale itch"),
}


@pytest.mark.parametrize("text, reason", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_refused_with_line_and_reason(text, reason):
    found = candidate(text)
    assert found.table is None
    assert any(reason in problem for problem in found.problems), found.problems
    assert all(re.match(r"line \d+, ", problem) for problem in found.problems), found.problems


@pytest.mark.parametrize("text", [text for text, _ in NONSENSE.values()], ids=NONSENSE)
def test_after_nonsense_nothing_is_kept_and_the_table_in_force_stays(db, dana, text):
    assert service.keep_text(db, dana, text, queries.prepared(db).mark)
    assert queries.prepared(db).draft is None
    assert running.table(db) is RUNNING


@pytest.mark.parametrize(
    "text, line_of",
    [
        (NONSENSE["its level is lowered"][0], 'id = "U08"'),
        (NONSENSE["a wider band"][0], "until = 48, usual = 2, highest = 4"),
        (NONSENSE["another warning sign"][0], "A little pain"),
        (NONSENSE["another word of a scale"][0], "itch = [\n  { word"),
        (NONSENSE["an answer that says nothing"][0], "[answers.urgent]"),
    ],
)
def test_the_line_is_where_to_look(text, line_of):
    line = int(re.match(r"line (\d+)", candidate(text).problems[0])[1])
    assert line == text[: text.index(line_of)].count("\n") + 1


def test_a_band_and_a_rule_are_refused_by_their_fields_too(db, dana):
    rows = [Numbers(f"{row.until:g}", "3", "6") for row in RUNNING.bands["pain"].rows]
    problems = service.keep_band(db, dana, "pain", rows)
    assert any("band pain, row 4: highest 6" in problem for problem in problems)
    (lowered,) = service.keep_rule(db, dana, "U08", Level.DAY, [])
    assert re.fullmatch(r"line \d+, rule U08: its level must be urgent or above", lowered)
    assert service.keep_rule(db, dana, "D05", Level.DAY, ["40"])
    assert queries.prepared(db).draft is None


def test_what_differs_is_told_by_line_and_the_version_does_not_count():
    other = swapped("usual = 2, highest = 3", "usual = 1, highest = 3", named(SHIPPED, "clinic-1"))
    (change,) = differences(named(SHIPPED, ""), named(other, ""))
    assert "usual = 2" in change.before[0]
    assert "usual = 1" in change.after[0]
    assert other.splitlines()[change.line - 1] == change.after[0]
    assert is_same(SHIPPED, named(SHIPPED, "clinic-1"))
    assert not is_same(SHIPPED, other)


@pytest.mark.parametrize("lines", [3_000, 40_000])
def test_even_a_text_of_empty_lines_is_compared_and_named_in_no_time(lines):
    before, after = (f"x\n{'#' + chr(10) * 2}" * (lines // 2) + one for one in ("a\n", "b\n"))
    begun = time.process_time()
    (one,) = differences(before, after)
    (whole,) = differences(before, after.replace("x\n#", "y\n#"))
    assert candidate("\n" * 50_000 + SHIPPED).table
    assert candidate(swapped("highest = 3", "highest = 9", "\n" * 50_000 + SHIPPED)).problems
    assert time.process_time() - begun < 3
    assert (one.before, one.after) == (("a",), ("b",))
    assert len(whole.after) > 1500


VALUES = ["3", "-1", "0.5", "nan", "inf", "true", '"x"', "[]", "{}", '["pus"]', '[["x"]]', "1e400", "²", '"🆘"']
SPOTS = list(re.finditer(r"(?<== )(\"[^\"\n]*\"|-?\d+|\[[^\]\n]*\])|\"[a-z_0-9 >=.]+\"", SHIPPED))
NUMBERS = st.integers(0, 10)
FACTS = st.builds(
    Facts,
    st.one_of(st.none(), st.floats(0, 900)),
    *[NUMBERS] * 7,
    present=st.frozensets(st.sampled_from(["bleeds_again", "hot_skin", "used_serum", "lymph_nodes_swollen"])),
    risks=st.frozensets(st.sampled_from(["immune", "keloid", "allergy", "anticoagulant"])),
    note_words=st.frozensets(st.sampled_from(["inflamed", "pus", "smell"])),
    trend=st.sampled_from(["", "worse", "better"]),
    fever_c=st.sampled_from([None, 37.0, 39.0]),
    began_hours=st.one_of(st.none(), st.floats(0, 200)),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SPOTS), st.sampled_from(VALUES), st.lists(FACTS, min_size=5, max_size=5))
def test_what_is_not_refused_never_fails_on_a_report(spot, value, reports):
    found = candidate(SHIPPED[: spot.start()] + value + SHIPPED[spot.end() :])
    assert (found.table is None) == bool(found.problems)
    for facts in reports if found.table else ():
        found.table.triage(facts, [Earlier(3.0, redness=2), Earlier(None, pain=4)])
