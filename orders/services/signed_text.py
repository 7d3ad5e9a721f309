"""The text that is signed: the order's content, what the check found, who signs, when and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from formulary.findings import Finding
from formulary.models import Reason
from orders.models import Order, OrderFinding, Signature
from orders.services.content import canonical, finding_text
from orders.status import SignatureKind

MEANING = (
    "I prescribe this compounded medicine for this patient and have read what is shown above it."
)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The coded reason for which the prescriber stands by what a warning names."""

    reason: Reason
    text: str = ""


def signed_text(
    signature: Signature, content: Mapping[str, object], findings: Sequence[OrderFinding]
) -> str:
    """Canonical JSON, of which the signature keeps the SHA-256."""
    told = [finding_text(row, row.reason.code if row.reason else None) for row in findings]
    return canonical({"order": content, "findings": told, "signed": _act(signature)})


def _act(signature: Signature) -> dict[str, object]:
    """Who signs, as what, when and how."""
    order = signature.order
    return {
        "meaning": signature.meaning,
        "printed_name": signature.printed_name,
        "credential": signature.credential,
        "npi": signature.npi,
        "licence": signature.licence,
        "at": signature.signed_at.isoformat(),
        "ip": signature.ip,
        "method": str(signature.method),
        "edition": str(signature.edition.stamp) if signature.edition else None,
        "written_on": order.written_on.isoformat() if order.written_on else None,
        "expires_on": order.expires_on.isoformat() if order.expires_on else None,
        **_call(signature),
    }


def _call(signature: Signature) -> dict[str, object]:
    """Of a verbal order: who wrote it down, who spoke and when, and that it was read back."""
    if signature.kind != SignatureKind.VERBAL:
        return {}
    return {
        "kind": str(signature.kind),
        "recorded_by": signature.recorded_by.name if signature.recorded_by else None,
        "spoke_with": signature.spoke_with,
        "spoken_at": signature.spoken_at.isoformat() if signature.spoken_at else None,
        "read_back": signature.read_back,
    }


def finding_rows(
    order: Order, found: Iterable[tuple[Finding, Acknowledgement | None]]
) -> list[OrderFinding]:
    """The check as it stood at signing, all levels, with the reasons in the words they had."""
    return [
        OrderFinding(
            order=order,
            code=str(finding.code),
            level=str(finding.level),
            step=finding.step,
            text=finding.text,
            key=finding.key,
            source=finding.source[:300],
            reason=given.reason if given else None,
            reason_label=given.reason.as_value().label_for(finding) if given else "",
            reason_text=given.text if given else "",
        )
        for finding, given in found
    ]
