"""What one check found, before it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from intake.models import CredentialCheck
from intake.status import CheckKind, Outcome

Query = Mapping[str, object]
# Of these a match tells all there is to tell; their texts name dates that move on by themselves.
_KNOWN_BY_MATCHES = (Outcome.MISMATCH, Outcome.POSSIBLE, Outcome.HIT)
_LONGEST_TEXT = 500
# So long a look at a primary source stands in for what could not be checked; then it is made anew.
_SILENCE_COUNTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Result:
    """`query`, what was asked; `matches`, what came back, as plain JSON values.

    `ask_again`: nobody answered, but somebody may yet.
    """

    kind: CheckKind
    outcome: Outcome
    text: str
    query: Query
    source: str
    subject: str = ""
    matches: Sequence[Mapping[str, object]] = field(default=())
    ask_again: bool = False

    def says_the_same_as(self, row: CredentialCheck | None) -> bool:
        """Whether `row` tells this already, so that nothing new is to be stored.

        Why something could not be checked may change from try to try; that it could not, does not.
        It is stored again once what settled it has aged.
        """
        if row is None or (row.outcome, row.query) != (self.outcome, self.query):
            return False
        if self.outcome == Outcome.UNCHECKED:
            return row.at > timezone.now() - _SILENCE_COUNTS
        if self.outcome in _KNOWN_BY_MATCHES:
            return bool(row.matches == list(self.matches))
        return row.text == self.text[:_LONGEST_TEXT]

    def as_fields(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "subject": self.subject,
            "outcome": self.outcome,
            "text": self.text[:_LONGEST_TEXT],
            "query": dict(self.query),
            "matches": [dict(match) for match in self.matches],
            "source": self.source,
        }
