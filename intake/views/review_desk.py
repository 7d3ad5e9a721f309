"""The review page of one application with its forms, as it is shown and as it comes back."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right
from formulary.models import Reason
from intake import review_page, review_queue
from intake.facts import applicant_facts
from intake.forms.review import (
    ApproveForm,
    Askable,
    AskForm,
    GiveBackForm,
    RejectForm,
    ReleaseForm,
    SettleCheckForm,
    VerifyForm,
)
from intake.models import Applicant, Application, CredentialCheck
from intake.review_page import Stand
from intake.sections import sections_of
from intake.services import agreeing, checks, claims
from intake.services.moves import StaleApplication
from intake.services.review import is_own
from intake.status import Decision

_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def person(request: HttpRequest) -> User:
    """The signed-in user; signing in is required on every page that does not say otherwise."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def names_who_was_faster(view: _View[_P]) -> _View[_P]:
    """Answer 409 with the present holder when the application is not what the page showed."""

    @wraps(view)
    def answered(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except StaleApplication as lost:
            here = lost.application
            context = {
                "message": str(lost),
                "holder": lost.holder if lost.is_held else "",
                "since": here.status_at if lost.is_held else None,
                "link": reverse("applications:review", args=[here.reference]),
                "link_text": f"See {here.reference} as it stands",
            }
            return render(request, "409.html", context, status=409)

    return cast("_View[_P]", answered)


class Desk:
    """One application, what may be sent about it, and what was. `act` is the prefix of that form."""

    def __init__(self, request: HttpRequest, reference: str, act: str = "") -> None:
        self.request, self.act, self.user = request, act, person(request)
        rows = Application.objects.reviewable_by(self.user)
        rows = rows.select_related("holder", "reserved_for", "practice")
        self.application = get_object_or_404(rows, reference=reference)
        mine = self.application.applicants.select_related("decided_by", "reason", "prescriber")
        self.people = list(mine.prefetch_related("acceptances", "licence_verifications__by"))
        for applicant in self.people:
            applicant.application = self.application
        self.reasons = list(Reason.objects.active())
        self.forms = self._forms()

    # --- forms ----------------------------------------------------------------------------------
    def _forms(self) -> dict[str, Form]:
        """Those that the reader may send now; the one that was sent is bound."""
        stand = review_page.stand_of(self.application, self.user, timezone.now())
        found: dict[str, Form] = {}
        if stand is Stand.HELD and self.user.has_right(Right.RELEASE_CLAIMS):
            self._add(found, "release", ReleaseForm, reasons=self.reasons)
        if stand is Stand.MINE:
            self._add(found, "back", GiveBackForm, reasons=self.reasons)
            if not is_own(self.application, self.user):
                self._add(found, "ask", AskForm, reasons=self.reasons, askable=self._askable())
                self._add_for_people(found)
        return found

    def _add(self, found: dict[str, Form], prefix: str, form: type[Form], **kit: object) -> None:
        sent = self.request.POST if prefix == self.act else None
        initial = {"version": self.application.version, "looked_up_on": timezone.localdate()}
        found[prefix] = form(sent, prefix=prefix, initial=initial, **kit)  # type: ignore[arg-type]

    def _add_for_people(self, found: dict[str, Form]) -> None:
        pending = [one for one in self.people if one.decision == Decision.PENDING]
        for pk, standing in checks.standings(pending).items():
            position = next(one.position for one in pending if one.pk == pk)
            settling = [line.row for line in standing.lines if line.row and line.may_be_settled]
            for row in settling:
                offered = [one for one in self.reasons if one.kind == "settlement"]
                self._add(found, f"settle-{row.pk}", SettleCheckForm, reasons=offered)
            if not standing.is_excluded:
                self._add(found, f"approve-{position}", ApproveForm)
            self._add(found, f"reject-{position}", RejectForm, reasons=self.reasons)
        for one in pending:
            for number, _ in enumerate(applicant_facts(one).licences, start=1):
                self._add(found, f"verify-{one.position}-{number}", VerifyForm)

    def _askable(self) -> list[Askable]:
        """Every part of the form, and its papers; agreements of who has not accepted them."""
        found: list[Askable] = []
        for whose in (*(one for one in self.people if one.decision == Decision.PENDING), None):
            found += [
                Askable(section.slug, section.title, whose, section)
                for section in sections_of(self.application, whose)
            ]
            found.append(Askable("papers", "Papers", whose))
            if whose and agreeing.missing(whose):
                found.append(Askable("agreements", "Agreements", whose))
        return found

    def sent(self) -> Form:
        """The form that was sent. Raises StaleApplication when it is not the reader's to send."""
        form = self.forms.get(self.act)
        if form is None:
            claims.keep(self.application, by=self.user)  # says whose it is, or that it moved on
            if is_own(self.application, self.user):
                raise PermissionDenied(
                    "This application is your own. A colleague decides about it."
                )
            words = "Your page was out of date: this was decided, settled or found meanwhile."
            raise StaleApplication(self.application, words)
        return form

    # --- what a form is about -------------------------------------------------------------------
    def applicant(self, position: int) -> Applicant:
        found = next((one for one in self.people if one.position == position), None)
        if found is None:
            raise Http404
        return found

    def check(self, pk: int) -> CredentialCheck:
        rows = CredentialCheck.objects.filter(applicant__application=self.application)
        return get_object_or_404(rows.select_related("applicant__application"), pk=pk)

    # --- answers --------------------------------------------------------------------------------
    def page(self, status: int = 200) -> HttpResponse:
        """The page, with what is wrong beside each control."""
        shown = review_page.context(self.application, self.user, self.people, self.forms)
        single = {name: self.forms.get(name) for name in ("ask", "back", "release")}
        forms = {"forms": list(self.forms.values()), **single}
        return render(self.request, "applications/review.html", shown | forms, status=status)

    def wrong(self) -> HttpResponse:
        return self.page(status=422)

    def stored(self, words: str, anchor: str = "") -> HttpResponse:
        """Back to the page, where the next thing is to be done."""
        messages.success(self.request, words)
        place = reverse("applications:review", args=[self.application.reference])
        return redirect(f"{place}#{anchor}" if anchor else place)

    def done(self, words: str) -> HttpResponse:
        """On to the row that comes next in the list."""
        messages.success(self.request, f"{self.application.reference} {words}")
        following, token = review_queue.next_after(self.application, self.user)
        address = reverse("applications:list") + (f"?after={token}" if token else "")
        return redirect(f"{address}#{following}" if following else address)
