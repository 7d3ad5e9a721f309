"""What may be ordered and what is documented of it: rows that a pharmacist keeps, never code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value

from formulary import dosing, reference
from formulary.querysets import (
    DocumentedRangeQuerySet,
    IndicationQuerySet,
    MedicineNameQuerySet,
    ProductQuerySet,
    ReasonQuerySet,
    RegimenTemplateQuerySet,
)
from formulary.reference import Documented, MedicineKind, ReasonKind, medicine_words
from formulary.triggers import product_never_changes, stamps_version


def _choices(enum: Iterable[str]) -> list[tuple[str, str]]:
    return [(str(value), str(value).replace("_", " ")) for value in enum]


class Version(models.Model):
    """One row, written by triggers alone: a random stamp that is new after every change."""

    stamp = models.UUIDField()

    class Meta:
        db_table = "formulary_version"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.stamp)


class Drug(models.Model):
    """The generic name in small letters, without a salt (ISMP)."""

    name = models.CharField(max_length=60, unique=True)

    class Meta:
        triggers = [stamps_version()]

    def __str__(self) -> str:
        return self.name


class Route(models.Model):
    """`words` stand in directions: by mouth."""

    code = models.SlugField(max_length=20, unique=True)
    words = models.CharField(max_length=40)

    class Meta:
        triggers = [stamps_version()]

    def __str__(self) -> str:
        return self.code


class Product(models.Model):
    """`strength_mg` is mg in one `unit`; `increment` is the smallest part of a unit that is given."""

    code = models.CharField(max_length=30, unique=True)
    drug = models.ForeignKey(Drug, models.PROTECT, related_name="products")
    route = models.ForeignKey(Route, models.PROTECT, related_name="products")
    form = models.CharField(max_length=40)
    unit = models.CharField(max_length=10, choices=[("capsule", "capsule"), ("mL", "mL")])
    strength_mg = models.DecimalField(max_digits=9, decimal_places=3)
    increment = models.DecimalField(max_digits=6, decimal_places=3)
    beyond_use_days = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    source = models.CharField(max_length=200)
    active = models.BooleanField(default=True)
    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(strength_mg__gt=0, increment__gt=0, beyond_use_days__gt=0),
                name="product_figures_are_more_than_zero",
            ),
            models.CheckConstraint(
                condition=Q(unit="mL") | Q(unit="capsule", increment=1),
                name="capsules_are_taken_whole_and_liquids_in_ml",
            ),
        ]
        triggers = [stamps_version(), product_never_changes()]

    def __str__(self) -> str:
        return self.as_value().label

    def as_value(self) -> dosing.Product:
        return dosing.Product(
            code=self.code,
            drug=self.drug.name,
            form=self.form,
            route=self.route.code,
            route_words=self.route.words,
            unit=self.unit,
            strength_mg=self.strength_mg,
            increment=self.increment,
            beyond_use_days=self.beyond_use_days,
            active=self.active,
            source=self.source,
        )


def _one_point(field: str) -> Func:
    """A key as a range of one number: GiST compares ranges without any extension."""
    return Func(F(field), F(field), Value("[]"), function="int8range")


class DocumentedRange(models.Model):
    """Daily total in mg of a drug by a route. Both dates are included; an empty one is open."""

    drug = models.ForeignKey(Drug, models.PROTECT, related_name="ranges")
    route = models.ForeignKey(Route, models.PROTECT, related_name="ranges")
    min_mg = models.DecimalField(max_digits=9, decimal_places=3)
    max_mg = models.DecimalField(max_digits=9, decimal_places=3)
    source = models.CharField(max_length=200)
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True)
    objects = DocumentedRangeQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(min_mg__gt=0, max_mg__gte=F("min_mg")),
                name="documented_range_runs_from_more_than_zero_upwards",
            ),
            models.CheckConstraint(
                condition=Q(starts=None) | Q(ends=None) | Q(ends__gte=F("starts")),
                name="documented_range_starts_before_it_ends",
            ),
            ExclusionConstraint(
                name="one_documented_range_a_day_for_a_drug_and_route",
                expressions=[
                    (_one_point("drug"), RangeOperators.OVERLAPS),
                    (_one_point("route"), RangeOperators.OVERLAPS),
                    (
                        Func(F("starts"), F("ends"), Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=(
                    "Another range of this drug and route is in force on some of these days: "
                    "end it the day before this one starts."
                ),
            ),
        ]
        triggers = [stamps_version()]

    def __str__(self) -> str:
        return f"{self.drug} {self.route}: {self.as_value().text(comma=True)}"

    def as_value(self) -> reference.DocumentedRange:
        return reference.DocumentedRange(
            drug=self.drug.name,
            route=self.route.code,
            min_mg=self.min_mg,
            max_mg=self.max_mg,
            source=self.source,
            starts=self.starts,
            ends=self.ends,
        )


class Indication(models.Model):
    """A condition, what the pharmacy's article documents of it, and when that was last compared."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    documented = models.CharField(max_length=20, choices=_choices(Documented))
    text = models.TextField(max_length=500)
    source = models.CharField(max_length=200)
    reviewed = models.DateField()
    active = models.BooleanField(default=True)
    objects = IndicationQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(documented__in=[level.value for level in Documented]),
                name="indication_says_what_is_documented",
            )
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
            codes=tuple(code.as_value() for code in self.codes.all()),
        )


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
        choices=_choices(Documented),
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


class Reason(models.Model):
    """A coded reason. `finding` limits an acknowledgement or clearance to one finding code."""

    kind = models.CharField(max_length=20, choices=_choices(ReasonKind))
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


class TemplateStep(models.Model):
    """`days` empty: what is left of the supply; only the last step."""

    template = models.ForeignKey(RegimenTemplate, models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(dosing.MAX_STEPS)]
    )
    dose_mg = models.DecimalField(max_digits=6, decimal_places=3)
    times_per_day = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(dosing.MAX_TIMES_PER_DAY)]
    )
    days = models.PositiveSmallIntegerField(null=True, blank=True)
    timing = models.CharField(
        max_length=20, choices=_choices(dosing.Timing), default=dosing.Timing.BEDTIME.value
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
        )


class MedicineName(models.Model):
    """A name that typed medicines lists are searched for, kept in small letters and digits."""

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=20, choices=_choices(MedicineKind))
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
