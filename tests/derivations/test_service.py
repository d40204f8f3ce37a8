"""Verbs on derived pictures: what is made, what closes with what, what the statement says."""

from datetime import timedelta

import pytest
from sqlmodel import select

from portal.audit.models import AuditEntry
from portal.consents import service as consents
from portal.consents.rules import Purpose
from portal.derivations import queries, service
from portal.derivations.models import Derivation, HandedOut, WithdrawalStatement
from portal.derivations.rules import Cause, DerivationKind, Use
from portal.kit.db import transaction
from portal.kit.errors import NotAllowed, NotFound, Refused
from portal.notifications.models import Notice
from portal.photos import service as photo_service
from portal.photos.models import Photo, PhotoKey
from portal.photos.service import GONE, Upload
from portal.photos.views import View
from portal.side_effects import service as side_effects
from tests.make import a_jpeg
from tests.make_consents import a_document, a_signature, a_signed_consent
from tests.make_derivations import a_derivation, a_photo, names_of
from tests.make_side_effects import a_report_form

TEACHING, PUBLICATION = Use.TEACHING, Use.PUBLICATION


@pytest.fixture
def photo(db, vault, alice):
    return a_photo(db, vault, alice)


def consent(db, client, use):
    return a_signed_consent(db, client, None, queries.PURPOSES[use])


def sentences(statement):
    return [line["sentence"] for part in (statement.gone, statement.kept, statement.outside) for line in part]


def test_nothing_is_made_for_a_use_nobody_signed(db, vault, alice, photo):
    before = set(vault._storage.names())
    with pytest.raises(Refused, match="may not be used for teaching"):
        a_derivation(db, vault, alice, [photo.id], use=TEACHING)
    assert set(vault._storage.names()) == before, "and no file is left behind"
    consent(db, alice, TEACHING)
    assert a_derivation(db, vault, alice, [photo.id], use=TEACHING).use is TEACHING
    with pytest.raises(Refused):
        a_derivation(db, vault, alice, [photo.id], use=PUBLICATION)


def test_one_source_that_is_kept_out_keeps_the_whole_out(db, vault, alice, photo):
    consent(db, alice, TEACHING)
    other = a_photo(db, vault, alice)
    service.narrow(db, alice, other, may_teach=False, may_publish=True)
    with pytest.raises(Refused):
        a_derivation(db, vault, alice, [photo.id, other.id], use=TEACHING)
    aligned = a_derivation(db, vault, alice, [photo.id, other.id], DerivationKind.ALIGNED)
    with pytest.raises(Refused):
        a_derivation(db, vault, alice, [aligned.id], use=TEACHING)


def test_nothing_is_made_of_another_clients_photo(db, vault, alice, charlie, photo):
    theirs = a_photo(db, vault, charlie)
    for sources in ([theirs.id], [photo.id, theirs.id], [alice.id], []):
        with pytest.raises(Refused):
            a_derivation(db, vault, alice, sources)


def test_the_same_source_twice_is_one_edge(db, vault, alice, photo):
    made = a_derivation(db, vault, alice, [photo.id, photo.id])
    assert queries.graph(db, alice.id).sources == {made.id: {photo.id}}


def test_a_removed_photo_leaves_a_trace_and_may_be_sent_again(db, vault, alice, cast):
    upload = Upload(a_jpeg(), "a.jpg", View.CROWN)
    photo = photo_service.take_in(db, vault, alice, alice.id, upload).photo
    made, told = a_derivation(db, vault, alice, [photo.id]), []
    listener = lambda _, one: told.append(one.id)  # noqa: E731 - one line, taken away again below
    GONE.listen(listener)
    try:
        statement = service.withdraw_photo(db, alice, photo)
    finally:
        GONE._listeners.remove(listener)
    assert told == [photo.id]
    assert (statement.cause, statement.photo_id) == (Cause.PHOTO_REMOVED, photo.id)
    row = db.exec(select(Photo).where(Photo.id == photo.id)).one()
    assert row.withdrawn_at
    assert (row.dhash, row.quality, row.faults, names_of(row)) == ("", None, [], [""] * 4)
    assert not db.get_one(Derivation, made.id).stored
    again = photo_service.take_in(db, vault, alice, alice.id, upload)
    assert not again.again
    assert again.photo.id != photo.id
    with pytest.raises(Refused):
        service.withdraw_photo(db, alice, photo)


def test_only_the_client_removes_and_narrows(db, vault, alice, bob, charlie, photo):
    for other in (bob, charlie):
        with pytest.raises(NotAllowed):
            service.withdraw_photo(db, other, photo)
        with pytest.raises(NotAllowed):
            service.narrow(db, other, photo, may_teach=True, may_publish=True)


def test_withdrawing_teaching_closes_what_was_made_for_teaching_alone(db, vault, alice, bob, photo):
    given = {use: consent(db, alice, use) for use in (TEACHING, PUBLICATION)}
    made = {use: a_derivation(db, vault, alice, [photo.id], use=use, actor=bob) for use in Use}
    of_crop = a_derivation(db, vault, alice, [made[TEACHING].id], DerivationKind.PAIR)
    consents.withdraw(db, alice, given[TEACHING].id)
    left = queries.open_derivations(db, [one.id for one in (*made.values(), of_crop)])
    assert {one.id for one in left} == {made[Use.RECORD].id, made[PUBLICATION].id}
    said = db.exec(select(WithdrawalStatement)).one()
    assert (said.cause, said.use) == (Cause.CONSENT_WITHDRAWN, TEACHING)
    assert said.gone[0]["sentence"].startswith("1 part cut out of a photo, made for teaching on ")
    assert any("1 photo stays in your record" in one for one in sentences(said))
    notice = db.exec(select(Notice).where(Notice.person_id == alice.id, Notice.href.contains(str(said.id)))).one()
    assert "teach" not in notice.text


def test_withdrawing_what_nothing_was_made_for_is_stated_once(db, vault, alice, photo):
    given = consent(db, alice, TEACHING)
    consents.withdraw(db, alice, given.id)
    assert "Nothing made for teaching was left" in sentences(db.exec(select(WithdrawalStatement)).one())[0]
    consent(db, alice, PUBLICATION)
    service.expire(db)
    assert len(db.exec(select(WithdrawalStatement)).all()) == 1
    consents.withdraw(db, alice, consent(db, alice, TEACHING).id)
    assert len(db.exec(select(WithdrawalStatement)).all()) == 2, "another withdrawal, another statement"


def test_withdrawing_the_record_takes_every_photo_and_the_key(db, vault, alice, charlie, photo):
    given = consent(db, alice, Use.RECORD)
    of_report, theirs = a_photo(db, vault, alice, View.SIDE_EFFECT), a_photo(db, vault, charlie)
    consents.withdraw(db, alice, given.id)
    left = db.exec(select(Photo).where(Photo.withdrawn_at.is_(None))).all()
    assert [one.id for one in left] == [theirs.id]
    assert db.get_one(Photo, of_report.id).withdrawn_at
    assert [key.client_id for key in db.exec(select(PhotoKey))] == [charlie.id]
    said = db.exec(select(WithdrawalStatement)).one()
    assert said.gone[0]["count"] == 2
    assert any("medical record" in one for one in sentences(said))
    with pytest.raises(Refused, match="sign it again"):
        a_photo(db, vault, alice)
    consent(db, alice, Use.RECORD)
    assert vault.get(db, alice.id, a_photo(db, vault, alice).small), "a new key for a new beginning"
    assert len(db.exec(select(WithdrawalStatement)).all()) == 1


def test_the_record_running_out_deletes_nothing(db, vault, alice, photo, later):
    a_signature(db, alice, a_document(db, None, None, Purpose.PHOTO_RECORD, valid_months=1))
    made = a_derivation(db, vault, alice, [photo.id])
    with later(timedelta(days=60)):
        service.expire(db)
        service.consent_changed(db, alice.id)
        assert queries.derivation(db, alice, made.id)
    assert not db.exec(select(WithdrawalStatement)).all()


def test_a_last_day_closes_at_once_and_the_tick_deletes(db, vault, alice, bob, photo, later):
    a_signature(db, alice, a_document(db, None, None, Purpose.PHOTO_TEACHING, valid_months=1))
    made = a_derivation(db, vault, alice, [photo.id], use=TEACHING)
    service.expire(db)
    assert queries.derivation(db, bob, made.id)
    with later(timedelta(days=60)):
        with pytest.raises(NotFound):
            queries.derivation(db, bob, made.id)
        assert not db.get_one(Derivation, made.id).closed_at, "not yet deleted, and not to be opened"
        service.expire(db)
        service.expire(db)
    assert db.get_one(Derivation, made.id).closed_at
    assert db.exec(select(WithdrawalStatement)).one().cause is Cause.CONSENT_EXPIRED


def test_a_new_text_closes_at_once_and_the_tick_deletes(db, vault, alice, photo):
    consent(db, alice, TEACHING)
    made = a_derivation(db, vault, alice, [photo.id], use=TEACHING)
    a_document(db, None, None, Purpose.PHOTO_TEACHING, must_resign=True)
    with pytest.raises(NotFound):
        queries.derivation(db, alice, made.id)
    service.expire(db)
    assert db.get_one(Derivation, made.id).closed_at
    assert db.exec(select(WithdrawalStatement)).one().cause is Cause.CONSENT_OUTDATED


def test_narrowing_closes_what_was_made_of_that_photo_alone(db, vault, alice, photo):
    consent(db, alice, TEACHING)
    other = a_photo(db, vault, alice)
    made, of_other = (a_derivation(db, vault, alice, [one.id], use=TEACHING) for one in (photo, other))
    service.narrow(db, alice, photo, may_teach=False, may_publish=True)
    assert db.get_one(Derivation, made.id).closed_at
    assert not db.get_one(Derivation, of_other.id).closed_at
    said = db.exec(select(WithdrawalStatement)).one()
    assert (said.cause, said.photo_id) == (Cause.PHOTO_NARROWED, photo.id)
    service.narrow(db, alice, photo, may_teach=True, may_publish=True)
    assert a_derivation(db, vault, alice, [photo.id], use=TEACHING)
    assert len(db.exec(select(WithdrawalStatement)).all()) == 1


def test_closing_takes_along_what_was_made_of_it_without_a_statement(db, vault, alice, photo):
    aligned = a_derivation(db, vault, alice, [photo.id], DerivationKind.ALIGNED)
    evened = a_derivation(db, vault, alice, [aligned.id], DerivationKind.EVENED)
    beside = a_derivation(db, vault, alice, [photo.id])
    service.close(db, [aligned.id])
    assert {one.id for one in queries.open_derivations(db, [aligned.id, evened.id, beside.id])} == {beside.id}
    assert not db.exec(select(WithdrawalStatement)).all()


def test_the_statement_names_copies_that_left_before(engine, vault, alice, bob):
    with transaction(engine) as db:
        given = consent(db, alice, TEACHING)
        photo = a_photo(db, vault, alice)
        made = a_derivation(db, vault, alice, [photo.id], DerivationKind.PDF, TEACHING, bob)
    with transaction(engine) as db:
        service.downloaded(db, bob, made)
        photo_service.HANDED_OUT.tell(db, alice, photo)
    with transaction(engine) as db:
        consents.withdraw(db, alice, given.id)
        of_teaching = sentences(db.exec(select(WithdrawalStatement)).one())
        of_photo = sentences(service.withdraw_photo(db, alice, photo))
    by_bob = "Bob Birch downloaded a page with two photos side by side on "
    assert sum(one.startswith(by_bob) for one in of_teaching) == sum(one.startswith(by_bob) for one in of_photo) == 1
    assert not any("You downloaded" in one for one in of_teaching), "an original is not for teaching"
    assert any("You downloaded the original" in one for one in of_photo)


def test_what_was_withdrawn_meanwhile_is_handed_to_nobody(engine, vault, alice, bob):
    with transaction(engine) as db:
        photo = a_photo(db, vault, alice)
        made = a_derivation(db, vault, alice, [photo.id])
    with transaction(engine) as db:
        service.withdraw_photo(db, alice, photo)
    for tell in (lambda db: service.handed_out(db, bob, photo), lambda db: service.downloaded(db, bob, made)):
        with pytest.raises(NotFound), transaction(engine) as db:
            tell(db)
    with transaction(engine) as db:
        assert not db.exec(select(HandedOut)).all()


def test_practitioners_of_an_open_report_hear_that_its_photo_is_gone(db, vault, alice, bob):
    photo = a_photo(db, vault, alice, View.SIDE_EFFECT)
    report = side_effects.report(db, alice, a_report_form(), photo.id)
    service.withdraw_photo(db, alice, photo)
    notice = db.exec(select(Notice).where(Notice.person_id == bob.id, Notice.text.contains("removed"))).one()
    assert notice.href == f"/side-effects/{report.id}"


def test_every_deed_is_in_the_audit_record(db, vault, alice, bob, photo):
    consent(db, alice, TEACHING)
    a_derivation(db, vault, alice, [photo.id], use=TEACHING, actor=bob)
    a_derivation(db, vault, alice, [photo.id])
    service.narrow(db, alice, photo, may_teach=False, may_publish=True)
    service.withdraw_photo(db, alice, photo)
    wanted = ("derivations.made", "derivations.narrowed", "derivations.closed", "photos.withdrawn")
    found = db.exec(select(AuditEntry.action).where(AuditEntry.action.in_(wanted)).order_by(AuditEntry.at)).all()
    assert tuple(found) == wanted, "what the portal makes by itself is no deed of anybody"
