"""Everything the prescriber's review page shows of one draft."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right
from formulary.findings import Finding, Level
from orders.banner import banner_of
from orders.forms.handing import TakeBackForm
from orders.forms.signing import SignForm
from orders.models import Order
from orders.prescription import dose_lines, fills_shown
from orders.revision_page import revision_of
from orders.said import day_words
from orders.services.checks import Evaluation
from orders.services.signing import MEANING
from orders.services.standing import misfit, obstacle
from orders.services.validity import expires_on
from orders.status import Status
from orders.views import shown

LONG_WAIT = timedelta(hours=24)


def context(order: Order, user: User, found: Evaluation, form: SignForm) -> dict[str, Any]:
    signer = order.prescriber.user_id == user.pk
    may_change = user.has_right(Right.PREPARE_ORDERS)
    edit = reverse("orders:edit", args=[order.reference]) if may_change else ""
    wrong = in_the_way(order)
    awaits = order.status == Status.AWAITING_SIGNATURE
    return {
        "order": order,
        "patient": banner_of(order),
        "patient_facts": shown.patient_rows(order.patient),
        "clinical_facts": shown.changeable(shown.clinical_facts(order), edit),
        "delivery_facts": shown.changeable(shown.delivery_facts(order), edit),
        "panel": shown.panel(found),
        "lines": dose_lines(found.regimen) if found.regimen else [],
        "fills": fills_shown(found.regimen, order.refills, found.formulary.figures),
        "line": revision_of(order),
        "blocking": shown.blocking(found.findings, edit),
        # Whoever may only read finds no way to change anything.
        "edit_url": edit,
        "back_text": "Back to the order form" if edit else "Back to my orders",
        "others": [*found.unchecked, *_informing(found)],
        "obstacles": [wrong] if wrong else [],
        "form": form if signer and found.can_be_signed and not wrong else None,
        "is_signer": signer,
        "meaning": MEANING,
        "until": _until(order, found),
        "awaits": awaits,
        "waits_long": waits_long(order),
        "take_back": TakeBackForm(initial={"version": order.version}) if awaits else None,
        "may_hand_over": may_change and not (signer or awaits or found.stops or wrong),
    }


def in_the_way(order: Order) -> str:
    """What no answer on the form settles: accounts, licences, what is no longer to be had."""
    return obstacle(order.prescriber, order.practice, order.seen_state) or misfit(order)


def waits_long(order: Order) -> bool:
    """Handed over more than a day ago."""
    at = order.handed_over_at
    awaits = order.status == Status.AWAITING_SIGNATURE
    return awaits and at is not None and timezone.now() - at >= LONG_WAIT


def _until(order: Order, found: Evaluation) -> str:
    """The last day on which a fill may start, were it signed today."""
    day = expires_on(order.practice.today, found.formulary.rule_of(order.seen_state))
    return day_words(day)


def _informing(found: Evaluation) -> list[Finding]:
    return [finding for finding in found.findings if finding.level is Level.INFO]
