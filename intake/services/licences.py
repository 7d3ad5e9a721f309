"""Telling prescribers that a licence runs out: once at each threshold, and when it has ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min, Prefetch, Q
from django.utils import timezone

from accounts.models import Licence, Membership, Prescriber
from accounts.status import Role
from events.services import record
from intake.models import LicenceNotice

# Days before the end at which a prescriber hears of it; the nearest that was passed counts.
THRESHOLDS = (7, 30, 60)
ENDED = 0


def tell_of_licences(now: datetime | None = None) -> int:
    """Write an event for each licence that passed a threshold; returns how many.

    Safe at any time and any number of times: the row of LicenceNotice lets each pass once.
    """
    moment = now or timezone.now()
    return sum(_tell(licence, moment) for licence in _ending(moment))


def threshold(expires_on: date, today: date) -> int | None:
    """60, 30 or 7 once so many days or fewer are left, 0 when it has ended, None before that.

    The day of expiry still counts as valid.
    """
    left = (expires_on - today).days
    if left < 0:
        return ENDED
    return next((days for days in THRESHOLDS if left <= days), None)


def _ending(moment: datetime) -> Iterator[Licence]:
    """Licences of who may order whose end is near or past, and not told of to the last."""
    # One day more than the threshold: somewhere it is tomorrow already.
    near = moment.date() + timedelta(days=max(THRESHOLDS) + 1)
    at = Membership.objects.open().filter(role=Role.PRESCRIBER).select_related("practice")
    told = Min("notices__days", filter=Q(notices__expires_on=F("expires_on")))
    return (
        Licence.objects.filter(prescriber__in=Prescriber.objects.approved(), expires_on__lte=near)
        .annotate(told=told)
        .filter(Q(told=None) | Q(told__gt=ENDED))
        .select_related("prescriber__user")
        .prefetch_related(Prefetch("prescriber__user__memberships", queryset=at.order_by("pk")))
        .order_by("pk")
        .iterator(chunk_size=500)
    )


def _tell(licence: Licence, moment: datetime) -> bool:
    today = timezone.localdate(moment, ZoneInfo(_time_zone(licence)))
    days = threshold(licence.expires_on, today)
    told: int | None = getattr(licence, "told", None)
    if days is None or (told is not None and told <= days) or _is_superseded(licence, today):
        return False
    return _record(licence, days)


def _time_zone(licence: Licence) -> str:
    """Of the practice in the licence's state, else of any, else the pharmacy's."""
    practices = [m.practice for m in licence.prescriber.user.memberships.all() if m.practice]
    there = [practice for practice in practices if practice.state == licence.state]
    return next((p.time_zone for p in there + practices), settings.PHARMACY_TIME_ZONE)


def _is_superseded(licence: Licence, today: date) -> bool:
    """Whether another licence of the person holds in the same state, and for longer."""
    others = licence.prescriber.licences.valid_on(today, state=licence.state)
    return others.filter(expires_on__gt=licence.expires_on).exists()


@transaction.atomic
def _record(licence: Licence, days: int) -> bool:
    """False when another run was faster."""
    _, is_new = LicenceNotice.objects.get_or_create(
        licence=licence, expires_on=licence.expires_on, days=days
    )
    if is_new:
        kind = "licence.expiring" if days else "licence.expired"
        record(
            kind,
            subject="licence",
            subject_id=licence.pk,
            reference="",
            by=None,
            data={"days": days} if days else {},
        )
    return is_new
