"""The practice's page on which a refill is asked for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.permissions import Right, requires
from formulary.findings import Level
from formulary.reference import Formulary
from formulary.services import load_formulary
from orders.banner import banner_of
from orders.forms.acknowledge import AcknowledgeForm
from orders.forms.refill import RefillForm
from orders.models import Fill, Order
from orders.services import fills
from orders.services.checks import Evaluation
from orders.services.moves import Refused
from orders.services.refill_checks import reasons_for
from orders.services.supply import Plan, Supply, signed_plan
from orders.supply_page import supply_of
from orders.views.conflicts import answers_conflicts, person


class RefillPage:
    """The order, its short form and what the rules say of the answers."""

    def __init__(self, request: HttpRequest, reference: str) -> None:
        self.request, self.user = request, person(request)
        mine = Order.objects.visible_to(self.user).for_page()
        self.order = get_object_or_404(mine, reference=reference)
        self.formulary: Formulary = load_formulary()
        sent = request.POST if request.method == "POST" else None
        self.form = RefillForm(sent, by=self.user, formulary=self.formulary, order=self.order)
        self.found: Evaluation | None = None
        self.reasons = AcknowledgeForm(warned=[])
        self.refused = ""

    @property
    def supply(self) -> Supply:
        return Supply.of(self.order, self.formulary)

    @property
    def plan(self) -> Plan | None:
        if not hasattr(self.order, "signature") or self.supply.obstacle:
            return None
        return signed_plan(self.order, "each_refill", self.formulary)

    def check(self) -> bool:
        """Whether all is answered and nothing is left to acknowledge."""
        plan = self.plan
        if not self.form.is_valid() or plan is None:
            return False
        self.found = fills.evaluation_of(self.supply, plan, self.form.answers())
        warned = [(f, reasons_for(f, self.formulary)) for f in self.found.warnings]
        self.reasons = AcknowledgeForm(self.request.POST, warned=warned)
        blocked = any(finding.level.blocks_signing for finding in self.found.findings)
        return not blocked and self.reasons.is_answered

    def ask(self) -> Fill | None:
        number = self.request.POST.get("number", "")
        asked = fills.Asked(
            int(number) if number.isascii() and number.isdigit() and len(number) < 3 else 0,
            self.form.answers(),
            self.reasons.reasons(),
        )
        try:
            return fills.ask(self.order, by=self.user, asked=asked)
        except Refused as refused:
            self.refused = str(refused)
            return None

    def show(self) -> HttpResponse:
        findings = self.found.findings if self.found else ()
        context = {
            "order": self.order,
            "patient": banner_of(self.order),
            "supply": supply_of(self.order, self.formulary),
            "plan": self.plan,
            "form": self.form,
            "reasons": self.reasons,
            "number": self.supply.next_number,
            "refused": self.refused,
            "stops": [f for f in findings if f.level.blocks_signing],
            "others": [f for f in findings if f.level in (Level.NOT_CHECKED, Level.INFO)],
        }
        return render(self.request, "orders/refill.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.PREPARE_ORDERS)
@answers_conflicts
def refill(request: HttpRequest, reference: str) -> HttpResponse:
    """Answers first; warnings, where there are any, are asked about on the same page."""
    page = RefillPage(request, reference)
    if request.method == "POST" and page.check() and page.ask() is not None:
        return redirect("orders:detail", reference=reference)
    return page.show()
