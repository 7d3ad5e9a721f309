"""Searching diagnosis codes as one types, and what the loaded release says of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from formulary import icd_sql
from formulary.icd_typed import Typed, normal
from formulary.models import DiagnosisCode
from formulary.reference import CodeStanding, Documented, Formulary

# Of a header's billable codes, so many are offered; it may have hundreds.
CHILDREN = 12

_Answer = tuple[str, str, bool, str, int | None, list[tuple[str, str]] | None]


@dataclass(frozen=True, slots=True)
class Child:
    """A billable code below a header."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """A code that was found. `condition` is the slug of the formulary's condition it belongs to, or
    blank; `other_name` the one that was typed; a header has `children_total` billable codes below
    it, the first of them in `children`."""

    code: str
    label: str
    billable: bool
    condition: str = ""
    documented: Documented | None = None
    other_name: str = ""
    children: tuple[Child, ...] = ()
    children_total: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """The first of `total` rows. Not `loaded`: no codes are in force. `too_short`: type on."""

    rows: tuple[Row, ...] = ()
    total: int = 0
    loaded: bool = True
    too_short: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a code on a day. `release` is the newest that lists it, `ended` its last day."""

    code: str
    standing: CodeStanding
    label: str = ""
    release: str = ""
    ended: date | None = None
    children: tuple[Child, ...] = ()
    children_total: int = 0


def search(text: str, *, on: date, formulary: Formulary, limit: int = 10) -> Found:
    """Codes that begin as typed, and those whose titles or other names hold every typed word or its
    beginning; the formulary's conditions first, the documented ones before the others. One query."""
    typed = Typed.of(text)
    if not typed.is_enough:
        return Found(too_short=True)
    shown: dict[str, str | int] = {"on": on.isoformat(), "limit": limit, "children": CHILDREN}
    with connection.cursor() as cursor:
        cursor.execute(
            icd_sql.SEARCH[typed.kind], {**shown, **typed.values(), **_places(formulary)}
        )
        total, loaded, rows = cursor.fetchone()
    return Found(tuple(_row(row, typed, formulary) for row in rows), total, loaded)


def look_up(code: str, *, on: date) -> Standing:
    """A code, written with or without its point, on a day. One query."""
    written = normal(code)
    asked: dict[str, str | int] = {"code": written, "on": on.isoformat(), "children": CHILDREN}
    with connection.cursor() as cursor:
        cursor.execute(icd_sql.LOOK_UP, asked)
        loaded, label, billable, release, valid_to, total, below = cursor.fetchone()
    if not loaded:
        return Standing(written, CodeStanding.NOT_LOADED)
    if label is None:
        return Standing(written, CodeStanding.UNKNOWN)
    if valid_to is not None and valid_to < on:
        return Standing(written, CodeStanding.ENDED, label, release, ended=valid_to)
    if billable:
        return Standing(written, CodeStanding.BILLABLE, label, release)
    return Standing(
        written,
        CodeStanding.HEADER,
        label,
        release,
        children=_children(below),
        children_total=total,
    )


def children(code: str, *, on: date) -> tuple[Child, ...]:
    """Every billable code below a header, in their order. One query."""
    below = DiagnosisCode.objects.in_force(on).billable_below(normal(code))
    return tuple(Child(*row) for row in below.values_list("code", "label"))


def documented_of(code: str, formulary: Formulary) -> tuple[str, Documented | None]:
    """The slug of the formulary's condition that a full code belongs to, and what is documented of
    it; blank and None for any other code."""
    condition = next((row for row in formulary.indications.values() if row.accepts(code)), None)
    return (condition.slug, condition.documented_for(code)) if condition else ("", None)


def _places(formulary: Formulary) -> dict[str, list[str]]:
    """Every code of the formulary and the headers above it, documented or not. Prefixes apart."""
    values: dict[str, list[str]] = {
        key: [] for key in ("first", "first_below", "then", "then_below")
    }
    for indication in formulary.indications.values():
        for row in indication.codes:
            documented = row.documented or indication.documented
            key = "first" if documented.is_documented else "then"
            values[key] += [row.code[:end].rstrip(".") for end in range(3, len(row.code) + 1)]
            if row.is_prefix:
                values[f"{key}_below"].append(f"{row.code}%")
    return values


def _row(answer: _Answer, typed: Typed, formulary: Formulary) -> Row:
    code, label, billable, other_names, total, below = answer
    condition, documented = documented_of(code, formulary) if billable else ("", None)
    return Row(
        code=code,
        label=label,
        billable=billable,
        condition=condition,
        documented=documented,
        other_name=typed.name_among(other_names.splitlines(), but_not=label),
        children=_children(below),
        children_total=total or 0,
    )


def _children(below: list[tuple[str, str]] | None) -> tuple[Child, ...]:
    return tuple(Child(code, label) for code, label in below or ())
