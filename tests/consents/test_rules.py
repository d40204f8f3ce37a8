from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from portal.consents.rules import (
    PHOTO_PURPOSES,
    Check,
    ConsentFacts,
    ConsentState,
    DocumentFacts,
    Part,
    Purpose,
    SignatureFacts,
    SignedText,
    canonical,
    check_problem,
    digest,
    expires_on,
    may_renew,
    parts,
    same_name,
    standing,
    wrong_answers,
)

DAY = datetime(2026, 3, 1, 10, tzinfo=UTC)
FIRST, SOFT, HARD = DocumentFacts(1, must_resign=False), DocumentFacts(2, False), DocumentFacts(2, True)


def day(number: int) -> datetime:
    return DAY + timedelta(days=number)


def signed(version: int = 1, on: int = 0, withdrawn: int | None = None) -> SignatureFacts:
    return SignatureFacts(version, day(on), None, None if withdrawn is None else day(withdrawn))


@pytest.mark.parametrize(
    "documents, signatures, state, signed_at",
    [
        ([], [], ConsentState.NO_DOCUMENT, None),
        ([], [signed()], ConsentState.NO_DOCUMENT, None),
        ([FIRST], [], ConsentState.MISSING, None),
        ([FIRST], [signed()], ConsentState.SIGNED, day(0)),
        ([FIRST], [signed(withdrawn=1)], ConsentState.WITHDRAWN, None),
        ([FIRST], [signed(withdrawn=1), signed(on=2)], ConsentState.SIGNED, day(2)),
        ([FIRST, SOFT], [signed()], ConsentState.SIGNED, day(0)),
        ([FIRST, HARD], [signed()], ConsentState.OUTDATED, day(0)),
        ([FIRST, HARD], [signed(), signed(2, on=3)], ConsentState.SIGNED, day(3)),
        ([FIRST, HARD, DocumentFacts(3, must_resign=False)], [signed(2)], ConsentState.SIGNED, day(0)),
        ([FIRST, HARD, DocumentFacts(3, must_resign=True)], [signed(2)], ConsentState.OUTDATED, day(0)),
        ([FIRST, SOFT], [signed(), signed(2, on=1, withdrawn=2)], ConsentState.WITHDRAWN, None),
        ([FIRST, SOFT], [signed(), signed(2, on=1)], ConsentState.SIGNED, day(1)),
        ([DocumentFacts(1, must_resign=True)], [signed()], ConsentState.SIGNED, day(0)),
    ],
)
def test_where_a_client_stands(documents, signatures, state, signed_at):
    for order in (signatures, signatures[::-1]):
        assert standing(documents, order) == ConsentFacts(state, signed_at, None)


def test_the_last_day_of_the_newest_signature_is_handed_on():
    renewed = SignatureFacts(1, day(300), date(2028, 1, 1))
    found = standing([FIRST], [SignatureFacts(1, day(0), date(2027, 1, 1)), renewed])
    assert found.expires_on == date(2028, 1, 1)


@pytest.mark.parametrize(
    "last, today, state",
    [
        (date(2026, 3, 1), date(2026, 2, 28), ConsentState.SIGNED),
        (date(2026, 3, 1), date(2026, 3, 1), ConsentState.SIGNED),
        (date(2026, 3, 1), date(2026, 3, 2), ConsentState.EXPIRED),
        (None, date(2099, 1, 1), ConsentState.SIGNED),
    ],
)
def test_a_signature_counts_through_its_last_day(last, today, state):
    assert ConsentFacts(ConsentState.SIGNED, DAY, last).on(today) is state


def test_what_is_not_signed_does_not_expire():
    assert ConsentFacts(ConsentState.OUTDATED, DAY, date(2026, 3, 1)).on(date(2030, 1, 1)) is ConsentState.OUTDATED


PROMISE = Check("Is growth certain?", ("Yes", "No"), 1, "Please read “What we do not know” again.")
STOP = Check("May you stop?", ("No", "Yes", "Only in the first week"), 1, "Please read “Your choice” again.")


@pytest.mark.parametrize(
    "answers, wrong",
    [
        ([1, 1], {}),
        ([0, 1], {0: "Not quite. Please read “What we do not know” again."}),
        ([1, None], {1: "Please choose an answer."}),
        ([0, 2], {0: "Not quite. " + PROMISE.explain, 1: "Not quite. " + STOP.explain}),
        ([], {0: "Please choose an answer.", 1: "Please choose an answer."}),
        ([1, 1, 5], {}),
        ([1, -1], {1: "Not quite. " + STOP.explain}),
    ],
)
def test_each_wrong_answer_says_what_to_read_again(answers, wrong):
    assert wrong_answers([PROMISE, STOP], answers) == wrong


@pytest.mark.parametrize(
    "change, field",
    [
        ({}, None),
        ({"options": ("Yes",)}, "options"),
        ({"options": ("Yes", "Yes")}, "options"),
        ({"right": 2}, "right"),
        ({"right": -1}, "right"),
        ({"explain": ""}, "explain"),
    ],
)
def test_a_question_that_cannot_be_asked_says_why(change, field):
    problem = check_problem(replace(PROMISE, **change))
    assert (problem[0] if problem else None) == field


@pytest.mark.parametrize(
    "signed_on, months, last",
    [
        (date(2026, 3, 28), 12, date(2027, 3, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 3, 28), None, None),
    ],
)
def test_the_last_day_is_the_same_day_months_later(signed_on, months, last):
    assert expires_on(signed_on, months) == last


@pytest.mark.parametrize(
    "last, today, may",
    [
        (None, date(2026, 6, 1), False),
        (date(2026, 7, 2), date(2026, 6, 1), False),
        (date(2026, 7, 1), date(2026, 6, 1), True),
        (date(2026, 5, 1), date(2026, 6, 1), True),
    ],
)
def test_a_signature_is_renewed_only_near_its_end(last, today, may):
    assert may_renew(last, today) is may


@pytest.mark.parametrize(
    "typed, name, same",
    [
        ("Alice Ash", "Alice Ash", True),
        ("  alice   ASH ", "Alice Ash", True),
        ("AliceAsh", "Alice Ash", True),
        ("Jose\u0301 Maria", "José María".replace("í", "i"), True),
        ("STRASSE", "Straße", True),
        ("Alice", "Alice Ash", False),
        ("Alice Ash Oak", "Alice Ash", False),
        ("", "Alice Ash", False),
    ],
)
def test_a_typed_name_is_compared_without_case_and_spaces(typed, name, same):
    assert same_name(typed, name) is same


TEXT = SignedText(
    purpose="treatment",
    treatment_id="t",
    document_id="d",
    version=1,
    title="Consent",
    body="What we do\n\nNeedles.",
    statements=["I may stop."],
    checks=[{"ask": "?", "options": ["a", "b"], "right": 0, "explain": "Read.", "answer": 0}],
    signer_name="Zoë Ash",
    signed_at=DAY,
    expires_on=None,
)


def test_the_same_text_has_the_same_digest_wherever_it_is_read():
    elsewhere = DAY.astimezone(timezone(timedelta(hours=5, minutes=45)))
    again = replace(TEXT, signed_at=elsewhere, statements=("I may stop.",))
    assert digest(again) == digest(TEXT)
    assert len(digest(TEXT)) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": "photo_record"},
        {"treatment_id": None},
        {"document_id": "e"},
        {"version": 2},
        {"title": "Consent "},
        {"body": "What we do\n\nNeedles!"},
        {"statements": ["I may stop", "."]},
        {"checks": [{**TEXT.checks[0], "answer": 1}]},
        {"signer_name": "Zoe Ash"},
        {"signed_at": DAY + timedelta(microseconds=1)},
        {"expires_on": date(2027, 1, 1)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_other_letter_has_another_digest(change):
    assert digest(replace(TEXT, **change)) != digest(TEXT)


def test_the_exact_text_can_be_read_by_people():
    assert '"signer_name": "Zoë Ash"' in canonical(TEXT)
    assert '"signed_at": "2026-03-01T10:00:00.000000+00:00"' in canonical(TEXT)


@pytest.mark.parametrize(
    "body, expected",
    [
        ("", []),
        ("One sentence.", [Part("", "One sentence.")]),
        ("What it is\n\nNeedles.\n\nFine ones.", [Part("What it is", "Needles.\n\nFine ones.")]),
        ("Hello.\n\nRisks\n\nRedness.", [Part("", "Hello."), Part("Risks", "Redness.")]),
        ("Is it safe?\n\nMostly.", [Part("Is it safe?", "Mostly.")]),
        ("Two lines\nof a list", [Part("", "Two lines\nof a list")]),
        ("A" * 61, [Part("", "A" * 61)]),
    ],
)
def test_a_short_line_on_its_own_is_a_heading(body, expected):
    assert parts(body) == expected


def test_a_yes_to_treatment_is_no_yes_to_photos():
    assert Purpose.TREATMENT not in PHOTO_PURPOSES
    assert len(PHOTO_PURPOSES) == 3
    assert all(purpose.label and purpose.meaning.endswith(".") for purpose in Purpose)
