from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from events.history import tracked
from formulary import dosing, reference
from formulary.models.choices import choices
from formulary.models.products import Product
from formulary.querysets import RegimenTemplateQuerySet
from formulary.triggers import stamps_version


@tracked("regimen_template")
class RegimenTemplate(models.Model):
    """A usual titration, to start a regimen from."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    product = models.ForeignKey(Product, models.PROTECT, related_name="templates")
    days_supply = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(dosing.MAX_DAYS)]
    )
    source = models.CharField(max_length=200)
    active = models.BooleanField(default=True)
    objects = RegimenTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        triggers = [stamps_version()]

    def __str__(self) -> str:
        return self.name

    def as_value(self) -> reference.Template:
        return reference.Template(
            slug=self.slug,
            name=self.name,
            product=self.product.code,
            days_supply=self.days_supply,
            steps=tuple(step.as_value() for step in self.steps.all()),
            source=self.source,
        )


@tracked("template_step")
class TemplateStep(models.Model):
    """`days` empty: what is left of the supply; only the last step. `product` empty: the titration's."""

    template = models.ForeignKey(RegimenTemplate, models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(dosing.MAX_STEPS)]
    )
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="template_steps"
    )
    dose_mg = models.DecimalField(max_digits=6, decimal_places=3)
    times_per_day = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(dosing.MAX_TIMES_PER_DAY)]
    )
    days = models.PositiveSmallIntegerField(null=True, blank=True)
    timing = models.CharField(
        max_length=20, choices=choices(dosing.Timing), default=dosing.Timing.BEDTIME.value
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["template", "number"], name="template_counts_its_steps_once"
            ),
            models.CheckConstraint(
                condition=Q(dose_mg__gt=0, times_per_day__gt=0) & (Q(days=None) | Q(days__gt=0)),
                name="template_step_gives_a_dose",
            ),
        ]
        triggers = [stamps_version()]

    def __str__(self) -> str:
        return f"{self.template}, step {self.number}"

    def as_value(self) -> reference.TemplateStep:
        return reference.TemplateStep(
            dose_mg=self.dose_mg,
            times_per_day=self.times_per_day,
            days=self.days,
            timing=dosing.Timing(self.timing),
            product=self.product.code if self.product else "",
        )
