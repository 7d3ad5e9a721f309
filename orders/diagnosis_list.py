"""Diagnosis codes to choose from, as the order form lists them while one types."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from formulary.icd import Child, Found, Row, documented_of, look_up, search
from formulary.icd_typed import Typed, normal
from formulary.reference import WELL_FORMED_CODE, CodeStanding, Documented, Formulary

FIELD, SEARCH_FIELD = "diagnosis_code", "diagnosis_search"
_SAID = {
    Documented.TREATABLE: ("Listed as treatable", "info"),
    Documented.EMERGENT: ("Evidence called emergent", "ask"),
    Documented.AUTOIMMUNE_ONLY: ("Named, not as treated", "neutral"),
    Documented.NOT_DOCUMENTED: ("Not documented", "neutral"),
}
# What is said of a code that is offered although the list does not have it.
_UNLISTED = {
    CodeStanding.UNKNOWN: "Not in the list of codes: the pharmacist compares it",
    CodeStanding.NOT_LOADED: "Cannot be compared here: the pharmacist does",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list. Only a `choosable` one has a radio button; `said` is what is documented
    of it, in `tone`. A header `offers` the codes below it, unless they are in the list already."""

    code: str
    label: str
    choosable: bool = True
    chosen: bool = False
    condition: str = ""
    said: str = ""
    tone: str = "neutral"
    other_name: str = ""
    note: str = ""
    offers: tuple[Child, ...] = ()
    further: int = 0


@dataclass(frozen=True, slots=True)
class DiagnosisList:
    """What was typed and found. `listed` of `total` codes are shown; a code chosen before stays the
    first, and a full code that is not in the list may be written nevertheless."""

    text: str
    chosen: str
    choices: tuple[Choice, ...]
    listed: int = 0
    total: int = 0
    loaded: bool = True
    asked: bool = False


def diagnosis_list(
    text: str, *, chosen: str = "", on: date, formulary: Formulary, limit: int = 10
) -> DiagnosisList:
    """The list for what was typed; one query, and one more for a code that it does not hold."""
    found = search(text, on=on, formulary=formulary, limit=limit)
    rows = [_choice(row, found, chosen, formulary) for row in found.rows]
    there = {row.code for row in rows} | {child.code for row in rows for child in row.offers}
    kept = normal(chosen) if chosen else ""
    if kept and kept not in there:
        rows = [_unlisted(kept, on, formulary, chosen=True), *rows]
    code = Typed.of(text).code if found.loaded or found.too_short else normal(text)
    if code != kept and WELL_FORMED_CODE.fullmatch(code) and not _begins(code, found):
        rows.append(_unlisted(code, on, formulary))
    return DiagnosisList(
        text=text,
        chosen=kept,
        choices=tuple(rows),
        listed=len(found.rows),
        total=found.total,
        loaded=found.loaded,
        asked=not found.too_short,
    )


def _begins(code: str, found: Found) -> bool:
    return any(row.code.startswith(code) for row in found.rows)


def _choice(row: Row, found: Found, chosen: str, formulary: Formulary) -> Choice:
    said, tone = _SAID[row.documented] if row.documented else ("", "neutral")
    condition = formulary.indications.get(row.condition)
    offers = () if row.billable or _is_covered(row, found) else row.children
    return Choice(
        code=row.code,
        label=row.label,
        choosable=row.billable,
        chosen=row.billable and row.code == normal(chosen),
        condition=condition.name if condition else "",
        said=said,
        tone=tone,
        other_name=row.other_name,
        offers=offers,
        further=row.children_total - len(offers) if offers else 0,
    )


def _is_covered(header: Row, found: Found) -> bool:
    """A code below it is in the list, or a header above it offers its codes: none is listed twice."""
    return any(
        other.code.startswith(header.code)
        if other.billable
        else header.code != other.code and header.code.startswith(other.code)
        for other in found.rows
    )


def _unlisted(code: str, on: date, formulary: Formulary, *, chosen: bool = False) -> Choice:
    """A code that the search did not list: chosen earlier, not in the release, or ended."""
    known = look_up(code, on=on)
    if known.standing is CodeStanding.HEADER:
        further = known.children_total - len(known.children)
        return Choice(code, known.label, choosable=False, offers=known.children, further=further)
    if known.standing is CodeStanding.ENDED and known.ended:
        note = f"Ended on {known.ended:%B} {known.ended.day}, {known.ended.year}: choose another"
        return Choice(code, known.label, choosable=False, note=note)
    label = known.label or "As you wrote it"
    row = Row(code, label, True, *documented_of(code, formulary))
    choice = _choice(row, Found((row,)), code if chosen else "", formulary)
    return replace(choice, note=_UNLISTED.get(known.standing, ""))
