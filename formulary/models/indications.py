from __future__ import annotations

from django.db import models
from django.db.models import Q

from events.history import tracked
from formulary import reference
from formulary.models.choices import choices
from formulary.querysets import IndicationQuerySet
from formulary.reference import Documented
from formulary.triggers import stamps_version


@tracked("indication")
class Indication(models.Model):
    """A condition, what the pharmacy's article documents of it, and when that was last compared."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    documented = models.CharField(max_length=20, choices=choices(Documented))
    text = models.TextField(max_length=500)
    source = models.CharField(max_length=200)
    reviewed = models.DateField()
    # What the page of the condition tells of it, in words; blank reads “Not documented”.
    documented_dose = models.CharField(max_length=200, blank=True)
    time_to_effect = models.CharField(max_length=200, blank=True)
    evidence = models.CharField(max_length=200, blank=True, help_text="Its kind: case data.")
    not_documented = models.TextField(max_length=500, blank=True)
    cautions = models.TextField(max_length=500, blank=True)
    elsewhere = models.TextField(
        max_length=500, blank=True, help_text="What others report, with the source below."
    )
    further_sources = models.CharField(max_length=300, blank=True)
    active = models.BooleanField(default=True)
    objects = IndicationQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(documented__in=[level.value for level in Documented]),
                name="indication_says_what_is_documented",
            ),
            models.CheckConstraint(
                condition=Q(elsewhere="") | ~Q(further_sources=""),
                name="what_is_reported_elsewhere_names_its_source",
                violation_error_message="Name the source of what is reported elsewhere.",
            ),
        ]
        triggers = [stamps_version()]

    def __str__(self) -> str:
        return self.name

    def accepts(self, code: str) -> bool:
        """Whether a full ICD-10-CM code belongs to this condition."""
        return self.as_value().accepts(code)

    def as_value(self) -> reference.Indication:
        return reference.Indication(
            slug=self.slug,
            name=self.name,
            documented=Documented(self.documented),
            text=self.text,
            source=self.source,
            reviewed=self.reviewed,
            documented_dose=self.documented_dose,
            time_to_effect=self.time_to_effect,
            evidence=self.evidence,
            not_documented=self.not_documented,
            cautions=self.cautions,
            elsewhere=self.elsewhere,
            further_sources=self.further_sources,
            codes=tuple(code.as_value() for code in self.codes.all()),
        )


@tracked("indication_code")
class IndicationCode(models.Model):
    """One ICD-10-CM code or, with `full_length` characters to follow it, the beginning of many."""

    indication = models.ForeignKey(Indication, models.CASCADE, related_name="codes")
    code = models.CharField(max_length=8)
    label = models.CharField(max_length=200)
    full_length = models.PositiveSmallIntegerField(
        default=0, help_text="0: an exact code. Otherwise the characters of a full code, no point."
    )
    documented = models.CharField(
        max_length=20,
        choices=choices(Documented),
        blank=True,
        help_text="Empty: as the condition.",
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["indication", "code"], name="indication_names_a_code_once"
            ),
            models.CheckConstraint(
                condition=Q(full_length=0) | Q(full_length__range=(3, 7)),
                name="diagnosis_codes_have_three_to_seven_characters",
            ),
        ]
        triggers = [stamps_version()]

    def __str__(self) -> str:
        return self.code

    def as_value(self) -> reference.IndicationCode:
        return reference.IndicationCode(
            code=self.code,
            label=self.label,
            is_prefix=self.full_length > 0,
            full_length=self.full_length,
            documented=Documented(self.documented) if self.documented else None,
        )
