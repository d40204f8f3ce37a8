"""Who is what, and how long a sign-in lasts."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from portal.accounts.rules import Lasting, Role, Viewer

NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
LASTING = Lasting(staff_idle=timedelta(minutes=15), client_idle=timedelta(minutes=30), absolute=timedelta(hours=12))


@pytest.mark.parametrize(
    "practitioner, admin, role, is_staff",
    [
        (False, False, Role.CLIENT, False),
        (True, False, Role.PRACTITIONER, True),
        (False, True, Role.ADMIN, True),
        (True, True, Role.PRACTITIONER, True),
    ],
)
def test_roles(practitioner, admin, role, is_staff):
    viewer = Viewer(uuid4(), "Ann Bea Cee", "a@example.test", practitioner, admin, "")
    assert (viewer.role, viewer.is_staff, viewer.is_client) == (role, is_staff, not is_staff)
    assert viewer.initials == "AC"


@pytest.mark.parametrize(
    "name, initials", [("Ann", "A"), ("ann bea", "AB"), ("Ann von und zu Cee", "AC"), ("李 小龙", "李小")]
)
def test_initials(name, initials):
    assert Viewer(uuid4(), name, "", False, False, "").initials == initials


@pytest.mark.parametrize(
    "is_staff, age, idle, over",
    [
        (True, timedelta(hours=1), timedelta(minutes=15), False),
        (True, timedelta(hours=1), timedelta(minutes=15, seconds=1), True),
        (False, timedelta(hours=1), timedelta(minutes=30), False),
        (False, timedelta(hours=1), timedelta(minutes=30, seconds=1), True),
        (False, timedelta(hours=12), timedelta(0), False),
        (False, timedelta(hours=12, seconds=1), timedelta(0), True),
    ],
)
def test_a_sign_in_ends_when_idle_and_when_old(is_staff, age, idle, over):
    assert LASTING.is_over(is_staff=is_staff, began=NOW - age, used=NOW - idle, at=NOW) is over
