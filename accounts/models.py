from __future__ import annotations

from datetime import date
from typing import ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.permissions import RIGHTS, Right
from accounts.querysets import LicenceQuerySet, PrescriberQuerySet, UserManager
from accounts.status import PRACTICE_ROLES, Credential, PrescriberStatus, Role


def validate_time_zone(name: str) -> None:
    """Raise ValidationError for a name that is in no time zone database."""
    if name not in available_timezones():
        raise ValidationError(f"{name} is no time zone: write it as America/New_York.")


class User(AbstractBaseUser):
    """One person, one account, known by the e-mail address."""

    email = models.EmailField(unique=True, max_length=254)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    # E-mail about new orders; the bell always rings.
    mail_urgent_only = models.BooleanField(default=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def membership(self) -> Membership | None:
        """What the person is now; read anew with each request, so a lost right acts at once."""
        return self.memberships.filter(ended_at=None).select_related("practice").first()

    @property
    def role(self) -> Role | None:
        return Role(self.membership.role) if self.membership else None

    @property
    def practice_id(self) -> int | None:
        return self.membership.practice_id if self.membership else None

    @property
    def rights(self) -> frozenset[Right]:
        return RIGHTS[self.role] if self.is_active and self.role else frozenset()

    def has_right(self, right: Right) -> bool:
        return right in self.rights

    # What Django's admin asks of a user: administrators may do all there, everybody else nothing.
    @property
    def is_staff(self) -> bool:
        return self.has_right(Right.USE_ADMIN_SITE)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class Practice(models.Model):
    """A tenant: its members see its patients and orders, and nobody else's."""

    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20)
    address = models.CharField(max_length=120)
    city = models.CharField(max_length=60)
    state = models.CharField(max_length=2)
    zip_code = models.CharField(max_length=10)
    time_zone = models.CharField(
        max_length=40, default="America/New_York", validators=[validate_time_zone]
    )
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name

    @property
    def today(self) -> date:
        """The calendar day where the patient is seen: wash-outs and licences count in its days."""
        return timezone.localdate(timezone=ZoneInfo(self.time_zone))


class Membership(models.Model):
    """A person's role: in a practice for prescribers and delegates, in the pharmacy for staff."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    practice = models.ForeignKey(
        Practice, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=Role.choices)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=PRACTICE_ROLES, practice__isnull=False)
                | (~models.Q(role__in=PRACTICE_ROLES) & models.Q(practice=None)),
                name="practice_roles_have_a_practice_and_staff_none",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(ended_at=None),
                name="a_person_holds_one_role_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class Prescriber(models.Model):
    """A person who may sign orders, as the pharmacy approved them."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="prescriber")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="prescribers")
    given_name = models.CharField(max_length=60)
    family_name = models.CharField(max_length=60)
    credential = models.CharField(max_length=5, choices=Credential.choices)
    npi = models.CharField(max_length=10, unique=True)
    status = models.CharField(
        max_length=20, choices=PrescriberStatus.choices, default=PrescriberStatus.APPROVED
    )

    objects = PrescriberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(npi__regex=r"^[12][0-9]{9}$"), name="npi_has_ten_digits"
            ),
        ]

    def __str__(self) -> str:
        return self.printed_name

    @property
    def printed_name(self) -> str:
        return f"{self.given_name} {self.family_name}, {self.credential}"

    @property
    def may_order(self) -> bool:
        """Whether the pharmacy takes orders from this person and practice now."""
        return self.status == PrescriberStatus.APPROVED and self.practice.is_active

    def licence_for(self, state: str, *, on: date) -> Licence | None:
        """A licence that holds in `state` on that day, or None."""
        return self.licences.valid_on(on, state=state).order_by("-expires_on").first()


class Licence(models.Model):
    """A state's permission to prescribe."""

    prescriber = models.ForeignKey(Prescriber, on_delete=models.PROTECT, related_name="licences")
    state = models.CharField(max_length=2)
    kind = models.CharField(max_length=40, default="Medical")
    number = models.CharField(max_length=30)
    expires_on = models.DateField()

    objects = LicenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prescriber", "state", "number"], name="licence_stands_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.number}"
