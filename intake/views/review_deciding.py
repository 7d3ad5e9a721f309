"""What a reviewer does with an application that is held, and the administrator's release of it."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from accounts.permissions import Right, requires
from accounts.services import WrongPassword, confirm_password
from intake.facts import applicant_facts
from intake.models import Applicant
from intake.services import claims, review
from intake.services.moves import Refused, stale
from intake.status import DONE, BoardStanding
from intake.views.review_desk import Desk, names_who_was_faster


@require_POST
@requires(Right.REVIEW_APPLICATIONS)
@names_who_was_faster
def verify(request: HttpRequest, reference: str, position: int, number: int) -> HttpResponse:
    desk = Desk(request, reference, f"verify-{position}-{number}")
    applicant, form = desk.applicant(position), cast(Any, desk.sent())
    if not form.is_valid():
        return desk.wrong()
    licence, said = applicant_facts(applicant).licences[number - 1], form.cleaned_data
    try:
        review.verify_licence(
            applicant,
            by=desk.user,
            state=licence.state,
            number=licence.number,
            primary_source=said["primary_source"],
            standing=BoardStanding(said["standing"]),
            looked_up_on=said["looked_up_on"],
            version=form.shown(),
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return desk.wrong()
    return desk.stored("The look at the state board is recorded.", f"prescriber-{position}")


@require_POST
@requires(Right.REVIEW_APPLICATIONS)
@names_who_was_faster
def settle(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    desk = Desk(request, reference, f"settle-{pk}")
    check, form = desk.check(pk), cast(Any, desk.sent())
    if not form.is_valid():
        return desk.wrong()
    try:
        review.settle(check, by=desk.user, **form.settled())
    except Refused as refused:
        form.add_error(None, str(refused))
        return desk.wrong()
    position = check.applicant.position if check.applicant else 1
    return desk.stored("The check is settled.", f"prescriber-{position}")


@require_POST
@requires(Right.REVIEW_APPLICATIONS)
@names_who_was_faster
def recheck(request: HttpRequest, reference: str) -> HttpResponse:
    desk = Desk(request, reference)
    review.recheck(desk.application, by=desk.user)
    return desk.stored("The checks are being made again. Reload the page in a minute.")


@require_POST
@requires(Right.REVIEW_APPLICATIONS)
@names_who_was_faster
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    desk = Desk(request, reference, "ask")
    form = cast(Any, desk.sent())
    if not form.is_valid():
        return desk.wrong()
    items, text = form.items(), form.cleaned_data["text"]
    try:
        review.ask(desk.application, by=desk.user, items=items, text=text, version=form.shown())
    except Refused as refused:
        form.add_error(None, str(refused))
        return desk.wrong()
    return desk.done("waits for the applicant’s answer. Its clock is paused.")


@require_POST
@requires(Right.REVIEW_APPLICATIONS)
@names_who_was_faster
def approve(request: HttpRequest, reference: str, position: int) -> HttpResponse:
    desk = Desk(request, reference, f"approve-{position}")
    applicant, form = desk.applicant(position), cast(Any, desk.sent())
    if not form.is_valid():
        return desk.wrong()
    try:
        confirm_password(request, form.cleaned_data["password"])
        review.approve_applicant(applicant, by=desk.user, version=form.shown())
    except WrongPassword as wrong:
        form.add_error("password", str(wrong))
        return desk.wrong()
    except Refused as refused:
        # What the checks found just now stands on the page that says so.
        desk = Desk(request, reference, desk.act)
        desk.forms[desk.act].add_error(None, str(refused))
        return desk.wrong()
    return _decided(desk, applicant, "approved. The invitation is on its way.")


@require_POST
@requires(Right.REVIEW_APPLICATIONS)
@names_who_was_faster
def reject(request: HttpRequest, reference: str, position: int) -> HttpResponse:
    desk = Desk(request, reference, f"reject-{position}")
    applicant, form = desk.applicant(position), cast(Any, desk.sent())
    if not form.is_valid():
        return desk.wrong()
    said = {"reason": form.coded(), "text": form.cleaned_data["text"]}
    try:
        review.reject_applicant(applicant, by=desk.user, version=form.shown(), **said)
    except Refused as refused:
        form.add_error(None, str(refused))
        return desk.wrong()
    return _decided(desk, applicant, "rejected.")


def _decided(desk: Desk, applicant: Applicant, words: str) -> HttpResponse:
    """On to the next prescriber of the application, or to the next application."""
    name = applicant_facts(applicant).full_name
    desk.application.refresh_from_db()
    if desk.application.status in DONE:
        return desk.done(f"is decided: {name} is {words}")
    return desk.stored(f"{name} is {words} The others are still to be decided.")


@require_POST
@requires(Right.REVIEW_APPLICATIONS)
@names_who_was_faster
def give_back(request: HttpRequest, reference: str) -> HttpResponse:
    desk = Desk(request, reference, "back")
    form = cast(Any, desk.sent())
    if not form.is_valid():
        return desk.wrong()
    claims.give_back(desk.application, by=desk.user, reason=form.coded())
    return desk.done("is back in the queue, with its age.")


@require_POST
@requires(Right.RELEASE_CLAIMS)
@names_who_was_faster
def release(request: HttpRequest, reference: str) -> HttpResponse:
    desk = Desk(request, reference, "release")
    form = cast(Any, desk.sent())
    if not form.is_valid():
        return desk.wrong()
    if form.shown() != desk.application.version:
        raise stale(desk.application)
    claims.release(desk.application, by=desk.user, reason=form.coded())
    return desk.stored(f"{reference} is back in the queue, with its age.")
