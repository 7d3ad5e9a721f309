"""Changes of the formulary: written, sent, agreed to by a second pharmacist, put in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right, ensure
from events.services import record
from formulary.clock import pharmacy_today
from formulary.kept import Values, kind_of
from formulary.models import FormularyChange
from formulary.services.applying import (
    CannotApply,
    RowChanged,
    apply,
    as_it_would_be,
    ensure_same,
)
from formulary.status import ALONE_AFTER, Act, ChangeKind, State


class Refused(Exception):
    """It cannot be done as asked; the message says why."""


class StaleChange(Exception):
    """The change, or the row it is about, is not what the page showed."""

    def __init__(self, change: FormularyChange, words: str = "") -> None:
        self.change = change
        super().__init__(words or f"{change.reference} has moved on: {change.get_state_display()}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change as its form read it."""

    kind: ChangeKind
    act: Act
    row_id: int | None
    before: Values | None
    after: Values
    reason: str
    source: str
    effective_on: date


@transaction.atomic
def write(proposal: Proposal, *, by: User) -> FormularyChange:
    """Keep it as the author's draft: nothing is sent yet. Raises RowChanged, CannotApply."""
    ensure(by, Right.KEEP_FORMULARY)
    _try(proposal)
    return FormularyChange.objects.create(author=by, **_columns(proposal))


@transaction.atomic
def rewrite(
    change: FormularyChange, proposal: Proposal, *, by: User, version: int
) -> FormularyChange:
    """Replace what one's own draft says. Raises StaleChange, RowChanged, CannotApply."""
    ensure(by, Right.KEEP_FORMULARY)
    here = FormularyChange.objects.filter(
        pk=change.pk, author=by, state=State.DRAFT, version=version
    )
    _try(proposal)
    if not here.update(version=F("version") + 1, **_columns(proposal)):
        raise _stale(change)
    return FormularyChange.objects.get(pk=change.pk)


def _columns(proposal: Proposal) -> dict[str, object]:
    kind = kind_of(proposal.kind)
    said = {name: getattr(proposal, name) for name in Proposal.__slots__}
    return said | {
        "target": kind.key(proposal.before or proposal.after),
        "needs_second": kind.needs_second(proposal.act, proposal.before, proposal.after),
    }


def _try(change: Proposal | FormularyChange) -> None:
    """Raise now what would be raised on its day."""
    as_it_would_be(change, on=max(change.effective_on, pharmacy_today()))


def send(change: FormularyChange, *, by: User, version: int) -> FormularyChange:
    """Send one's own draft: to a second pharmacist, to its day, or into force at once.

    Raises Refused when another change of the row waits, StaleChange when it or its row moved.
    """
    ensure_author(change, by)
    try:
        with transaction.atomic():
            locked = _locked(change, State.DRAFT, version)
            if locked.needs_second:
                _ensure_row(locked)
                _move(
                    locked, State.WAITING, by=by, event="formulary.proposed", sent_at=timezone.now()
                )
            else:
                _settle(locked, by=by, planned="formulary.planned", sent_at=timezone.now())
    except IntegrityError:
        other = FormularyChange.objects.of_row(change.kind, change.target)
        waits = other.filter(state__in=[State.WAITING, State.APPROVED]).first()
        if waits is None:
            raise
        raise Refused(
            f"{waits.reference} waits for the same row: decide on that one first."
        ) from None
    change.refresh_from_db()
    return change


def ensure_author(change: FormularyChange, by: User) -> None:
    """Raise PermissionDenied unless `by` wrote it and still keeps the formulary."""
    ensure(by, Right.KEEP_FORMULARY)
    if change.author_id != by.pk:
        raise PermissionDenied("A change is sent, withdrawn and put in force alone by its author.")


def ensure_second(change: FormularyChange, by: User) -> None:
    """Raise PermissionDenied unless `by` may decide on it."""
    ensure(by, Right.KEEP_FORMULARY)
    if change.author_id == by.pk:
        raise PermissionDenied("A second pharmacist decides on a change, never its author.")


@transaction.atomic
def approve(change: FormularyChange, *, by: User, version: int) -> FormularyChange:
    """Agree as a second pharmacist; it is in force at once or on its day."""
    ensure_second(change, by)
    locked = _locked(change, State.WAITING, version)
    decided: dict[str, Any] = {"second": by, "decided_at": timezone.now()}
    note(locked, "formulary.approved", by=by)
    _settle(locked, by=by, **decided)
    change.refresh_from_db()
    return change


@transaction.atomic
def refuse(change: FormularyChange, *, by: User, version: int, words: str) -> None:
    ensure_second(change, by)
    locked = _locked(change, State.WAITING, version)
    decided: dict[str, Any] = {"second": by, "decided_at": timezone.now(), "words": words}
    _move(locked, State.REFUSED, by=by, event="formulary.refused", **decided)
    change.refresh_from_db()


@transaction.atomic
def withdraw(change: FormularyChange, *, by: User, version: int, words: str = "") -> None:
    """Take back one's own change while it is no part of the formulary yet."""
    ensure_author(change, by)
    locked = _locked(change, None, version)
    if locked.state not in (State.DRAFT, State.WAITING, State.APPROVED):
        raise _stale(locked)
    event = "formulary.withdrawn" if locked.sent_at else ""
    _move(locked, State.WITHDRAWN, by=by, event=event, words=words)
    change.refresh_from_db()


@transaction.atomic
def put_in_force_alone(change: FormularyChange, *, by: User, version: int) -> FormularyChange:
    """The author's own decision, a day after sending, where nobody else could decide."""
    ensure_author(change, by)
    locked = _locked(change, State.WAITING, version)
    if not is_alone(by):
        raise Refused("There is another pharmacist now: ask for a second look.")
    if not may_act_alone(locked):
        raise Refused("A change that nobody else looks at waits for 24 hours first.")
    _settle(locked, by=by, alone=True, decided_at=timezone.now())
    change.refresh_from_db()
    return change


def is_alone(by: User) -> bool:
    """Whether nobody else keeps the formulary now."""
    keepers = User.objects.with_staff_right(Right.KEEP_FORMULARY).values_list("pk", flat=True)
    return set(keepers) <= {by.pk}


def alone_from(change: FormularyChange) -> datetime | None:
    return change.sent_at + ALONE_AFTER if change.sent_at else None


def may_act_alone(change: FormularyChange) -> bool:
    """Whether its day of waiting is over."""
    opens = alone_from(change)
    return opens is not None and timezone.now() >= opens


def apply_due() -> int:
    """Put in force what was agreed on and whose day has come; returns how many.

    One that fits its row no longer is refused by the house, with the reason.
    """
    done = 0
    for pk in FormularyChange.objects.due(pharmacy_today()).values_list("pk", flat=True)[:100]:
        with transaction.atomic():
            # Whoever works on it right now decides about it; the next minute looks again.
            rows = FormularyChange.objects.due(pharmacy_today()).filter(pk=pk)
            change = rows.select_for_update(skip_locked=True, of=("self",)).first()
            if change is None:
                continue
            try:
                _put_in_force(change, by=None)
            except (RowChanged, CannotApply) as wrong:
                words = str(wrong)[:500]
                _move(change, State.REFUSED, by=None, event="formulary.refused", words=words)
            done += 1
    return done


# --- within -------------------------------------------------------------------------------------
def _locked(change: FormularyChange, state: State | None, version: int) -> FormularyChange:
    """The change as it stands, locked. Raises StaleChange unless it is what the page showed."""
    rows = FormularyChange.objects.select_for_update(of=("self",))
    here = rows.get(pk=change.pk)
    if here.version != version or state not in (None, here.state):
        raise _stale(here)
    return here


def _stale(change: FormularyChange) -> StaleChange:
    return StaleChange(FormularyChange.objects.get(pk=change.pk))


def _ensure_row(change: FormularyChange) -> None:
    try:
        ensure_same(change)
        _try(change)
    except (RowChanged, CannotApply) as wrong:
        raise StaleChange(change, str(wrong)) from wrong


def _settle(change: FormularyChange, *, by: User, planned: str = "", **columns: Any) -> None:
    """Into force when its day has come, else to wait for it."""
    if change.effective_on > pharmacy_today():
        _ensure_row(change)
        _move(change, State.APPROVED, by=by, event=planned, **columns)
        return
    try:
        _put_in_force(change, by=by, **columns)
    except (RowChanged, CannotApply) as wrong:
        raise StaleChange(change, str(wrong)) from wrong


def _put_in_force(change: FormularyChange, *, by: User | None, **columns: Any) -> None:
    apply(change, on=max(change.effective_on, pharmacy_today()))
    alone = bool(columns.get("alone", change.alone))
    data = {"alone": True} if alone else {}
    _move(
        change, State.IN_FORCE, by=by, event="formulary.applied", data=data,
        applied_at=timezone.now(), **columns,
    )  # fmt: skip


def _move(
    change: FormularyChange,
    to: State,
    *,
    by: User | None,
    event: str,
    data: Mapping[str, object] | None = None,
    **columns: Any,
) -> None:
    """Set the state of a locked row, and say so."""
    FormularyChange.objects.filter(pk=change.pk).update(
        state=to, version=F("version") + 1, **columns
    )
    if event:
        note(change, event, by=by, data=data)


def note(
    change: FormularyChange,
    event: str,
    *,
    by: User | None,
    data: Mapping[str, object] | None = None,
) -> None:
    """Write an event about the change: its kind and codes, never what a row says."""
    record(
        event,
        subject="formulary_change",
        subject_id=change.pk,
        reference=change.reference,
        by=by,
        data={"kind": change.kind, **(data or {})},
    )
