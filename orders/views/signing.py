"""The review page, and the signature that sends the order."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Right, requires
from accounts.services import TooManyTries, WrongPassword, client_ip, confirm_password
from orders.forms.signing import SignForm
from orders.models import Order
from orders.prescription import dose_lines, fills_shown
from orders.services.checks import Evaluation, findings_now
from orders.services.content import ContentChanged, content_sha256
from orders.services.moves import Refused
from orders.services.signing import MEANING, sign
from orders.services.standing import obstacle
from orders.status import Status
from orders.views.conflicts import answers_conflicts, person
from orders.views.shown import (
    banner_of,
    blocking,
    changeable,
    clinical_facts,
    delivery_facts,
    panel,
    patient_rows,
)


@require_safe
@requires(Right.VIEW_PRACTICE_ORDERS)
def review(request: HttpRequest, reference: str) -> HttpResponse:
    order = get_object_or_404(
        Order.objects.visible_to(person(request)).for_page(), reference=reference
    )
    if order.status != Status.DRAFT:
        return redirect("orders:detail", reference=reference)
    found = findings_now(order)
    return _show(request, order, found, _form(order, found))


@require_POST
@requires(Right.SIGN_ORDERS)
@answers_conflicts
def send(request: HttpRequest, reference: str) -> HttpResponse:
    order = get_object_or_404(
        Order.objects.visible_to(person(request)).for_page(), reference=reference
    )
    if order.prescriber.user_id != person(request).pk:
        raise PermissionDenied("An order is signed by the prescriber it names.")
    found = findings_now(order)
    form = _form(order, found, request)
    right = form.is_valid()
    if order.status == Status.DRAFT:
        _ensure_seen(order, found, form)
    if right and _confirmed(request, form):
        try:
            sign(order, by=person(request), form=form.signing(ip=client_ip(request)))
            return redirect("orders:detail", reference=reference)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _not_sent(request, order, found, form)


def _form(order: Order, found: Evaluation, request: HttpRequest | None = None) -> SignForm:
    return SignForm(
        request.POST if request else None,
        warnings=found.warnings,
        formulary=found.formulary,
        seen_sha256=content_sha256(order, found),
    )


def _ensure_seen(order: Order, found: Evaluation, form: SignForm) -> None:
    """The page that came back must be one of ours and show the order as it is now."""
    if not form.is_ours or form.cleaned_data["seen_sha256"] != content_sha256(order, found):
        raise ContentChanged(
            f"{order.reference} was changed after this page was shown, so it was not signed."
        )


def _confirmed(request: HttpRequest, form: SignForm) -> bool:
    try:
        confirm_password(request, form.cleaned_data["password"])
    except WrongPassword as wrong:
        code = "limit" if isinstance(wrong, TooManyTries) else "wrong"
        form.add_error("password", ValidationError(str(wrong), code=code))
        return False
    return True


def _not_sent(
    request: HttpRequest, order: Order, found: Evaluation, form: SignForm
) -> HttpResponse:
    """The page again with its token and reasons; an order that left draft meanwhile is shown."""
    if order.status != Status.DRAFT:
        return redirect("orders:detail", reference=order.reference)
    limited = form.has_error("password", code="limit")
    return _show(request, order, found, form, status=429 if limited else 200)


def _show(
    request: HttpRequest, order: Order, found: Evaluation, form: SignForm, *, status: int = 200
) -> HttpResponse:
    user = person(request)
    signer = order.prescriber.user_id == user.pk
    may_change = user.has_right(Right.PREPARE_ORDERS)
    edit = reverse("orders:edit", args=[order.reference]) if may_change else ""
    wrong = obstacle(order.prescriber, order.practice)
    context: dict[str, Any] = {
        "order": order,
        "patient": banner_of(order),
        "patient_facts": patient_rows(order.patient),
        "clinical_facts": changeable(clinical_facts(order), edit),
        "delivery_facts": changeable(delivery_facts(order), edit),
        "panel": panel(found),
        "lines": dose_lines(found.regimen) if found.regimen else [],
        "fills": fills_shown(found.regimen, order.refills, found.formulary.figures),
        "blocking": blocking(found.findings, edit),
        # Whoever may only read finds no way to change anything.
        "edit_url": edit,
        "back_text": "Back to the order form" if edit else "Back to my orders",
        "others": [*found.unchecked, *_informing(found)],
        "obstacles": [wrong] if wrong else [],
        "form": form if signer and found.can_be_signed and not wrong else None,
        "is_signer": signer,
        "meaning": MEANING,
    }
    return render(request, "orders/review.html", context, status=status)


def _informing(found: Evaluation) -> list[Any]:
    return [finding for finding in found.findings if finding.level == "info"]
