"""The pages of a verbal order: the changed order with its call, then what is read back."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render

from accounts.services import client_ip
from accounts.status import ProvedBy
from formulary.findings import Level
from formulary.services import load_formulary
from orders.banner import banner_of
from orders.forms.acknowledge import AcknowledgeForm
from orders.forms.buttons import pressed
from orders.forms.drafting import draft_of
from orders.forms.page import OrderPage
from orders.forms.verbal import CallForm, ReadBackForm
from orders.models import Order
from orders.prescription import dose_lines
from orders.services import verbal
from orders.services.checks import Evaluation
from orders.services.drafts import Draft, TokenReused
from orders.services.moves import Refused, stale
from orders.views import shown
from orders.views.conflicts import person

# What belongs to the second page and is not carried along.
_OWN = re.compile(r"csrfmiddlewaretoken|sign|change|token|read_back|password|ack_.*")


class VerbalPage:
    """One order, what was typed of its change, and what the rules say of that."""

    reused = TokenReused

    def __init__(self, request: HttpRequest, reference: str) -> None:
        self.request, self.user = request, person(request)
        sent = Order.objects.visible_to(self.user).for_page()
        self.order: Order = get_object_or_404(sent, reference=reference)
        if not verbal.may_record(self.order, self.user):
            raise stale(self.order)
        self.formulary = load_formulary()
        self.speaker = verbal.speaker(self.order)
        self.data = self._about_the_patient(request.POST) if request.method == "POST" else None
        self.judged, self.page = self._read()
        self.call = self._call()
        self.problem = ""
        self.found: Evaluation | None = None

    def _about_the_patient(self, sent: QueryDict) -> QueryDict:
        """A verbal order is for the same patient, whatever came."""
        data = sent.copy()
        patient = self.order.patient.merged_into or self.order.patient
        data["patient_kind"], data["patient"] = "existing", patient.reference
        return data

    def _read(self) -> tuple[bool, OrderPage]:
        given: dict[str, Any] = {"by": self.speaker, "formulary": self.formulary}
        if self.data is None:
            return False, OrderPage(order=verbal.unanswered(self.order), **given)
        moved = pressed(self.data, order=self.order, **given)
        if moved is None and "change" in self.data:
            moved = OrderPage(data=self.data, order=self.order, **given)
            moved.unjudged()
        return moved is None, moved or OrderPage(data=self.data, order=self.order, **given)

    def _call(self) -> CallForm:
        since = verbal.asked_at(self.order)
        if self.data is None:
            name = self.order.prescriber.printed_name
            return CallForm(initial=CallForm.initial_now(name), since=since)
        form = CallForm(self.data, since=since)
        if not self.judged:
            form.unjudged()
        return form

    @cached_property
    def is_ready(self) -> bool:
        """Whether the first page is whole, and the rules could be asked."""
        if not self.judged:
            return False
        right = [self.page.is_valid(), self.call.is_valid()]
        if not all(right):
            return False
        try:
            self.found = verbal.preview(self.order, self.draft, by=self.user)
        except Refused as refused:
            self.problem = str(refused)
            return False
        return True

    @cached_property
    def draft(self) -> Draft:
        """Only once the page is valid."""
        content = draft_of(self.page)
        return replace(content, revises=self.order, reorder_of=self.order.reorder_of)

    @cached_property
    def reasons(self) -> AcknowledgeForm:
        assert self.found is not None  # noqa: S101  is_ready asked the rules
        warned = [(f, self.formulary.answers_to(f)) for f in self.found.warnings]
        return AcknowledgeForm(self.data, warned=warned)

    @cached_property
    def signing(self) -> ReadBackForm:
        signs = self.data is not None and "sign" in self.data
        return ReadBackForm(self.data if signs else None, initial={"token": uuid4()})

    @property
    def blocking(self) -> list[Any]:
        found = self.found.findings if self.found else ()
        return [finding for finding in found if finding.level.blocks_signing]

    def may_sign(self) -> bool:
        right = [self.reasons.is_answered, self.signing.is_valid()]
        return all(right) and not self.blocking

    def record(self, proved: ProvedBy) -> Order:
        of = self.call.cleaned_data
        read_back = bool(self.signing.cleaned_data["read_back"])
        form = verbal.VerbalForm(
            token=self.signing.cleaned_data["token"],
            call=verbal.Call(of["spoke_with"], of["at"], read_back),
            reasons=self.reasons.reasons(),
            ip=client_ip(self.request),
            method=proved,
        )
        return verbal.record(self.order, self.draft, by=self.user, form=form)

    # --- answers ---
    def form(self) -> HttpResponse:
        page = self.page
        notes = shown.notes(page.evaluation.findings, len(page.steps.forms))
        for step in page.steps.forms:
            step.notes = notes[step.place]
        context = {
            "order": self.order,
            "patient": banner_of(self.order),
            "page": page,
            "call": self.call,
            "parts": [self.call, *page.parts, page.steps],
            "problems": [*_problems(self.call), *page.problems()] if self.judged else [],
            "problem": self.problem,
            "notes": notes,
            "shown": page.shown,
            "diagnoses": page.diagnosis.found,
            "steps_line": page.steps_line,
            "steps_open": page.steps_open,
            "titration": self.data.get("titration", "") if self.data else "",
        }
        return render(self.request, "queue/verbal.html", context)

    def read_back(self) -> HttpResponse:
        found = self.found
        assert found is not None  # noqa: S101  is_ready asked the rules
        others = (Level.NOT_CHECKED, Level.INFO)
        context = {
            "order": self.order,
            "patient": banner_of(self.order),
            "lines": dose_lines(found.regimen) if found.regimen else [],
            "panel": shown.panel(found),
            "changes": verbal.changes_of(self.order, self.draft, by=self.user),
            "blocking": self.blocking,
            "others": [finding for finding in found.findings if finding.level in others],
            "reasons": self.reasons,
            "signing": self.signing,
            "meaning": verbal.MEANING,
            "spoke_with": self.call.cleaned_data["spoke_with"],
            "spoken_at": self.call.cleaned_data["at"],
            "carried": self._carried(),
        }
        return render(self.request, "queue/verbal_sign.html", context)

    def _carried(self) -> list[tuple[str, str]]:
        """What the first page sent, to come back with the signature and be judged again."""
        sent = self.request.POST
        return [
            (name, value)
            for name in sent
            if not _OWN.fullmatch(name)
            for value in sent.getlist(name)
        ]


def _problems(form: CallForm) -> list[tuple[str, str]]:
    return [
        (field.id_for_label or f"{field.auto_id}_0", str(text))
        for field in form
        for text in field.errors
    ]
