"""How one signs in, on one page: password, second factors, recovery codes, sessions."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import devices, factors, presence, security
from accounts.forms import PresentPassword
from accounts.presence import confirmed, key_of, onward, person
from accounts.views.lock import proof_page, prove


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    user = person(request)
    context = {
        "factors": [devices.factor(found) for found in factors.factors_of(user)],
        "codes_left": len(security.codes_of(user)),
        "sessions": devices.sessions_of(user, here=key_of(request)),
    }
    return render(request, "account/security.html", context)


@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Prove again who one is, before something that matters."""
    form, sent = PresentPassword(request.POST or None), request.POST.get("credential", "")
    if sent:
        form = PresentPassword()
    if prove(request, form, sent):
        return redirect(onward(request))
    return render(request, "account/confirm.html", proof_page(request, form, failed=bool(sent)))


@require_http_methods(["GET", "POST"])
@confirmed
def remove_factor(request: HttpRequest, pk: int) -> HttpResponse:
    user = person(request)
    factor = get_object_or_404(factors.factors_of(user), pk=pk)
    refused = ""
    if request.method == "POST":
        try:
            security.remove_factor(user, factor, keep=key_of(request))
        except security.LastFactor as reason:
            refused = str(reason)
        else:
            presence.factor_removed(request)
            presence.renew(request)
            messages.success(request, "The second factor is removed.")
            return redirect("account_security")
    context = {"factor": devices.factor(factor), "refused": refused}
    return render(request, "mfa/remove.html", context)


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    security.end_sessions(person(request), keep=key_of(request))
    messages.success(request, "You are signed out everywhere else.")
    return redirect("account_security")


@require_POST
def end_all(request: HttpRequest) -> HttpResponse:
    security.end_sessions(person(request))
    logout(request)
    messages.success(request, "You are signed out everywhere.")
    return redirect("account_login")
