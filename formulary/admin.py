"""The tables of the formulary in the administration: to look at. They are kept under /formulary/."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from formulary.models import (
    DocumentedRange,
    FormularyChange,
    Indication,
    IndicationCode,
    MedicineName,
    Product,
    Reason,
    RegimenTemplate,
    RuleFigure,
    ShipState,
    StateRule,
    TemplateStep,
)


class ReadOnly:
    """Nothing is added, changed or deleted here: that takes a reason, a source and, for some, two."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class IndicationCodeInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = IndicationCode
    extra = 0


class TemplateStepInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = TemplateStep
    extra = 0


@admin.register(Product)
class ProductAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["code", "drug", "strength_mg", "form", "route", "beyond_use_days", "active"]
    list_filter = ["active", "form"]
    list_select_related = ["drug", "route"]


@admin.register(DocumentedRange)
class DocumentedRangeAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["drug", "route", "min_mg", "max_mg", "starts", "ends", "source"]
    list_select_related = ["drug", "route"]


@admin.register(Indication)
class IndicationAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "documented", "reviewed", "active"]
    list_filter = ["documented", "active"]
    search_fields = ["name", "codes__code"]
    inlines = [IndicationCodeInline]


@admin.register(ShipState)
class ShipStateAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["state", "source", "since", "active"]
    list_filter = ["active"]


@admin.register(StateRule)
class StateRuleAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["state", "portal_orders", "validity_months", "needs_supervisor", "active"]


@admin.register(RuleFigure)
class RuleFigureAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["label", "value", "unit", "source"]


@admin.register(Reason)
class ReasonAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["kind", "code", "label", "finding", "needs_text", "active"]
    list_filter = ["kind", "active"]


@admin.register(RegimenTemplate)
class RegimenTemplateAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "product", "days_supply", "active"]
    list_select_related = ["product__drug", "product__route"]
    inlines = [TemplateStepInline]


@admin.register(MedicineName)
class MedicineNameAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "kind", "active"]
    list_filter = ["kind", "active"]
    search_fields = ["name"]


@admin.register(FormularyChange)
class FormularyChangeAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["reference", "kind", "act", "target", "state", "author", "second"]
    list_filter = ["state", "kind"]
    list_select_related = ["author", "second"]
