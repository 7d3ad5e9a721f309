from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.db import models, transaction

from accounts.permissions import RIGHTS, Right
from accounts.status import AccountStatus, Role

if TYPE_CHECKING:
    from accounts.models import Licence, Practice, Prescriber, User  # noqa: F401


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """Create a user; the e-mail address is stored in lower case, as it signs in."""
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        """Create an administrator, for `manage.py createsuperuser`: the first account there is."""
        with transaction.atomic():
            user = self.create_user(email, password, **fields)
            user.memberships.create(role=Role.ADMINISTRATOR)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").lower())

    def with_role(self, role: Role) -> models.QuerySet[User]:
        """Active users who hold `role` now."""
        return self.filter(
            is_active=True, memberships__role=role, memberships__ended_at=None
        ).distinct()

    def with_staff_right(self, right: Right) -> models.QuerySet[User]:
        """Active members of the pharmacy's staff whose role brings `right` now."""
        roles = [role for role, rights in RIGHTS.items() if right in rights]
        return self.filter(
            is_active=True,
            memberships__role__in=roles,
            memberships__practice=None,
            memberships__ended_at=None,
        ).distinct()


class PracticeQuerySet(models.QuerySet["Practice"]):
    def visible_to(self, user: User) -> PracticeQuerySet:
        """The practice that the user works for now; every practice for who reviews accounts."""
        if user.has_right(Right.REVIEW_APPLICATIONS):
            return self.all()
        return self.filter(pk=user.practice_id) if user.practice_id else self.none()

    def reviewable_by(self, user: User) -> PracticeQuerySet:
        """Every practice, for who reviews accounts; for everybody else none."""
        return self.all() if user.has_right(Right.REVIEW_APPLICATIONS) else self.none()


class OfPracticeQuerySet(models.QuerySet[Any]):
    """Rows that belong to one practice: memberships, locations."""

    def visible_to(self, user: User) -> Self:
        """Those of the practice that the user works for now."""
        return self.filter(practice_id=user.practice_id) if user.practice_id else self.none()


class MembershipQuerySet(OfPracticeQuerySet):
    def open(self) -> MembershipQuerySet:
        return self.filter(ended_at=None)


class LocationQuerySet(OfPracticeQuerySet):
    def active(self) -> LocationQuerySet:
        return self.filter(active=True)


class PrescriberQuerySet(models.QuerySet["Prescriber"]):
    def approved(self) -> PrescriberQuerySet:
        return self.filter(
            status=AccountStatus.APPROVED,
            user__is_active=True,
        )

    def of_practice(self, practice_id: int) -> PrescriberQuerySet:
        """Who prescribes in the practice now."""
        member = models.Q(
            user__memberships__practice_id=practice_id,
            user__memberships__role=Role.PRESCRIBER,
            user__memberships__ended_at=None,
        )
        return self.filter(member)

    def reviewable_by(self, user: User) -> PrescriberQuerySet:
        """Every prescriber on file, for who reviews accounts; for everybody else none."""
        return self.all() if user.has_right(Right.REVIEW_APPLICATIONS) else self.none()

    def visible_to(self, user: User) -> PrescriberQuerySet:
        """The prescribers of the user's own practice."""
        return self.of_practice(user.practice_id) if user.practice_id else self.none()


class LicenceQuerySet(models.QuerySet["Licence"]):
    def visible_to(self, user: User) -> LicenceQuerySet:
        """The licences of those who prescribe in the practice that the user works for now."""
        if not user.practice_id:
            return self.none()
        return self.filter(
            prescriber__user__memberships__practice_id=user.practice_id,
            prescriber__user__memberships__role=Role.PRESCRIBER,
            prescriber__user__memberships__ended_at=None,
        )

    def valid_on(self, day: date, *, state: str = "") -> LicenceQuerySet:
        """Licences that hold on `day`, in `state` or anywhere; the day of expiry still counts."""
        held = self.filter(expires_on__gte=day)
        return held.filter(state=state) if state else held
