"""The staff's register: looking accounts up, and what is on file of each."""

from __future__ import annotations

from secrets import token_urlsafe

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Practice, Prescriber, User
from accounts.permissions import Right, requires
from accounts.services.standing import concerns
from intake import register, register_checks, register_history
from intake.forms.register import SearchForm
from intake.register import Listing, Tab

_SEARCHES = "register_searches"
_KEPT = 10
_LABELS = {Tab.PRESCRIBERS: "Prescribers", Tab.PRACTICES: "Practices"}


def person(request: HttpRequest) -> User:
    """The signed-in user; signing in is required on every page that does not say otherwise."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.REVIEW_APPLICATIONS)
def accounts(request: HttpRequest) -> HttpResponse:
    """What was searched for stays in the session: an address never holds a person's name."""
    tab, page, search = (request.GET.get(name, "") for name in ("tab", "page", "search"))
    if request.method == "POST":
        form = SearchForm(request.POST)
        if form.is_valid():
            kept = _remember(request, form.cleaned_data["words"])
            return redirect(_address(search=kept))
    words = request.session.get(_SEARCHES, {}).get(search, "")
    if request.method != "POST":
        form = SearchForm(initial={"words": words})
    found = register.listing(person(request), tab=tab, page=page, words=words)
    context = _listed(request, found, search if words else "") | {"form": form, "words": words}
    return render(request, "register/list.html", context)


def _remember(request: HttpRequest, words: str) -> str:
    """A name for the search that tells nothing; the oldest of ten is forgotten."""
    if not words:
        return ""
    name = token_urlsafe(6)
    kept = list(request.session.get(_SEARCHES, {}).items())[1 - _KEPT :]
    request.session[_SEARCHES] = dict([*kept, (name, words)])
    return name


def _address(**query: str | int) -> str:
    return reverse("register:list", query={key: value for key, value in query.items() if value})


def _listed(request: HttpRequest, found: Listing, search: str) -> dict[str, object]:
    here = {"tab": str(found.tab), "search": search}
    return {
        "listing": found,
        "tabs": tabs(request, found, search),
        "newer_url": _address(**here, page=found.page - 1) if found.page > 1 else "",
        "older_url": _address(**here, page=found.page + 1) if found.page < found.pages else "",
    }


def tabs(
    request: HttpRequest, found: Listing | None = None, search: str = ""
) -> list[dict[str, object]]:
    """The two lists and, beside them, the licences that wait for a decision."""
    views: list[dict[str, object]] = [
        {
            "label": _LABELS[tab],
            "url": _address(tab=str(tab), search=search),
            "count": found.counts[tab] if found else None,
            "current": found is not None and tab is found.tab,
        }
        for tab in Tab
    ]
    waiting = register.renewals(person(request)).count()
    place = reverse("register:renewals")
    here = {"count": waiting, "current": found is None}
    return [*views, {"label": "Licences to decide", "url": place, **here}]


@require_safe
@requires(Right.REVIEW_APPLICATIONS)
def prescriber(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    one = get_object_or_404(Prescriber.objects.reviewable_by(user).select_related("user"), pk=pk)
    context = {
        "prescriber": one,
        "mark": register.mark(one),
        "is_own": concerns(one, user),
        "practices": register.practices(one),
        "licences": register.licences(one),
        "renewals": register.renewals(user).filter(prescriber=one),
        "checks": register_checks.rows(one, user),
        "plan": register_checks.plan(one),
        "applications": register_checks.applications(one),
        "history": register_history.of_prescriber(one),
    }
    return render(request, "register/prescriber.html", context)


@require_safe
@requires(Right.REVIEW_APPLICATIONS)
def practice(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    one = get_object_or_404(Practice.objects.reviewable_by(user), pk=pk)
    context = {
        "practice": one,
        "mark": register.mark(one),
        "is_own": concerns(one, user),
        "facts": register.facts(one),
        "members": register.members(one),
        "locations": one.locations.all(),
        "history": register_history.of_practice(one),
    }
    return render(request, "register/practice.html", context)
