"""Saving what the order form sends: a new draft once per form, and changes to it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from accounts.models import Location, Practice, Prescriber, Supervision, User
from accounts.permissions import Right, ensure
from formulary.models import Indication, Product, Reason
from orders.models import DoseStep, Order, Patient
from orders.services.content import canonical, sha256
from orders.services.fills import cancel_requested
from orders.services.handing_over import take_back
from orders.services.moves import ensure_own, ensure_right, move, note, stale
from orders.status import Status


class TokenReused(Exception):
    """The same form came again with other content; `order` is what its first sending made."""

    def __init__(self, order: Order) -> None:
        self.order = order
        super().__init__(f"This form was sent before and made {order.reference}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPatient:
    """A patient as typed on the order form."""

    family_name: str
    given_name: str
    birth_date: date
    sex: str
    address: str
    city: str
    state: str
    zip_code: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftStep:
    """One step as typed; the dose in mg, `days` None until the end of the supply."""

    product: Product
    dose_mg: Decimal
    times_per_day: int
    timing: str
    days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An order as the form read it. Blank answers are unanswered; `medicines` "" means none."""

    patient: Patient | NewPatient
    prescriber: Prescriber
    product: Product
    steps: tuple[DraftStep, ...]
    days_supply: int
    refills: int
    indication: Indication | None
    icd_code: str
    reason: Reason
    icd_label: str = ""
    rationale: str = ""
    reason_text: str = ""
    treatment_status: str = ""
    allergies: str = ""
    allergies_text: str = ""
    opioid_use: str = ""
    opioid_kind: str = ""
    opioid_last_use: date | None = None
    medicines: str | None = None
    urgent_reason: Reason | None = None
    ship_to: str = "patient"
    ship_to_location: Location | None = None
    note: str = ""
    bill_to: str = ""
    seen_where: str = ""
    seen_location: Location | None = None
    seen_state: str = ""
    effective_on: date | None = None
    # Codes of what calls for caution; None is unanswered, () none of them.
    cautions: tuple[str, ...] | None = None
    cautions_on: date | None = None
    procedure_on: date | None = None
    naltrexone_last_dose: date | None = None
    obstruction_excluded: bool | None = None
    weight_kg: Decimal | None = None
    height_cm: Decimal | None = None
    avoid: str = ""
    supervision: Supervision | None = None
    # The order it was prefilled from; the order it stands in for, once signed.
    reorder_of: Order | None = None
    revises: Order | None = None

    @property
    def revision(self) -> int:
        return self.revises.revision + 1 if self.revises else 1

    @property
    def sha256(self) -> str:
        """Equal for equal content, so that a form sent twice is known again."""
        content = {f.name: _plain(getattr(self, f.name)) for f in fields(self)}
        if self.ship_to_location is None:
            del content["ship_to_location"]
        return sha256(canonical(content))


def _plain(value: object) -> object:
    if isinstance(value, NewPatient | DraftStep):
        return {key: _plain(part) for key, part in asdict_shallow(value).items()}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, int):
        return value
    return str(getattr(value, "pk", value))


def asdict_shallow(value: NewPatient | DraftStep) -> dict[str, object]:
    return {f.name: getattr(value, f.name) for f in fields(value)}


def _ensure_own(draft: Draft, by: User) -> None:
    """Raise PermissionDenied unless prescriber and patient are the user's own practice's."""
    ensure(by, Right.PREPARE_ORDERS)
    patient = draft.patient
    foreign = isinstance(patient, Patient) and patient.practice_id != by.practice_id
    for place in (draft.ship_to_location, draft.seen_location, draft.revises, draft.reorder_of):
        foreign |= place is not None and place.practice_id != by.practice_id
    supervision = draft.supervision
    foreign |= supervision is not None and supervision.prescriber_id != draft.prescriber.pk
    theirs = Prescriber.objects.visible_to(by).filter(pk=draft.prescriber.pk).exists()
    if foreign or not theirs:
        raise PermissionDenied("Patient and prescriber belong to your own practice.")


def save_draft(draft: Draft, *, by: User, token: UUID) -> Order:
    """Store a new draft. The same form sent again ends at the same order.

    Raises TokenReused when the form comes again with other content, PermissionDenied for
    a patient or prescriber of another practice.
    """
    _ensure_own(draft, by)
    try:
        with transaction.atomic():
            return known(draft, by=by, token=token) or _create(draft, by=by, token=token)
    except IntegrityError:
        # Two sendings at once: the loser finds what the winner made.
        made = known(draft, by=by, token=token)
        if made is None:
            raise
        return made


def known(draft: Draft, *, by: User, token: UUID) -> Order | None:
    """What this very form made before; TokenReused when it came with other content then."""
    order = Order.objects.filter(prepared_by=by, form_token=token).first()
    if order is not None and order.form_sha256 != draft.sha256:
        raise TokenReused(order)
    return order


def _create(draft: Draft, *, by: User, token: UUID) -> Order:
    order = store(draft, practice=by.practice, by=by, token=token)
    note(order, "order.drafted", by=by)
    return order


def store(draft: Draft, *, practice: Practice, by: User, token: UUID) -> Order:
    """The draft's rows, in the caller's transaction and without an event."""
    order = Order.objects.create(
        practice=practice,
        prepared_by=by,
        form_token=token,
        form_sha256=draft.sha256,
        patient=_patient(draft, by),
        **_columns(draft),
    )
    _store_steps(order, draft)
    return order


@transaction.atomic
def edit_draft(order: Order, draft: Draft, *, by: User, version: int) -> Order:
    """Replace the draft's content; one that awaits its signature is taken back first.

    Raises StaleOrder when it changed since the form was shown.
    """
    ensure_own(order, by, Right.PREPARE_ORDERS)
    _ensure_own(draft, by)
    if order.status == Status.AWAITING_SIGNATURE:
        version = take_back(order, by=by, version=version).version
    here = Order.objects.filter(pk=order.pk, status=Status.DRAFT, version=version)
    if not here.update(version=F("version") + 1, status_at=Now()):
        raise stale(order)
    changed = _columns(draft)
    for what_it_comes_from in ("revises", "revision", "reorder_of"):
        del changed[what_it_comes_from]
    Order.objects.filter(pk=order.pk).update(patient=_patient(draft, by), **changed)
    order.steps.all().delete()
    _store_steps(order, draft)
    note(order, "order.changed", by=by)
    return Order.objects.get(pk=order.pk)


def _columns(draft: Draft) -> dict[str, object]:
    not_columns = ("patient", "steps", "cautions")
    same = {f.name: getattr(draft, f.name) for f in fields(draft) if f.name not in not_columns}
    cautions = None if draft.cautions is None else list(draft.cautions)
    return same | {
        "cautions": cautions,
        "revision": draft.revision,
        "is_urgent": draft.urgent_reason is not None,
    }


def _patient(draft: Draft, by: User) -> Patient:
    """The chosen patient, or a new one. The record's allergies change with a signature only."""
    patient = draft.patient
    if isinstance(patient, NewPatient):
        return Patient.objects.create(
            practice=by.practice,
            **asdict(patient),
        )
    return patient


def _store_steps(order: Order, draft: Draft) -> None:
    DoseStep.objects.bulk_create(
        DoseStep(order=order, position=position, **asdict_shallow(step))
        for position, step in enumerate(draft.steps, start=1)
    )


def cancel(order: Order, *, by: User, reason: Reason, version: int) -> None:
    """Withdraw the order as it was shown. Raises StaleOrder when it has moved on meanwhile."""
    ensure_own(order, by, Right.VIEW_PRACTICE_ORDERS)
    ensure_right(order, Status.CANCELLED, by)
    with transaction.atomic():
        cancel_requested(order)
        move(
            order,
            Status.CANCELLED,
            by=by,
            kind="order.cancelled",
            where=Q(version=version),
            reason=reason.label,
            data={"reason": reason.code, "was": order.status, "concerned": _concerned(order)},
            holder=None,
            held_until=None,
            paused_at=None,
            review_on=None,
            decided_at=Coalesce("decided_at", Now()),
        )


def _concerned(order: Order) -> list[int]:
    """The pharmacists who must hear of a cancellation: who holds, asked, awaits or verified it."""
    people = [order.holder_id, order.reserved_for_id]
    if order.status in (Status.NEEDS_CLARIFICATION, Status.APPROVED):
        people += order.reviews.order_by("-id").values_list("pharmacist_id", flat=True)[:1]
    return sorted({pk for pk in people if pk is not None})
