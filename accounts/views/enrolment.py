"""Adding a second factor: choose, set up, keep the recovery codes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import factors, presence, qr, security
from accounts.forms import AppForm, CodesKept, PasskeyForm
from accounts.presence import confirmed, key_of, onward, person
from accounts.views.signing_in import WRONG_CODE


@require_GET
@confirmed
def choose(request: HttpRequest) -> HttpResponse:
    context = presence.wizard(request) | {
        "first": not factors.is_enrolled(person(request)),
        "passkeys_work": factors.passkeys_work(request),
        "named_address": factors.named_address(request),
        "next": onward(request),
    }
    return render(request, "mfa/enrol.html", context)


@require_http_methods(["GET", "POST"])
@confirmed
def app(request: HttpRequest) -> HttpResponse:
    """Codes from an app: the secret as a picture and as text, then the first code as proof."""
    user, secret = person(request), factors.pending_secret(request)
    form = AppForm(request.POST or None)
    if form.is_valid() and factors.proves(request, user, secret, form.cleaned_data["code"]):
        made = security.add_app(user, secret, keep=key_of(request))
        factors.use_up(user, form.cleaned_data["code"])
        factors.forget_pending_secret(request)
        return _added(request, show_codes=made)
    if form.is_bound and form.is_valid():
        form.add_error("code", WRONG_CODE)
    context = presence.wizard(request) | {"form": form, "secret": qr.spaced(secret)}
    context |= {"qr": qr.drawing(user, secret)}
    return render(request, "mfa/app.html", context | {"next": onward(request)})


@require_http_methods(["GET", "POST"])
@confirmed
def passkey(request: HttpRequest) -> HttpResponse:
    """A passkey made by the browser; the name is kept with it."""
    form, works = PasskeyForm(request.POST or None), factors.passkeys_work(request)
    if works and form.is_valid():
        credential = factors.read_new_passkey(form.cleaned_data["credential"])
        if credential is not None:
            made = security.add_passkey(
                person(request), form.cleaned_data["name"], credential, keep=key_of(request)
            )
            return _added(request, show_codes=made)
        form.add_error(None, "The passkey could not be read. Try again.")
    options = factors.ask_new_passkey(person(request)) if works else ""
    context = presence.wizard(request) | {"form": form, "options": options}
    context |= {"next": onward(request)}
    context["named_address"] = factors.named_address(request)
    return render(request, "mfa/passkey.html", context)


def _added(request: HttpRequest, *, show_codes: bool) -> HttpResponse:
    presence.enrolled(request, show_codes=show_codes)
    messages.success(request, "Your second factor is set up.")
    if show_codes:
        return redirect(presence.with_next("account_codes", onward(request)))
    return redirect("account_security")


@require_GET
def codes(request: HttpRequest) -> HttpResponse:
    """The recovery codes, shown once: until they are said to be kept."""
    if not presence.shows_codes(request):
        return redirect("account_security")
    return _codes_page(request, CodesKept())


@require_POST
def codes_kept(request: HttpRequest) -> HttpResponse:
    form = CodesKept(request.POST)
    if presence.shows_codes(request) and not form.is_valid():
        return _codes_page(request, form)
    presence.codes_kept(request)
    return redirect(onward(request))


def _codes_page(request: HttpRequest, form: CodesKept) -> HttpResponse:
    shown = [qr.spaced(code) for code in security.codes_of(person(request))]
    context = presence.wizard(request) | {"form": form, "codes": shown, "next": onward(request)}
    return render(request, "mfa/codes.html", context)


@require_GET
def codes_download(request: HttpRequest) -> HttpResponse:
    """The same codes as a text file, while they are shown."""
    if not presence.shows_codes(request):
        return redirect("account_security")
    lines = ["Recovery codes for Scruple. Each works once, in place of your second factor.", ""]
    lines += [qr.spaced(code) for code in security.codes_of(person(request))]
    answer = HttpResponse("\r\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="scruple-recovery-codes.txt"'
    return answer


@require_POST
@confirmed
def codes_renew(request: HttpRequest) -> HttpResponse:
    if not factors.is_enrolled(person(request)):
        return redirect("account_enrol")
    security.renew_codes(person(request), keep=key_of(request))
    presence.enrolled(request, show_codes=True)
    return redirect(presence.with_next("account_codes", reverse("account_security")))
