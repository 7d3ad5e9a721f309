"""The first password, a forgotten one, a new one."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from accounts import links, presence, security, throttle
from accounts.factors import is_enrolled
from accounts.forms import ChangePassword, Forgotten, NewPassword
from accounts.models import PrivateLink, User
from accounts.presence import key_of, person
from accounts.services import WrongPassword, confirm_password
from accounts.status import LinkPurpose
from accounts.validators import ALONE, WITH_SECOND_FACTOR

_hidden = sensitive_post_parameters("password", "new_password")


@login_not_required
@never_cache
@_hidden
@require_http_methods(["GET", "POST"])
def activate(request: HttpRequest, token: str) -> HttpResponse:
    """Set the first password by the link of the invitation; then on to the second factor."""
    link, user = _opened(request, LinkPurpose.ACTIVATE, token)
    if link is None or user is None:
        return _gone(request)
    form = NewPassword(request.POST or None, user=user, least=_least(user))
    if not form.is_valid():
        return render(request, "account/activate.html", {"form": form, "who": user})
    try:
        user = security.activate(link, form.cleaned_data["new_password"])
    except security.LinkUsed:
        return _gone(request)
    record_authentication(request, user, method="password")
    answer: HttpResponse = perform_login(
        request, Login(user=user, redirect_url=reverse("account_enrol"))
    )
    if request.user.is_authenticated:
        presence.lead_to_enrolment(request)
    return answer


@login_not_required
@never_cache
@_hidden
@require_http_methods(["GET", "POST"])
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """Set a new password by the link of a letter; it signs nobody in."""
    link, user = _opened(request, LinkPurpose.RESET, token)
    if link is None or user is None:
        return _gone(request)
    form = NewPassword(request.POST or None, user=user, least=_least(user))
    if not form.is_valid():
        return render(request, "account/reset.html", {"form": form, "who": user})
    try:
        security.reset_password(link, form.cleaned_data["new_password"])
    except security.LinkUsed:
        return _gone(request)
    messages.success(request, "Your new password is set. Sign in with it.")
    return redirect("account_login")


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def forgot(request: HttpRequest) -> HttpResponse:
    """Ask for a letter with a link. The answer is the same for every address, and as quick."""
    form = Forgotten(request.POST or None)
    if not form.is_valid():
        return render(request, "account/forgot.html", {"form": form})
    email = form.cleaned_data["email"]
    throttle.count(request, "forgot", f"forgot-{email.lower()}")
    with throttle.even_pace():
        security.ask_reset(email)
    return redirect("account_forgot_sent")


@login_not_required
@require_GET
def forgot_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "account/forgot_sent.html")


@_hidden
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """A new password, for the present one; every other session ends."""
    user = person(request)
    form = ChangePassword(request.POST or None, user=user, least=_least(user))
    if form.is_valid():
        try:
            confirm_password(request, form.cleaned_data["password"])
        except WrongPassword as refused:
            form.add_error("password", str(refused))
        else:
            security.change_password(user, form.cleaned_data["new_password"], keep=key_of(request))
            presence.keep_after_password(request)
            messages.success(request, "Your password is changed. You are signed out elsewhere.")
            return redirect("account_security")
    return render(request, "account/password.html", {"form": form, "who": user})


def _opened(
    request: HttpRequest, purpose: LinkPurpose, token: str
) -> tuple[PrivateLink | None, User | None]:
    """The link and whose it is; neither for a link that opens nothing, or not for this person."""
    if request.method == "POST":
        throttle.count(request, "private_link", f"{purpose}-{token[:43]}")
    link = links.find(purpose, token)
    user = security.holder_of(link) if link else None
    if request.user.is_authenticated and request.user != user:
        return None, None
    return link, user


def _least(user: User) -> int:
    return WITH_SECOND_FACTOR if is_enrolled(user) else ALONE


def _gone(request: HttpRequest) -> HttpResponse:
    """One page for links used, expired, mistyped and made up."""
    return render(request, "account/link_gone.html", status=404)
