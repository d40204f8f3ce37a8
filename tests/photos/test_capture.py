"""When a photo was taken: by the camera where it can be true, by its clock's zone, else as told."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.photos.rules import Capture, DateSource, capture, offset_name

NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)
ZONE = "Europe/London"
TOLD = date(2026, 2, 1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


CASES = {
    "with its offset": (local("2026-03-14T09:26:53"), 120, date(2026, 3, 14), "2026-03-14T07:26:53+00:00", "+02:00"),
    "west of it": (local("2026-03-14T23:30:00"), -270, date(2026, 3, 14), "2026-03-15T04:00:00+00:00", "-04:30"),
    "without": (local("2026-03-14T09:26:53"), None, date(2026, 3, 14), "2026-03-14T09:26:53+00:00", ZONE),
    "in summer time": (local("2025-07-14T09:26:53"), None, date(2025, 7, 14), "2025-07-14T08:26:53+00:00", ZONE),
    "with an offset that is none": (
        local("2026-03-14T09:00:00"),
        5000,
        date(2026, 3, 14),
        "2026-03-14T09:00:00+00:00",
        ZONE,
    ),
    "a clock five minutes fast": (
        local("2026-03-28T12:05:00"),
        0,
        date(2026, 3, 28),
        "2026-03-28T12:05:00+00:00",
        "+00:00",
    ),
    "tomorrow already, in Tokyo": (
        local("2026-03-28T20:00:00"),
        540,
        date(2026, 3, 28),
        "2026-03-28T11:00:00+00:00",
        "+09:00",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_camera_is_believed(name):
    camera, offset, on, at, zone = CASES[name]
    assert capture(camera, offset, TOLD, ZONE, NOW) == Capture(on, local(at), zone, DateSource.CAMERA)


def test_a_travellers_clock_has_its_day_and_no_hour():
    """Without an offset it may be hours ahead of ours: the day is possible somewhere, the hour is a guess."""
    assert capture(local("2026-03-29T01:00:00"), None, None, ZONE, NOW) == Capture(
        date(2026, 3, 29), None, ZONE, DateSource.CAMERA
    )


@pytest.mark.parametrize(
    "camera, offset",
    [
        (local("2094-01-01T00:00:00"), None),
        (local("2026-03-28T13:00:00"), 0),
        (local("2026-03-30T00:00:00"), 60),
        (local("1980-01-01T00:00:00"), None),
    ],
)
def test_a_camera_that_cannot_be_right_is_not_believed(camera, offset):
    assert capture(camera, offset, None, ZONE, NOW) == Capture()
    assert capture(camera, offset, TOLD, ZONE, NOW) == Capture(TOLD, None, ZONE, DateSource.TOLD)


def test_nothing_is_invented():
    assert capture(None, 120, None, ZONE, NOW) == Capture(None, None, "", DateSource.UNKNOWN)


def test_no_moment_is_ever_in_the_future():
    for hours in range(-40, 41):
        for offset in (None, -720, -300, 0, 330, 840):
            camera = NOW.replace(tzinfo=None) + timedelta(hours=hours)
            found = capture(camera, offset, None, ZONE, NOW)
            assert found.at is None or found.at <= NOW + timedelta(minutes=10)
            assert found.on is None or found.on <= date(2026, 3, 29), "somewhere it is the 29th already"


def test_offsets_have_a_name():
    assert [offset_name(minutes) for minutes in (0, 60, -30, 345)] == ["+00:00", "+01:00", "-00:30", "+05:45"]
