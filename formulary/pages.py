"""What the pages of the formulary show: counts, lists, a row with its history, a change in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Max, Model, Q, QuerySet
from django.urls import reverse

from accounts.models import User
from events.history import Version, versions
from events.models import Event
from formulary.clock import pharmacy_today
from formulary.kept import KINDS, Kind, Line, kind_of
from formulary.models import FormularyChange
from formulary.services import load_formulary
from formulary.status import OPEN, Act, ChangeKind, State

PER_PAGE = 50
# state → tone and icon of its badge
_TONES = {
    State.DRAFT: ("neutral", "pen"),
    State.WAITING: ("warn", "user-clock"),
    State.APPROVED: ("info", "calendar-day"),
    State.IN_FORCE: ("ok", "circle-check"),
    State.REFUSED: ("stop", "circle-xmark"),
    State.WITHDRAWN: ("neutral", "rotate-left"),
}
_VERBS = {
    Act.ADD: "Add",
    Act.CHANGE: "Change",
    Act.RETIRE: "Retire",
    Act.RESTORE: "Bring back",
    Act.CONFIRM: "Confirm",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """For components/badge.html."""

    word: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind on the overview."""

    kind: Kind[Any]
    url: str
    active: int
    retired: int
    waiting: int


@dataclass(frozen=True, slots=True)
class ListRow:
    name: str
    brief: str
    url: str
    mark: Mark
    # When somebody last changed or confirmed it on these screens.
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change in a list: what it does, to what, by whom, from when."""

    change: FormularyChange
    url: str
    title: str
    mark: Mark
    lines: tuple[Line, ...] = ()


def badge(change: FormularyChange) -> Mark:
    state = State(change.state)
    tone, icon = _TONES[state]
    return Mark(str(state.label), tone, icon)


def title(change: FormularyChange) -> str:
    """`Change documented range: naltrexone oral`."""
    kind = ChangeKind(change.kind).label.lower()
    return f"{_VERBS[Act(change.act)]} {kind}: {change.target}"


def change_row(change: FormularyChange, *, in_full: bool = False) -> ChangeRow:
    told = lines(change) if in_full else []
    changed = tuple(line for line in told if line.changed)
    url = reverse("formulary:change", args=[change.reference])
    return ChangeRow(change, url, title(change), badge(change), changed)


def lines(change: FormularyChange) -> list[Line]:
    return kind_of(change.kind).lines(change.before, change.after)


def warnings(change: FormularyChange) -> Sequence[str]:
    kind = kind_of(change.kind)
    return kind.warnings(Act(change.act), change.before, change.after, load_formulary())


# --- the overview -------------------------------------------------------------------------------
def overview(user: User) -> dict[str, object]:
    seen = FormularyChange.objects.visible_to(user).with_people()
    waiting = list(seen.waiting().order_by("sent_at")[:50])
    coming = list(seen.filter(state=State.APPROVED).order_by("effective_on", "id")[:50])
    latest = seen.filter(state=State.IN_FORCE).order_by("-applied_at")[:8]
    counts = dict.fromkeys(KINDS, 0)
    for change in (*waiting, *coming):
        counts[ChangeKind(change.kind)] += 1
    return {
        "kinds": [_kind_row(kind, counts[name]) for name, kind in KINDS.items()],
        "waiting": list(map(change_row, waiting)),
        "coming": list(map(change_row, coming)),
        "latest": list(map(change_row, latest)),
        "drafts": list(map(change_row, seen.filter(state=State.DRAFT)[:20])),
    }


def _kind_row(kind: Kind[Any], waiting: int) -> KindRow:
    active, retired = kind.counts()
    return KindRow(kind, reverse("formulary:rows", args=[kind.kind]), active, retired, waiting)


# --- lists --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a kind's rows, as the address asks for it."""

    kind: Kind[Any]
    rows: list[ListRow]
    page: Page[Any]
    words: str
    retired: bool

    def address(self, **changed: object) -> str:
        """The list with something else asked for; what is empty stays out of the address."""
        asked = {"q": self.words, "retired": "1" if self.retired else "", "page": ""} | changed
        query = urlencode({name: str(value) for name, value in asked.items() if value})
        here = reverse("formulary:rows", args=[self.kind.kind])
        return f"{here}?{query}" if query else here

    @property
    def newer_url(self) -> str:
        before = self.page.has_previous()
        return self.address(page=self.page.previous_page_number()) if before else ""

    @property
    def older_url(self) -> str:
        return self.address(page=self.page.next_page_number()) if self.page.has_next() else ""

    @property
    def shown(self) -> str:
        here = self.page
        return f"{here.start_index()} to {here.end_index()} of {here.paginator.count}"


def listing(kind: Kind[Any], *, words: str, retired: bool, page: str) -> Listing:
    rows = _searched(kind.standing(retired=retired), kind, words)
    shown: Page[Any] = Paginator(rows, PER_PAGE).get_page(page)
    keys = [kind.key(kind.snapshot(row)) for row in shown]
    seen = _last_seen(kind, keys)
    found = [_list_row(kind, row, seen.get(key)) for row, key in zip(shown, keys, strict=True)]
    return Listing(kind, found, shown, words, retired)


def _searched(rows: QuerySet[Any], kind: Kind[Any], words: str) -> QuerySet[Any]:
    for word in words.split()[:6]:
        found = Q()
        for column in kind.searched:
            found |= Q(**{f"{column}__icontains": word})
        rows = rows.filter(found)
    # One row has many codes.
    return rows.distinct() if any("__" in column for column in kind.searched) else rows


def _last_seen(kind: Kind[Any], keys: Iterable[str]) -> dict[str, datetime]:
    in_force = FormularyChange.objects.filter(
        kind=kind.kind, target__in=list(keys), state=State.IN_FORCE
    )
    return dict(in_force.values_list("target").annotate(at=Max("applied_at")).order_by())


def _list_row(kind: Kind[Any], row: Model, seen: datetime | None) -> ListRow:
    url = reverse("formulary:row", args=[kind.kind, row.pk])
    return ListRow(kind.name(row), kind.brief(row), url, mark(kind, row), seen)


def mark(kind: Kind[Any], row: Model) -> Mark:
    starts: date | None = getattr(row, "starts", None)
    if starts and starts > pharmacy_today():
        return Mark("Begins later", "info", "calendar-day")
    if kind.is_active(row):
        return Mark("In force", "ok", "circle-check")
    return Mark("Ended" if kind.kind == ChangeKind.RANGE else "Retired", "neutral", "box-archive")


# --- one row ------------------------------------------------------------------------------------
def row_page(kind: Kind[Any], row: Any, user: User) -> dict[str, object]:
    values = kind.snapshot(row)
    told = FormularyChange.objects.visible_to(user).of_row(kind.kind, kind.key(values))
    history = list(told.with_people().exclude(state=State.DRAFT))
    held = [change for change in history if change.state == State.IN_FORCE]
    return {
        "facts": [{"term": line.label, "value": line.after} for line in kind.lines(None, values)],
        "mark": mark(kind, row),
        "acts": [(act, _VERBS[act]) for act in kind.acts(row)],
        "open": next((change_row(c) for c in history if c.state in OPEN), None),
        "last": held[0] if held else None,
        "history": [change_row(change, in_full=True) for change in history],
        "versions": kept_versions(kind, row),
    }


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """One version that the database kept, in words."""

    version: Version
    who: str
    told: tuple[str, ...]


def kept_versions(kind: Kind[Any], row: Model) -> list[KeptVersion]:
    """Every version of the row, the newest first, whoever wrote it and by whatever way."""
    kept = versions(row)
    names = dict(
        User.objects.filter(pk__in={v.user for v in kept if v.user}).values_list("pk", "name")
    )
    return [
        KeptVersion(
            version,
            names.get(version.user or 0, version.source or "The database itself"),
            tuple(kind.told(c.field, c.before, c.after) for c in version.changes),
        )
        for version in reversed(kept)
    ]


# --- one change ---------------------------------------------------------------------------------
_EVENTS = {
    "formulary.proposed": ("paper-plane", "info", "Sent to a second pharmacist"),
    "formulary.planned": ("calendar-day", "info", "Sent: waits for its day"),
    "formulary.approved": ("user-check", "ok", "Approved"),
    "formulary.refused": ("circle-xmark", "stop", "Refused"),
    "formulary.withdrawn": ("rotate-left", "neutral", "Withdrawn"),
    "formulary.applied": ("circle-check", "ok", "In force"),
}


def timeline(change: FormularyChange) -> list[dict[str, object]]:
    """For components/timeline.html, the newest first."""
    events = Event.objects.about("formulary_change", change.pk).select_related("actor")
    found = []
    for event in reversed(list(events)):
        icon, tone, verb = _EVENTS.get(event.kind, ("circle-info", "neutral", event.kind))
        alone = "Without a colleague, a day after it was sent" if event.data.get("alone") else ""
        actor = event.actor.name if event.actor else ""
        found.append({"icon": icon, "tone": tone, "verb": verb, "actor": actor, "at": event.at,
                      "note": alone})  # fmt: skip
    return found


TABS = (
    ("waiting", "Waiting", (State.WAITING,)),
    ("coming", "Coming", (State.APPROVED,)),
    ("in-force", "In force", (State.IN_FORCE,)),
    ("closed", "Refused and withdrawn", (State.REFUSED, State.WITHDRAWN)),
    ("drafts", "My drafts", (State.DRAFT,)),
)


def changes(user: User, *, tab: str, page: str) -> dict[str, object]:
    """One page of changes. An unknown tab is the first one."""
    name, label, states = next((t for t in TABS if t[0] == tab), TABS[0])
    seen = FormularyChange.objects.visible_to(user)
    rows = seen.filter(state__in=states).with_people()
    shown: Page[FormularyChange] = Paginator(rows, PER_PAGE).get_page(page)
    here = reverse("formulary:changes")
    return {
        "tab": name,
        "label": label,
        "tabs": [
            {"label": words, "url": f"{here}?tab={one}", "current": one == name}
            for one, words, _ in TABS
        ],
        "rows": list(map(change_row, shown)),
        "newer_url": f"{here}?tab={name}&page={shown.number - 1}" if shown.number > 1 else "",
        "older_url": f"{here}?tab={name}&page={shown.number + 1}" if shown.has_next() else "",
    }
