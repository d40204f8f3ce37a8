import pytest

from portal.treatments.rules import (
    CHECK_IN_HOURS,
    Kind,
    check_ins_problem,
    interval_problem,
    needs_verdict,
    slug_of,
)


def test_a_session_needs_a_verdict_and_a_consultation_never():
    assert needs_verdict(Kind.SESSION)
    assert not needs_verdict(Kind.CONSULTATION)


@pytest.mark.parametrize(
    "kind, days, fine",
    [(Kind.SESSION, 6, False), (Kind.SESSION, 7, True), (Kind.CONSULTATION, 0, True)],
)
def test_a_week_is_the_shortest_rest(kind, days, fine):
    assert (interval_problem(kind, days) is None) is fine


@pytest.mark.parametrize(
    "name, slug",
    [
        ("Scalp micro-needling", "scalp-micro-needling"),
        ("  1.5 mm (crown) ", "1-5-mm-crown"),
        ("Größe", "gr-e"),
        ("…", ""),
        ("a" * 80, "a" * 60),
    ],
)
def test_an_address_is_made_from_the_name(name, slug):
    assert slug_of(name) == slug


@pytest.mark.parametrize(
    "kind, hours, problem",
    [
        (Kind.SESSION, CHECK_IN_HOURS, None),
        (Kind.SESSION, (1, 1440), None),
        (Kind.SESSION, (), "1 to 12 check-ins"),
        (Kind.SESSION, tuple(range(1, 14)), "1 to 12 check-ins"),
        (Kind.SESSION, (0, 6), "from 1 to 1440"),
        (Kind.SESSION, (6, 1441), "from 1 to 1440"),
        (Kind.CONSULTATION, (), None),
    ],
)
def test_check_ins_stay_within_what_a_client_can_be_asked(kind, hours, problem):
    found = check_ins_problem(kind, hours)
    assert (found is None) if problem is None else problem in found
