"""The cast: Alice (client), Bob (her practitioner), Charlie (another client), Dana (admin), Erin (practitioner)."""

from dataclasses import dataclass

from sqlmodel import Session

from portal.accounts.models import Person
from portal.accounts.rules import Viewer

PASSWORD = "correct-battery-staple-horse"


@dataclass(frozen=True)
class Cast:
    """Viewers, ready to be handed to queries and verbs."""

    alice: Viewer
    bob: Viewer
    charlie: Viewer
    dana: Viewer
    erin: Viewer


def make_cast(db: Session, password_hash: str) -> Cast:
    """Store the five people and return how they look to the code."""

    def add(name: str, *, practitioner: bool = False, admin: bool = False) -> Viewer:
        email = f"{name.split(maxsplit=1)[0].lower()}@example.test"
        person = Person(
            name=name, email=email, is_practitioner=practitioner, is_admin=admin, password_hash=password_hash
        )
        db.add(person)
        db.flush()
        return person.as_viewer()

    return Cast(
        alice=add("Alice Ash"),
        bob=add("Bob Birch", practitioner=True),
        charlie=add("Charlie Cedar"),
        dana=add("Dana Doe", admin=True),
        erin=add("Erin Elm", practitioner=True),
    )
