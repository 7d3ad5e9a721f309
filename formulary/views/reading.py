"""The overview of the formulary, the list of a kind, and one row with its history."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import Right, requires
from formulary import pages
from formulary.status import ChangeKind
from formulary.views.shared import kind_named, person, row_of


@require_safe
@requires(Right.VIEW_QUEUE)
def overview(request: HttpRequest) -> HttpResponse:
    user = person(request)
    context = pages.overview(user) | {"keeps": user.has_right(Right.KEEP_FORMULARY)}
    return render(request, "formulary/overview.html", context)


@require_safe
@requires(Right.VIEW_QUEUE)
def rows(request: HttpRequest, kind: str) -> HttpResponse:
    """What is asked for stands in the address: names of medicines and conditions, of no patient."""
    asked, one = request.GET, kind_named(kind)
    found = pages.listing(
        one,
        words=asked.get("q", "").replace("\x00", "")[:120].strip(),
        retired=asked.get("retired") == "1",
        page=asked.get("page", "1"),
    )
    context = {
        "kind": one,
        "listing": found,
        "label": ChangeKind(one.kind).label,
        "can_add": one.can_be_added and person(request).has_right(Right.KEEP_FORMULARY),
        "tabs": [
            {"label": "In use", "url": found.address(retired=""), "current": not found.retired},
            {"label": "No longer", "url": found.address(retired="1"), "current": found.retired},
        ],
    }
    return render(request, "formulary/rows.html", context)


@require_safe
@requires(Right.VIEW_QUEUE)
def row(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    user, one = person(request), kind_named(kind)
    found = row_of(one, pk)
    context = pages.row_page(one, found, user) | {
        "kind": one,
        "row": found,
        "name": one.name(found),
        "label": ChangeKind(one.kind).label,
        "keeps": user.has_right(Right.KEEP_FORMULARY),
    }
    return render(request, "formulary/row.html", context)


@require_safe
@requires(Right.VIEW_QUEUE)
def changes(request: HttpRequest) -> HttpResponse:
    asked = request.GET
    context = pages.changes(person(request), tab=asked.get("tab", ""), page=asked.get("page", "1"))
    return render(request, "formulary/changes.html", context)
