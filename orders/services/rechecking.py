"""The check before an order is verified: the formulary as signed, the patient as known today."""

from __future__ import annotations

import json
from copy import copy
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from formulary.editions import formulary_at
from formulary.facts import Stage
from formulary.findings import Finding, Level
from formulary.reference import Formulary
from formulary.services import load_formulary
from orders.models import Order, Patient
from orders.services.checks import Evaluation, check, facts_of, regimen_of
from orders.status import UNSIGNED


def recheck(order: Order) -> Evaluation:
    """What the rules say of a signed order now. Ranges, strengths and rules are those in force at
    signing, as are the prescriber's licences; the pharmacy's own, the patient's record and the other
    orders are today's."""
    formulary, today = formulary_of(order), order.practice.today
    facts = facts_of(as_known_today(order), formulary, today, stage=Stage.APPROVAL)
    facts = replace(
        facts,
        formulary_on=_written(order),
        signed_fills=signed_parts(order),
        licence_states=_licensed_then(order),
    )
    return check(facts, regimen_of(order, formulary), formulary)


def formulary_of(order: Order) -> Formulary:
    """The edition that was signed with; for orders of before editions, and drafts, today's."""
    now = load_formulary()
    edition = None if order.status in UNSIGNED else order.signature.edition_id
    return replace(formulary_at(edition), ship_states=now.ship_states) if edition else now


def signed_parts(order: Order) -> tuple[int, ...] | None:
    """Days of each part of the first fill as signed; None of an order of before they were."""
    try:
        fill = json.loads(order.signature.content)["order"]["says"]["first_fill"]
        return tuple(fill["parts"]) if fill else None
    except (ValueError, KeyError, TypeError):
        # Signed by an earlier release, or damaged, which `verify` tells.
        return None


def _licensed_then(order: Order) -> tuple[str, ...]:
    """A licence that ended since blocks new orders only; the one signed with held that day."""
    held = order.prescriber.licences.valid_on(_written(order)).values_list("state", flat=True)
    return tuple(sorted({*held, order.seen_state or order.practice.state}))


def _written(order: Order) -> date:
    moment = order.submitted_at or order.signature.signed_at
    return order.written_on or moment.astimezone(ZoneInfo(order.practice.time_zone)).date()


def as_known_today(order: Order) -> Order:
    """A copy with the answers that the patient's record was given since. Never saved."""
    record, since, today = order.patient.merged_into or order.patient, _written(order), copy(order)
    for dated, names in _ANSWERS.items():
        if _is_newer(record, dated, since):
            for name in names:
                setattr(today, name, getattr(record, name))
    if record.cautions_on and (
        order.cautions_on is None or record.cautions_on >= order.cautions_on
    ):
        for name in ("cautions", "cautions_on", "procedure_on"):
            setattr(today, name, getattr(record, name))
    return today


# When it was answered → the answers, named alike in an order and in the record.
_ANSWERS = {
    "allergies_on": ("allergies", "allergies_text"),
    "medicines_on": ("medicines",),
    "opioids_on": ("opioid_use", "opioid_kind", "opioid_last_use"),
    "measured_on": ("weight_kg", "height_cm"),
}


def _is_newer(record: Patient, dated: str, since: date) -> bool:
    """The signature itself wrote the record that day: what differs now was answered later."""
    answered: date | None = getattr(record, dated)
    return answered is not None and answered >= since


# From the lightest: a finding that was signed covers what is no heavier today.
_WEIGHT = (Level.INFO, Level.WARN, Level.NOT_CHECKED)


def new_since_signing(order: Order, found: Evaluation | None = None) -> list[Finding]:
    """What today's check says that the signature does not cover; days counted in a text may differ."""
    rows = list(order.findings.all())
    by_key = {row.key: row.level for row in rows if row.key}
    # Orders of the first release kept no keys.
    by_place = {(row.code, row.step): row.level for row in rows if not row.key}
    today = found or recheck(order)
    return [
        finding
        for finding in today.findings
        if finding.level is not Level.INFO
        and not _covers(
            by_key.get(finding.key, by_place.get((str(finding.code), finding.step))), finding
        )
    ]


def _covers(signed: str | None, finding: Finding) -> bool:
    """A stop or an open question is never signed, so it is always new."""
    if signed is None or finding.level.blocks_signing:
        return False
    return _WEIGHT.index(Level(signed)) >= _WEIGHT.index(finding.level)
