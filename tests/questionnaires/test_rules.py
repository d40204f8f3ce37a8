from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.questionnaires import editing, rules
from portal.questionnaires.editing import Kind
from portal.questionnaires.pages import FEW, first_gap, pages_of
from portal.questionnaires.rules import Answer, HealthChange, Meaning, Question, Said
from portal.questionnaires.starters import STARTERS

DAY, LATER = date(2026, 3, 1), date(2026, 4, 1)
NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)


def question(key="a", **words):
    known = {"short": key, "ask": f"Is it {key}?", "why": "We ask.", "sources": ("lists",), "group": "One"}
    return Question(key=key, **{**known, **words})


WAITS = question(yes=Meaning.NOT_NOW, wait_days=28, reask_days=84)


def said(answer, on=DAY):
    return Said(Answer(answer), on)


@pytest.mark.parametrize(
    "asked, answer, meaning, until",
    [
        (question(), "no", Meaning.FINE, None),
        (question(), "yes", Meaning.DECIDE, None),
        (question(), "unsure", Meaning.DECIDE, None),
        (WAITS, "yes", Meaning.NOT_NOW, date(2026, 3, 29)),
        (WAITS, "unsure", Meaning.DECIDE, None),
        (WAITS, "no", Meaning.FINE, None),
        (question(yes=Meaning.STOP), "yes", Meaning.STOP, None),
        (question(yes=Meaning.STOP, unsure=Meaning.STOP), "unsure", Meaning.STOP, None),
        (question(yes=Meaning.FINE, unsure=Meaning.FINE), "yes", Meaning.FINE, None),
    ],
)
def test_the_question_says_what_an_answer_means(asked, answer, meaning, until):
    assert (asked.meaning(Answer(answer)), asked.until(said(answer))) == (meaning, until)


@pytest.mark.parametrize(
    "now, before, expected",
    [
        (said("no"), None, ()),
        (said("yes"), None, (HealthChange(Meaning.DECIDE),)),
        (said("unsure"), None, (HealthChange(Meaning.DECIDE),)),
        (said("yes"), {}, (HealthChange(Meaning.DECIDE),)),
        (said("yes"), {"a": said("no")}, (HealthChange(Meaning.DECIDE),)),
        (said("yes"), {"a": said("yes")}, ()),
        (said("yes", LATER), {"a": said("yes")}, ()),
        (said("unsure"), {"a": said("yes")}, (HealthChange(Meaning.DECIDE),)),
        (said("yes"), {"a": said("unsure")}, (HealthChange(Meaning.DECIDE),)),
        (said("no"), {"a": said("yes")}, ()),
        (None, None, (HealthChange(Meaning.DECIDE),)),
        (None, {"a": said("no")}, (HealthChange(Meaning.DECIDE),)),
        (None, {}, ()),
    ],
)
def test_what_is_not_fine_and_was_not_so_before_is_a_change(now, before, expected):
    assert rules.changes([question()], {"a": now} if now else {}, before) == expected


@pytest.mark.parametrize(
    "on, before, until",
    [(DAY, None, date(2026, 3, 29)), (LATER, DAY, date(2026, 4, 29)), (DAY, DAY, None)],
)
def test_a_not_yet_that_is_said_again_counts_again(on, before, until):
    earlier = {"a": said("yes", before)} if before else None
    expected = (HealthChange(Meaning.NOT_NOW, until),) if until else ()
    assert rules.changes([WAITS], {"a": said("yes", on)}, earlier) == expected


def test_the_gravest_comes_first_and_what_is_new_is_marked():
    asked = [question("fine"), question("decide"), question("stop", yes=Meaning.STOP), replace(WAITS, key="wait")]
    now = {"fine": said("no"), "decide": said("unsure"), "stop": said("yes"), "wait": said("yes")}
    found = rules.flags(asked, now, {"fine": said("yes"), "decide": said("unsure"), "stop": said("no")})
    assert [(flag.question.key, flag.is_raised, flag.is_new, flag.before) for flag in found] == [
        ("stop", True, True, Answer.NO),
        ("wait", True, True, None),
        ("decide", True, False, Answer.UNSURE),
        ("fine", False, True, Answer.YES),
    ]
    assert not any(flag.is_new for flag in rules.flags(asked, now))


@pytest.mark.parametrize(
    "asked, answer, on",
    [
        (question(), "yes", None),
        (question(reask_days=84), "no", date(2026, 5, 24)),
        (WAITS, "no", date(2026, 5, 24)),
        (WAITS, "yes", date(2026, 3, 29)),
    ],
)
def test_an_answer_is_relied_upon_until_its_day(asked, answer, on):
    assert rules.reask_on([asked, question("other")], {"a": said(answer), "other": said("no")}) == on


@pytest.mark.parametrize("on, against", [(date(2026, 3, 28), True), (date(2026, 3, 29), False)])
def test_a_not_yet_speaks_against_a_session_until_its_day(on, against):
    assert rules.speaks_against([WAITS], {"a": said("yes")}, on) is against
    assert rules.speaks_against([question(yes=Meaning.STOP)], {"a": said("yes")}, on)
    assert not rules.speaks_against([question()], {"a": said("yes")}, on)


@pytest.mark.parametrize(
    "answered, last, needed",
    [
        (None, None, True),
        (timedelta(days=28), None, False),
        (timedelta(days=29), None, True),
        (timedelta(days=3), timedelta(days=4), False),
        (timedelta(days=5), timedelta(days=4), True),
    ],
)
def test_answers_are_confirmed_before_a_session(answered, last, needed):
    assert rules.needs_check(NOW - answered if answered else None, NOW, NOW - last if last else None) is needed


@pytest.mark.parametrize(
    "asked, known, on, must",
    [
        (question(), {"a": said("no")}, LATER, False),
        (question(), {}, LATER, True),
        (question(ask="Is it reworded?"), {"a": said("no")}, LATER, True),
        (question(why="Another reason."), {"a": said("no")}, LATER, False),
        (question(reask_days=31), {"a": said("no")}, LATER, True),
        (question(reask_days=32), {"a": said("no")}, LATER, False),
        (WAITS, {"a": said("yes")}, date(2026, 3, 28), False),
        (WAITS, {"a": said("yes")}, date(2026, 3, 29), True),
    ],
)
def test_what_is_new_reworded_or_due_is_asked(asked, known, on, must):
    assert bool(rules.must_ask([asked], [question()], known, on)) is must


def test_only_answers_to_the_same_words_stay():
    then, now = (
        [question("a"), question("b"), question("c")],
        [question("a"), question("b", ask="Else?"), question("d")],
    )
    assert rules.still_valid({"a": "yes", "b": "no", "c": "no", "d": "no"}, then, now) == {"a": Answer.YES}


def test_a_question_survives_being_stored():
    assert rules.from_data(rules.as_data(WAITS)) == WAITS


# ---- pages ----


def test_the_starters_come_on_four_pages_of_four_or_five():
    assert [len(page.questions) for page in pages_of(STARTERS)] == [4, 4, 4, 5]
    assert [page.number for page in pages_of(STARTERS)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "groups, expected",
    [
        ("", []),
        ("A", [("A", 1)]),
        ("AB", [(FEW, 2)]),
        ("AAAAB", [(FEW, 5)]),
        ("AAAAAB", [("A", 5), ("B", 1)]),
        ("AAAAAA", [("A", 3), ("A", 3)]),
        ("ABABAB", [("A", 3), ("B", 3)]),
        ("A" * 11, [("A", 4), ("A", 4), ("A", 3)]),
    ],
)
def test_a_page_has_at_most_five_questions(groups, expected):
    asked = [question(f"q{number}", group=group) for number, group in enumerate(groups)]
    assert [(page.title, len(page.questions)) for page in pages_of(asked)] == expected


def test_the_first_gap_is_found():
    pages = pages_of(STARTERS)
    known = [one.key for one in pages[0].questions]
    assert first_gap(pages, []).number == 1
    assert first_gap(pages, known).number == 2
    assert first_gap(pages, [one.key for one in STARTERS]) is None


# ---- what the clinic may change ----

HELD = [question(key) for key in sorted(editing.RELIED_UPON)]


@pytest.mark.parametrize(
    "name, key",
    [
        ("Keloid or raised scars", "keloid_or_raised_scars"),
        ("Über 12 Monate?", "uber_12_monate"),
        ("?!", ""),
        ("针", ""),
    ],
)
def test_a_key_is_made_of_the_name(name, key):
    assert editing.key_for(name) == key


@pytest.mark.parametrize(
    "new, words",
    [
        (question(""), "at least one letter"),
        (question("a"), "of this name already"),
        (question("gone", ask="Is it something else?"), "An earlier question"),
        (question("gone"), None),
        (question("b"), None),
    ],
)
def test_a_key_names_one_question_for_ever(new, words):
    problem = editing.key_problem(new, [question("a")], [question("a"), question("gone")])
    assert words in problem if words else problem is None


@pytest.mark.parametrize(
    "asked, words",
    [
        ([], "at least one"),
        ([question("a")], "side effects"),
        ([*HELD, HELD[0]], "same key"),
        (HELD, "Nothing has changed"),
        ([*HELD, *(question(f"q{number}") for number in range(60))], "at most 60"),
        ([*HELD, question("b")], None),
    ],
)
def test_nonsense_is_not_published(asked, words):
    problem = editing.set_problem(asked, HELD)
    assert words in problem if words else problem is None


@pytest.mark.parametrize("yes", list(Meaning))
@pytest.mark.parametrize("unsure", list(Meaning))
def test_unsure_is_never_treated_as_no(yes, unsure):
    is_refused = editing.meaning_problem(yes, unsure) is not None
    assert is_refused is (unsure is Meaning.FINE and yes is not Meaning.FINE)


@pytest.mark.parametrize(
    "key, up, whole, expected",
    [
        ("b", True, False, "bacd"),
        ("a", True, False, "abcd"),
        ("a", False, False, "bacd"),
        ("c", True, False, "abcd"),
        ("d", True, False, "abdc"),
        ("c", True, True, "cdab"),
        ("a", False, True, "cdab"),
        ("a", True, True, "abcd"),
        ("x", True, False, "abcd"),
    ],
)
def test_a_question_moves_on_its_page_and_a_page_among_pages(key, up, whole, expected):
    asked = [question("a"), question("b"), question("c", group="Two"), question("d", group="Two")]
    assert "".join(one.key for one in editing.moved(asked, key, up=up, whole_page=whole)) == expected


def test_a_new_question_joins_its_page_and_a_changed_one_stays_in_place():
    asked = [question("a"), question("b", group="Two")]
    assert [one.key for one in editing.replaced(asked, question("c"))] == ["a", "c", "b"]
    assert [one.why for one in editing.replaced(asked, question("a", why="New."))] == ["New.", "We ask."]


def test_what_changed_is_said_with_before_and_after():
    before = [question("a"), question("b"), question("c")]
    after = [question("d"), question("c", reask_days=84), question("a", ask="Is it really?")]
    found = editing.edits(before, after)
    assert [(edit.kind, edit.question.key) for edit in found] == [
        (Kind.ADDED, "d"),
        (Kind.CHANGED, "c"),
        (Kind.CHANGED, "a"),
        (Kind.REMOVED, "b"),
    ]
    assert found[1].lines == (("Asked anew after days", "–", "84"),)
    assert [edit.asks_anew for edit in found] == [True, False, True, False]
    assert editing.is_reordered(before, after)
    assert not editing.is_reordered(before, before[:2])


# ---- the starters ----


def test_every_starter_is_complete_and_its_key_its_own():
    assert len({one.key for one in STARTERS}) == len(STARTERS) == 17
    for one in STARTERS:
        assert one.ask.endswith("?")
        assert one.why.endswith(".")
        assert one.sources
        assert editing.meaning_problem(one.yes, one.unsure) is None
        assert (one.wait_days is None) is (Meaning.NOT_NOW not in {one.yes, one.unsure})
    assert set(editing.RELIED_UPON) <= {one.key for one in STARTERS}
