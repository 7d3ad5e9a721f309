"""Suspending, reinstating and deactivating an account: each a page that asks for the reason first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.models import Practice, Prescriber
from accounts.permissions import Right, requires
from accounts.services import TooManyTries, WrongPassword, confirm_password
from accounts.services.standing import (
    Account,
    StaleStanding,
    deactivate,
    ensure_may_decide,
    reinstate,
    suspend,
)
from accounts.status import AccountStatus
from intake import register
from intake.forms.register import DeactivateForm, StandingForm
from intake.views.register import person


@dataclass(frozen=True)
class Act:
    """One act on accounts: from which state it starts, what it does, and its words."""

    verb: str
    done: str
    here: AccountStatus
    do: Callable[..., None]
    form: type[StandingForm] = StandingForm


_SUSPEND = Act("Suspend", "suspended", AccountStatus.APPROVED, suspend)
_REINSTATE = Act("Reinstate", "reinstated", AccountStatus.SUSPENDED, reinstate)
_DEACTIVATE = Act("Deactivate", "deactivated", AccountStatus.SUSPENDED, deactivate, DeactivateForm)
_both = require_http_methods(["GET", "HEAD", "POST"])


@_both
@requires(Right.REVIEW_APPLICATIONS)
def suspend_prescriber(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, _prescriber(request, pk), _SUSPEND)


@_both
@requires(Right.REVIEW_APPLICATIONS)
def reinstate_prescriber(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, _prescriber(request, pk), _REINSTATE)


@_both
@requires(Right.REVIEW_APPLICATIONS)
def deactivate_prescriber(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, _prescriber(request, pk), _DEACTIVATE)


@_both
@requires(Right.REVIEW_APPLICATIONS)
def suspend_practice(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, _practice(request, pk), _SUSPEND)


@_both
@requires(Right.REVIEW_APPLICATIONS)
def reinstate_practice(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, _practice(request, pk), _REINSTATE)


@_both
@requires(Right.REVIEW_APPLICATIONS)
def deactivate_practice(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, _practice(request, pk), _DEACTIVATE)


def _prescriber(request: HttpRequest, pk: int) -> Prescriber:
    found: Prescriber = get_object_or_404(
        Prescriber.objects.reviewable_by(person(request)).select_related("user"), pk=pk
    )
    return found


def _practice(request: HttpRequest, pk: int) -> Practice:
    found: Practice = get_object_or_404(Practice.objects.reviewable_by(person(request)), pk=pk)
    return found


def _act(request: HttpRequest, account: Account, act: Act) -> HttpResponse:
    """Ask for the reason; do it; or say that the account stands elsewhere by now."""
    ensure_may_decide(account, person(request))
    if account.status != act.here:
        return _stale(request, StaleStanding(account))
    form = act.form(request.POST if request.method == "POST" else None)
    if form.is_valid() and _confirmed(request, form):
        try:
            act.do(account, by=person(request), reason=form.cleaned_data["reason"])
        except StaleStanding as stale:
            return _stale(request, stale)
        return redirect(_page(account))
    return _ask(request, account, act, form)


def _confirmed(request: HttpRequest, form: StandingForm) -> bool:
    """Whether the password fits, of a form that asks for one."""
    if "password" not in form.fields:
        return True
    try:
        confirm_password(request, form.cleaned_data["password"])
    except WrongPassword as wrong:
        code = "limit" if isinstance(wrong, TooManyTries) else "wrong"
        form.add_error("password", ValidationError(str(wrong), code=code))
        return False
    return True


def _ask(request: HttpRequest, account: Account, act: Act, form: StandingForm) -> HttpResponse:
    context = {
        "account": account,
        "act": act,
        "form": form,
        "title": f"{act.verb} {account}",
        "mark": register.mark(account),
        "is_practice": isinstance(account, Practice),
        "back_url": _page(account),
    }
    limited = form.has_error("password", code="limit") if "password" in form.fields else False
    return render(request, "register/act.html", context, status=429 if limited else 200)


def _page(account: Account) -> str:
    name = "practice" if isinstance(account, Practice) else "prescriber"
    return reverse(f"register:{name}", args=[account.pk])


def _stale(request: HttpRequest, stale: StaleStanding) -> HttpResponse:
    context = {
        "message": str(stale),
        "link": _page(stale.account),
        "link_text": "Open the account",
    }
    return render(request, "409.html", context, status=409)
