"""Who changed what in the formulary, why, on which source, from which day, and who agreed."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from events.references import new_reference
from events.triggers import never_truncated
from formulary.querysets import FormularyChangeQuerySet
from formulary.status import ALONE_AFTER, MOVES, OPEN, Act, ChangeKind, State


def change_reference() -> str:
    return new_reference("FC")


# What a pharmacist reads before agreeing: settled once it was sent.
_CONTENT = (
    "reference", "kind", "act", "target", "row_id", "before", "after", "reason", "source",
    "effective_on", "needs_second", "author_id",
)  # fmt: skip
_SENT_AND_CHANGED = pgtrigger.Condition(
    "OLD.state <> 'draft' AND ("
    + " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _CONTENT)
    + ")"
)


class FormularyChange(models.Model):
    """One change of one row. `before` and `after` hold its columns as plain JSON: figures in ISMP
    spelling, days as 2026-11-22, rows below it as lists; `before` is null of a row that is added.
    """

    reference = models.CharField(max_length=12, unique=True, default=change_reference)
    kind = models.CharField(max_length=20, choices=ChangeKind.choices)
    act = models.CharField(max_length=10, choices=Act.choices)
    # The row's own key, as people know it: a code, a name, a state. Of a range: drug and route.
    target = models.CharField(max_length=130)
    row_id = models.BigIntegerField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField()
    reason = models.CharField(max_length=500)
    source = models.CharField(max_length=200)
    effective_on = models.DateField()
    needs_second = models.BooleanField()

    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # The pharmacist who approved or refused it.
    second = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    # Put in force by its author, who had no colleague.
    alone = models.BooleanField(default=False)
    # Why it was refused or withdrawn.
    words = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    written_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)

    objects = FormularyChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(second=None) | ~Q(second=F("author")),
                name="nobody_decides_on_their_own_change",
            ),
            models.CheckConstraint(
                condition=Q(needs_second=False)
                | ~Q(state__in=[State.APPROVED, State.IN_FORCE])
                | Q(second__isnull=False)
                | Q(alone=True),
                name="what_needs_a_second_pharmacist_had_one",
            ),
            models.CheckConstraint(
                condition=Q(alone=False)
                | Q(
                    sent_at__isnull=False,
                    decided_at__isnull=False,
                    decided_at__gte=F("sent_at") + ALONE_AFTER,
                ),
                name="who_is_alone_waits_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state=State.IN_FORCE, applied_at__isnull=False)
                | (~Q(state=State.IN_FORCE) & Q(applied_at=None)),
                name="a_change_in_force_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.DRAFT, State.WITHDRAWN]) | Q(sent_at__isnull=False),
                name="a_change_is_sent_before_anything_comes_of_it",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.REFUSED) | ~Q(words=""),
                name="a_refusal_is_said_in_words",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(source=""),
                name="a_change_has_a_reason_and_a_source",
            ),
            models.CheckConstraint(
                condition=Q(act=Act.ADD, before=None, row_id=None)
                | (~Q(act=Act.ADD) & Q(before__isnull=False, row_id__isnull=False)),
                name="a_change_knows_what_it_changes",
            ),
            models.UniqueConstraint(
                fields=["kind", "target"],
                condition=Q(state__in=OPEN),
                name="one_change_of_a_row_waits_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "target", "-id"], name="change_of_a_row"),
            models.Index(
                fields=["effective_on"],
                name="change_waits_for_its_day",
                condition=Q(state=State.APPROVED),
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="formulary_change_moves_by_the_table",
                field="state",
                transitions=[(str(here), str(there)) for here, there in MOVES],
            ),
            pgtrigger.Protect(name="formulary_change_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="formulary_change_is_settled_once_sent",
                operation=pgtrigger.Update,
                condition=_SENT_AND_CHANGED,
            ),
            never_truncated("formularychange"),
        ]

    def __str__(self) -> str:
        return self.reference
