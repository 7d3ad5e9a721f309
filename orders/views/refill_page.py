"""A refill that was asked for, as a pharmacist sees it: answers, the check of today, decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.permissions import Right
from formulary.findings import Finding
from formulary.services import load_formulary
from orders.banner import banner_of
from orders.forms.holding import RefuseRefillForm, ReleaseRefillForm
from orders.forms.known import Answers
from orders.models import Fill
from orders.prescription import DoseSummary, dose_lines, fill_in_words, summary
from orders.querysets import FillQuerySet
from orders.services import fills
from orders.services.checks import Evaluation, regimen_of
from orders.services.refill_checks import RefillAnswers
from orders.services.standing import closed_since
from orders.services.supply import Plan, Supply
from orders.status import FillState, OpioidKind, OpioidUse
from orders.supply_page import day, fill_name, fill_row, supply_of
from orders.views.conflicts import person

_LISTED = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the refills that wait."""

    fill: Fill
    name: str
    dose: DoseSummary
    is_early: bool
    warnings: int


def listed(fills_: FillQuerySet) -> list[Listed]:
    """Who asked first comes first; the oldest hundred."""
    formulary = load_formulary()
    waiting = fills_.requested().for_rows().order_by("asked_at", "pk")[:_LISTED]
    return [
        Listed(
            fill,
            fill_name(fill),
            summary(regimen_of(fill.order, formulary).steps[-1:]),
            fill.early_reason_id is not None,
            sum(finding["level"] == "warn" for finding in fill.findings),
        )
        for fill in waiting
    ]


class RefillDesk:
    """One refill, its two forms, and what was sent of them."""

    def __init__(self, request: HttpRequest, fill: Fill, act: str = "") -> None:
        self.request, self.fill, self.act, self.user = request, fill, act, person(request)
        self.formulary = load_formulary()
        self.order, self.name = fill.order, fill_name(fill)
        self.supply = Supply.of(self.order, self.formulary)
        self.found = self._check()
        to_review = fills.to_review(self.found) if self.found else []
        sent = request.POST if act == "release" else None
        self.ticks = ReleaseRefillForm(sent, findings=to_review)
        sent = request.POST if act == "refuse" else None
        self.refusal = RefuseRefillForm(sent, prefix="refuse", formulary=self.formulary)

    def _check(self) -> Evaluation | None:
        """The check as of today, of a refill that is not decided."""
        if self.fill.state != FillState.REQUESTED:
            return None
        answers = RefillAnswers.read(self.fill.answers)
        return fills.evaluation_of(self.supply, self._plan(), answers)

    def _plan(self) -> Plan:
        return Plan(self.fill.days, tuple(self.fill.parts), self.fill.quantities)

    @property
    def _obstacle(self) -> str:
        if self.found is None:
            return ""
        blocking = [f.text for f in self.found.findings if f.level.blocks_signing]
        return " ".join(filter(None, (self.supply.obstacle, closed_since(self.order), *blocking)))

    def page(self) -> HttpResponse:
        may_decide = self.found is not None and self.user.has_right(Right.REVIEW_ORDERS)
        regimen = regimen_of(self.order, self.formulary)
        context: dict[str, Any] = {
            "fill": self.fill,
            "row": fill_row(self.fill),
            "name": self.name,
            "order": self.order,
            "patient": banner_of(self.order),
            "supply": supply_of(self.order, self.formulary),
            "line": dose_lines(regimen)[-1],
            "plan": self._plan_words(),
            "answers": self._answers(),
            "findings": self._findings(),
            "obstacle": self._obstacle,
            "may_decide": may_decide,
            "ticks": self.ticks,
            "refusal": self.refusal,
            "act": self.act,
        }
        return render(self.request, "queue/refill.html", context)

    def _plan_words(self) -> Any:
        amounts = [
            f"{amount} {self.formulary.products[code].unit}s of {self.formulary.products[code].label}"
            if not self.formulary.products[code].is_liquid
            else f"{amount} mL of {self.formulary.products[code].label}"
            for code, amount in self.fill.quantities.items()
            if code in self.formulary.products
        ]
        return fill_in_words(
            self.name, " and ".join(amounts), self.fill.days, "", tuple(self.fill.parts)
        )

    def _answers(self) -> list[dict[str, str]]:
        if not self.fill.answers:
            return []
        of = RefillAnswers.read(self.fill.answers)
        said = Answers(of.allergies, of.allergies_text, of.medicines, of.cautions, of.procedure_on)
        opioids = [OpioidUse(of.opioid_use).label if of.opioid_use else "Not recorded"]
        opioids += [OpioidKind(of.opioid_kind).label] if of.opioid_kind else []
        opioids += [f"last used {day(of.opioid_last_use)}"] if of.opioid_last_use else []
        rows = {
            "Opioids": ", ".join(map(str, opioids)),
            "Allergies": said.allergies_words,
            "Current medicines": said.medicines_words,
            "Conditions that call for caution": said.caution_words,
            "Cautions asked on": day(of.cautions_on),
        }
        return [{"term": term, "value": value} for term, value in rows.items()]

    def _findings(self) -> list[dict[str, Any]]:
        """Today's findings with the practice's reason; of a decided refill those of the request."""
        given = {row["key"]: row for row in self.fill.findings}
        if self.found is None:
            return [{"finding": _as_stored(row)} for row in self.fill.findings]
        ticks = self.ticks.ticks()
        return [self._finding(f, given.get(f.key), ticks.get(f.key)) for f in self.found.findings]

    def _finding(self, finding: Finding, given: Any, tick: Any) -> dict[str, Any]:
        reason = _reason(given) if given else ""
        shown_ = {"level": finding.level, "text": finding.text, "reason": reason}
        return {"finding": shown_, "tick": tick, "is_new": given is None}


def _as_stored(row: dict[str, Any]) -> dict[str, Any]:
    return {"level": row["level"], "text": row["text"], "reason": _reason(row)}


def _reason(row: dict[str, Any]) -> str:
    return ": ".join(filter(None, (row["reason_label"], row["reason_text"])))
