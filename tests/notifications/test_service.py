"""A notice is given once, says nothing by mail, and is its person's alone."""

import threading

import pytest
from sqlmodel import select

from portal.accounts.models import Person
from portal.kit.db import transaction
from portal.kit.errors import NotFound
from portal.kit.mail import OutboxMail
from portal.notifications import queries, service
from portal.notifications.models import Notice


def mails(db) -> list[OutboxMail]:
    return list(db.exec(select(OutboxMail)))


def test_a_notice_is_given_once_per_key_and_person(db, alice, charlie):
    assert service.tell(db, alice.id, "reminder:1", "Tomorrow at nine.", "/appointments")
    assert not service.tell(db, alice.id, "reminder:1", "Tomorrow at nine.", "/appointments")
    assert service.tell(db, charlie.id, "reminder:1", "Tomorrow at ten.", "/appointments")
    assert [notice.text for notice in queries.latest(db, alice)] == ["Tomorrow at nine."]
    assert len(mails(db)) == 2


def test_many_that_tell_at_once_tell_once(engine, alice):
    together, answers = threading.Barrier(6), []

    def tell() -> None:
        together.wait()
        with transaction(engine) as db:
            answers.append(service.tell(db, alice.id, "reminder:1", "Tomorrow.", "/appointments"))

    threads = [threading.Thread(target=tell) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [False] * 5 + [True]
    with transaction(engine, write=False) as db:
        assert len(mails(db)) == 1


def test_the_mail_says_that_there_is_something_and_not_what(db, alice):
    service.tell(db, alice.id, "k", "Your photo of the crown was answered.", "/photos/1")
    (mail,) = mails(db)
    assert mail.to == "alice@example.test"
    assert "photo" not in (mail.subject + mail.text).lower()
    assert "sign in" in mail.text
    assert mail.link_path == "/photos/1"


def test_no_mail_where_none_is_wanted_or_the_account_is_closed(db, alice, charlie):
    service.tell(db, alice.id, "k", "Text.", "/home", by_mail=None)
    db.get_one(Person, charlie.id).is_active = False
    service.tell(db, charlie.id, "k", "Text.", "/home")
    assert mails(db) == []


def test_every_active_practitioner_is_told_and_nobody_else(db, bob, erin, dana):
    db.get_one(Person, erin.id).is_active = False
    service.tell_practitioners(db, "k", "A report waits.", "/queue")
    assert [notice.person_id for notice in db.exec(select(Notice))] == [bob.id]


def test_reading_is_ones_own_business(db, alice, charlie):
    for viewer in (alice, charlie):
        service.tell(db, viewer.id, "a", "One.", "/a")
        service.tell(db, viewer.id, "b", "Two.", "/b")
    theirs = queries.latest(db, charlie)[0]
    with pytest.raises(NotFound):
        queries.one(db, alice, theirs.id)
    service.mark_read(db, alice, theirs.id)
    assert queries.unread_count(db, charlie) == 2
    service.mark_read(db, alice)
    assert (queries.unread_count(db, alice), queries.unread_count(db, charlie)) == (0, 2)
