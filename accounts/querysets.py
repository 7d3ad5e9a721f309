from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.contrib.auth.base_user import BaseUserManager
from django.db import models, transaction

from accounts.status import PrescriberStatus, Role

if TYPE_CHECKING:
    from accounts.models import Licence, Prescriber, User  # noqa: F401


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


class PrescriberQuerySet(models.QuerySet["Prescriber"]):
    def approved(self) -> PrescriberQuerySet:
        return self.filter(
            status=PrescriberStatus.APPROVED, user__is_active=True, practice__is_active=True
        )

    def visible_to(self, user: User) -> PrescriberQuerySet:
        """The prescribers of the user's own practice."""
        return self.filter(practice_id=user.practice_id) if user.practice_id else self.none()


class LicenceQuerySet(models.QuerySet["Licence"]):
    def valid_on(self, day: date, *, state: str) -> LicenceQuerySet:
        """Licences that hold in `state` on `day`; the day of expiry still counts."""
        return self.filter(state=state, expires_on__gte=day)
