"""A change on its page, and what is done with it: sent, approved, refused, withdrawn, put in force."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Right, requires
from accounts.services import TooManyTries, WrongPassword, confirm_password
from formulary import pages
from formulary.forms.acts import PasswordForm, RefuseForm, ShownVersion, WithdrawForm
from formulary.models import FormularyChange
from formulary.services import changes
from formulary.services.changes import Refused
from formulary.status import OPEN, State
from formulary.views.shared import change_of, names_what_moved, person

_FORMS: dict[str, type[ShownVersion]] = {
    "send": ShownVersion,
    "approve": PasswordForm,
    "refuse": RefuseForm,
    "withdraw": WithdrawForm,
    "alone": PasswordForm,
}


class Desk:
    """The page of one change with its forms; `act` is the one that was sent."""

    def __init__(self, request: HttpRequest, reference: str, act: str = "") -> None:
        self.request, self.act = request, act
        self.user, self.change = person(request), change_of(request, reference)
        start = {"version": self.change.version}
        self.forms: dict[str, Any] = {
            name: form(
                request.POST if name == act else None, initial=start, auto_id=f"id_{name}_%s"
            )
            for name, form in _FORMS.items()
        }

    @property
    def form(self) -> Any:
        return self.forms[self.act]

    def confirmed(self) -> bool:
        """Whether the form stands and, where it asks for one, the password fits."""
        form: Form = self.form
        if not form.is_valid():
            return False
        if "password" not in form.fields:
            return True
        try:
            confirm_password(self.request, form.cleaned_data["password"])
        except WrongPassword as wrong:
            code = "limit" if isinstance(wrong, TooManyTries) else "wrong"
            form.add_error("password", ValidationError(str(wrong), code=code))
            return False
        return True

    def wrong(self, words: str = "") -> HttpResponse:
        if words:
            self.form.add_error(None, words)
        fields = self.form.fields
        limited = "password" in fields and self.form.has_error("password", code="limit")
        return self.page(status=429 if limited else 422)

    def done(self, words: str) -> HttpResponse:
        messages.success(self.request, f"{self.change.reference} {words}")
        return redirect("formulary:change", self.change.reference)

    def page(self, status: int = 200) -> HttpResponse:
        change, keeps = self.change, self.user.has_right(Right.KEEP_FORMULARY)
        own = change.author_id == self.user.pk
        alone = own and keeps and change.state == State.WAITING and changes.is_alone(self.user)
        context = {
            "change": change,
            "title": pages.title(change),
            "mark": pages.badge(change),
            "lines": pages.lines(change),
            "warnings": pages.warnings(change) if change.state in (State.DRAFT, *OPEN) else (),
            "history": pages.timeline(change),
            "may_send": own and keeps and change.state == State.DRAFT,
            "may_decide": keeps and not own and change.state == State.WAITING,
            "may_withdraw": own and keeps and change.state in (State.DRAFT, *OPEN),
            "alone_from": changes.alone_from(change) if alone else None,
            "alone_now": alone and changes.may_act_alone(change),
            "previewed": keeps and change.state in (State.DRAFT, *OPEN),
            **{f"{name}_form": form for name, form in self.forms.items()},
        }
        return render(self.request, "formulary/change.html", context, status=status)


@require_safe
@requires(Right.VIEW_QUEUE)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    return Desk(request, reference).page()


@require_POST
@requires(Right.KEEP_FORMULARY)
@names_what_moved
def send(request: HttpRequest, reference: str) -> HttpResponse:
    desk = Desk(request, reference, "send")
    if not desk.confirmed():
        return desk.wrong()
    try:
        sent = changes.send(desk.change, by=desk.user, version=desk.form.shown())
    except Refused as refused:
        return desk.wrong(str(refused))
    return desk.done(_stands(sent))


@require_POST
@requires(Right.KEEP_FORMULARY)
@names_what_moved
def approve(request: HttpRequest, reference: str) -> HttpResponse:
    desk = Desk(request, reference, "approve")
    changes.ensure_second(desk.change, desk.user)
    if not desk.confirmed():
        return desk.wrong()
    return desk.done(_stands(changes.approve(desk.change, by=desk.user, version=desk.form.shown())))


@require_POST
@requires(Right.KEEP_FORMULARY)
@names_what_moved
def refuse(request: HttpRequest, reference: str) -> HttpResponse:
    desk = Desk(request, reference, "refuse")
    changes.ensure_second(desk.change, desk.user)
    if not desk.confirmed():
        return desk.wrong()
    words, shown = desk.form.cleaned_data["words"], desk.form.shown()
    changes.refuse(desk.change, by=desk.user, version=shown, words=words)
    return desk.done("is refused. The author is told why.")


@require_POST
@requires(Right.KEEP_FORMULARY)
@names_what_moved
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    desk = Desk(request, reference, "withdraw")
    changes.ensure_author(desk.change, desk.user)
    if not desk.confirmed():
        return desk.wrong()
    words, shown = desk.form.cleaned_data["words"], desk.form.shown()
    changes.withdraw(desk.change, by=desk.user, version=shown, words=words)
    return desk.done("is withdrawn. The formulary stays as it is.")


@require_POST
@requires(Right.KEEP_FORMULARY)
@names_what_moved
def put_in_force(request: HttpRequest, reference: str) -> HttpResponse:
    desk = Desk(request, reference, "alone")
    changes.ensure_author(desk.change, desk.user)
    if not desk.confirmed():
        return desk.wrong()
    try:
        shown = desk.form.shown()
        done = changes.put_in_force_alone(desk.change, by=desk.user, version=shown)
    except Refused as refused:
        return desk.wrong(str(refused))
    return desk.done(_stands(done))


def _stands(change: FormularyChange) -> str:
    if change.state == State.IN_FORCE:
        return "is in force from now on."
    if change.state == State.WAITING:
        return "waits for a second pharmacist."
    return "is in force from its day on."
