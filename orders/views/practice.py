"""My orders, one order's page, and what a practice does with an order that was sent."""

from __future__ import annotations

import json
from secrets import token_urlsafe

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Right, requires, requires_any
from formulary.services import load_formulary
from orders.banner import banner_of
from orders.forms.answer import AnswerForm, CancelForm, SearchForm
from orders.history import history
from orders.models import Order
from orders.my_orders import LABELS, Listing, Tab, listing
from orders.prescription import dose_lines, fills_shown
from orders.revision_page import conversation, countersigning, revision_of
from orders.services.checks import Evaluation, regimen_of
from orders.services.content import damage, verify
from orders.services.drafts import cancel as cancel_order
from orders.services.moves import ensure_right, stale
from orders.services.review import answer as answer_question
from orders.services.revising import REVISABLE
from orders.status import ALLOWED_MOVES, UNSIGNED, Status
from orders.supply_page import supply_of
from orders.views import shown
from orders.views.conflicts import answers_conflicts, person

_SEARCHES = "order_searches"
_KEPT = 10


# --- My orders --------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.VIEW_PRACTICE_ORDERS)
def orders(request: HttpRequest) -> HttpResponse:
    """What was searched for stays in the session: an address never holds a patient's name."""
    if request.method == "POST":
        form = SearchForm(request.POST)
        if form.is_valid():
            return redirect(_address(search=_remember(request, form.cleaned_data["words"])))
    search = request.GET.get("search", "")
    words = request.session.get(_SEARCHES, {}).get(search, "")
    if request.method != "POST":
        form = SearchForm(initial={"words": words})
    tab, page = (request.GET.get(name, "") for name in ("tab", "page"))
    found = listing(person(request), load_formulary(), tab=tab, page=page, words=words)
    may_prepare = person(request).has_right(Right.PREPARE_ORDERS)
    context = _listed(found, search if words else "") | {"form": form, "words": words}
    context |= {"new_url": reverse("orders:new") if may_prepare else "", "may_prepare": may_prepare}
    return render(request, "orders/list.html", context)


def _remember(request: HttpRequest, words: str) -> str:
    """A name for the search that tells nothing; the oldest of ten is forgotten."""
    if not words:
        return ""
    name = token_urlsafe(6)
    kept = list(request.session.get(_SEARCHES, {}).items())[1 - _KEPT :]
    request.session[_SEARCHES] = dict([*kept, (name, words)])
    return name


def _address(**query: str | int) -> str:
    return reverse("orders:list", query={key: value for key, value in query.items() if value})


def _listed(found: Listing, search: str) -> dict[str, object]:
    here = {"tab": str(found.tab), "search": search}
    return {
        "listing": found,
        "search": search,
        "tabs": [
            {
                "label": LABELS[tab],
                "url": _address(tab=str(tab), search=search),
                "count": found.counts[tab],
                "current": tab is found.tab,
            }
            for tab in Tab
        ],
        "newer_url": _address(**here, page=found.page - 1) if found.page > 1 else "",
        "older_url": _address(**here, page=found.page + 1) if found.page < found.pages else "",
    }


# --- One order ----------------------------------------------------------------------------------
@require_safe
@requires_any(Right.VIEW_PRACTICE_ORDERS, Right.VIEW_QUEUE)
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    """The code on paper leads here: the pharmacy's staff go on to their own page of the order."""
    order = _order(request, reference)
    if person(request).has_right(Right.VIEW_QUEUE):
        return redirect("queue:review", reference=reference)
    if order.status in UNSIGNED:
        return redirect("orders:review", reference=reference)
    return _show(request, order, _answer_form(request))


@require_POST
@requires(Right.ANSWER_QUESTIONS)
@answers_conflicts
def answer(request: HttpRequest, reference: str) -> HttpResponse:
    order = _order(request, reference)
    if order.status != Status.NEEDS_CLARIFICATION:
        raise stale(order)
    form = _answer_form(request)
    if not form.is_valid():
        return _show(request, order, form)
    verify(order)
    answer_question(order, by=person(request), choice=form.row(), text=form.cleaned_data["text"])
    return redirect("orders:detail", reference=reference)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.VIEW_PRACTICE_ORDERS)
@answers_conflicts
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    order = _order(request, reference)
    ensure_right(order, Status.CANCELLED, person(request))
    data = request.POST if request.method == "POST" else None
    form = CancelForm(data, formulary=load_formulary(), initial={"version": order.version})
    if form.is_valid():
        version = int(form.cleaned_data["version"])
        cancel_order(order, by=person(request), reason=form.row(), version=version)
        return redirect("orders:detail", reference=reference)
    if "version" in form.errors:
        raise stale(order)
    context = {"order": order, "form": form, "patient": banner_of(order)}
    return render(request, "orders/cancel.html", context | {"mark": shown.mark(order)})


@require_safe
@requires(Right.VIEW_PRACTICE_ORDERS)
@answers_conflicts
def printed(request: HttpRequest, reference: str) -> HttpResponse:
    """The order as it was signed: patient, practice and prescriber too, should they move later."""
    sent = Order.objects.visible_to(person(request)).sent().for_page()
    order = get_object_or_404(sent, reference=reference)
    verify(order)
    signed = json.loads(order.signature.content)["order"]
    context = {
        "practice": signed["practice"],
        "identity": shown.patient_facts(signed["patient"])[:2],
        "patient_facts": shown.patient_facts(signed["patient"]),
    }
    return render(request, "orders/print.html", _sheet(order) | context)


def _answer_form(request: HttpRequest) -> AnswerForm:
    signs = person(request).has_right(Right.SIGN_ORDERS)
    data = request.POST if request.method == "POST" else None
    return AnswerForm(data, formulary=load_formulary(), signs=signs)


def _order(request: HttpRequest, reference: str) -> Order:
    mine = Order.objects.visible_to(person(request)).for_page()
    found: Order = get_object_or_404(mine, reference=reference)
    return found


def _sheet(order: Order) -> dict[str, object]:
    """The prescription as both the page and the print show it."""
    formulary = load_formulary()
    regimen = regimen_of(order, formulary)
    return {
        "order": order,
        "lines": dose_lines(regimen),
        "panel": shown.panel(Evaluation((), regimen, formulary)),
        "fills": fills_shown(regimen, order.refills, formulary.figures),
        "findings": shown.signed_findings(order, regimen),
        "clinical_facts": shown.clinical_facts(order),
        "delivery_facts": shown.delivery_facts(order),
        "history": history(order),
    }


def _show(request: HttpRequest, order: Order, form: AnswerForm) -> HttpResponse:
    user = person(request)
    may_answer = user.has_right(Right.ANSWER_QUESTIONS)
    cancel_right = ALLOWED_MOVES.get((Status(order.status), Status.CANCELLED))
    # What no longer says what was signed is shown as such, and nothing is built upon it.
    broken, asked = damage(order), Status.NEEDS_CLARIFICATION
    may_prepare = user.has_right(Right.PREPARE_ORDERS) and not broken
    line = revision_of(order)
    context = {
        "damage": {"level": "stop", "text": f"{broken} Call the pharmacy."} if broken else None,
        "line": line,
        "may_prepare": may_prepare,
        "may_revise": may_prepare and order.status in REVISABLE,
        "countersign": None if broken else countersigning(order, user),
        "supply": None if broken else supply_of(order, load_formulary()),
        "patient": banner_of(order),
        "patient_facts": shown.patient_rows(order.patient),
        "mark": shown.mark(order),
        "words": order.decision_words,
        "conversation": conversation(order),
        "may_cancel": cancel_right is not None and user.has_right(cancel_right),
        "is_asked": order.status == asked,
        "form": form if may_answer and order.status == asked and not broken else None,
    }
    return render(request, "orders/detail.html", _sheet(order) | context)
