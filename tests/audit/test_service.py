"""The audit record: it stands or falls with the deed; a look is kept before the page is sent, one's own is not."""

import pytest
from sqlmodel import select

from portal.accounts.models import Person
from portal.audit import queries, service
from portal.audit.models import AuditEntry
from portal.kit.db import transaction


def entries(engine) -> list[AuditEntry]:
    with transaction(engine, write=False) as db:
        return list(db.exec(select(AuditEntry)))


def test_a_deed_names_who_what_and_whose(engine, bob, alice):
    with transaction(engine) as db:
        service.record(db, bob, "photos.reviewed", db.get_one(Person, alice.id), alice.id)
        service.record(db, None, "bookings.reminded")
    bobs, portals = sorted(entries(engine), key=lambda entry: entry.action == "bookings.reminded")
    assert (bobs.actor_id, bobs.actor_name, bobs.subject, bobs.subject_id, bobs.client_id) == (
        bob.id,
        "Bob Birch",
        "Person",
        alice.id,
        alice.id,
    )
    assert (portals.actor_id, portals.actor_name, portals.subject) == (None, "The portal", "")


def test_a_deed_that_failed_left_no_entry(engine, bob):
    with pytest.raises(ZeroDivisionError), transaction(engine) as db:  # noqa: PT012 - the whole unit of work
        service.record(db, bob, "photos.reviewed")
        _ = 1 / 0
    assert entries(engine) == []


def test_a_look_is_kept_even_though_a_look_writes_nothing(engine, bob, alice):
    with transaction(engine, write=False) as db:
        service.seen(db, bob, "photos.seen", alice.id)
        service.seen(db, alice, "photos.seen", alice.id)
    assert [(entry.actor_name, entry.action) for entry in entries(engine)] == [("Bob Birch", "photos.seen")]


def test_a_page_that_could_not_be_shown_was_not_seen(engine, bob, alice):
    with pytest.raises(ZeroDivisionError), transaction(engine, write=False) as db:  # noqa: PT012 - the whole unit of work
        service.seen(db, bob, "photos.seen", alice.id)
        _ = 1 / 0
    assert entries(engine) == []


def test_a_client_reads_who_looked_how_often_and_nothing_of_others(engine, bob, erin, alice, charlie):
    for viewer in (bob, bob, erin):
        with transaction(engine, write=False) as db:
            service.seen(db, viewer, "photos.seen", alice.id)
    with transaction(engine, write=False) as db:
        service.seen(db, bob, "messages.seen", alice.id)
        service.seen(db, bob, "photos.seen", charlie.id)
    with transaction(engine, write=False) as db:
        looks = queries.looks_at(db, alice.id, ("photos.seen",))
    assert {(look.name, look.times) for look in looks} == {("Bob Birch", 2), ("Erin Elm", 1)}


def test_the_record_comes_in_pages_newest_first(engine, bob):
    with transaction(engine) as db:
        for number in range(queries.PAGE + 5):
            service.record(db, bob, f"deed.{number:03}")
            db.flush()
    with transaction(engine, write=False) as db:
        first = queries.entries(db)
        second = queries.entries(db, first.before)
    seen = [entry.action for entry in (*first.rows, *second.rows)]
    assert len(first.rows) == queries.PAGE
    assert seen == [f"deed.{number:03}" for number in reversed(range(queries.PAGE + 5))]
    assert second.before is None


def test_nothing_in_the_portal_changes_or_deletes_an_entry():
    """There is no verb for it: the package has one that writes, one that looks and two that read."""
    verbs = {
        name
        for name in dir(service)
        if callable(getattr(service, name)) and getattr(service, name).__module__ == service.__name__
    }
    assert verbs == {"Actor", "record", "seen", "_entry"}
