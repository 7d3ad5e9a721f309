from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.permissions import Right
from notifications.status import MAX_ATTEMPTS, WAKE_AGAIN_AFTER, Channel, State

if TYPE_CHECKING:
    from accounts.models import User
    from notifications.models import Delivery  # noqa: F401


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    # --- who may see what ---
    def visible_to(self, user: User) -> DeliveryQuerySet:
        """The notices in the user's own bell."""
        return self.filter(channel=Channel.BELL, recipient=user)

    def manageable_by(self, user: User) -> DeliveryQuerySet:
        """Every e-mail for administrators, nothing for others."""
        if user.has_right(Right.MANAGE_DELIVERIES):
            return self.filter(channel=Channel.EMAIL)
        return self.none()

    # --- the bell ---
    def unseen(self) -> DeliveryQuerySet:
        return self.filter(seen_at=None)

    def unread(self) -> DeliveryQuerySet:
        return self.filter(read_at=None)

    def newest_first(self) -> DeliveryQuerySet:
        return self.order_by("-pk")

    # --- the sender; every comparison is with the database's clock ---
    def claimable(self) -> DeliveryQuerySet:
        """Due, or left behind by a sender that died: its lease has run out."""
        return self.filter(
            Q(state=State.QUEUED, due_at__lte=Now())
            | Q(state=State.SENDING, lease_until__lte=Now()),
            attempts__lt=MAX_ATTEMPTS,
        )

    def to_wake(self) -> DeliveryQuerySet:
        """Claimable, and not published a moment ago; longest due first."""
        quiet = Q(woken_at=None) | Q(woken_at__lte=Now() - WAKE_AGAIN_AFTER)
        return self.claimable().filter(quiet).order_by("due_at", "pk")

    def exhausted(self) -> DeliveryQuerySet:
        """Left behind by a sender that died at the last attempt."""
        return self.filter(state=State.SENDING, lease_until__lte=Now(), attempts__gte=MAX_ATTEMPTS)

    # --- the administrator ---
    def troubled(self) -> DeliveryQuerySet:
        """Given up first, then what is being tried again."""
        return self.filter(
            Q(state=State.DEAD) | Q(state__in=[State.QUEUED, State.SENDING], attempts__gt=0)
        ).order_by("state", "-pk")
