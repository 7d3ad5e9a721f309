"""What the formulary's views share: the signed-in person, a kind by its address, the 409 page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.models import User
from formulary.kept import Kind, kind_of
from formulary.models import FormularyChange
from formulary.services.changes import StaleChange

_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def person(request: HttpRequest) -> User:
    """The signed-in user; signing in is required on every page that does not say otherwise."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def kind_named(name: str) -> Kind[Any]:
    try:
        return kind_of(name)
    except ValueError:
        raise Http404 from None


def row_of(kind: Kind[Any], pk: int) -> Any:
    return get_object_or_404(kind.rows(), pk=pk)


def change_of(request: HttpRequest, reference: str) -> FormularyChange:
    rows = FormularyChange.objects.visible_to(person(request)).with_people()
    found: FormularyChange = get_object_or_404(rows, reference=reference)
    return found


def moved(request: HttpRequest, message: str, link: str, link_text: str) -> HttpResponse:
    """409: what was shown is not what is there now."""
    context = {
        "title": "Something changed meanwhile",
        "message": message,
        "link": link,
        "link_text": link_text,
    }
    return render(request, "409.html", context, status=409)


def names_what_moved(view: _View[_P]) -> _View[_P]:
    """409 with a link to the change as it stands, when it is not what the page showed."""

    @wraps(view)
    def answered(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except StaleChange as stale:
            reference = stale.change.reference
            link = reverse("formulary:change", args=[reference])
            return moved(request, str(stale), link, f"Open {reference}")

    return cast("_View[_P]", answered)
