from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value

from events.history import tracked
from formulary import dosing, reference
from formulary.models.choices import choices
from formulary.querysets import DocumentedRangeQuerySet, ProductQuerySet
from formulary.triggers import product_never_changes, stamps_version

UNITS = ("capsule", "mL", "tablet", "troche")


class Version(models.Model):
    """One row, written by triggers alone: a random stamp that is new after every change."""

    stamp = models.UUIDField()

    class Meta:
        db_table = "formulary_version"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.stamp)


@tracked("drug")
class Drug(models.Model):
    """The generic name in small letters, without a salt (ISMP)."""

    name = models.CharField(max_length=60, unique=True)

    class Meta:
        triggers = [stamps_version()]

    def __str__(self) -> str:
        return self.name


@tracked("route")
class Route(models.Model):
    """`words` stand in directions: by mouth."""

    code = models.SlugField(max_length=20, unique=True)
    words = models.CharField(max_length=40)

    class Meta:
        triggers = [stamps_version()]

    def __str__(self) -> str:
        return self.code


@tracked("product")
class Product(models.Model):
    """`strength_mg` is mg in one `unit`; `increment` is the smallest part of a unit that is given."""

    code = models.CharField(max_length=30, unique=True)
    drug = models.ForeignKey(Drug, models.PROTECT, related_name="products")
    route = models.ForeignKey(Route, models.PROTECT, related_name="products")
    form = models.CharField(max_length=40)
    unit = models.CharField(max_length=10, choices=choices(UNITS))
    strength_mg = models.DecimalField(max_digits=9, decimal_places=3)
    increment = models.DecimalField(max_digits=6, decimal_places=3)
    beyond_use_days = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    source = models.CharField(max_length=200)
    # In US dollars for one unit; empty: orders show no estimate.
    price_per_unit = models.DecimalField(max_digits=8, decimal_places=4, null=True, blank=True)
    # Close to a marketed strength: the reason for compounding is asked in words.
    copy_risk = models.BooleanField(default=False)
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
                condition=Q(unit="mL")
                | Q(unit="capsule", increment=1)
                | Q(unit__in=["tablet", "troche"], increment__in=["0.25", "0.5", "1"]),
                name="capsules_are_whole_tablets_and_troches_parted_at_most_in_four",
            ),
            models.CheckConstraint(
                condition=Q(price_per_unit=None) | Q(price_per_unit__gte=0),
                name="product_price_is_not_negative",
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
            price_per_unit=self.price_per_unit,
            copy_risk=self.copy_risk,
        )


def _one_point(field: str) -> Func:
    """A key as a range of one number: GiST compares ranges without any extension."""
    return Func(F(field), F(field), Value("[]"), function="int8range")


@tracked("documented_range")
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
