"""The idle lock: its page, unlocking, and what the pages' script asks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import factors, idle, presence
from accounts.forms import PresentPassword
from accounts.presence import onward, person
from accounts.services import WrongPassword, confirm_password


@require_http_methods(["GET", "POST"])
def locked(request: HttpRequest) -> HttpResponse:
    """Unlock by password or passkey, and go on where one was."""
    if idle.standing(request.session) is idle.Standing.OPEN:
        return redirect(onward(request))
    idle.lock(request.session)
    form, sent = PresentPassword(request.POST or None), request.POST.get("credential", "")
    if sent:
        form = PresentPassword()
    if prove(request, form, sent):
        idle.unlock(request.session)
        return redirect(onward(request))
    # Behind the lock there is nowhere to go, and nothing to count.
    context = proof_page(request, form, failed=bool(sent)) | {"nav": [], "locked": True}
    return render(request, "account/locked.html", context)


def prove(request: HttpRequest, form: PresentPassword, sent: str) -> bool:
    """Whether the password or the passkey fits; an error goes to the form. Renews the session."""
    if sent:
        if factors.check_passkey(request, person(request), sent) is None:
            return False
        presence.confirm(request, "mfa")
        return True
    if not form.is_valid():
        return False
    try:
        confirm_password(request, form.cleaned_data["password"])
    except WrongPassword as refused:
        form.add_error("password", str(refused))
        return False
    presence.confirm(request, "password")
    return True


def proof_page(request: HttpRequest, form: PresentPassword, *, failed: bool) -> dict[str, object]:
    """What a page needs that asks for the password or a passkey."""
    user = person(request)
    offered = factors.passkeys_work(request) and factors.has_passkey(user)
    return {
        "form": form,
        "options": factors.ask_passkey(user) if offered else "",
        "passkey_failed": failed,
        "next": onward(request),
    }


@require_POST
def lock_now(request: HttpRequest) -> HttpResponse:
    """Leaving the desk."""
    idle.lock(request.session)
    return redirect(presence.with_next("account_lock", onward(request)))


@require_GET
def state(request: HttpRequest) -> HttpResponse:
    """Seconds until the lock and until the end, for the warning. Asking is no act of the person."""
    return _left(request)


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """The person is here: the middleware has noted it."""
    return _left(request)


def _left(request: HttpRequest) -> HttpResponse:
    session = request.session
    return JsonResponse({"idle": idle.idle_left(session), "whole": idle.whole_left(session)})
