"""Where a person stands: the newest check of each kind, how it was settled, what blocks approval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from accounts.models import Prescriber
from intake.models import Applicant, CheckPlan, CredentialCheck, Settlement
from intake.services.checks.person import Person, of_applicant, of_prescriber
from intake.services.checks.result import Query
from intake.services.checks.running import Key, expected
from intake.status import SETTLEABLE, CheckKind, Outcome

NOT_YET = "Not checked yet"
# A finding that comes back unchanged stays settled. That somebody could not be checked does not:
# the look at the primary source has aged.
_CARRIED = (Outcome.MISMATCH, Outcome.POSSIBLE)


@dataclass(frozen=True, slots=True)
class Line:
    """One check as the reviewer reads it; `row` is None until it was made for these answers."""

    kind: CheckKind
    subject: str
    row: CredentialCheck | None
    settlement: Settlement | None

    @property
    def label(self) -> str:
        return f"{self.kind.label}: {self.subject}" if self.subject else self.kind.label

    @property
    def outcome(self) -> Outcome | None:
        return Outcome(self.row.outcome) if self.row else None

    @property
    def outcome_words(self) -> str:
        return self.outcome.label if self.outcome else NOT_YET

    @property
    def may_be_settled(self) -> bool:
        return self.outcome in SETTLEABLE and self.settlement is None

    @property
    def blocks(self) -> str:
        """Why nobody can be approved on this; empty when it is no obstacle."""
        if self.outcome is None:
            return f"{self.label}: not checked yet."
        if self.outcome == Outcome.HIT:
            return f"{self.label}: a hit. This prescriber can only be rejected."
        if self.outcome == Outcome.PASS or self.settlement:
            return ""
        return f"{self.label}: {self.outcome.label.lower()}, not settled yet."


@dataclass(frozen=True, slots=True)
class Standing:
    """`checked_at`: the last time everything was asked, changed or not; `due_at`: the next."""

    lines: tuple[Line, ...]
    checked_at: datetime | None
    due_at: datetime | None

    @property
    def blocks(self) -> tuple[str, ...]:
        """In words, what keeps this person from being approved."""
        return tuple(line.blocks for line in self.lines if line.blocks)

    @property
    def is_clear(self) -> bool:
        return not self.blocks

    @property
    def is_excluded(self) -> bool:
        """Whether there is a hit: rejecting is the only decision left."""
        return any(line.outcome == Outcome.HIT for line in self.lines)

    @property
    def findings(self) -> tuple[Line, ...]:
        """What somebody has to look at: everything that is no pass and was not settled."""
        return tuple(line for line in self.lines if line.blocks)


def standing(applicant: Applicant) -> Standing:
    """The applicant's checks, against the answers as they are now."""
    return standings([applicant])[applicant.pk]


def standings(applicants: Sequence[Applicant]) -> dict[int, Standing]:
    """By applicant, in the same number of statements for one and for many.

    Fetch them with select_related("application__practice").
    """
    mine = Q(applicant__in=applicants)
    rows, settled, plans = _newest(mine), _settled(mine), _plans(mine)
    return {
        one.pk: _standing(of_applicant(one), rows[one.pk], settled[one.pk], plans.get(one.pk))
        for one in applicants
    }


def standing_of(prescriber: Prescriber) -> Standing:
    """The monthly checks of a prescriber on file; what was settled on applying stays settled."""
    key = prescriber.pk
    mine = Q(prescriber=prescriber)
    settled = _settled(mine | Q(applicant__prescriber=prescriber))
    together = [row for rows in settled.values() for row in rows]
    return _standing(of_prescriber(prescriber), _newest(mine)[key], together, _plans(mine).get(key))


_Rows = Mapping[Key, CredentialCheck]


def _standing(
    person: Person,
    rows: _Rows,
    settled: Iterable[CredentialCheck],
    plan: CheckPlan | None,
) -> Standing:
    return Standing(
        lines=tuple(
            _line(key, query, rows.get(key), settled) for key, query in expected(person).items()
        ),
        checked_at=plan.checked_at if plan else None,
        due_at=plan.due_at if plan else None,
    )


def _line(
    key: Key, query: Query, row: CredentialCheck | None, settled: Iterable[CredentialCheck]
) -> Line:
    kind, subject = CheckKind(key[0]), key[1]
    # A check of other answers than the present ones says nothing about these.
    if row is None or row.query != query:
        return Line(kind, subject, None, None)
    same = (one for one in settled if one.pk == row.pk or _tells_the_same(one, row))
    found = max(same, key=lambda one: one.pk, default=None)
    return Line(kind, subject, row, found.settlement if found else None)


def _tells_the_same(one: CredentialCheck, row: CredentialCheck) -> bool:
    parts = ("kind", "subject", "outcome", "query", "matches")
    return row.outcome in _CARRIED and all(getattr(one, p) == getattr(row, p) for p in parts)


def _newest(mine: Q) -> dict[int, dict[Key, CredentialCheck]]:
    found: dict[int, dict[Key, CredentialCheck]] = defaultdict(dict)
    for row in CredentialCheck.objects.filter(mine).newest():
        found[_owner_key(row)][row.kind, row.subject] = row
    return found


def _settled(mine: Q) -> dict[int, list[CredentialCheck]]:
    found: dict[int, list[CredentialCheck]] = defaultdict(list)
    rows = CredentialCheck.objects.filter(mine, settlement__isnull=False)
    for row in rows.select_related("settlement__by", "settlement__reason"):
        found[_owner_key(row)].append(row)
    return found


def _plans(mine: Q) -> dict[int, CheckPlan]:
    return {_owner_key(plan): plan for plan in CheckPlan.objects.filter(mine)}


def _owner_key(row: CredentialCheck | CheckPlan) -> int:
    return row.applicant_id or row.prescriber_id or 0
