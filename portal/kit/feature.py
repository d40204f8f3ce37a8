"""What the composition root knows of a feature: its pages, its jobs, its place in the navigation, its personal data."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter
from sqlmodel import Session

from portal.kit.jobs import Handler
from portal.kit.personal_data import Claim


@dataclass(frozen=True, slots=True)
class NavItem:
    """A link in the signed-in navigation. `role`: client, practitioner, staff, admin or everyone; `order` sorts;
    `badge` selects one number, what waits behind it for `:person`.
    """

    label: str
    route: str
    icon: str
    role: str
    order: int
    badge: sa.Select[Any] | None = None


@dataclass(frozen=True, slots=True)
class Feature:
    """One row of `portal.features`. `ticks` run once a minute and must be idempotent; `patient` names jobs that let all
    others go first.
    """

    name: str
    routers: Sequence[APIRouter] = ()
    jobs: Mapping[str, Handler] = field(default_factory=dict)
    patient: Collection[str] = ()
    navigation: Sequence[NavItem] = ()
    personal_data: Sequence[Claim] = ()
    ticks: Sequence[Callable[[Session], object]] = ()
