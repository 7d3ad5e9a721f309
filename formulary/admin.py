from __future__ import annotations

from django.contrib import admin

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
    TemplateStep,
)


class IndicationCodeInline(admin.TabularInline):  # type: ignore[type-arg]
    model = IndicationCode
    extra = 0


class TemplateStepInline(admin.TabularInline):  # type: ignore[type-arg]
    model = TemplateStep
    extra = 0


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["code", "drug", "strength_mg", "form", "route", "beyond_use_days", "active"]
    list_filter = ["active", "form"]
    list_select_related = ["drug", "route"]


@admin.register(DocumentedRange)
class DocumentedRangeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["drug", "route", "min_mg", "max_mg", "starts", "ends", "source"]
    list_select_related = ["drug", "route"]


@admin.register(Indication)
class IndicationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "documented", "reviewed", "active"]
    list_filter = ["documented", "active"]
    search_fields = ["name", "codes__code"]
    inlines = [IndicationCodeInline]


@admin.register(Reason)
class ReasonAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["kind", "code", "label", "finding", "needs_text", "active"]
    list_filter = ["kind", "active"]


@admin.register(RegimenTemplate)
class RegimenTemplateAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "product", "days_supply", "active"]
    list_select_related = ["product__drug", "product__route"]
    inlines = [TemplateStepInline]


@admin.register(MedicineName)
class MedicineNameAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "kind", "active"]
    list_filter = ["kind", "active"]
    search_fields = ["name"]


admin.site.register([Drug, Route])
