"""The people of a practice: inviting, duties, removing, leaving."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Membership
from accounts.permissions import Right, requires
from accounts.querysets import MembershipQuerySet
from accounts.services.members import (
    MemberRefused,
    change_duties,
    invite,
    remove_member,
    resend_invitation,
)
from accounts.status import Role
from intake.forms.upkeep import DutiesForm, InviteForm
from intake.practice_page import duty_words, further_rows, member_rows
from intake.views.practice_base import answers_changes, members_only, person, sent, tabs


@require_safe
@requires(Right.MANAGE_PRACTICE)
def people(request: HttpRequest) -> HttpResponse:
    user = person(request)
    context = {
        "practice": user.practice,
        "tabs": tabs(user, "practice:people"),
        "members": member_rows(user),
        "applications": further_rows(user),
    }
    return render(request, "practice/people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_PRACTICE)
def invite_delegate(request: HttpRequest) -> HttpResponse:
    user = person(request)
    form = InviteForm(sent(request))
    if form.is_valid():
        of = form.cleaned_data
        try:
            invite(user.practice, **of, role=Role.DELEGATE, by=user)
        except MemberRefused as refused:
            form.add_error("email", str(refused))
        else:
            messages.success(request, f"We have sent an invitation to {of['email']}.")
            return redirect("practice:people")
    return render(request, "practice/invite.html", {"form": form, "practice": user.practice})


@require_POST
@requires(Right.MANAGE_PRACTICE)
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    here = _member(request, pk)
    try:
        resend_invitation(here, by=person(request))
    except MemberRefused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, f"We have sent an invitation to {here.user.email}.")
    return redirect("practice:people")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_PRACTICE)
@answers_changes
def duties(request: HttpRequest, pk: int) -> HttpResponse:
    here = get_object_or_404(_members(request), pk=pk, role=Role.DELEGATE)
    form = DutiesForm(sent(request), initial={"duties": here.duties})
    seen = request.POST.get("seen", ",".join(here.duties))
    if form.is_valid():
        given = form.cleaned_data["duties"]
        change_duties(here, given, by=person(request), seen=seen.split(","))
        messages.success(request, f"Saved what {here.user.name} may do.")
        return redirect("practice:people")
    context = {"form": form, "member": here, "seen": seen}
    return render(request, "practice/duties.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.MANAGE_PRACTICE)
@answers_changes
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    return _end(request, _member(request, pk), leaving=False)


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
@answers_changes
def leave(request: HttpRequest) -> HttpResponse:
    mine = _members(request).filter(user=person(request))
    return _end(request, get_object_or_404(mine), leaving=True)


def _end(request: HttpRequest, here: Membership, *, leaving: bool) -> HttpResponse:
    """The page that asks once more; then the end of the membership."""
    context = {"member": here, "what": duty_words(here), "leaving": leaving}
    if request.method != "POST":
        return render(request, "practice/remove.html", context)
    try:
        remove_member(here, by=person(request), leaving=leaving)
    except MemberRefused as refused:
        return render(
            request, "practice/remove.html", context | {"refused": str(refused)}, status=422
        )
    gone = "You have left" if leaving else f"{here.user.name} no longer belongs to"
    messages.success(request, f"{gone} {here.practice}.")
    return redirect("home" if leaving else "practice:people")


def _members(request: HttpRequest) -> MembershipQuerySet:
    mine = Membership.objects.visible_to(person(request))
    return mine.open().select_related("user", "practice")


def _member(request: HttpRequest, pk: int) -> Membership:
    found: Membership = get_object_or_404(_members(request), pk=pk)
    return found
