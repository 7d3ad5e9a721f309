"""Lost races and forms sent twice, answered by a page that says how the order stands now."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from orders.models import Order
from orders.services.content import ContentChanged
from orders.services.drafts import TokenReused
from orders.services.moves import StaleOrder


class OtherPractice(Exception):
    """A form of one practice came back while its sender works for another: nothing is stored."""

    def __init__(self, by: User) -> None:
        super().__init__(
            "This form was opened for another practice of yours. You work for "
            f"{by.practice.name} now, so nothing was stored. Switch back at the top of the page, "
            "then go back to the form and send it again."
        )


_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def person(request: HttpRequest) -> User:
    """The signed-in user; signing in is required on every page that does not say otherwise."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def ensure_practice_shown(request: HttpRequest) -> None:
    """Raise OtherPractice for a form that shows another practice than the one worked for now."""
    user = person(request)
    if request.POST.get("practice_shown", str(user.practice_id)) != str(user.practice_id):
        raise OtherPractice(user)


def answers_conflicts(view: _View[_P]) -> _View[_P]:
    """409 with a link to the order, for views whose only argument is a reference or a token."""

    @wraps(view)
    def answered(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except TokenReused as reused:
            return sent_before(request, reused.order)
        except StaleOrder as stale:
            held = stale.order.is_held_now(timezone.now())
            holder = stale.holder if held else ""
            return _conflict(request, str(stale), stale.order.reference, holder)
        except OtherPractice as other:
            context = {"title": "You work for another practice now", "message": str(other)}
            return render(request, "409.html", context, status=409)
        except ContentChanged as changed:
            return _conflict(request, str(changed), str(kwargs["reference"]))

    return cast("_View[_P]", answered)


def sent_before(request: HttpRequest, order: Order) -> HttpResponse:
    return render(request, "orders/sent_before.html", {"order": order}, status=409)


def _conflict(request: HttpRequest, message: str, reference: str, holder: str = "") -> HttpResponse:
    context = {
        "message": message,
        "holder": holder,
        "link": reverse("orders:detail", args=[reference]),
        "link_text": f"Open {reference}",
    }
    return render(request, "409.html", context, status=409)
