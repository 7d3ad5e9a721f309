"""An order's answers in words, from its content: the same on the screen and on paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from accounts.house_dates import MONTHS
from orders.status import (
    Allergies,
    BillTo,
    Caution,
    OpioidKind,
    OpioidUse,
    SeenWhere,
    Sex,
    ShipTo,
    TreatmentStatus,
)

# `services.content.order_content`: plain strings and whole numbers. A release before this one signed
# fewer keys: what was not asked then is not told as unanswered.
Content = Mapping[str, Any]
_NBSP = "\u00a0"


class Said(NamedTuple):
    """One answer; a blank value is a question without one."""

    term: str
    value: str


def day_words(day: date | None) -> str:
    return f"{MONTHS[day.month - 1]}{_NBSP}{day.day}, {day.year}" if day else ""


def _day(text: str | None) -> str:
    return day_words(date.fromisoformat(text)) if text else ""


def patient(content: Content) -> list[Said]:
    person: Mapping[str, str] = content["patient"]
    place = f"{person['city']}, {person['state']} {person['zip_code']}"
    return [
        Said("Name", f"{person['family_name'].upper()}, {person['given_name']}"),
        Said("Date of birth", _day(person["birth_date"])),
        Said("Sex", Sex(person["sex"]).label),
        Said("Address", f"{person['address']}\n{place}"),
        Said("Phone", person["phone"].replace(" ", _NBSP)),
        Said("Record no.", person["reference"]),
    ]


def clinical(content: Content) -> list[Said]:
    """Blank is not answered: it never reads as none."""
    status, medicines = content["treatment_status"], content["medicines"]
    return [
        Said("Treatment status", TreatmentStatus(status).label if status else ""),
        *_start(content),
        Said("Allergies", allergies(content)),
        Said("Current medicines", "None" if medicines == "" else medicines or ""),
        *_opioids(content),
        *_cautions(content),
        *_body(content),
        *diagnosis(content),
        *_reason(content),
        *_seen(content),
    ]


def _start(content: Content) -> list[Said]:
    if "effective_on" not in content:
        return []
    return [Said("First dose", _day(content["effective_on"]) or "On receipt")]


def allergies(content: Content) -> str:
    answer = content["allergies"]
    if answer == Allergies.LISTED:
        return str(content["allergies_text"])
    return str(Allergies(answer).label) if answer else ""


def _opioids(content: Content) -> list[Said]:
    use, kind = content["opioid_use"], content["opioid_kind"]
    found = [Said("Opioids", OpioidUse(use).label if use else "")]
    if use not in ("", OpioidUse.NEVER):
        found += [
            Said("Kind of opioid", OpioidKind(kind).label if kind else ""),
            Said("Last opioid taken", _day(content["opioid_last_use"])),
        ]
    if last := content.get("naltrexone_last_dose"):
        found.append(Said("Last full-strength naltrexone", _day(last)))
    return found


def _cautions(content: Content) -> list[Said]:
    if "cautions" not in content:
        return []
    answered, asked = content["cautions"], _day(content["cautions_on"])
    kept = [caution.label for caution in Caution if caution in (answered or ())]
    words = ", ".join(kept) or "None of those asked"
    found = [Said("Cautions", "" if answered is None else f"{words} (asked {asked})")]
    if on := content.get("procedure_on"):
        found.append(Said("Day of the procedure", _day(on)))
    return found


def _body(content: Content) -> list[Said]:
    measures = (("Weight", "weight_kg", "kg"), ("Height", "height_cm", "cm"))
    return [
        Said(term, f"{content[key]}{_NBSP}{unit}")
        for term, key, unit in measures
        if content.get(key)
    ]


def diagnosis(content: Content) -> list[Said]:
    name, code = content["says"]["indication"], content["icd_code"]
    found = [Said("Diagnosis", f"{name}, ICD-10-CM {code}")]
    label = content.get("icd_label")
    if label and label != name:
        found.append(Said("Words of the code", label))
    if rationale := content.get("rationale"):
        found.append(Said("Rationale", rationale))
    excluded = content.get("obstruction_excluded")
    if excluded is not None:
        found.append(Said("Mechanical obstruction", "Excluded" if excluded else "Not excluded"))
    return found


def _reason(content: Content) -> list[Said]:
    label, words = content["says"]["reason"], content["reason_text"]
    found = [Said("Reason for compounding", f"{label}: {words}" if words else label)]
    if avoid := content.get("avoid"):
        found.append(Said("Leave out", avoid))
    return found


def _seen(content: Content) -> list[Said]:
    """Where the patient was: nothing of an order signed before it was asked."""
    if "seen_where" not in content:
        return []
    where, place, state = (
        content["seen_where"],
        content.get("seen_location"),
        content["seen_state"],
    )
    if not where:
        return [Said("Patient seen", "")]
    words = f"{SeenWhere(where).label}, {state}" if state else SeenWhere(where).label
    return [Said("Patient seen", f"{words}\n{place['name']}" if place else words)]


def delivery(content: Content) -> list[Said]:
    urgent = content["says"]["urgent"]
    found = [Said("Ship to", ship_to(content))]
    if "bill_to" in content:
        bill = content["bill_to"]
        found.append(Said("Bill to", BillTo(bill).label if bill else ""))
    return [
        *found,
        Said("Urgency", f"Urgent: {urgent}" if urgent else "Routine"),
        Said("Note to the pharmacy", content["note"]),
    ]


def ship_to(content: Content) -> str:
    """One of two usual places, or a further address in full."""
    to = content.get("ship_to_location")
    if to is None:
        return ShipTo(content["ship_to"]).label
    return f"{to['name']}\n{place_words(to)}"


def place_words(place: Mapping[str, str]) -> str:
    return f"{place['address']}, {place['city']}, {place['state']} {place['zip_code']}"


def supervisor(content: Content) -> str:
    """The supervising physician in full; blank without one."""
    named = content.get("supervisor")
    if not named:
        return ""
    licence = f"licence {named['licence_state']} {named['licence_number']}"
    where = ", ".join(filter(None, (named["phone"], named["address"])))
    return "\n".join(filter(None, (f"{named['name']}, NPI {named['npi']}, {licence}", where)))
