"""Why there is a check: for everybody who is signed in, prescribers first."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from formulary.findings import Code
from formulary.why import why as explained


@require_safe
def why(request: HttpRequest, code: str) -> HttpResponse:
    try:
        found = explained(Code(code))
    except ValueError:
        raise Http404 from None
    return render(request, "formulary/why.html", {"why": found})
