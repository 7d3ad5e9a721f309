"""The diagnosis codes that may be written on a claim, as the public releases list them."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q

from formulary.querysets import DiagnosisCodeQuerySet

# What `formulary.icd` does to typed words: no accents, small letters, everything else is a gap.
_WITH_ACCENTS, _WITHOUT = "ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝ", "AAAAAACEEEEIIIINOOOOOOUUUUY"
_WORDS = (
    "to_tsvector('simple'::regconfig, regexp_replace(lower(translate(%(expressions)s, "
    f"'{_WITH_ACCENTS}{_WITH_ACCENTS.lower()}', '{_WITHOUT}{_WITHOUT.lower()}')), "
    "'[^a-z0-9]+', ' ', 'g'))"
)


class DiagnosisCode(models.Model):
    """An ICD-10-CM code while it meant the same: a code that becomes a header, or comes back after
    it ended, is a new row. `release` is the newest one that lists it; both dates are included.

    No trigger stamps the formulary: a release of 98,000 rows must not throw away every copy of it.
    """

    code = models.CharField(max_length=8)
    label = models.CharField(max_length=300)
    other_names = models.TextField(blank=True, help_text="One a line; found, never printed.")
    billable = models.BooleanField(help_text="No: a header, with billable codes below it.")
    release = models.CharField(max_length=20)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    search = models.GeneratedField(
        expression=Func(F("label"), F("other_names"), template=_WORDS, arg_joiner=" || ' ' || "),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    objects = DiagnosisCodeQuerySet.as_manager()

    class Meta:
        ordering = ["code", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "valid_from"], name="diagnosis_code_begins_once_on_a_day"
            ),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(valid_to=None),
                name="diagnosis_code_has_one_meaning_in_force",
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z][0-9A-Z]{2}(\.[0-9A-Z]{1,4})?$"),
                name="diagnosis_code_is_written_with_its_point",
            ),
            models.CheckConstraint(
                condition=~Q(label="") & ~Q(release=""),
                name="diagnosis_code_has_a_label_and_a_release",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="diagnosis_code_begins_before_it_ends",
            ),
        ]
        indexes = [
            models.Index(
                fields=["code"],
                opclasses=["varchar_pattern_ops"],
                name="diagnosis_code_as_one_types",
            ),
            GinIndex(fields=["search"], name="diagnosis_code_by_words"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.label}"
