"""What was typed and not accepted, kept for the page to come back as a GET.

A page that answers a POST cannot be gone back to: browsers ask to send the form again, since
pages with patient data are never cached. So Review answers with a redirect to the same form.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

_TYPED = "typed_orders"
_FORMS_KEPT = 3
_AGAIN = "again"


def show_again(request: HttpRequest) -> HttpResponse:
    """Keep the form in the session and send the browser to look at it."""
    data = request.POST.copy()
    data.pop("csrfmiddlewaretoken", None)
    kept = _without(request)
    request.session[_TYPED] = dict([*kept[1 - _FORMS_KEPT :], (request.path, data.urlencode())])
    return HttpResponseRedirect(f"{request.path}?{_AGAIN}=1", status=303)


def typed(request: HttpRequest) -> QueryDict | None:
    """What show_again() kept of this form; None on any other visit, which shows what is saved."""
    kept = request.session.get(_TYPED, {}).get(request.path)
    return QueryDict(kept) if kept is not None and _AGAIN in request.GET else None


def forget(request: HttpRequest) -> None:
    if request.path in request.session.get(_TYPED, {}):
        request.session[_TYPED] = dict(_without(request))


def _without(request: HttpRequest) -> list[tuple[str, str]]:
    kept: dict[str, str] = request.session.get(_TYPED, {})
    return [(path, text) for path, text in kept.items() if path != request.path]
