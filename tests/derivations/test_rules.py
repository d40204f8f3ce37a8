"""What may be done with a picture: never more than all it was made of allows, and never more after a withdrawal."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.consents.rules import ConsentState
from portal.derivations import wording
from portal.derivations.rules import (
    NOTHING,
    Cause,
    DerivationKind,
    Graph,
    Use,
    ancestors,
    downstream,
    permitted,
    uses_of_photo,
)
from portal.derivations.wording import Copy, Tally

RECORD, TEACHING, PUBLICATION = Use
ALL = frozenset(Use)


@pytest.mark.parametrize(
    "signed, teach, publish, withdrawn, uses",
    [
        ((), True, True, False, {RECORD}),
        ((TEACHING,), True, True, False, {RECORD, TEACHING}),
        ((PUBLICATION,), True, True, False, {RECORD, PUBLICATION}),
        ((RECORD, TEACHING, PUBLICATION), True, True, False, {RECORD, TEACHING, PUBLICATION}),
        ((TEACHING, PUBLICATION), False, True, False, {RECORD, PUBLICATION}),
        ((TEACHING, PUBLICATION), True, False, False, {RECORD, TEACHING}),
        ((TEACHING, PUBLICATION), False, False, False, {RECORD}),
        ((RECORD, TEACHING, PUBLICATION), True, True, True, set()),
    ],
)
def test_a_photo_may_be_used_for_what_was_signed_and_not_kept_out(signed, teach, publish, withdrawn, uses):
    assert uses_of_photo(signed, may_teach=teach, may_publish=publish, withdrawn=withdrawn) == uses


@pytest.mark.parametrize(
    "sources, own, uses",
    [
        ({"c": ["a"]}, {"a": ALL}, ALL),
        ({"c": ["a", "b"]}, {"a": ALL, "b": frozenset({RECORD})}, {RECORD}),
        ({"c": ["b"], "b": ["a"]}, {"a": frozenset({RECORD, TEACHING})}, {RECORD, TEACHING}),
        ({"c": ["b", "a"], "b": ["x"]}, {"a": ALL, "x": NOTHING}, NOTHING),
        ({"c": ["b"], "b": ["a"]}, {"a": ALL, "b": NOTHING}, NOTHING),
        ({"c": []}, {}, NOTHING),
        ({"c": ["a", "nobody knows"]}, {"a": ALL}, NOTHING),
        ({"c": ["c", "a"]}, {"a": ALL}, NOTHING),
        ({"c": ["b"], "b": ["c", "a"]}, {"a": ALL}, NOTHING),
    ],
    ids=["one", "two", "far", "withdrawn far", "closed between", "none", "unknown", "of itself", "a circle"],
)
def test_a_picture_may_be_used_for_what_all_its_sources_allow(sources, own, uses):
    assert permitted("c", sources, own) == uses


def test_a_picture_made_of_one_that_may_not_be_used_falls_with_it():
    sources = {"crop": {"photo"}, "pair": {"crop"}}
    made_for = {"crop": TEACHING, "pair": RECORD}
    with_consent = Graph(sources, {"photo": ALL}, made_for)
    without = Graph(sources, {"photo": frozenset({RECORD})}, made_for)
    assert set(with_consent.fallen()) == set()
    assert set(without.fallen()) == {"crop", "pair"}
    assert without.allows(["photo"], RECORD)
    assert not without.allows(["photo"], TEACHING)
    assert not without.allows(["crop"], RECORD), "nothing is made of what has fallen"
    assert not without.allows([], RECORD), "nothing comes of nothing"


@st.composite
def graphs(draw):
    """Photos 0…n-1, then derivations, each of one to three earlier nodes, each made for something its sources allow."""
    photos = draw(st.integers(1, 5))
    own = {node: draw(st.frozensets(st.sampled_from(Use))) | {RECORD} for node in range(photos)}
    sources, made_for = {}, {}
    for node in range(photos, photos + draw(st.integers(0, 12))):
        sources[node] = draw(st.frozensets(st.integers(0, node - 1), min_size=1, max_size=3))
        made_for[node] = draw(st.sampled_from(sorted(permitted(node, sources, own))))
    return Graph(sources, own, made_for)


@given(graphs())
def test_a_child_may_never_more_than_any_of_its_sources(graph):
    for node, parents in graph.sources.items():
        for parent in parents:
            assert graph.permitted(node) <= graph.permitted(parent)
        assert graph.permitted(node) <= frozenset.intersection(
            *(graph.own[one] for one in ancestors(node, graph.sources) if one in graph.own)
        )


@given(graphs(), st.data())
def test_taking_away_never_gives(graph, data):
    photo = data.draw(st.sampled_from(sorted(graph.own)))
    less = {**graph.own, photo: data.draw(st.sampled_from([NOTHING, frozenset({RECORD}), graph.own[photo]]))}
    after = Graph(graph.sources, less, graph.made_for)
    for node in {*graph.sources, *graph.own}:
        assert after.permitted(node) <= graph.permitted(node)
    assert set(after.fallen()) >= set(graph.fallen())
    below = downstream(photo, graph.sources)
    for node in graph.sources.keys() - below:
        assert after.permitted(node) == graph.permitted(node), "what was not made of it stays as it was"
    if less[photo] == NOTHING:
        assert set(after.fallen()) >= below


@given(graphs())
def test_up_and_down_are_each_others_mirror(graph):
    nodes = {*graph.sources, *graph.own}
    for one in nodes:
        assert downstream(one, graph.sources) == {other for other in nodes if one in ancestors(other, graph.sources)}


@given(st.dictionaries(st.integers(0, 6), st.frozensets(st.integers(0, 6), max_size=3)))
def test_any_tangle_ends_and_a_circle_allows_nothing(sources):
    own = {node: ALL for node in range(7) if not sources.get(node)}
    for node in range(7):
        found = permitted(node, sources, own)
        circles = [one for one in ancestors(node, sources) | {node} if one in ancestors(one, sources)]
        assert (found == NOTHING) == bool(circles)


def test_a_statement_counts_what_went():
    tallies = [
        Tally(DerivationKind.PAIR, TEACHING, 1, date(2026, 5, 2), date(2026, 5, 2)),
        Tally(None, RECORD, 3, date(2026, 1, 5), date(2026, 4, 9)),
        Tally(DerivationKind.ALIGNED, RECORD, 2, date(2026, 1, 5), date(2026, 4, 9)),
    ]
    assert [line["sentence"] for line in wording.gone(tallies, RECORD)] == [
        "3 photos from 5 January 2026 to 9 April 2026: the original as it was sent, and every smaller copy.",
        "2 copies laid over an earlier photo, made for your record between 5 January 2026 and 9 April 2026.",
        "1 picture of two photos side by side, made for teaching on 2 May 2026.",
    ]
    assert wording.gone([], TEACHING)[0]["sentence"].startswith("Nothing made for teaching was left")


@pytest.mark.parametrize(
    "cause, use, left, said, unsaid",
    [
        (Cause.PHOTO_REMOVED, RECORD, 4, "medical record", "What you signed"),
        (Cause.CONSENT_WITHDRAWN, RECORD, 0, "medical record", "in your record, because"),
        (Cause.CONSENT_WITHDRAWN, TEACHING, 4, "4 photos stay in your record", "medical record"),
        (Cause.CONSENT_EXPIRED, PUBLICATION, 1, "1 photo stays in your record", "medical record"),
        (Cause.PHOTO_NARROWED, TEACHING, 2, "2 photos stay", "What you signed"),
    ],
)
def test_a_statement_says_what_stays_and_why(cause, use, left, said, unsaid):
    text = " ".join(line["sentence"] for line in wording.kept(cause, use, left))
    assert said in text
    assert unsaid not in text
    assert wording.headline(cause, use)
    assert "ou" in wording.headline(cause, use)
    assert "you" not in wording.headline_for_team(cause, use).lower()


def test_a_statement_names_the_copies_outside():
    copies = [
        Copy("Bob Birch", by_self=False, on=date(2026, 5, 3), kind=DerivationKind.PDF, use=TEACHING),
        Copy("Alice Ash", by_self=True, on=date(2026, 5, 4), kind=None, use=RECORD),
    ]
    said = [line["sentence"] for line in wording.outside(copies, TEACHING)]
    assert said[0] == "Bob Birch downloaded a page with two photos side by side on 3 May 2026, for teaching."
    assert said[1] == "You downloaded the original of a photo on 4 May 2026 yourself. That copy is yours."
    assert any("Backups" in one for one in said)
    assert "No copy was downloaded from the portal." in [line["sentence"] for line in wording.outside([], RECORD)]
    assert any("published" in line["sentence"] for line in wording.outside([], PUBLICATION))


@pytest.mark.parametrize(
    "use, state, until, kept_out, allowed, words",
    [
        (RECORD, ConsentState.MISSING, None, False, True, "until the photo is removed"),
        (TEACHING, ConsentState.SIGNED, None, False, True, "until the consent is withdrawn"),
        (TEACHING, ConsentState.SIGNED, date(2027, 5, 3), False, True, "until 3 May 2027"),
        (TEACHING, ConsentState.SIGNED, None, True, False, "kept out"),
        (PUBLICATION, ConsentState.EXPIRED, date(2026, 1, 1), False, False, "run out"),
        (PUBLICATION, ConsentState.WITHDRAWN, None, True, False, "withdrawn"),
        (PUBLICATION, ConsentState.OUTDATED, None, False, False, "newest text"),
        (PUBLICATION, ConsentState.NO_DOCUMENT, None, False, False, "does not ask"),
    ],
)
def test_a_client_reads_until_when_or_why_not(use, state, until, kept_out, allowed, words):
    found = wording.may_be_used(use, state, until, kept_out=kept_out)
    assert found[0] is allowed
    assert words in found[1]
