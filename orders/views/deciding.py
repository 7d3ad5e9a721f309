"""What a pharmacist does with an order that is held, and the administrator's release of a claim."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.permissions import Right, requires
from orders.services import claims, review
from orders.services.moves import Refused
from orders.views.desk import Act, Desk, names_who_was_faster


@require_POST
@requires(Right.REVIEW_ORDERS)
@names_who_was_faster
def checklist(request: HttpRequest, reference: str) -> HttpResponse:
    desk = Desk(request, reference, Act.TICK)
    saved_at = timezone.now() if desk.keep_ticks() else None
    if not request.headers.get("HX-Request"):
        return desk.page(saved_at)
    shown = {"held_until": desk.order.held_until, "saved_at": saved_at or False}
    return render(request, "queue/_saved.html", shown)


@require_POST
@requires(Right.REVIEW_ORDERS)
@names_who_was_faster
def approve(request: HttpRequest, reference: str) -> HttpResponse:
    desk = Desk(request, reference, Act.APPROVE)
    desk.keep_ticks()
    if not desk.may_approve():
        return desk.page()
    try:
        verified = desk.approve()
    except Refused as refused:
        desk.checklist.add_error(None, str(refused))
        return desk.page()
    return desk.decided("verified." if verified else "cleared. A second pharmacist decides.")


@require_POST
@requires(Right.REVIEW_ORDERS)
@names_who_was_faster
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    desk = Desk(request, reference, Act.ASK)
    desk.keep_ticks()
    if not desk.ask.is_valid():
        return desk.page()
    text = desk.ask.cleaned_data["text"]
    review.ask(desk.order, by=desk.user, reason=desk.ask.row(), text=text)
    return desk.decided("waits for the prescriber’s answer. Its clock is paused.")


@require_POST
@requires(Right.REVIEW_ORDERS)
@names_who_was_faster
def reject(request: HttpRequest, reference: str) -> HttpResponse:
    desk = Desk(request, reference, Act.REJECT)
    desk.keep_ticks()
    if not desk.reject.is_valid():
        return desk.page()
    text = desk.reject.cleaned_data["text"]
    review.reject(desk.order, by=desk.user, reason=desk.reject.row(), text=text)
    return desk.decided("rejected. The prescriber is told.")


@require_POST
@requires(Right.REVIEW_ORDERS)
@names_who_was_faster
def give_back(request: HttpRequest, reference: str) -> HttpResponse:
    desk = Desk(request, reference, Act.GIVE_BACK)
    desk.keep_ticks()
    if not desk.give_back.is_valid():
        return desk.page()
    claims.give_back(desk.order, by=desk.user, reason=desk.give_back.row())
    return desk.decided("is back in the queue, with its age.")


@require_POST
@requires(Right.RELEASE_CLAIMS)
@names_who_was_faster
def release(request: HttpRequest, reference: str) -> HttpResponse:
    desk = Desk(request, reference, Act.RELEASE)
    if not desk.release.is_valid():
        return desk.page()
    desk.ensure_as_shown()
    claims.release(desk.order, by=desk.user, reason=desk.release.row())
    messages.success(request, f"{reference} is back in the queue, with its age.")
    return redirect("queue:review", reference)
