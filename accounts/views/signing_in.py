"""The second step of signing in, and the end of it for closed accounts."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.stages import AuthenticateStage
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import factors
from accounts.forms import CodeForm


@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """A code or a passkey, after the password; then allauth finishes the sign-in."""
    stage: Any = request._login_stage  # type: ignore[attr-defined]  # set by the decorator
    user, sent = stage.login.user, request.POST.get("credential", "")
    form, factor = CodeForm(request.POST or None), None
    if sent:
        form = CodeForm()
        factor = factors.check_passkey(request, user, sent)
    elif form.is_valid():
        factor = factors.check_code(request, user, form.cleaned_data["code"])
    if factor is not None:
        factor.user = user
        post_authentication(request, factor)
        done: HttpResponse = stage.exit()
        return done
    if form.is_bound and form.is_valid():
        form.add_error("code", WRONG_CODE)
    return render(request, "mfa/authenticate.html", _page(request, form, user, failed=bool(sent)))


WRONG_CODE = (
    "This code does not fit, or was used before. Wait for the next one in your app and type that."
)


def _page(request: HttpRequest, form: CodeForm, user: Any, *, failed: bool) -> dict[str, object]:
    works, has_one = factors.passkeys_work(request), factors.has_passkey(user)
    return {
        "form": form,
        "has_passkey": has_one,
        "options": factors.ask_passkey(user) if works and has_one else "",
        "passkey_failed": failed,
        "named_address": factors.named_address(request),
    }


@login_not_required
@never_cache
def closed(request: HttpRequest) -> HttpResponse:
    return render(request, "account/account_inactive.html")
