"""What must hold for any report, not only for those we thought of."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.side_effects.conditions import REMEMBERED, RISKS, SIGNS, Earlier, Facts
from portal.side_effects.limits import HARD
from portal.side_effects.table import RUNNING
from portal.side_effects.wordlist import RUNNING as WORDS

TOP = {"redness": 4, "swelling": 3, "pain": 10, "itch": 10, "crusting": 4, "pustules": 6, "discharge": 2}
HOURS = st.none() | st.floats(0, 2000) | st.sampled_from([0.0, 12.0, 24.0, 48.0, 72.0, 168.0])
STRENGTHS = {name: st.integers(0, top) | st.just(0) for name, top in TOP.items()}
ALL_SIGNS = sorted(SIGNS | RUNNING.flag_ids)
EARLIER = st.builds(Earlier, hours=HOURS, unsure=st.frozensets(st.sampled_from(REMEMBERED), max_size=2), **STRENGTHS)
HISTORY = st.lists(EARLIER, max_size=4)
FACTS = st.builds(
    Facts,
    hours=HOURS,
    present=st.frozensets(st.sampled_from(ALL_SIGNS), max_size=2),
    unsure=st.just(frozenset()) | st.just(frozenset({"red_flags"})),
    fever_c=st.none() | st.floats(36, 41),
    trend=st.sampled_from(["", "better", "same", "worse"]),
    began_hours=st.none() | st.floats(-5, 300),
    risks=st.frozensets(st.sampled_from(sorted(RISKS)), max_size=2),
    note_words=st.just(frozenset()) | st.frozensets(st.sampled_from(sorted(WORDS.signs)), max_size=1),
    **STRENGTHS,
)
MANY = settings(max_examples=300, deadline=None)


def rank(facts, history):
    return RUNNING.triage(facts, history).level.rank


@MANY
@given(FACTS, HISTORY, st.sampled_from(sorted(TOP)), st.integers(1, 10))
def test_a_stronger_symptom_never_lowers_the_level(facts, history, name, by):
    stronger = replace(facts, **{name: min(TOP[name], getattr(facts, name) + by)})
    assert rank(stronger, history) >= rank(facts, history)


@MANY
@given(FACTS, HISTORY, st.sampled_from(ALL_SIGNS))
def test_a_sign_more_never_lowers_the_level(facts, history, sign):
    assert rank(replace(facts, present=facts.present | {sign}), history) >= rank(facts, history)


@MANY
@given(FACTS, HISTORY, st.sampled_from(sorted(RISKS)), st.sampled_from(sorted(WORDS.signs)))
def test_a_risk_or_a_word_more_never_lowers_the_level(facts, history, risk, word):
    assert rank(replace(facts, risks=facts.risks | {risk}), history) >= rank(facts, history)
    assert rank(replace(facts, note_words=facts.note_words | {word}), history) >= rank(facts, history)


@MANY
@given(FACTS, HISTORY, st.floats(36, 42))
def test_a_higher_temperature_never_lowers_the_level(facts, history, degrees):
    assert rank(replace(facts, fever_c=max(facts.fever_c or 0, degrees)), history) >= rank(facts, history)


@MANY
@given(FACTS, HISTORY)
def test_worse_is_never_less_than_the_same_or_better(facts, history):
    levels = [rank(replace(facts, trend=trend), history) for trend in ("same", "better", "worse")]
    assert levels[2] >= max(levels)


@MANY
@given(FACTS, HISTORY)
def test_not_sure_of_anything_reaches_a_person(facts, history):
    unsure = replace(facts, unsure=facts.unsure | {"redness"})
    assert RUNNING.triage(unsure, history).level.is_alarm


@MANY
@given(FACTS, HISTORY, st.randoms())
def test_the_order_in_which_facts_come_does_not_matter(facts, history, random):
    shuffled = random.sample(history, len(history))
    assert RUNNING.triage(facts, shuffled) == RUNNING.triage(facts, history) == RUNNING.triage(facts, tuple(history))


@MANY
@given(FACTS)
def test_an_unknown_time_is_as_strict_as_any(facts):
    known = rank(facts, ())
    assert rank(replace(facts, hours=None), ()) >= known


@MANY
@given(st.sampled_from(HARD.never), FACTS, HISTORY, st.none() | st.floats(0, 20_000))
def test_what_is_never_ignored_is_not_hidden_by_anything_else_or_by_time(never, facts, history, later):
    together = replace(
        facts,
        hours=None if later is None else never.since + later,
        present=facts.present | never.facts.present,
        unsure=facts.unsure | never.facts.unsure,
        risks=facts.risks | never.facts.risks,
        note_words=facts.note_words | never.facts.note_words,
        fever_c=max(facts.fever_c or 0, never.facts.fever_c or 0) or None,
        trend=never.facts.trend or facts.trend,
        **{name: max(getattr(facts, name), getattr(never.facts, name)) for name in TOP},
    )
    assert rank(together, [*history, *never.history]) >= never.level.rank


@MANY
@given(st.lists(st.integers(0, 3), min_size=2, max_size=6), st.lists(st.floats(1, 160), min_size=6, max_size=6))
def test_a_course_that_only_falls_within_what_is_usual_is_never_an_alarm(words, hours):
    """Redness that falls from report to report and stays at or below usual; the same value twice a day apart is D12."""
    history, last = [], 4
    for at, word in zip(sorted(hours), sorted(words, reverse=True), strict=False):
        redness = min(word, last, RUNNING.bands["redness"].expected(at).usual)
        facts, last = Facts(at, redness=redness, trend="better"), redness
        found = RUNNING.triage(facts, history)
        assert {rule.id for rule in found.fired} <= {"D12"}
        history.append(Earlier(at, redness=redness))


@MANY
@given(st.sampled_from(["redness", "swelling", "pain"]), st.integers(1, 3), st.floats(48, 500), st.floats(24, 47))
def test_whatever_rises_again_after_two_days_reaches_a_person(name, value, now, low):
    history = [Earlier(5, **{name: 3}), Earlier(low, **{name: value - 1})]
    assert RUNNING.triage(Facts(now, trend="better", **{name: value}), history).level.is_alarm
