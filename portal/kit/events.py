"""Something happened that others must act on in the same transaction; `portal.features` says who listens to what."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

Listener = Callable[..., object]


class Event:
    """One kind of happening. A feature owns it and tells; who listens is above the feature and unknown to it."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Call `listener(db, *what)` on every telling, in the teller's transaction; listening twice is once."""
        if listener not in self._listeners:
            self._listeners.append(listener)

    def tell(self, db: Session, *what: Any) -> None:
        """Tell everybody who listens. What a listener raises goes to the teller: both happen or neither."""
        for listener in self._listeners:
            listener(db, *what)
