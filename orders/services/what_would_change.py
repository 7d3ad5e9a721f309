"""What a change of the formulary would have said of the orders signed lately. Nothing is stored.

Each order is checked twice with the same facts, as on the day it was signed: with the formulary as
it is, and as it would be. Both count as if they had always been in force.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Licence
from formulary.clock import pharmacy_today
from formulary.facts import ActiveOrder
from formulary.findings import Finding, Level
from formulary.icd import look_up
from formulary.models import FormularyChange
from formulary.reference import CodeStanding, Formulary
from formulary.services import load_formulary
from formulary.services.applying import as_it_would_be
from formulary.status import ChangeKind
from orders.models import Order
from orders.querysets import OrderQuerySet
from orders.services.active import SIGNED, ActiveOrders, active
from orders.services.checks import Beside, check, facts_of, regimen_of
from orders.status import UNSIGNED

DAYS = 90
MOST_ORDERS = 2_000
MOST_DRAFTS = 500
_AT_ONCE = 500
# Of a patient's earlier orders; more say nothing more.
_MOST_BESIDE = 20
SECONDS = 5.0
# Kinds that no check reads.
_SILENT = (ChangeKind.REASON, ChangeKind.TEMPLATE)
_MOST_SHOWN = 100
_A = {
    Level.STOP: "a stop",
    Level.NOT_ANSWERED: "an open question",
    Level.NOT_CHECKED: "an open check",
    Level.WARN: "a warning",
    Level.INFO: "a note",
    Level.INVALID: "an error",
}
_RANK = (Level.INFO, Level.WARN, Level.NOT_CHECKED, Level.NOT_ANSWERED, Level.STOP)


@dataclass(slots=True)
class Group:
    """Orders of which one finding came, went, or has another level now."""

    how: str
    code: str
    level: Level
    was: Level | None = None
    references: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """`New stop: above range`, `Now a stop, was a warning: …`, `No longer a warning: …`."""
        name = self.code.replace("_", " ")
        if self.how == "gone":
            return f"No longer {_A[self.level]}: {name}"
        if self.was is not None:
            return f"Now {_A[self.level]}, was {_A[self.was]}: {name}"
        return f"New {_A[self.level].split(' ', 1)[1]}: {name}"

    @property
    def shown(self) -> list[str]:
        return self.references[:_MOST_SHOWN]

    @property
    def rest(self) -> int:
        return max(len(self.references) - _MOST_SHOWN, 0)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many were looked at, of how many, and of how many the answer differs."""

    looked_at: int
    of: int
    changed: int

    @property
    def is_bounded(self) -> bool:
        return self.looked_at < self.of


@dataclass(frozen=True, slots=True)
class Report:
    since: date
    orders: Counted
    # Not signed yet: they are the practices' own business, so only their number is told.
    drafts: Counted
    groups: tuple[Group, ...]
    # No check reads this kind of row.
    silent: bool = False


def what_would_change(change: FormularyChange, *, seconds: float = SECONDS) -> Report:
    """Compare the last 90 days. Raises RowChanged or CannotApply when the change fits no more."""
    today = pharmacy_today()
    since, until = today - timedelta(days=DAYS), time.monotonic() + seconds
    if change.kind in _SILENT:
        return Report(since, Counted(0, 0, 0), Counted(0, 0, 0), (), silent=True)
    day = max(change.effective_on, today)
    now = undated(load_formulary(), today)
    then = undated(as_it_would_be(change, on=day), day)
    pair = _Pair(now, then)
    signed = Order.objects.sent().filter(submitted_at__date__gte=since)
    orders = pair.compare(signed.order_by("-submitted_at", "-id"), MOST_ORDERS, until)
    groups = tuple(sorted(pair.groups.values(), key=_worst_first))
    pair.groups = {}
    waiting = Order.objects.filter(status__in=UNSIGNED).order_by("-status_at", "-id")
    drafts = pair.compare(waiting, MOST_DRAFTS, until, drafts=True)
    return Report(since, orders, drafts, groups)


def undated(formulary: Formulary, on: date) -> Formulary:
    """What is in force on a day, as if it had always been."""
    ranges = (row for row in formulary.ranges if row.in_force(on))
    states = (row for row in formulary.ship_states if row.serves(on))
    return replace(
        formulary,
        ranges=tuple(replace(row, starts=None, ends=None) for row in ranges),
        ship_states=tuple(replace(row, since=date.min) for row in states),
    )


def _worst_first(group: Group) -> tuple[int, int, str]:
    hows = ("new", "other", "gone")
    return hows.index(group.how), -_RANK.index(group.level), group.code


class _Pair:
    """Two formularies, and where their answers differ."""

    def __init__(self, now: Formulary, then: Formulary) -> None:
        self.now, self.then = now, then
        self.groups: dict[tuple[str, str, Level, Level | None], Group] = {}
        self.standings: dict[str, CodeStanding] = {}
        # What is equal need not be built twice.
        self.same_products = dict(now.products) == dict(then.products)

    def compare(
        self, rows: OrderQuerySet, most: int, until: float, *, drafts: bool = False
    ) -> Counted:
        """Go through the newest of them, as many and as long as is allowed."""
        looked_at = changed = 0
        for order, beside in self._with_beside(list(rows.values_list("pk", flat=True)[:most])):
            if time.monotonic() > until:
                break
            looked_at += 1
            moved = self._moves(order, beside)
            if drafts:
                changed += any(how != "gone" and level is Level.STOP for how, _, level, _ in moved)
                continue
            changed += bool(moved)
            for key in moved:
                self.groups.setdefault(key, Group(*key)).references.append(order.reference)
        return Counted(looked_at, rows.count(), changed)

    def _moves(self, order: Order, beside: Beside) -> list[tuple[str, str, Level, Level | None]]:
        on = order.written_on or (order.submitted_at or timezone.now()).date()
        facts = facts_of(order, self.now, on, beside=beside)
        regimen = regimen_of(order, self.now)
        before = _levels(check(facts, regimen, self.now).findings)
        if not self.same_products:
            regimen = regimen_of(order, self.then)
        if order.indication is not None:
            facts = replace(facts, indication=self.then.indications.get(order.indication.slug))
        after = _levels(check(facts, regimen, self.then).findings)
        return list(_differences(before, after))

    # --- what stands beside the orders, looked up for many at once ---------------------------
    def _with_beside(self, pks: list[int]) -> Iterator[tuple[Order, Beside]]:
        for start in range(0, len(pks), _AT_ONCE):
            chunk = pks[start : start + _AT_ONCE]
            found = Order.objects.filter(pk__in=chunk).select_related("patient")
            orders = {order.pk: order for order in found.prefetch_related(*_SHARED)}
            licences = _licences(orders.values())
            others = _others(orders.values())
            for pk in chunk:
                if (order := orders.get(pk)) is not None:
                    yield order, self._beside(order, licences, others)

    def _beside(self, order: Order, licences: _Licences, others: _Others) -> Beside:
        on = order.written_on or (order.submitted_at or timezone.now()).date()
        held = {state for state, ends in licences[order.prescriber_id] if ends >= on}
        known = others[_person(order), order.product.drug_id]
        left_out = (order.pk, order.revises_id)
        near = [one for pk, one in known if pk not in left_out][-_MOST_BESIDE:]
        return Beside(
            tuple(sorted(held)), ActiveOrders.among(near, on), self._standing(order.icd_code, on)
        )

    def _standing(self, code: str, on: date) -> CodeStanding:
        """One look for each code: the day of it is the same within a release."""
        if code not in self.standings:
            self.standings[code] = look_up(code, on=on).standing
        return self.standings[code]


# Few rows that many orders share: read once a batch instead of once an order.
_SHARED = (
    "prescriber", "practice", "product__drug", "indication", "ship_to_location", "steps__product",
)  # fmt: skip
# What `active` reads of an order.
_READ = (
    "reference", "status", "decided_at", "effective_on", "days_supply", "refills",
    "refills_ended_by",
)  # fmt: skip
_Licences = dict[int, list[tuple[str, date]]]
_Others = dict[tuple[int, int], list[tuple[int, ActiveOrder]]]


def _person(order: Order) -> int:
    """The record that is kept of the patient."""
    return order.patient.merged_into_id or order.patient_id


def _licences(orders: Iterable[Order]) -> _Licences:
    found: _Licences = defaultdict(list)
    rows = Licence.objects.filter(prescriber__in={order.prescriber_id for order in orders})
    for prescriber, state, ends in rows.values_list("prescriber_id", "state", "expires_on"):
        found[prescriber].append((state, ends))
    return found


def _others(orders: Iterable[Order]) -> _Others:
    """The signed orders of the same people by drug, in the order they were sent."""
    people = {_person(order) for order in orders}
    rows = Order.objects.filter(
        Q(patient__in=people) | Q(patient__merged_into__in=people), status__in=SIGNED
    )
    rows = rows.only(*_READ).annotate(
        person=Coalesce("patient__merged_into_id", "patient_id"), drug=F("product__drug_id")
    )
    found: _Others = defaultdict(list)
    row: Any  # with its annotations
    for row in rows.prefetch_related("steps", "fills").order_by("submitted_at", "id"):
        found[row.person, row.drug].append((row.pk, active(row)))
    return found


def _levels(findings: Iterable[Finding]) -> dict[str, Level]:
    """The worst level of each code."""
    found: dict[str, Level] = {}
    for finding in findings:
        known = found.get(finding.code)
        if known is None or _RANK.index(finding.level) > _RANK.index(known):
            found[str(finding.code)] = finding.level
    return found


def _differences(
    before: dict[str, Level], after: dict[str, Level]
) -> Iterator[tuple[str, str, Level, Level | None]]:
    """(how, code, level, level before) of what is new, has another level, or is gone."""
    for code, level in after.items():
        was = before.get(code)
        if was is None:
            yield "new", code, level, None
        elif was is not level:
            yield "other", code, level, was
    for code, level in before.items():
        if code not in after:
            yield "gone", code, level, None
