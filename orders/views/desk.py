"""The review page with its forms, as it is shown and as it comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.services import WrongPassword, confirm_password
from formulary.services import load_formulary
from orders import queue, review_page
from orders.forms.review import (
    AskForm,
    ChecklistForm,
    GiveBackForm,
    PasswordForm,
    RejectForm,
    ReleaseForm,
)
from orders.models import Order
from orders.services import claims, elsewhere
from orders.services import review as reviews
from orders.services.content import ContentChanged
from orders.services.moves import StaleOrder, stale
from orders.services.rechecking import recheck
from orders.status import Status
from orders.views.conflicts import person

_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


class Act(StrEnum):
    """What was sent. Each form is judged only when its own act was."""

    TICK = "tick"
    APPROVE = "approve"
    ASK = "ask"
    REJECT = "reject"
    GIVE_BACK = "give_back"
    RELEASE = "release"


def names_who_was_faster(view: _View[_P]) -> _View[_P]:
    """Answer 409 with the present holder when the order is no longer what the page showed."""

    @wraps(view)
    def answered(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except StaleOrder as lost:
            return _somebody_was_faster(request, lost.order, str(lost))
        except ContentChanged as changed:
            return render(request, "409.html", {"message": str(changed)}, status=409)

    return cast("_View[_P]", answered)


def _somebody_was_faster(request: HttpRequest, order: Order, message: str) -> HttpResponse:
    held = order.status == Status.IN_REVIEW
    context = {
        "message": message,
        "holder": order.holder.name if held and order.holder else "",
        "since": order.status_at if held else None,
        "link": reverse("queue:review", args=[order.reference]),
        "link_text": f"See {order.reference} as it stands",
    }
    if request.headers.get("HX-Request"):
        # A fragment among the page's own; htmx shows only what answers 200.
        return render(request, "queue/_lost.html", context)
    return render(request, "409.html", context, status=409)


class Desk:
    """One order, its forms, and what was sent of them."""

    def __init__(self, request: HttpRequest, reference: str, act: Act | None = None) -> None:
        self.request, self.act, self.user = request, act, person(request)
        orders = Order.objects.visible_to(self.user).for_page()
        self.order = get_object_or_404(orders, reference=reference)
        self.found = recheck(self.order)
        sent = request.POST if act else None
        kit = {"formulary": load_formulary()}
        self.elsewhere = elsewhere.seen_by(self.order, self.user)
        self.checklist = ChecklistForm(
            sent,
            initial=self._kept(),
            findings=list(self.order.findings.all()),
            elsewhere=self.elsewhere,
            **kit,
        )
        self.password = PasswordForm(sent)
        self.ask = AskForm(sent, prefix="ask", **kit)
        self.reject = RejectForm(sent, prefix="reject", **kit)
        self.give_back = GiveBackForm(sent, prefix="back", **kit)
        seen = {"version": self.order.version}
        self.release = ReleaseForm(sent, prefix="release", initial=seen, **kit)
        self._judge_only_what_was_sent()

    def _kept(self) -> dict[str, object]:
        """The ticks of a review that was left half done."""
        kept = self.order.checklists.filter(pharmacist=self.user).first()
        return ChecklistForm.initial_of(kept.ticks if kept else [])

    def _judge_only_what_was_sent(self) -> None:
        forms = {
            Act.APPROVE: self.password,
            Act.ASK: self.ask,
            Act.REJECT: self.reject,
            Act.GIVE_BACK: self.give_back,
            Act.RELEASE: self.release,
        }
        if self.act:
            for act, form in forms.items():
                if act is not self.act:
                    form.unjudged()

    def keep_ticks(self) -> bool:
        """Work on the order prolongs the claim, and ticks outlive it; False when they are wrong.

        Raises StaleOrder once the claim was lost.
        """
        are_sound = self.checklist.ticks_are_sound
        if are_sound:
            reviews.save_checklist(self.order, by=self.user, ticks=self.checklist.ticks)
        else:
            claims.keep(self.order, by=self.user)
        self.order.refresh_from_db(fields=["held_until"])
        if self.act is not Act.APPROVE and (are_sound or self.act is not Act.TICK):
            self.checklist.unjudged()
        return are_sound

    def ensure_as_shown(self) -> None:
        """Raise StaleOrder unless the order is what the administrator saw: holders change."""
        shown = self.release.cleaned_data["version"]
        if shown and int(shown) != self.order.version:
            raise stale(self.order)

    def may_approve(self) -> bool:
        """Whether all is ticked and the password is right; what is not stands at its control."""
        is_complete = self.checklist.require_all()
        if not (self.password.is_valid() and is_complete):
            return False
        try:
            confirm_password(self.request, self.password.cleaned_data["password"])
        except WrongPassword as wrong:
            self.password.add_error("password", str(wrong))
            return False
        return True

    def approve(self) -> bool:
        sent = self.checklist
        return reviews.approve(
            self.order,
            by=self.user,
            checklist=sent.ticked_checks,
            reviewed=sent.reviewed,
            cleared=sent.cleared(),
            read_elsewhere=sent.read_elsewhere,
        )

    def page(self, saved_at: datetime | None = None) -> HttpResponse:
        """The page as it was sent, with what is wrong beside each control."""
        shown = review_page.context(self.order, self.user, self.found, self.checklist)
        mine = self.checklist if shown["may_decide"] else None
        shown["elsewhere"] = review_page.elsewhere(self.elsewhere, mine)
        forms = {
            "checklist": self.checklist,
            "password": self.password,
            "ask": self.ask,
            "reject": self.reject,
            "give_back": self.give_back,
            "release": self.release,
            "act": self.act or "",
            "saved_at": saved_at,
        }
        return render(self.request, "queue/review.html", shown | forms)

    def decided(self, words: str) -> HttpResponse:
        """On to the next order where that was asked for, otherwise to the next row."""
        messages.success(self.request, f"{self.order.reference} {words}")
        if self.request.POST.get("next"):
            return claim_and_open(self.request)
        following, token = queue.next_after(self.order, self.user)
        address = reverse("queue:list") + (f"?after={token}" if token else "")
        return redirect(f"{address}#{following}" if following else address)


def claim_and_open(request: HttpRequest) -> HttpResponse:
    """Claim the first free order and open it; the queue says so when there is none."""
    order = claims.claim_next(by=person(request))
    if order is None:
        messages.info(request, "Nothing free: no order waits that nobody holds.")
        return redirect("queue:list")
    return redirect("queue:review", order.reference)
