"""The practice's overview, and the switch between practices."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Membership
from accounts.services.members import switch_practice
from intake.practice_page import member_rows, prescriber_rows, todos
from intake.views.practice_base import members_only, person, tabs

_KEY = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@require_safe
@members_only
def home(request: HttpRequest) -> HttpResponse:
    user = person(request)
    practice = user.practice
    if not user.rights:
        return render(request, "practice/closed.html", {"practice": practice})
    prescribers, members = prescriber_rows(user), member_rows(user)
    context = {
        "practice": practice,
        "tabs": tabs(user, "practice:home"),
        "todos": todos(user, prescribers, members),
        "prescribers": prescribers,
        "members": members,
    }
    return render(request, "practice/home.html", context)


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Work for another practice of one's own; every page open elsewhere is then foreign."""
    key = request.POST.get("practice", "")
    if not _KEY.fullmatch(key):
        raise Http404
    try:
        practice = switch_practice(person(request), int(key))
    except Membership.DoesNotExist:
        raise Http404 from None
    messages.info(request, f"You work for {practice.name} now.")
    return redirect("home")
