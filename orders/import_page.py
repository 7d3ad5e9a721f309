"""What an import's page shows: how far the work is, and the rows before they become patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Count, Q
from django.urls import reverse

from orders.models import PatientImport, PatientImportRow
from orders.patient_files import LABELS
from orders.querysets import PatientImportRowQuerySet
from orders.status import ImportState

PER_PAGE = 50


class Show(StrEnum):
    WRONG = "wrong"
    DOUBLES = "doubles"
    READY = "ready"


_LABELS = {
    Show.WRONG: "To correct", Show.DOUBLES: "Looks like the same person", Show.READY: "Ready",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """`words` is what a screen reader hears; `poll_url` gives the next."""

    worked: int
    total: int
    title: str
    words: str
    poll_url: str


def progress(batch: PatientImport) -> Progress:
    reading = batch.state == ImportState.READING
    verb = "checked" if reading else "imported"
    return Progress(
        batch.worked,
        batch.total,
        "Checking the list" if reading else "Importing the patients",
        f"{batch.worked} of {batch.total} rows {verb}",
        reverse("orders:patient_import_poll", args=[batch.reference]),
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a row: what was typed, and what is wrong with it."""

    label: str
    value: str
    error: str


@dataclass(frozen=True, slots=True)
class Line:
    row: PatientImportRow
    cells: tuple[Cell, ...]

    @property
    def name(self) -> str:
        """For the label of its control."""
        return f"{self.row.values['family_name'].upper()}, {self.row.values['given_name']}"


@dataclass(frozen=True, slots=True)
class LookedOver:
    """One page of one tab. `made` counts what Import would make."""

    show: Show
    tabs: list[dict[str, object]]
    lines: list[Line]
    made: int
    counts: Mapping[Show, int]
    ignored: list[str]
    newer_url: str
    older_url: str
    shown: str

    @property
    def may_import(self) -> bool:
        """Whether anything would be made: what is ready, ticked, or could be ticked here."""
        return bool(self.made or (self.show is Show.DOUBLES and self.lines))

    @property
    def lines_shown(self) -> str:
        return ",".join(str(line.row.line) for line in self.lines)


def looked_over(batch: PatientImport, *, show: str, page: int) -> LookedOver:
    """Anything unknown in `show` opens the first that has rows."""
    counts, anyway = _counts(batch)
    first = next((tab for tab in Show if counts[tab]), Show.READY)
    chosen = Show(show) if show in set(Show) else first
    pages = max(1, -(-counts[chosen] // PER_PAGE))
    number = min(page, pages)
    start = (number - 1) * PER_PAGE
    rows = list(_rows(batch, chosen)[start : start + PER_PAGE])
    return LookedOver(
        show=chosen,
        tabs=[
            {"label": _LABELS[tab], "url": _url(batch, tab), "count": counts[tab],
             "current": tab is chosen}
            for tab in Show
        ],
        lines=[Line(row, tuple(_cells(row))) for row in rows],
        made=counts[Show.READY] + anyway,
        counts=counts,
        ignored=[header for header, field in batch.columns if not field],
        newer_url=_url(batch, chosen, number - 1) if number > 1 else "",
        older_url=_url(batch, chosen, number + 1) if number < pages else "",
        shown=f"{start + 1}–{start + len(rows)} of {counts[chosen]}" if rows else "",
    )  # fmt: skip


def _counts(batch: PatientImport) -> tuple[dict[Show, int], int]:
    """Rows by tab, and how many doubles are ticked; in one statement."""
    right, double = Q(errors={}), Q(twin__isnull=False) | Q(twin_line__isnull=False)
    found = batch.rows.aggregate(
        wrong=Count("pk", filter=~right),
        doubles=Count("pk", filter=right & double),
        ready=Count("pk", filter=right & ~double),
        anyway=Count("pk", filter=right & double & Q(create_anyway=True)),
    )
    return {tab: found[str(tab)] for tab in Show}, found["anyway"]


def _rows(batch: PatientImport, tab: Show) -> PatientImportRowQuerySet:
    rows = batch.rows.select_related("twin")
    chosen = {Show.WRONG: rows.wrong, Show.DOUBLES: rows.twins, Show.READY: rows.ready}[tab]
    found: PatientImportRowQuerySet = chosen()
    return found.order_by("line")


def _cells(row: PatientImportRow) -> list[Cell]:
    named = [name for name in LABELS if name in row.values]
    return [Cell(LABELS[n], _value(row, n), row.errors.get(n, "")) for n in named]


def _value(row: PatientImportRow, name: str) -> str:
    value = str(row.values[name])
    if name == "birth_date" and not row.errors:
        born = date.fromisoformat(value)
        return f"{born:%b} {born.day}, {born.year}"
    return value


def _url(batch: PatientImport, tab: Show, page: int = 1) -> str:
    query = {"show": str(tab)} | ({"page": page} if page > 1 else {})
    return reverse("orders:patient_import", args=[batch.reference], query=query)
