"""To sign: several orders read one by one, then signed or handed over in one go."""

from __future__ import annotations

from collections.abc import Iterable
from secrets import token_urlsafe
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Right, requires
from accounts.services import client_ip
from orders import cart_page
from orders.forms.cart import CartForm
from orders.models import Order
from orders.querysets import OrderQuerySet
from orders.services.cart import Result, Ticked, hand_over_together, sign_together
from orders.services.signing import MEANING
from orders.views.conflicts import person
from orders.views.signing import proof_of

_RESULTS = "signed_together"


@require_safe
@requires(Right.PREPARE_ORDERS)
def to_sign(request: HttpRequest) -> HttpResponse:
    signs = person(request).has_right(Right.SIGN_ORDERS)
    return _show(request, CartForm(proved=signs))


@require_POST
@requires(Right.SIGN_ORDERS)
def sign_ticked(request: HttpRequest) -> HttpResponse:
    """Orders that were signed meanwhile are told, so the scope is all of the prescriber's own."""
    user = person(request)
    mine = Order.objects.visible_to(user).filter(prescriber__user=user)
    form = CartForm(request.POST, orders=_named(request, mine), proved=True)
    if form.is_valid() and (proved := proof_of(request, form)):
        ticked = [_ticked(form, order) for order in form.ticked]
        results = sign_together(ticked, by=user, ip=client_ip(request), method=proved)
        return _told(request, results)
    limited = form.has_error("password", code="limit")
    return _show(request, form, status=429 if limited else 200)


@require_POST
@requires(Right.PREPARE_ORDERS)
def hand_over_ticked(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = CartForm(request.POST, orders=_named(request, Order.objects.visible_to(user)))
    if not form.is_valid():
        return _show(request, form)
    shown = [(order, form.version(order)) for order in form.ticked]
    return _told(request, hand_over_together(shown, by=user))


def _named(request: HttpRequest, mine: OrderQuerySet) -> list[Order]:
    """The orders whose boxes came back ticked; one that is not there is 404, and nothing is done."""
    names = set(request.POST.getlist("order"))
    found = list(mine.filter(reference__in=names).for_page())
    if len(found) != len(names):
        raise Http404
    return found


def _ticked(form: CartForm, order: Order) -> Ticked:
    """A row without its token or hash is none of ours: it fits no reading."""
    token = form.token(order)
    return Ticked(order, token or uuid4(), form.seen(order) if token else "")


def _told(request: HttpRequest, results: Iterable[Result]) -> HttpResponse:
    """The results stay in the session, so that the page can be loaded again."""
    name = token_urlsafe(6)
    told = [[one.order.reference, str(one.outcome), one.words] for one in results]
    request.session[_RESULTS] = {name: told}
    return redirect(reverse("orders:to_sign", query={"result": name}))


def _show(request: HttpRequest, form: CartForm, *, status: int = 200) -> HttpResponse:
    user = person(request)
    signs, rows = user.has_right(Right.SIGN_ORDERS), cart_page.rows(user)
    results = request.session.get(_RESULTS, {}).get(request.GET.get("result", ""), [])
    context = {
        "form": form,
        "rows": rows,
        "ticks": form.ticks(),
        "results": cart_page.results(results, signs=signs),
        "signs": signs,
        "more": cart_page.to_sign(user).count() - len(rows),
        "meaning": MEANING,
        "late": [row for row in rows if row.waits_long],
        "can_tick": any(row.can_be_ticked for row in rows),
        "can_hand_over": any(row.can_be_handed_over for row in rows),
    }
    return render(request, "orders/to_sign.html", context, status=status)
