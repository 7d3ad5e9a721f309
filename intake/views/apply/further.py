"""A further prescriber for a practice that has an account: the short application."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.permissions import Right, requires
from intake.services import drafts
from intake.views.apply.shared import answers_conflicts, open_here


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_PRACTICE)
@answers_conflicts
def further(request: HttpRequest) -> HttpResponse:
    if not isinstance(request.user, User):
        raise PermissionDenied
    practice = request.user.practice
    if request.method != "POST":
        return render(request, "apply/further.html", {"practice": practice})
    application = drafts.start_further(practice, by=request.user)
    open_here(request, application)
    return redirect("apply:hub", reference=application.reference)
