"""Writing down a verbal order at the pharmacy, and its countersignature by the prescriber."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.permissions import Right, requires
from accounts.services import TooManyTries, WrongPassword, client_ip, confirm_identity
from accounts.status import ProvedBy
from formulary.services import load_formulary
from orders.banner import banner_of
from orders.forms.verbal import CountersignForm, ReadBackForm
from orders.models import Order
from orders.prescription import dose_lines
from orders.revision_page import revision_of
from orders.services import verbal
from orders.services.checks import Evaluation, regimen_of
from orders.services.content import verify
from orders.services.moves import Refused, stale
from orders.status import SignatureKind
from orders.views import shown
from orders.views.conflicts import answers_conflicts, person, sent_before
from orders.views.desk import names_who_was_faster
from orders.views.verbal_page import VerbalPage


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.REVIEW_ORDERS)
@names_who_was_faster
def write(request: HttpRequest, reference: str) -> HttpResponse:
    """The order form with the call; then everything once more, read back and signed."""
    page = VerbalPage(request, reference)
    if request.method != "POST" or not page.is_ready:
        return page.form()
    if "sign" not in request.POST:
        return page.read_back()
    proved = page.may_sign() and confirmed(request, page.signing)
    if not proved:
        return page.read_back()
    try:
        made = page.record(proved)
    except Refused as refused:
        page.signing.add_error(None, str(refused))
        return page.read_back()
    except page.reused as used:
        return sent_before(request, used.order)
    messages.success(request, f"Verbal order recorded: {made.reference} replaces {reference}.")
    return redirect("queue:review", made.reference)


def confirmed(request: HttpRequest, form: ReadBackForm | CountersignForm) -> ProvedBy | None:
    """How the person proved who they are; None with the reason beside the field."""
    try:
        return confirm_identity(request, form.cleaned_data["password"])
    except WrongPassword as wrong:
        code = "limit" if isinstance(wrong, TooManyTries) else "wrong"
        form.add_error("password", ValidationError(str(wrong), code=code))
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.SIGN_ORDERS)
@answers_conflicts
def countersign(request: HttpRequest, reference: str) -> HttpResponse:
    order = _verbal_order(request, reference)
    form = CountersignForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and confirmed(request, form):
        verbal.countersign(order, by=person(request), ip=client_ip(request))
        messages.success(request, f"{reference} is countersigned.")
        return redirect("orders:detail", reference=reference)
    verify(order)
    formulary = load_formulary()
    regimen = regimen_of(order, formulary)
    context = {
        "order": order,
        "form": form,
        "patient": banner_of(order),
        "lines": dose_lines(regimen),
        "panel": shown.panel(Evaluation((), regimen, formulary)),
        "line": revision_of(order),
    }
    return render(request, "orders/countersign.html", context)


def _verbal_order(request: HttpRequest, reference: str) -> Order:
    user = person(request)
    order: Order = get_object_or_404(Order.objects.visible_to(user).for_page(), reference=reference)
    if order.prescriber.user_id != user.pk:
        raise PermissionDenied("A verbal order is countersigned by the prescriber it names.")
    signature = getattr(order, "signature", None)
    done = hasattr(order, "countersignature")
    if signature is None or signature.kind != SignatureKind.VERBAL or done:
        raise stale(order)
    return order
