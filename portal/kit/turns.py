"""Turns at what few may do at once. Who comes first goes first, and nobody takes two places at a time.

A thread that waits is one that serves nobody: so only few wait, and not for long.
"""

import contextlib
import threading
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Final

MOST_WAITING: Final = 6
MOST_OF_ONE: Final = 2


class NoTurn(Exception):  # noqa: N818 - an outcome, not a mistake of ours
    """The wait was over before its turn came, or too many waited already."""


@dataclass(eq=False, frozen=True, slots=True)
class _Place:
    whose: Hashable | None


class Turns:
    """At most `size` at once; of each person (`whose`) one. May be shared by threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._changed = threading.Condition()
        self._line: list[_Place] = []
        self._inside: list[_Place] = []

    @contextlib.contextmanager
    def taken(self, whose: Hashable | None = None, patience: float | None = None) -> Iterator[None]:
        """Hold a turn while the block lasts. `patience`: seconds; then, or at once where six wait already or two of
        this person, NoTurn is raised. None: as long as it takes, for work that keeps nobody waiting.
        """
        place = _Place(whose)
        with self._changed:
            if patience is not None and not self._may_go(place) and self._is_full(whose):
                raise NoTurn
            self._line.append(place)
            came = False
            try:
                came = self._changed.wait_for(lambda: self._is_next(place), patience)
            finally:
                self._line.remove(place)
                if came:
                    self._inside.append(place)
                self._changed.notify_all()
            if not came:
                raise NoTurn
        try:
            yield
        finally:
            with self._changed:
                self._inside.remove(place)
                self._changed.notify_all()

    def _is_next(self, place: _Place) -> bool:
        return next((one for one in self._line if self._may_go(one)), None) is place

    def _may_go(self, place: _Place) -> bool:
        busy = place.whose is not None and any(one.whose == place.whose for one in self._inside)
        return len(self._inside) < self._size and not busy

    def _is_full(self, whose: Hashable | None) -> bool:
        own = sum(whose is not None and one.whose == whose for one in self._line)
        return len(self._line) >= MOST_WAITING or own >= MOST_OF_ONE
