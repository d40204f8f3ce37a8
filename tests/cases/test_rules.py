"""What a case file may say: grades of a term, dates, what a signature asks for, and words without people."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.cases.masking import masked
from portal.cases.rules import Causality, Criterion, Term, Told, in_words, lasted, missing, problems

REPORTED = datetime(2026, 5, 4, 10, tzinfo=UTC)
NOW = REPORTED + timedelta(days=3)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHOLE = {
    "seriousness": [Criterion.NONE],
    "term": Term.PRURITUS,
    "grade": 1,
    "onset": REPORTED - HOUR,
    "causality": Causality.UNKNOWN,
}
GRADES = {
    Term.SCALP_PAIN: "123",
    Term.PAIN_OF_SKIN: "123",
    Term.HEADACHE: "123",
    Term.PRURITUS: "123",
    Term.RASH_MACULO_PAPULAR: "123",
    Term.URTICARIA: "123",
    Term.RASH_PUSTULAR: "2345",
    Term.FOLLICULITIS: "123",
    Term.SKIN_INFECTION: "12345",
    Term.WOUND_INFECTION: "12345",
    Term.ALLERGIC_REACTION: "12345",
    Term.ANAPHYLAXIS: "345",
    Term.FEVER: "12345",
    Term.PERIORBITAL_EDEMA: "123",
    Term.LOCALIZED_EDEMA: "123",
    Term.HYPERPIGMENTATION: "12",
    Term.HYPOPIGMENTATION: "12",
    Term.BRUISING: "12",
    Term.ALOPECIA: "12",
    Term.OTHER: "12345",
}


def wrong(**changes):
    return list(problems(Told(**{**WHOLE, **changes}), REPORTED, NOW))


def asked(**changes):
    return list(missing(Told(**{**WHOLE, **changes})))


@pytest.mark.parametrize("term", Term)
def test_each_term_has_its_own_grades(term):
    for grade in range(1, 6):
        changes = {"term": term, "grade": grade, "term_words": "a scar", "seriousness": [Criterion.DEATH]}
        assert wrong(**changes) == ([] if str(grade) in GRADES[term] else ["grade"]), (term, grade)


def test_a_refused_grade_names_the_ones_there_are():
    found = problems(Told(**{**WHOLE, "term": Term.RASH_PUSTULAR}), REPORTED, NOW)
    assert found == {"grade": "“Rash pustular” has the grades 2 to 5."}


@pytest.mark.parametrize(
    "words, is_fine", [("", False), ("🙂🙂", False), ("123", False), ("a scar", True), ("疤", True)]
)
def test_other_is_said_in_words(words, is_fine):
    assert wrong(term=Term.OTHER, term_words=words) == ([] if is_fine else ["term_words"])


def test_none_of_these_goes_with_nothing_else():
    assert wrong(seriousness=[Criterion.NONE, Criterion.HOSPITAL]) == ["seriousness"]
    assert not wrong(seriousness=[Criterion.HOSPITAL, Criterion.LIFE_THREATENING])


def test_a_grade_that_means_death_is_said_as_such():
    fatal = {"term": Term.ANAPHYLAXIS, "grade": 5}
    assert wrong(**fatal) == ["grade"]
    assert not wrong(**fatal, seriousness=[Criterion.DEATH])


@pytest.mark.parametrize(
    "onset, ended, fields",
    [
        (REPORTED, None, []),
        (REPORTED + timedelta(minutes=1), None, ["onset"]),
        (NOW + DAY, None, ["onset"]),
        (REPORTED - 1830 * DAY, None, []),
        (REPORTED - 1831 * DAY, None, ["onset"]),
        (datetime(1, 1, 1, tzinfo=UTC), None, ["onset"]),
        (REPORTED - HOUR, REPORTED - HOUR, []),
        (REPORTED - HOUR, REPORTED - 2 * HOUR, ["ended"]),
        (REPORTED - HOUR, NOW, []),
        (REPORTED - HOUR, NOW + timedelta(minutes=1), ["ended"]),
        (None, NOW, []),
        (None, NOW + DAY, ["ended"]),
        (REPORTED + DAY, NOW + DAY, ["onset", "ended"]),
    ],
)
def test_dates_are_possible_and_in_order(onset, ended, fields):
    assert wrong(onset=onset, ended=ended) == fields


def test_a_signature_asks_for_all_that_counts_at_once():
    assert list(missing(Told())) == ["seriousness", "term", "grade", "onset", "causality"]
    assert not asked()


@pytest.mark.parametrize("causality", Causality)
def test_a_likely_cause_is_named(causality):
    needs = causality in {Causality.POSSIBLE, Causality.PROBABLE, Causality.CERTAIN}
    assert asked(causality=causality) == (["suspects"] if needs else [])
    assert asked(causality=causality, suspects=1) == []


def test_an_empty_draft_contradicts_nothing():
    assert not problems(Told(), REPORTED, NOW)


@pytest.mark.parametrize(
    "span, words",
    [
        (timedelta(0), "0 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (HOUR, "1 hour"),
        (DAY, "1 day"),
        (2 * DAY + 3 * HOUR + timedelta(minutes=59), "2 days 3 hours"),
    ],
)
def test_a_duration_in_words(span, words):
    assert in_words(span) == words


def test_how_long_it_lasted_is_known_when_both_ends_are():
    assert lasted(REPORTED, NOW) == 3 * DAY
    assert lasted(None, NOW) is None
    assert lasted(REPORTED, None) is None


def test_a_lot_keeps_its_digits_and_loses_people():
    assert masked("0012345678 / 20260301-77", [], is_code=True) == "0012345678 / 20260301-77"
    assert masked("Ash_77 +44 20 7946 0958, 0170 123 45 67", ["Ash"], "+491701234567", is_code=True) == (
        "[name]_77 [phone], [phone]"
    )


@pytest.mark.parametrize(
    "text, left",
    [
        ("Alice Ash called; ALICE was calm, Ash's skin too.", "[name] called; [name] was calm, [name] skin too."),
        ("ashen, malice", "ashen, malice"),
        ("Write to a.ash+x@example.test.", "Write to [e-mail]."),
        ("Number 0170 123 45 67, or +49 (170) 1234567.", "Number [phone], or [phone]."),
        ("Her son: +44 20 7946 0958", "Her son: [phone]"),
        ("Lot 20260301-77, 2026-05-04, 38.5 °C, 0.5 mm", "Lot 20260301-77, 2026-05-04, 38.5 °C, 0.5 mm"),
        ("Lot 0012345678, 04.05.2026 09:30", "Lot [phone], 04.05.2026 09:30"),
        ("Her son: 030 1234567, 00 44 20 7946 0958", "Her son: [phone], [phone]"),
        ("son at example dot test; son[at]example.test; look at home.Then", "[e-mail]; [e-mail]; look at home.Then"),
        ("Jose\u0301 Mu\u0308ller, jose_mueller, JOSE MULLER's", "[name], [name]_[name], [name]"),
        ("josely, Müllerei", "josely, Müllerei"),
        ("Li said li", "[name] said li"),
        ("", ""),
        ("🙂", "🙂"),
    ],
)
def test_words_lose_the_people_in_them(text, left):
    assert masked(text, ["Alice Ash", "Li Ó Brien", "José Müller"], "+491701234567") == left
