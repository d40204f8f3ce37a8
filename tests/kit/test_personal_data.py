"""Claims: a person's rows are collected and erased, nobody else's are touched."""

from sqlmodel import select

from portal.accounts.models import SignIn
from portal.accounts.service import start_sign_in
from portal.kit.personal_data import Claim


def test_a_persons_rows_are_collected_and_erased_and_no_others(db, alice, bob):
    for viewer in (alice, alice, bob):
        start_sign_in(db, viewer.id, viewer.name)
    db.flush()
    claim = Claim(SignIn, "person_id")
    assert [row["device"] for row in claim.collect(db, alice.id)] == ["Alice Ash", "Alice Ash"]
    claim.erase(db, alice.id)
    assert claim.collect(db, alice.id) == []
    assert [row.device for row in db.exec(select(SignIn))] == ["Bob Birch"]


def test_what_must_be_kept_is_kept_and_what_comes_first_is_done_first(db, alice):
    start_sign_in(db, alice.id, "a device")
    db.flush()
    asked = []
    Claim(SignIn, "person_id", kept="the law asks for it", before_erase=lambda _, person: asked.append(person)).erase(
        db, alice.id
    )
    assert len(db.exec(select(SignIn)).all()) == 1
    assert asked == [alice.id]
