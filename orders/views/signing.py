"""The review page, and the signature that sends the order."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.house_fields import PagePart
from accounts.permissions import Right, requires
from accounts.services import TooManyTries, WrongPassword, client_ip, confirm_identity
from accounts.status import ProvedBy
from orders import signing_page
from orders.forms.signing import SignForm
from orders.models import Order
from orders.services.cart import keep_reading
from orders.services.checks import Evaluation, findings_now
from orders.services.content import ContentChanged, content_sha256
from orders.services.earlier import earlier_reasons
from orders.services.moves import Refused
from orders.services.signing import sign
from orders.status import UNSIGNED
from orders.views.conflicts import answers_conflicts, person


@require_safe
@requires(Right.VIEW_PRACTICE_ORDERS)
def review(request: HttpRequest, reference: str) -> HttpResponse:
    order = _order(request, reference)
    if order.status not in UNSIGNED:
        return redirect("orders:detail", reference=reference)
    found = findings_now(order)
    return _show(request, order, found, _form(order, found))


@require_POST
@requires(Right.SIGN_ORDERS)
@answers_conflicts
def send(request: HttpRequest, reference: str) -> HttpResponse:
    order = _own(request, reference)
    found = findings_now(order)
    form = _form(order, found, request)
    right = form.is_valid()
    _ensure_seen(order, found, form)
    if right and (proved := proof_of(request, form)):
        try:
            sent = form.signing(ip=client_ip(request), method=proved)
            sign(order, by=person(request), form=sent)
            return redirect("orders:detail", reference=reference)
        except Refused as refused:
            form.add_error(None, str(refused))
    return _not_sent(request, order, found, form)


@require_POST
@requires(Right.SIGN_ORDERS)
@answers_conflicts
def keep(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep what was read, with the reasons given, to sign it together with others."""
    order = _own(request, reference)
    found = findings_now(order)
    form = _form(order, found, request, proved=False)
    right = form.is_valid()
    _ensure_seen(order, found, form)
    if right:
        try:
            keep_reading(order, by=person(request), form=form.signing(ip=client_ip(request)))
            return redirect("orders:to_sign")
        except Refused as refused:
            form.add_error(None, str(refused))
    return _not_sent(request, order, found, form)


def _order(request: HttpRequest, reference: str) -> Order:
    mine = Order.objects.visible_to(person(request)).for_page()
    found: Order = get_object_or_404(mine, reference=reference)
    return found


def _own(request: HttpRequest, reference: str) -> Order:
    order = _order(request, reference)
    if order.prescriber.user_id != person(request).pk:
        raise PermissionDenied("An order is signed by the prescriber it names.")
    return order


def _form(
    order: Order, found: Evaluation, request: HttpRequest | None = None, *, proved: bool = True
) -> SignForm:
    return SignForm(
        request.POST if request else None,
        warnings=found.warnings,
        formulary=found.formulary,
        seen_sha256=content_sha256(order, found),
        earlier=earlier_reasons(order, found.warnings, found.formulary),
        proved=proved,
    )


def _ensure_seen(order: Order, found: Evaluation, form: SignForm) -> None:
    """The page that came back must be one of ours and show the draft as it is now."""
    if order.status not in UNSIGNED:
        return
    if not form.is_ours or form.cleaned_data["seen_sha256"] != content_sha256(order, found):
        raise ContentChanged(
            f"{order.reference} was changed after this page was shown, so it was not signed."
        )


def proof_of(request: HttpRequest, form: PagePart) -> ProvedBy | None:
    """How the signer proved who they are; None, with the error at the field, when they did not."""
    try:
        return confirm_identity(request, form.cleaned_data["password"])
    except WrongPassword as wrong:
        code = "limit" if isinstance(wrong, TooManyTries) else "wrong"
        form.add_error("password", ValidationError(str(wrong), code=code))
        return None


def _not_sent(
    request: HttpRequest, order: Order, found: Evaluation, form: SignForm
) -> HttpResponse:
    """The page again with its token and reasons; an order that left draft meanwhile is shown."""
    if order.status not in UNSIGNED:
        return redirect("orders:detail", reference=order.reference)
    limited = "password" in form.fields and form.has_error("password", code="limit")
    return _show(request, order, found, form, status=429 if limited else 200)


def _show(
    request: HttpRequest, order: Order, found: Evaluation, form: SignForm, *, status: int = 200
) -> HttpResponse:
    if "password" not in form.fields:
        form.add_proof()
    context = signing_page.context(order, person(request), found, form)
    return render(request, "orders/review.html", context, status=status)
