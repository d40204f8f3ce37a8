"""Threads, what is unread, and who is told."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from portal.kit import clock
from portal.kit.errors import NotFound
from portal.kit.forms import checked
from portal.kit.mail import OutboxMail
from portal.kit.paging import parse_before
from portal.messages import queries, service
from portal.messages.forms import MessageForm
from portal.messages.models import Message
from portal.notifications.models import Notice


def written(db, author, client, body="Hello"):
    return service.send(db, author, client.id, checked(MessageForm, body=body).value)


def notices_of(db, viewer):
    return db.exec(select(Notice).where(col(Notice.person_id) == viewer.id)).all()


def test_unread_messages_are_counted_for_the_side_that_has_not_read_them(db, cast):
    written(db, cast.alice, cast.alice)
    written(db, cast.alice, cast.alice)
    written(db, cast.bob, cast.alice)
    everybody = (cast.alice, cast.bob, cast.erin, cast.charlie, cast.dana)
    assert [queries.unread_count(db, viewer) for viewer in everybody] == [1, 2, 2, 0, 0]


def test_one_practitioners_look_is_the_teams_look(db, alice, bob, erin):
    written(db, alice, alice)
    service.mark_read(db, bob, alice.id, clock.now())
    assert queries.unread_count(db, erin) == 0
    assert queries.waiting(db, erin) == []


def test_ones_own_look_does_not_read_ones_own_message(db, alice, bob):
    written(db, alice, alice)
    service.mark_read(db, alice, alice.id, clock.now())
    assert queries.unread_count(db, bob) == 1


def test_what_came_after_the_look_stays_unread(db, alice, bob):
    written(db, alice, alice)
    looked = clock.now()
    with clock.travelled(timedelta(seconds=5)):
        written(db, alice, alice)
    service.mark_read(db, bob, alice.id, looked)
    assert queries.unread_count(db, bob) == 1


def test_the_other_side_is_told_once_until_it_has_read(db, alice, bob):
    written(db, alice, alice)
    written(db, alice, alice)
    assert len(notices_of(db, bob)) == 1
    service.mark_read(db, bob, alice.id, clock.now())
    written(db, alice, alice)
    assert len(notices_of(db, bob)) == 2


def test_no_mail_or_notice_holds_a_word_of_the_message(db, alice, bob):
    written(db, alice, alice, body="my burning secret")
    written(db, bob, alice, body="our burning answer")
    mails = db.exec(select(OutboxMail)).all()
    assert len(mails) == 3
    told = [notice.text for person in (alice, bob) for notice in notices_of(db, person)]
    assert not any("burning" in text for text in [*told, *(f"{mail.subject}{mail.text}" for mail in mails)])


def test_a_stranger_neither_reads_nor_writes(db, alice, charlie, dana):
    written(db, alice, alice)
    for stranger in (charlie, dana):
        assert not queries.thread(db, stranger, alice.id).rows
        with pytest.raises(NotFound):
            written(db, stranger, alice)


def test_threads_wait_in_the_order_in_which_they_began_to(db, alice, charlie, bob, dana):
    written(db, charlie, charlie)
    written(db, alice, alice)
    written(db, charlie, charlie)
    assert [(one.client_name, one.unread) for one in queries.waiting(db, bob)] == [
        ("Charlie Cedar", 2),
        ("Alice Ash", 1),
    ]
    assert queries.waiting(db, dana) == []


def test_older_pages_leave_nothing_out(db, alice):
    for number in range(7):
        with clock.travelled(timedelta(minutes=number)):
            written(db, alice, alice, body=f"{number}")
    found, before = [], None
    for _ in range(3):
        page = queries.thread(db, alice, alice.id, parse_before(before), size=3)
        found += [message.body for message in page.rows]
        before = page.before
    assert found == list("6543210")
    assert before is None


@pytest.mark.parametrize(
    "body, ok", [("", False), ("   ", False), ("a" * 4000, True), ("a" * 4001, False), ("😀", True), ("a\0b", False)]
)
def test_a_message_has_between_one_and_four_thousand_characters(body, ok):
    assert checked(MessageForm, body=body).ok is ok


def test_the_table_itself_refuses_an_empty_message(db, alice):
    db.add(Message(client_id=alice.id, author_id=alice.id, body=""))
    with pytest.raises(Exception, match="body_has_words"):
        db.flush()
