"""Publication waits while a side effect is open: what may not be made or handed out, and that the consent stands."""

from itertools import product

import pytest
from sqlmodel import select

from portal.clinic.models import BookingPolicy
from portal.consents.models import Consent
from portal.derivations import queries, rules, service, wording
from portal.derivations.models import Derivation, HandedOut
from portal.derivations.rules import DerivationKind, Use
from portal.derivations.service import Side
from portal.kit.db import transaction
from portal.kit.errors import Refused
from portal.kit.forms import checked
from portal.side_effects import service as side_effects
from portal.side_effects.forms import CloseForm
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Level
from tests.make_consents import a_signed_consent
from tests.make_derivations import TAKEN, a_derivation, a_photo
from tests.make_escalations import an_action
from tests.make_side_effects import a_report, a_session_done, an_urgent_report

PUBLICATION, TEACHING = Use.PUBLICATION, Use.TEACHING


@pytest.fixture
def photo(db, vault, alice):
    """A photo of Alice's that may be used for everything."""
    for use in (TEACHING, PUBLICATION):
        a_signed_consent(db, alice, None, queries.PURPOSES[use])
    return a_photo(db, vault, alice)


def close(db, practitioner, report):
    an_action(db, practitioner, report)
    side_effects.close(db, practitioner, report, checked(CloseForm, outcome="resolved").value)


def export(db, vault, viewer, client, one, other, use=PUBLICATION):
    before, after = Side(one.id, TAKEN), Side(other.id, TAKEN)
    return service.export_pair(db, vault, viewer, client.id, before, after, use, "Crown", ["Comparable"], as_pdf=False)


def line(db, photo, use):
    return next(one for one in queries.uses_of(db, photo) if one.use is use)


@pytest.mark.parametrize("level, hold_from", [*product(Level, (Level.DAY, Level.URGENT))])
def test_only_an_alarm_at_the_clinics_limit_pauses_and_only_publication(level, hold_from):
    wanted = {PUBLICATION} if level.is_alarm and level.rank >= hold_from.rank else set()
    assert rules.paused_uses([level], hold_from) == wanted
    assert rules.paused_uses([Level.EXPECTED, level, Level.WATCH], hold_from) == wanted


def test_without_a_report_nothing_is_paused_and_no_limit_is_below_an_alarm():
    assert not rules.paused_uses([], Level.DAY)
    assert not rules.paused_uses([Level.WATCH, Level.EXPECTED], Level.EXPECTED)


def test_while_a_report_is_open_nothing_is_made_for_publication(db, vault, alice, bob, photo):
    report = an_urgent_report(db, alice)
    with pytest.raises(Refused, match="paused, because a report of a side effect is open") as refusal:
        a_derivation(db, vault, alice, [photo.id], use=PUBLICATION)
    assert "when that report is closed" in refusal.value.sentence
    assert a_derivation(db, vault, alice, [photo.id], use=TEACHING)
    assert a_derivation(db, vault, alice, [photo.id])
    close(db, bob, report)
    assert a_derivation(db, vault, alice, [photo.id], use=PUBLICATION)


def test_no_pair_is_exported_for_publication_meanwhile(db, vault, alice, bob, photo):
    other = a_photo(db, vault, alice)
    assert export(db, vault, bob, alice, photo, other)
    report = an_urgent_report(db, alice)
    with pytest.raises(Refused, match="paused"):
        export(db, vault, bob, alice, photo, other)
    assert export(db, vault, bob, alice, photo, other, TEACHING)
    close(db, bob, report)
    assert export(db, vault, bob, alice, photo, other)


def test_the_list_of_uses_says_paused_and_until_when(db, alice, bob, photo):
    assert line(db, photo, PUBLICATION).allowed
    report = an_urgent_report(db, alice)
    assert not line(db, photo, PUBLICATION).allowed
    assert "until the open report of a side effect is closed" in line(db, photo, PUBLICATION).why
    assert line(db, photo, TEACHING).allowed
    close(db, bob, report)
    assert line(db, photo, PUBLICATION).allowed


def test_the_consent_and_what_was_made_before_stay(db, vault, alice, bob, photo):
    made = a_derivation(db, vault, alice, [photo.id], use=PUBLICATION)
    an_urgent_report(db, alice)
    service.consent_changed(db, alice.id)
    service.expire(db)
    assert db.get_one(Derivation, made.id).closed_at is None
    assert queries.derivation(db, bob, made.id)
    assert not [one for one in db.exec(select(Consent)) if one.withdrawn_at]


def test_a_second_open_report_keeps_it_paused(db, vault, alice, bob, photo):
    first, second = an_urgent_report(db, alice), an_urgent_report(db, alice)
    close(db, bob, first)
    assert queries.paused(db, alice.id) == {PUBLICATION}
    close(db, bob, second)
    assert not queries.paused(db, alice.id)


def test_below_the_clinics_limit_and_for_others_nothing_is_paused(db, alice, bob, charlie, photo):
    a_session_done(db, alice, bob)
    assert not a_report(db, alice).is_open
    assert not queries.paused(db, alice.id)
    db.info.clear()
    db.add(BookingPolicy(hold_from="urgent"))
    db.flush()
    side_effects.ask_for_person(db, alice, a_report(db, alice))
    assert not queries.paused(db, alice.id), "within a day is below “urgent”"
    an_urgent_report(db, alice)
    assert queries.paused(db, alice.id)
    assert not queries.paused(db, charlie.id)


@pytest.fixture
def published(engine, vault, alice, bob):
    """A crop for publication, one for teaching, and an open report since."""
    with transaction(engine) as db:
        for use in (TEACHING, PUBLICATION):
            a_signed_consent(db, alice, None, queries.PURPOSES[use])
        photo = a_photo(db, vault, alice)
        made = {use: a_derivation(db, vault, alice, [photo.id], DerivationKind.CROP, use).id for use in Use}
        report = an_urgent_report(db, alice)
    return {**made, "photo": photo.id, "report": report.id}


def test_what_was_made_for_publication_is_not_handed_out_meanwhile(published, engine, bob, bob_browser):
    paths = [f"/derived/{published[PUBLICATION]}{end}" for end in ("/download", ".jpg")]
    for path in paths:
        answer = bob_browser.get(path)
        assert answer.status_code == 409
        assert wording.PAUSED in answer.text
    assert bob_browser.get(f"/derived/{published[TEACHING]}/download").status_code == 200
    assert bob_browser.get(f"/derived/{published[Use.RECORD]}.jpg").status_code == 200
    with transaction(engine) as db:
        assert [one.use for one in db.exec(select(HandedOut))] == [TEACHING]
        close(db, bob, db.get_one(SideEffectReport, published["report"]))
    assert [bob_browser.get(path).status_code for path in paths] == [200, 200]


def test_a_report_that_comes_in_between_looking_and_handing_out_is_heard(db, vault, alice, bob, photo):
    made = a_derivation(db, vault, alice, [photo.id], use=PUBLICATION)
    an_urgent_report(db, alice)
    with pytest.raises(Refused, match="paused"):
        service._hand_out_derivation(db, bob, made.id)
    assert not db.exec(select(HandedOut)).all()


def test_the_pages_say_so(published, alice_browser, bob_browser):
    for browser in (alice_browser, bob_browser):
        assert "Paused until the open report" in browser.get(f"/photos/{published['photo']}/uses").text
