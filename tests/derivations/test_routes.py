"""Derived pictures, uses and statements over HTTP."""

import re
from datetime import date

import pytest
from sqlmodel import select

from portal.consents import service as consents
from portal.derivations import queries, service
from portal.derivations.models import Derivation, HandedOut
from portal.derivations.rules import DerivationKind, Use
from portal.derivations.service import Side
from portal.kit.db import transaction
from portal.kit.errors import NotAllowed, Refused, TooMany
from portal.photos.models import Photo
from tests.make_consents import a_signed_consent
from tests.make_derivations import a_derivation, a_photo


@pytest.fixture
def made(engine, vault, alice, bob):
    """A photo, a crop for the record, a page for teaching, and the consent to teaching."""
    with transaction(engine) as db:
        given = a_signed_consent(db, alice, None, queries.PURPOSES[Use.TEACHING])
        photo = a_photo(db, vault, alice)
        crop = a_derivation(db, vault, alice, [photo.id])
        page = a_derivation(db, vault, alice, [photo.id], DerivationKind.PDF, Use.TEACHING, bob)
    return {"photo": photo.id, "crop": crop.id, "page": page.id, "consent": given.id}


def test_a_derived_picture_is_private(made, alice_browser, bob_browser, charlie_browser, dana_browser, visitor):
    path = f"/derived/{made['crop']}.jpg"
    shown = alice_browser.get(path)
    assert shown.status_code == bob_browser.get(path).status_code == 200
    assert shown.headers["cache-control"] == "private, no-store"
    assert shown.headers["content-type"] == "image/jpeg"
    assert charlie_browser.get(path).status_code == dana_browser.get(path).status_code == 404
    assert visitor.get(path).headers["location"].startswith("/sign-in")
    assert "Bob Birch" in alice_browser.get("/photos/who-looked").text


def test_a_download_is_written_down_and_carries_no_name(made, engine, alice, bob_browser):
    got = bob_browser.get(f"/derived/{made['page']}/download")
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"] == 'attachment; filename="pdf.pdf"'
    assert got.headers["cache-control"] == "private, no-store"
    assert bob_browser.get(f"/derived/{made['page']}.jpg").status_code == 404, "a page is no picture"
    with transaction(engine) as db:
        row = db.exec(select(HandedOut)).one()
        assert (row.client_id, row.derivation_id, row.use) == (alice.id, made["page"], Use.TEACHING)


def test_asking_for_the_headers_alone_hands_nothing_out(made, engine, bob_browser):
    assert bob_browser.head(f"/derived/{made['page']}/download").headers["content-type"] == "application/pdf"
    with transaction(engine) as db:
        assert not db.exec(select(HandedOut)).all()


def test_the_client_reads_what_a_photo_may_be_used_for(made, alice_browser, bob_browser):
    bob_browser.get(f"/derived/{made['page']}/download")
    page = alice_browser.get(f"/photos/{made['photo']}/uses").text
    assert "Until the consent is withdrawn" in page or re.search(r"Until \d+ \w+ 20\d\d", page)
    assert "Not signed" in page
    assert "part cut out of a photo" in page
    assert "Bob Birch" in page
    assert "Yes, delete it" in page
    for_bob = bob_browser.get(f"/photos/{made['photo']}/uses").text
    assert "part cut out of a photo" in for_bob
    assert "Yes, delete it" not in for_bob


def test_a_client_keeps_a_photo_out_of_teaching(made, engine, alice_browser, bob_browser):
    path = f"/photos/{made['photo']}/uses"
    assert alice_browser.post(path, data={"keep_from_teaching": "yes"}).headers["location"] == path
    assert re.search(r'name="keep_from_teaching" value="yes" checked', alice_browser.get(path).text)
    assert bob_browser.get(f"/derived/{made['page']}/download").status_code == 404
    assert bob_browser.get(f"/derived/{made['crop']}.jpg").status_code == 200
    assert bob_browser.post(path, data={}).status_code == 403
    assert alice_browser.post(path, data={}).status_code == 303
    with transaction(engine) as db:
        assert db.get_one(Photo, made["photo"]).may_teach
        assert db.get_one(Derivation, made["page"]).closed_at, "what went stays gone"


def test_removing_leads_to_the_statement(made, alice_browser, bob_browser, charlie_browser, dana_browser):
    path = f"/photos/{made['photo']}/remove"
    assert charlie_browser.post(path).status_code == 404
    assert bob_browser.post(path).status_code == 403
    answer = alice_browser.post(path, data={"form_token": "once"})
    assert alice_browser.post(path, data={"form_token": "once"}).headers["location"] == answer.headers["location"]
    assert alice_browser.post(path, data={"form_token": "twice"}).status_code == 404
    listed = alice_browser.get(answer.headers["location"]).text
    assert "You removed a photo" in listed
    assert "of 1 March 2026: the original as it was sent" in listed
    printed = re.search(r'"(/photos/statements/[0-9a-f-]+)"', listed)[1]
    assert "Alice Ash" in alice_browser.get(printed).text
    assert "The client removed a photo" in bob_browser.get(printed).text
    assert charlie_browser.get(printed).status_code == dana_browser.get(printed).status_code == 404
    assert alice_browser.get(f"/photos/{made['photo']}/uses").status_code == 404


def test_the_team_reads_a_clients_statements(made, alice, alice_browser, bob_browser, dana_browser):
    path = f"/clients/{alice.id}/photos/statements"
    assert "No statement yet" in bob_browser.get(path).text
    alice_browser.post(f"/consents/signed/{made['consent']}/withdraw")
    assert "Consent to photos for teaching withdrawn" in bob_browser.get(path).text
    assert dana_browser.get(path).status_code == alice_browser.get(path).status_code == 403
    told = alice_browser.get("/notices").text
    assert "A statement for you to read" in told


def export(engine, vault, viewer, client, ids, use=Use.RECORD, *, words="Comparable.", as_pdf=False):
    before, after = (Side(one, date(2026, month, 1)) for month, one in enumerate(ids, 1))
    with transaction(engine) as db:
        return service.export_pair(db, vault, viewer, client.id, before, after, use, "Crown", [words], as_pdf=as_pdf)


def test_a_pair_is_made_of_two_and_falls_with_either(made, engine, vault, alice, bob, bob_browser, alice_browser):
    with transaction(engine) as db:
        second = a_photo(db, vault, alice).id
    ids = [made["crop"], second]
    picture = export(engine, vault, bob, alice, ids, Use.TEACHING)
    page = export(engine, vault, alice, alice, ids, as_pdf=True)
    assert (picture.kind, page.kind) == (DerivationKind.PAIR, DerivationKind.PDF)
    assert bob_browser.get(f"/derived/{picture.id}.jpg").content[:3] == b"\xff\xd8\xff"
    assert alice_browser.get(f"/derived/{page.id}/download").content[:4] == b"%PDF"
    with transaction(engine) as db:
        consents.withdraw(db, alice, made["consent"])
    assert bob_browser.get(f"/derived/{picture.id}.jpg").status_code == 404
    assert bob_browser.get(f"/derived/{page.id}/download").status_code == 200
    alice_browser.post(f"/photos/{second}/remove")
    assert bob_browser.get(f"/derived/{page.id}/download").status_code == 404
    assert bob_browser.get(f"/derived/{made['crop']}.jpg").status_code == 200


@pytest.mark.parametrize("as_pdf", [False, True])
def test_the_same_pair_is_kept_once(made, engine, vault, alice, bob, as_pdf):
    with transaction(engine) as db:
        ids = [made["photo"], a_photo(db, vault, alice).id]
    first = export(engine, vault, bob, alice, ids, as_pdf=as_pdf)
    assert export(engine, vault, alice, alice, ids, as_pdf=as_pdf).id == first.id
    others = [
        export(engine, vault, bob, alice, ids, as_pdf=not as_pdf),
        export(engine, vault, bob, alice, ids, Use.TEACHING, as_pdf=as_pdf),
        export(engine, vault, bob, alice, ids, words="Comparable with care: wet hair.", as_pdf=as_pdf),
    ]
    assert len({first.id, *(one.id for one in others)}) == 4, "nor is an older verdict given out as today's"
    with transaction(engine) as db:
        service.close(db, [first.id])
    assert export(engine, vault, bob, alice, ids, as_pdf=as_pdf).id != first.id


def test_pairs_are_made_so_many_an_hour(made, engine, vault, alice, monkeypatch):
    monkeypatch.setattr(service, "IN_AN_HOUR", 2)
    with transaction(engine) as db:
        ids = [made["photo"], a_photo(db, vault, alice).id]
    for _ in range(2):
        export(engine, vault, alice, alice, ids)
    with pytest.raises(TooMany):
        export(engine, vault, alice, alice, ids)


def test_a_pair_needs_leave_of_both_photos(made, engine, vault, alice, bob, charlie):
    with transaction(engine) as db:
        second = a_photo(db, vault, alice)
        service.narrow(db, alice, second, may_teach=False, may_publish=True)
        theirs = a_photo(db, vault, charlie).id
    with pytest.raises(Refused, match="not consented to teaching for both"):
        export(engine, vault, bob, alice, [made["photo"], second.id], Use.TEACHING)
    with pytest.raises(NotAllowed):
        export(engine, vault, alice, alice, [made["photo"], second.id], Use.TEACHING)
    with pytest.raises(Refused):
        export(engine, vault, bob, alice, [made["photo"], theirs])
