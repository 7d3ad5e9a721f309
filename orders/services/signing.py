"""The prescriber's signature: one transaction, from the recheck to the event for the staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Licence, User
from accounts.permissions import Right
from formulary.findings import Finding, Level
from formulary.models import Reason
from formulary.reference import Formulary, ReasonKind
from orders.models import Order, OrderFinding, Patient, Signature
from orders.services.checks import Evaluation, evaluate
from orders.services.content import ContentChanged, canonical, order_content, sha256
from orders.services.drafts import TokenReused
from orders.services.moves import Refused, ensure_own, move_within, stale
from orders.services.standing import obstacle
from orders.status import SERVICE_HOURS, Status, Urgency

MEANING = (
    "I prescribe this compounded medicine for this patient and have read what is shown above it."
)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The coded reason for which the prescriber stands by what a warning names."""

    reason: Reason
    text: str = ""


@dataclass(frozen=True, slots=True)
class SigningForm:
    """What the review page sent: its token, the hash of what it showed, reasons by finding key."""

    token: UUID
    seen_sha256: str
    reasons: Mapping[str, Acknowledgement]
    ip: str | None = None

    @property
    def sha256(self) -> str:
        reasons = {key: [a.reason.code, a.text] for key, a in self.reasons.items()}
        return sha256(canonical([self.seen_sha256, reasons]))


def sign(order: Order, *, by: User, form: SigningForm) -> Order:
    """Sign and send the draft to the pharmacy. The same form sent again ends at the same order.

    Raises Refused with what blocks it, ContentChanged when the draft is no longer what was
    shown, TokenReused for a form sent before with other content, StaleOrder for a lost race.
    """
    ensure_own(order, by, Right.SIGN_ORDERS)
    if order.prescriber.user_id != by.pk:
        raise PermissionDenied("An order is signed by the prescriber it names.")
    try:
        with transaction.atomic():
            _sign(order, by=by, form=form)
    except IntegrityError:
        # The token is unique per prescriber: it signed another order before.
        used = Signature.objects.filter(prescriber=order.prescriber, token=form.token).first()
        if used is None:
            raise
        raise TokenReused(used.order) from None
    order.refresh_from_db(fields=_CHANGED)
    return order


# What signing changes in the order's row.
_CHANGED = ("status", "status_at", "version", "submitted_at", "due_at")


def _sign(order: Order, *, by: User, form: SigningForm) -> None:
    """Lock the row; what was read of it before is still true while its version stands."""
    locked = Order.objects.select_for_update().only("status", "version").get(pk=order.pk)
    if locked.status != Status.DRAFT:
        _ensure_same(order, form)
        return
    now, today = timezone.now(), order.practice.today
    evaluation = evaluate(order, on=today)
    content = order_content(order, evaluation)
    if locked.version != order.version or sha256(canonical(content)) != form.seen_sha256:
        raise ContentChanged(f"{order.reference} was changed after this page was shown.")
    licence = _licence(order, today)
    found = _ensure_signable(evaluation, form, refills=order.refills)
    _store_signature(order, content, licence, found, form=form, now=now)
    hours = SERVICE_HOURS[Urgency.URGENT if order.is_urgent else Urgency.ROUTINE]
    move_within(
        order,
        Status.SUBMITTED,
        by=by,
        kind="order.submitted",
        data={"urgent": order.is_urgent},
        submitted_at=now,
        due_at=now + timedelta(hours=hours),
    )
    Patient.objects.filter(pk=order.patient_id).update(
        allergies=order.allergies, allergies_text=order.allergies_text
    )


def _ensure_same(order: Order, form: SigningForm) -> None:
    """Pass when this very form signed the order before; else the error that tells what happened."""
    signature = Signature.objects.filter(order=order).first()
    if signature is None or signature.token != form.token:
        raise stale(order)
    if signature.form_sha256 != form.sha256:
        raise TokenReused(order)


def _licence(order: Order, today: date) -> Licence:
    """The licence that holds today where the patient was seen; Refused without one."""
    prescriber, practice = order.prescriber, order.practice
    if wrong := obstacle(prescriber, practice):
        raise Refused(wrong)
    to = order.ship_to_location
    if to is not None and not (to.active and to.takes_deliveries):
        raise Refused(f"Orders are no longer shipped to {to.name}: choose where to ship to.")
    licence = prescriber.licence_for(practice.state, on=today)
    if licence is None:
        raise Refused(f"The licence that holds in {practice.state} ended a moment ago.")
    return licence


def _ensure_signable(
    evaluation: Evaluation, form: SigningForm, *, refills: int
) -> list[tuple[Finding, Acknowledgement | None]]:
    """Each finding with its acknowledgement; Refused for stops, gaps and bare warnings."""
    if blocking := [f.text for f in evaluation.findings if f.level.blocks_signing]:
        raise Refused(" ".join(blocking))
    if refills and not (evaluation.regimen and evaluation.regimen.can_be_refilled):
        raise Refused("A refill repeats the last step, and this one ends: enter 0 refills.")
    found = [(finding, form.reasons.get(finding.key)) for finding in evaluation.findings]
    for finding, acknowledged in found:
        if finding.level is Level.WARN and not _fits(finding, acknowledged, evaluation.formulary):
            raise Refused(f"Give a reason for: {finding.text}")
    return found


def _fits(finding: Finding, given: Acknowledgement | None, formulary: Formulary) -> bool:
    """One of the coded reasons offered for this warning, in words where it asks for them."""
    if given is None or given.reason.kind != ReasonKind.ACKNOWLEDGEMENT:
        return False
    offered = {reason.code: reason for reason in formulary.answers_to(finding)}
    reason = offered.get(given.reason.code)
    return reason is not None and len(given.text) >= reason.min_chars


def _store_signature(
    order: Order,
    content: Mapping[str, object],
    licence: Licence,
    found: list[tuple[Finding, Acknowledgement | None]],
    *,
    form: SigningForm,
    now: datetime,
) -> None:
    prescriber = order.prescriber
    text = canonical(
        {
            "order": content,
            "findings": [_finding_text(finding, reason) for finding, reason in found],
            "signed": {
                "meaning": MEANING,
                "printed_name": prescriber.printed_name,
                "npi": prescriber.npi,
                "licence": str(licence),
                "at": now.isoformat(),
            },
        }
    )
    order.signature = Signature.objects.create(
        order=order,
        prescriber=prescriber,
        token=form.token,
        form_sha256=form.sha256,
        meaning=MEANING,
        printed_name=prescriber.printed_name,
        npi=prescriber.npi,
        licence=str(licence),
        content=text,
        sha256=sha256(text),
        signed_at=now,
        ip=form.ip,
    )
    OrderFinding.objects.bulk_create(
        OrderFinding(
            order=order,
            code=finding.code,
            level=finding.level,
            step=finding.step,
            text=finding.text,
            reason=acknowledged.reason if acknowledged else None,
            reason_label=_reason_label(finding, acknowledged),
            reason_text=acknowledged.text if acknowledged else "",
        )
        for finding, acknowledged in found
    )


def _finding_text(finding: Finding, acknowledged: Acknowledgement | None) -> dict[str, object]:
    return {
        "code": str(finding.code),
        "level": str(finding.level),
        "step": finding.step,
        "text": finding.text,
        "reason": acknowledged.reason.code if acknowledged else None,
        "reason_label": _reason_label(finding, acknowledged),
        "reason_text": acknowledged.text if acknowledged else "",
    }


def _reason_label(finding: Finding, acknowledged: Acknowledgement | None) -> str:
    """The reason as the prescriber read it, with the dose in words in its place."""
    return acknowledged.reason.as_value().label_for(finding) if acknowledged else ""
