"""What stands on the sheet of a signed order: read from what was signed, not from today's rows."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import segno
from django.conf import settings
from django.urls import reverse

from accounts.status import ProvedBy
from formulary.amounts import unbroken
from formulary.chart import dose_chart
from formulary.dosing import Regimen, Step, Timing
from formulary.fills import each_refill, first_fill
from formulary.services import load_formulary
from formulary.words import milligrams_in_words
from orders import said
from orders.models import Countersignature, Order, Signature
from orders.prescription import FillShown, fill_in_words, keep_units
from orders.said import Content, Said, day_words
from orders.status import SignatureKind, Status

_NBSP = "\u00a0"
_ENDED = (Status.CANCELLED, Status.REJECTED, Status.EXPIRED)
_LEVELS = {"warn": "Warning", "not_checked": "Not checked", "info": "Note"}
_LINES = (
    "Off-label for every skin use. Compounded medicines are not reviewed by FDA for safety, "
    "effectiveness or quality.",
    "Printed from the signed text of this order. Scan the code or open {url} for how it stands now.",
)


def sheet_of(order: Order) -> dict[str, Any]:
    """Plain texts for prescription.typ."""
    signed = json.loads(order.signature.content)
    content: Content = signed["order"]
    regimen, url = signed_regimen(content), address_of(order)
    name = said.patient(content)[0].value
    born = said.patient(content)[1].value
    return {
        "title": f"Prescription {order.reference}",
        "author": order.signature.printed_name,
        "reference": order.reference,
        "identity": f"{name} · born {born}",
        "mark": _standing(order),
        "standing": _standing(order),
        "notes": _notes(order, content),
        "absent": "Not answered",
        "signed_on": _date_parts(order.signature.signed_at),
        "dates": _dates(order, content, signed["signed"]),
        "practice": _practice(content),
        "qr": qr_of(url),
        "qr_alt": f"Code that opens the page of order {order.reference}",
        "name": name,
        "patient": _patient(content),
        "allergies": said.allergies(content) or "Not answered",
        "products": _products(regimen),
        "directions": keep_units(content["says"]["directions"]),
        "steps": steps_of(regimen),
        "fills": [_fill(fill) for fill in signed_fills(content, regimen)],
        "refills": str(content["refills"] or "None"),
        "clinical": _halves([row for row in said.clinical(content) if row.term != "Allergies"]),
        "delivery": _halves(said.delivery(content)),
        "findings": [_finding(found) for found in signed["findings"]],
        "signature": _signature(order.signature, content, signed["signed"]),
        "lines": [words.format(url=url) for words in _LINES],
    }


def address_of(order: Order) -> str:
    return str(settings.PUBLIC_URL) + reverse("orders:detail", args=[order.reference])


def qr_of(text: str) -> str:
    """The code as SVG, without a quiet zone: the sheet leaves room around it."""
    drawn = io.BytesIO()
    segno.make_qr(text, error="m").save(drawn, kind="svg", border=0, xmldecl=False, nl=False)
    return drawn.getvalue().decode()


def signed_regimen(content: Content) -> Regimen:
    """The steps that were signed; a product is retired but never changed, so its code is enough."""
    products = load_formulary().products
    steps = tuple(
        Step(
            products[step["product"]],
            Decimal(step["dose_mg"]),
            step["times_per_day"],
            step["days"],
            Timing(step["timing"]),
        )
        for step in content["steps"]
    )
    return Regimen(products[content["product"]], steps, content["days_supply"])


def steps_of(regimen: Regimen) -> list[dict[str, str]]:
    """The rows of the chart's table, and each daily total in words."""
    chart = dose_chart(regimen, None)
    if chart is None:
        return []
    return [
        {
            "number": str(row.number),
            "span": row.span,
            "taken": row.taken,
            "daily": row.daily,
            "words": milligrams_in_words(step.daily_mg),
        }
        for row, step in zip(chart.steps, regimen.steps, strict=True)
    ]


def signed_fills(content: Content, regimen: Regimen) -> list[FillShown]:
    """As signed; of an order signed before fills were, worked out from its signed steps."""
    figures, says = load_formulary().figures, content["says"]
    if "first_fill" in says:
        first, refill = says["first_fill"], says["each_refill"]
    else:
        fills = first_fill(regimen, figures), each_refill(regimen, figures)
        first, refill = (
            fill
            and {
                "quantity": fill.quantity,
                "days": fill.days,
                "directions": fill.directions,
                "parts": fill.parts,
            }
            for fill in fills
        )
    named = [("First fill", first), ("Each refill", refill if content["refills"] else None)]
    return [
        fill_in_words(
            term,
            fill["quantity"],
            fill["days"],
            "" if fill["directions"] == first["directions"] else fill["directions"],
            fill["parts"],
        )
        for term, fill in named
        if fill
    ]


def _fill(fill: FillShown) -> dict[str, str]:
    directions = fill.directions or "As above"
    return {
        "term": fill.term,
        "quantity": fill.quantity,
        "supply": fill.supply,
        "said": "\n".join(filter(None, (directions, fill.plan))),
    }


def _products(regimen: Regimen) -> list[dict[str, str]]:
    return [
        {
            "drug": product.drug,
            "strength": product.strength.replace(" ", _NBSP),
            "form": product.form,
            "route": product.route_words,
        }
        for product in regimen.products
    ]


# --- whom and when ------------------------------------------------------------------------------
def _standing(order: Order) -> str:
    """Words across the top of an order that is not to be filled; blank while it may be."""
    if order.status not in _ENDED:
        return ""
    on = day_words(_local_day(order, order.status_at))
    words = f"{order.get_status_display()} on {on}"
    return f"{words}: {order.status_reason}" if order.status_reason else words


def _notes(order: Order, content: Content) -> list[str]:
    notes = []
    if urgent := content["says"]["urgent"]:
        notes.append(f"Urgent: {urgent}")
    if replaced := content.get("revises"):
        notes.append(f"Revision {content['revision']}. Replaces {replaced}.")
    return notes


def _dates(order: Order, content: Content, act: Mapping[str, Any]) -> str:
    written = act.get("written_on")
    day = date.fromisoformat(written) if written else _local_day(order, order.signature.signed_at)
    words = [f"Written {day_words(day)}"]
    if "effective_on" in content:
        on = content["effective_on"]
        first = day_words(date.fromisoformat(on)) if on else "on receipt"
        words.append(f"effective {first}")
    if until := act.get("expires_on"):
        words.append(f"holds until {day_words(date.fromisoformat(until))}")
    return " · ".join(words)


def _local_day(order: Order, moment: datetime) -> date:
    """The day at the practice."""
    return moment.astimezone(ZoneInfo(order.practice.time_zone)).date()


def _date_parts(moment: datetime) -> dict[str, int]:
    day = moment.astimezone(UTC).date()
    return {"year": day.year, "month": day.month, "day": day.day}


def _practice(content: Content) -> dict[str, str]:
    practice: Mapping[str, str] = content["practice"]
    phone = practice["phone"].replace(" ", _NBSP)
    return {"name": practice["name"], "lines": f"{said.place_words(practice)}\n{phone}"}


def _utc(moment: datetime) -> str:
    utc = moment.astimezone(UTC)
    return f"{day_words(utc.date())}, {utc:%H:%M:%S} UTC"


# --- the signature ------------------------------------------------------------------------------
def _signature(signature: Signature, content: Content, act: Mapping[str, Any]) -> dict[str, Any]:
    verbal = signature.kind == SignatureKind.VERBAL
    rows = [
        Said("NPI", signature.npi),
        Said("Licence", signature.licence),
    ]
    if words := said.supervisor(content):
        rows.append(Said("Supervising physician", words))
    rows += _spoken(signature) if verbal else _signed(signature, act)
    return {
        "title": "Verbal order" if verbal else "Signature of the prescriber",
        "name": signature.printed_name,
        "facts": _halves(rows),
        "meaning": signature.meaning,
        "sha256": signature.sha256,
    }


def _signed(signature: Signature, act: Mapping[str, Any]) -> list[Said]:
    rows = [Said("Signed electronically", _utc(signature.signed_at))]
    if method := act.get("method"):
        rows.append(Said("Proved by", str(ProvedBy(method).label)))
    return rows


def _spoken(signature: Signature) -> list[Said]:
    assert signature.recorded_by is not None  # noqa: S101  the database holds it
    assert signature.spoken_at is not None  # noqa: S101
    rows = [
        Said("Spoken by", signature.spoke_with),
        Said("Spoken", _utc(signature.spoken_at)),
        Said("Read back", "Yes" if signature.read_back else "No"),
        Said("Written and signed by", signature.recorded_by.name),
        Said("Signed electronically", _utc(signature.signed_at)),
    ]
    later = (
        Countersignature.objects.filter(order_id=signature.order_id).select_related("by").first()
    )
    words = f"{later.by.name}, {_utc(later.signed_at)}" if later else "Not yet"
    return [*rows, Said("Countersigned", words)]


def _patient(content: Content) -> list[list[dict[str, str]]]:
    """Who it is at the left, under the name; where to find them at the right."""
    _, born, sex, address, phone, record = said.patient(content)
    return [_facts([born, sex, record]), _facts([address, phone])]


# --- small shapes -------------------------------------------------------------------------------
def _facts(rows: Iterable[Said]) -> list[dict[str, str]]:
    return [{"term": row.term, "value": unbroken(row.value)} for row in rows]


def _halves(rows: list[Said]) -> list[list[dict[str, str]]]:
    """Two columns, the first the longer."""
    middle = (len(rows) + 1) // 2
    return [_facts(rows[:middle]), _facts(rows[middle:])]


def _finding(found: Mapping[str, Any]) -> dict[str, str]:
    step = f" at step {found['step']}" if found["step"] else ""
    reason = ": ".join(filter(None, (found["reason_label"], found["reason_text"])))
    return {
        "level": _LEVELS.get(found["level"], found["level"]) + step,
        "text": unbroken(found["text"]),
        "reason": unbroken(reason),
    }
