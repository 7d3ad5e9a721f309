"""The prescriber's signature: one transaction, from the recheck to the event for the staff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Licence, User
from accounts.permissions import Right
from accounts.status import ProvedBy
from formulary.editions import keep_edition
from formulary.findings import Finding, Level
from formulary.reference import Formulary, ReasonKind
from orders.models import Order, OrderFinding, Signature
from orders.services.checks import Evaluation, evaluate
from orders.services.content import ContentChanged, canonical, order_content, sha256
from orders.services.drafts import TokenReused
from orders.services.moves import Refused, ensure_own, move_within, stale
from orders.services.records import remember_answers
from orders.services.revising import replace_revised
from orders.services.signed_text import MEANING, Acknowledgement, finding_rows, signed_text
from orders.services.standing import misfit, obstacle
from orders.services.validity import expires_on
from orders.status import SERVICE_HOURS, UNSIGNED, Status, Urgency

__all__ = ["MEANING", "Acknowledgement", "SigningForm", "sign"]


@dataclass(frozen=True, slots=True)
class SigningForm:
    """What the review page sent: its token, the hash of what it showed, reasons by finding key.
    `method` is how the signer proved who they are, in the same act."""

    token: UUID
    seen_sha256: str
    reasons: Mapping[str, Acknowledgement]
    ip: str | None = None
    method: ProvedBy = ProvedBy.PASSWORD

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
_CHANGED = (
    "status", "status_at", "version", "submitted_at", "due_at", "waited", "written_on",
    "expires_on", "reserved_for", "reserved_until",
)  # fmt: skip


def _sign(order: Order, *, by: User, form: SigningForm) -> None:
    """Lock the row; what was read of it before is still true while its version stands."""
    locked = Order.objects.select_for_update().only("status", "version").get(pk=order.pk)
    if locked.status not in UNSIGNED:
        _ensure_same(order, form)
        return
    if locked.version != order.version:
        # Handed over or taken back meanwhile: its content decides whether it was shown.
        now = Order.objects.for_signing().get(pk=order.pk)
        order.status, order.version = now.status, now.version
        _sign_as_shown(now, by=by, form=form)
    else:
        _sign_as_shown(order, by=by, form=form)


def _sign_as_shown(order: Order, *, by: User, form: SigningForm) -> None:
    now, today = timezone.now(), order.practice.today
    evaluation = evaluate(order, on=today)
    content = order_content(order, evaluation)
    if sha256(canonical(content)) != form.seen_sha256:
        raise ContentChanged(f"{order.reference} was changed after this page was shown.")
    licence = licence_of(order)
    found = ensure_signable(evaluation, form.reasons, refills=order.refills)
    rule = evaluation.formulary.rule_of(order.seen_state)
    order.written_on, order.expires_on = today, expires_on(today, rule)
    _store_signature(order, content, licence, found, evaluation.formulary, form=form, now=now)
    hours = SERVICE_HOURS[Urgency.URGENT if order.is_urgent else Urgency.ROUTINE]
    move_within(
        order,
        Status.SUBMITTED,
        by=by,
        kind="order.submitted",
        data={"urgent": order.is_urgent},
        submitted_at=now,
        due_at=now + timedelta(hours=hours),
        written_on=order.written_on,
        expires_on=order.expires_on,
    )
    remember_answers(order, on=today)
    replace_revised(order, by=by)


def _ensure_same(order: Order, form: SigningForm) -> None:
    """Pass when this very form signed the order before; else the error that tells what happened."""
    signature = Signature.objects.filter(order=order).first()
    if signature is None or signature.token != form.token:
        raise stale(order)
    if signature.form_sha256 != form.sha256:
        raise TokenReused(order)


def licence_of(order: Order) -> Licence:
    """The licence that holds today where the patient was seen; Refused without one."""
    state = order.seen_state or order.practice.state
    if wrong := obstacle(order.prescriber, order.practice, state) or misfit(order):
        raise Refused(wrong)
    licence = order.prescriber.licence_for(state, on=order.practice.today)
    if licence is None:
        raise Refused(f"The licence that holds in {state} ended a moment ago.")
    return licence


Found = list[tuple[Finding, Acknowledgement | None]]


def ensure_signable(
    evaluation: Evaluation, reasons: Mapping[str, Acknowledgement], *, refills: int
) -> Found:
    """Each finding with its acknowledgement; Refused for stops, gaps and bare warnings."""
    if blocking := [f.text for f in evaluation.findings if f.level.blocks_signing]:
        raise Refused(" ".join(blocking))
    if refills and not (evaluation.regimen and evaluation.regimen.can_be_refilled):
        raise Refused("A refill repeats the last step, and this one ends: enter 0 refills.")
    found = [(finding, reasons.get(finding.key)) for finding in evaluation.findings]
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
    found: Found,
    formulary: Formulary,
    *,
    form: SigningForm,
    now: datetime,
) -> None:
    prescriber = order.prescriber
    signature = Signature(
        order=order,
        prescriber=prescriber,
        token=form.token,
        form_sha256=form.sha256,
        meaning=MEANING,
        printed_name=prescriber.printed_name,
        credential=prescriber.printed_credential,
        npi=prescriber.npi,
        licence=str(licence),
        signed_at=now,
        ip=form.ip,
        method=form.method,
        edition=keep_edition(formulary),
    )
    rows = finding_rows(order, found)
    signature.content = signed_text(signature, content, rows)
    signature.sha256 = sha256(signature.content)
    signature.save(force_insert=True)
    OrderFinding.objects.bulk_create(rows)
    order.signature = signature
