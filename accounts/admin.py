from __future__ import annotations

from typing import Any, cast

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts import security
from accounts.models import Licence, Membership, Practice, Prescriber, User


class LicenceInline(admin.StackedInline[Licence, Prescriber]):
    model = Licence
    extra = 0


class UserForm(forms.ModelForm[User]):
    """A person's account; a password is handed over in person until people set their own."""

    new_password = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 15 characters. Left empty, the password stays as it is.",
    )

    class Meta:
        model = User
        fields = ["email", "name", "is_active"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_new_password(self) -> str:
        password = str(self.cleaned_data["new_password"])
        if password:
            validate_password(password, self.instance)
        return password

    def save(self, commit: bool = True) -> Any:
        if password := self.cleaned_data["new_password"]:
            self.instance.set_password(password)
        elif not self.instance.pk:
            self.instance.set_unusable_password()
        return super().save(commit)


# Secrets and session keys are no matter of the administration.
admin.site.unregister([Authenticator, UserSession])


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    actions = ["take_second_factors"]
    form = UserForm
    list_display = ["email", "name", "is_active"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "new_password", "is_active", "last_login"]
    readonly_fields = ["last_login"]

    @admin.action(description="Take away all second factors, for who lost them")
    def take_second_factors(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """They enrol anew when they next sign in; each is told, and signed out everywhere."""
        for user in queryset:
            security.take_factors(user, by=cast(User, request.user))
        self.message_user(request, f"Taken away: the second factors of {len(queryset)} people.")


@admin.register(Practice)
class PracticeAdmin(admin.ModelAdmin[Practice]):
    list_display = ["name", "city", "state", "status"]
    search_fields = ["name"]
    # Moved in the register, with a reason and an event.
    readonly_fields = ["status", "status_reason"]


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin[Membership]):
    list_display = ["user", "practice", "role", "ended_at"]
    list_filter = ["role"]
    list_select_related = ["user", "practice"]


@admin.register(Prescriber)
class PrescriberAdmin(admin.ModelAdmin[Prescriber]):
    list_display = ["printed_name", "npi", "status"]
    readonly_fields = ["status", "status_reason"]
    inlines = [LicenceInline]
