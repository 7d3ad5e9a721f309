"""What a practice answers when it asks for a refill, and what the rules say of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from formulary.dosing import Regimen
from formulary.facts import Allergies, Caution, OpioidClass, OpioidUse, Stage, TreatmentStatus
from formulary.findings import Finding, Level
from formulary.reference import Formulary, ReasonKind
from formulary.reference import Reason as CodedReason
from orders.models import Order
from orders.services.checks import Evaluation, check, facts_of, regimen_of, typed_lines
from orders.services.moves import Refused
from orders.services.signed_text import Acknowledgement
from orders.services.supply import Plan

# `Finding.code` of a refill asked for before most of the supply is used.
EARLY = "early_refill"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefillAnswers:
    """Opioids are asked anew; the rest is what stands on record, or what changed since."""

    opioid_use: str
    opioid_kind: str = ""
    opioid_last_use: date | None = None
    medicines: str | None = None
    allergies: str = ""
    allergies_text: str = ""
    cautions: tuple[str, ...] | None = None
    cautions_on: date | None = None
    procedure_on: date | None = None

    def stored(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> RefillAnswers:
        """From what `stored` wrote."""
        values = {f.name: stored[f.name] for f in fields(cls) if f.name in stored}
        for name in ("opioid_last_use", "cautions_on", "procedure_on"):
            values[name] = date.fromisoformat(values[name]) if values.get(name) else None
        if values.get("cautions") is not None:
            values["cautions"] = tuple(values["cautions"])
        return cls(**values)


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def check_refill(
    order: Order,
    answers: RefillAnswers,
    formulary: Formulary,
    *,
    plan: Plan,
    percent_used: int,
    on: date,
) -> Evaluation:
    """All rules over the last step alone, with the answers of the refill, as of a day."""
    whole = regimen_of(order, formulary)
    last = replace(whole.steps[-1], days=None)
    kind = answers.opioid_kind
    facts = facts_of(order, formulary, on, stage=Stage.FILL)
    # A licence that ended since blocks new orders alone.
    where = {facts.seen_state, facts.ship_to_state} - {None}
    facts = replace(
        facts,
        licence_states=tuple(sorted({*(facts.licence_states or ()), *map(str, where)})),
        treatment=TreatmentStatus.CONTINUING,
        first_dose=None,
        opioids=OpioidUse(answers.opioid_use) if answers.opioid_use else None,
        opioid_class=OpioidClass(kind) if kind else None,
        opioid_last_use=answers.opioid_last_use,
        medicines=None if answers.medicines is None else typed_lines(answers.medicines),
        allergies=Allergies(answers.allergies) if answers.allergies else None,
        allergy_names=typed_lines(answers.allergies_text),
        cautions=None if answers.cautions is None else tuple(map(Caution, answers.cautions)),
        cautions_on=answers.cautions_on,
        procedure_on=answers.procedure_on,
        signed_fills=plan.parts,
        percent_used=percent_used,
    )
    return check(facts, Regimen(last.product, (last,), plan.days), formulary)


def reasons_for(finding: Finding, formulary: Formulary) -> tuple[CodedReason, ...]:
    """The coded reasons that let a warning pass; an early refill has its own."""
    if finding.code == EARLY:
        return formulary.reasons_of(ReasonKind.EARLY_REFILL)
    return formulary.answers_to(finding)


def ensure_passes(
    found: Evaluation, reasons: Mapping[str, Acknowledgement], formulary: Formulary
) -> None:
    """Refused for stops, open questions and warnings without a reason that fits."""
    if blocking := [f.text for f in found.findings if f.level.blocks_signing]:
        raise Refused(" ".join(blocking))
    for finding in found.findings:
        if finding.level is Level.WARN and not _fits(finding, reasons.get(finding.key), formulary):
            raise Refused(f"Give a reason for: {finding.text}")


def _fits(finding: Finding, given: Acknowledgement | None, formulary: Formulary) -> bool:
    offered = {(str(r.kind), r.code): r for r in reasons_for(finding, formulary)}
    reason = offered.get((given.reason.kind, given.reason.code)) if given else None
    return reason is not None and given is not None and len(given.text) >= reason.min_chars


def stored_findings(
    found: Evaluation, reasons: Mapping[str, Acknowledgement]
) -> list[dict[str, str | int | None]]:
    """What the rules said, with the reason given for each warning."""
    return [_stored(finding, reasons.get(finding.key)) for finding in found.findings]


def _stored(finding: Finding, given: Acknowledgement | None) -> dict[str, str | int | None]:
    return {
        "code": str(finding.code),
        "level": str(finding.level),
        "key": finding.key,
        "text": finding.text,
        "reason": given.reason.code if given else None,
        "reason_label": given.reason.as_value().label_for(finding) if given else "",
        "reason_text": given.text if given else "",
    }
