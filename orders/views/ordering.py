"""The order form: typing, the live check, and Review, which saves the draft."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.permissions import Right, requires
from formulary.findings import Code, Finding, Level
from formulary.services import load_formulary
from orders.banner import banner
from orders.forms.buttons import pressed
from orders.forms.drafting import draft_of
from orders.forms.page import OrderPage
from orders.forms.patient import patient_named
from orders.models import Order, Patient
from orders.services.drafts import Draft, edit_draft, save_draft
from orders.services.moves import stale
from orders.services.standing import obstacles
from orders.status import UNSIGNED
from orders.views.conflicts import answers_conflicts, ensure_practice_shown, person
from orders.views.filling import filling
from orders.views.shown import blocking, notes, panel


@require_safe
@requires(Right.PREPARE_ORDERS)
def new(request: HttpRequest) -> HttpResponse:
    """Each order form has its own address: its token makes one order, however often it is sent."""
    address = reverse("orders:form", kwargs={"token": uuid4()})
    chosen = _patient_asked(request)
    return redirect(f"{address}?patient={chosen.reference}" if chosen else address)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.PREPARE_ORDERS)
@answers_conflicts
def form(request: HttpRequest, token: UUID) -> HttpResponse:
    user = person(request)
    if request.method == "POST":
        ensure_practice_shown(request)
        return _sent(request, lambda draft: save_draft(draft, by=user, token=token))
    mine = Order.objects.visible_to(user).filter(prepared_by=user, form_token=token)
    if made := mine.first():
        return redirect("orders:edit", reference=made.reference)
    chosen = _patient_asked(request)
    return _show(request, OrderPage(by=user, formulary=load_formulary(), patient=chosen))


def _patient_asked(request: HttpRequest) -> Patient | None:
    """The patient whose page the order was begun on; 404 for one of another practice."""
    if "patient" not in request.GET:
        return None
    found = patient_named(request.GET["patient"], by=person(request))
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.PREPARE_ORDERS)
@answers_conflicts
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    user = person(request)
    order = get_object_or_404(Order.objects.visible_to(user).for_page(), reference=reference)
    if request.method == "POST":
        if order.status not in UNSIGNED:
            raise stale(order)
        seen = _whole(request.POST.get("version", ""))
        return _sent(request, lambda draft: edit_draft(order, draft, by=user, version=seen), order)
    if order.status not in UNSIGNED:
        return redirect("orders:detail", reference=reference)
    page = OrderPage(by=user, formulary=load_formulary(), order=order)
    return _show(request, page, order=order)


@require_POST
@requires(Right.PREPARE_ORDERS)
def check(request: HttpRequest) -> HttpResponse:
    """The same check as Review, on what stands there now; it judges no field and stores nothing."""
    user = person(request)
    page = OrderPage(
        by=user,
        formulary=load_formulary(),
        data=request.POST,
        order=_draft_changed(request.POST.get("draft", ""), user),
        live=True,
    )
    answer = render(request, "orders/_check_reply.html", _check(page))
    answer["X-Check-Sequence"] = str(_whole(request.POST.get("sequence", "")))
    return answer


def _draft_changed(reference: str, user: User) -> Order | None:
    """The draft on the page that is being changed; None for a new one."""
    known = re.fullmatch(r"RX-[0-9A-Z]{8}", reference, re.ASCII)
    return Order.objects.visible_to(user).filter(reference=reference).first() if known else None


def _read(request: HttpRequest, order: Order | None) -> tuple[OrderPage, bool]:
    """The page as it was sent, and whether Review was pressed: only then is it judged."""
    user, formulary, data = person(request), load_formulary(), request.POST
    shown = pressed(data, by=user, formulary=formulary, order=order)
    return shown or OrderPage(by=user, formulary=formulary, data=data, order=order), shown is None


def _sent(
    request: HttpRequest, save: Callable[[Draft], Order], order: Order | None = None
) -> HttpResponse:
    """Save and go on to the review page; or come back to what was typed."""
    page, judged = _read(request, order)
    if judged and page.is_valid():
        return redirect("orders:review", reference=save(draft_of(page)).reference)
    return _show(request, page, judged=judged, order=order)


def _whole(text: str) -> int:
    """A version or a sequence number; 0, which fits none, for anything else."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) else 0


def _check(page: OrderPage, *, judged: bool = False) -> dict[str, Any]:
    evaluation = page.evaluation
    # Once judged, a stop stands in red as the error of its field.
    said = [f for f in evaluation.findings if not (judged and f.level is Level.STOP)]
    said += [] if judged else _unread_doses(page)
    found = notes(said, len(page.steps.forms))
    regimen, whole = evaluation.regimen, page.is_whole
    supply = filling(
        regimen, page.formulary, whole=whole, refills=page.refills, bill_to=page.bill_to
    )
    for number, step in enumerate(page.steps.forms, start=1):
        step.notes, step.offer = found[step.place], supply.offers.get(number)
    offers = {f"step-{number}": offer for number, offer in supply.offers.items()}
    return {
        "panel": panel(evaluation, whole=whole),
        "supply": supply,
        "notes": found,
        "asks": page.asks,
        "places": [(place, said, offers.get(place)) for place, said in found.items()],
    }


def _unread_doses(page: OrderPage) -> list[Finding]:
    """What stands in a dose field and is no dose yet, with the spelling to use."""
    return [
        Finding(Code.DOSE_NOT_READ, Level.STOP, str(text), number)
        for number, step in enumerate(page.steps.forms, start=1)
        if step.is_bound and step.data.get(step.add_prefix("dose"))
        for text in step.errors.get("dose", ())
    ]


def _show(
    request: HttpRequest, page: OrderPage, *, judged: bool = False, order: Order | None = None
) -> HttpResponse:
    patient = page.person.patient
    context = {
        "page": page,
        "obstacles": obstacles(page.by),
        "parts": [*page.parts, page.steps],
        "problems": page.problems(),
        "stops": blocking(page.evaluation.stops) if judged else [],
        "order": order,
        "version": page.data["version"] if page.data and "version" in page.data else None,
        "patient": banner(patient) if patient else None,
        "diagnoses": page.diagnosis.found,
        "shown": page.shown,
        "titration": page.data.get("titration", "") if page.data else "",
        "steps_line": page.steps_line,
        "steps_open": page.steps_open,
        "begins": page.data is None and order is None and patient is not None,
    }
    return render(request, "orders/form.html", context | _check(page, judged=judged))
