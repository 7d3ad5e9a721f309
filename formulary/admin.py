from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.house_fields import STATES
from formulary.models import (
    DocumentedRange,
    Drug,
    Indication,
    IndicationCode,
    MedicineName,
    Product,
    Reason,
    RegimenTemplate,
    Route,
    ShipState,
    TemplateStep,
)


class KeptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows of the formulary are retired, never deleted; `settled` stands once it was saved."""

    settled: ClassVar[list[str]] = []

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> list[str]:
        return self.settled if obj else []


class IndicationCodeInline(admin.StackedInline):  # type: ignore[type-arg]
    model = IndicationCode
    extra = 0


class TemplateStepInline(admin.StackedInline):  # type: ignore[type-arg]
    model = TemplateStep
    extra = 0


@admin.register(Product)
class ProductAdmin(KeptAdmin):
    settled = ["code", "drug", "route", "form", "unit", "strength_mg", "increment"]
    list_display = ["code", "drug", "strength_mg", "form", "route", "beyond_use_days", "active"]
    list_filter = ["active", "form"]
    list_select_related = ["drug", "route"]


@admin.register(DocumentedRange)
class DocumentedRangeAdmin(KeptAdmin):
    """A wider range is a new, cited row: an old one can only be given its last day."""

    settled = ["drug", "route", "min_mg", "max_mg", "source", "starts"]
    list_display = ["drug", "route", "min_mg", "max_mg", "starts", "ends", "source"]
    list_select_related = ["drug", "route"]


@admin.register(Indication)
class IndicationAdmin(KeptAdmin):
    settled = ["slug"]
    list_display = ["name", "documented", "reviewed", "active"]
    list_filter = ["documented", "active"]
    search_fields = ["name", "codes__code"]
    inlines = [IndicationCodeInline]


@admin.register(ShipState)
class ShipStateAdmin(KeptAdmin):
    """A licence that ends is made inactive; the order form stops at once."""

    settled = ["state"]
    list_display = ["state", "source", "since", "active"]
    list_filter = ["active"]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "state":
            return forms.ChoiceField(choices=[("", "Choose a state"), *STATES])
        return field


@admin.register(Reason)
class ReasonAdmin(KeptAdmin):
    list_display = ["kind", "code", "label", "finding", "needs_text", "active"]
    list_filter = ["kind", "active"]


@admin.register(RegimenTemplate)
class RegimenTemplateAdmin(KeptAdmin):
    list_display = ["name", "product", "days_supply", "active"]
    list_select_related = ["product__drug", "product__route"]
    inlines = [TemplateStepInline]


@admin.register(MedicineName)
class MedicineNameAdmin(KeptAdmin):
    list_display = ["name", "kind", "active"]
    list_filter = ["kind", "active"]
    search_fields = ["name"]


admin.site.register([Drug, Route])
