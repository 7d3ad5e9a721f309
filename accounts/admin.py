from __future__ import annotations

from django.contrib import admin

from accounts.models import Licence, Membership, Practice, Prescriber, User


class LicenceInline(admin.StackedInline[Licence, Prescriber]):
    model = Licence
    extra = 0


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    list_display = ["email", "name", "is_active"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "is_active", "mail_urgent_only", "last_login"]
    readonly_fields = ["last_login"]


@admin.register(Practice)
class PracticeAdmin(admin.ModelAdmin[Practice]):
    list_display = ["name", "city", "state", "is_active"]
    search_fields = ["name"]


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin[Membership]):
    list_display = ["user", "practice", "role", "ended_at"]
    list_filter = ["role"]
    list_select_related = ["user", "practice"]


@admin.register(Prescriber)
class PrescriberAdmin(admin.ModelAdmin[Prescriber]):
    list_display = ["printed_name", "npi", "practice", "status"]
    inlines = [LicenceInline]
    list_select_related = ["practice"]
