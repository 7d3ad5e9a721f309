from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from events.history import tracked
from formulary import reference
from formulary.models.choices import choices
from formulary.querysets import MedicineNameQuerySet, ReasonQuerySet
from formulary.reference import MedicineKind, ReasonKind, medicine_words
from formulary.triggers import stamps_version


@tracked("reason")
class Reason(models.Model):
    """A coded reason. `finding` limits an acknowledgement or clearance to one finding code."""

    kind = models.CharField(max_length=30, choices=choices(ReasonKind))
    code = models.SlugField(max_length=40)
    label = models.CharField(max_length=120)
    needs_text = models.BooleanField(default=False)
    min_chars = models.PositiveSmallIntegerField(default=0)
    finding = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=True)
    objects = ReasonQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code"], name="reason_code_is_unique_in_its_kind"
            ),
            models.CheckConstraint(
                condition=Q(needs_text=False, min_chars=0) | Q(needs_text=True, min_chars__gt=0),
                name="reason_in_words_has_a_least_length",
            ),
        ]
        triggers = [stamps_version()]

    def __str__(self) -> str:
        return self.label

    def as_value(self) -> reference.Reason:
        return reference.Reason(
            kind=ReasonKind(self.kind),
            code=self.code,
            label=self.label,
            needs_text=self.needs_text,
            min_chars=self.min_chars,
            finding=self.finding,
        )


@tracked("medicine_name")
class MedicineName(models.Model):
    """A name that typed medicines lists are searched for, kept in small letters and digits."""

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=20, choices=choices(MedicineKind))
    active = models.BooleanField(default=True)
    objects = MedicineNameQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=r"^[a-z0-9]+( [a-z0-9]+){0,3}$"),
                name="medicine_name_is_one_to_four_plain_words",
                violation_error_message="Write one to four words in letters and digits.",
            )
        ]
        triggers = [stamps_version()]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.name = " ".join(medicine_words(self.name))

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.clean()
        super().save(*args, **kwargs)
