"""What the staff's register shows: lists to look people up in, and what is on file of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from accounts.house_dates import MONTHS
from accounts.models import Licence, Membership, Practice, Prescriber, User
from accounts.status import AccountStatus, Role
from intake.models import LicenceRenewal

PER_PAGE = 25
# state → badge tone, icon
_MARKS = {
    AccountStatus.APPROVED: ("ok", "circle-check"),
    AccountStatus.SUSPENDED: ("warn", "circle-pause"),
    AccountStatus.DEACTIVATED: ("neutral", "ban"),
}


class Tab(StrEnum):
    PRESCRIBERS = "prescribers"
    PRACTICES = "practices"


def mark(account: Practice | Prescriber) -> dict[str, str]:
    """The badge of an account: its state in a word."""
    status = AccountStatus(account.status)
    tone, icon = _MARKS[status]
    return {"word": str(status.label), "tone": tone, "icon": icon}


@dataclass(frozen=True, slots=True)
class Row:
    """A prescriber with the practices they work for, or a practice with its prescribers."""

    account: Practice | Prescriber
    mark: dict[str, str]
    beside: str


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of one tab. `page` counts from 1 and lies within `pages`."""

    tab: Tab
    counts: dict[Tab, int]
    rows: list[Row]
    page: int

    @property
    def pages(self) -> int:
        return _pages(self.counts[self.tab])

    @property
    def shown(self) -> str:
        first = (self.page - 1) * PER_PAGE + 1
        total = f"{self.counts[self.tab]:,}"
        return f"{first}–{first + len(self.rows) - 1} of {total}" if self.rows else ""


def listing(by: User, *, tab: str, page: str, words: str = "") -> Listing:
    """Anything unknown in `tab` or `page` opens the first that has rows: an old link still works."""
    people = find_prescribers(by, words)
    places = find_practices(by, words)
    counts = {Tab.PRESCRIBERS: people.count(), Tab.PRACTICES: places.count()}
    chosen = Tab(tab) if tab in set(Tab) else next((t for t in Tab if counts[t]), Tab.PRESCRIBERS)
    number = min(_number(page), _pages(counts[chosen]))
    start = (number - 1) * PER_PAGE
    if chosen is Tab.PRESCRIBERS:
        rows = _people(people[start : start + PER_PAGE])
    else:
        rows = _places(places[start : start + PER_PAGE])
    return Listing(chosen, counts, rows, number)


def find_prescribers(by: User, words: str) -> QuerySet[Prescriber]:
    """By the beginnings of names, by the NPI, or by the beginning of the e-mail address."""
    found = Prescriber.objects.reviewable_by(by).order_by("family_name", "given_name", "pk")
    if not words:
        return found
    named = Q()
    for word in words.replace(",", " ").split():
        named &= Q(family_name__istartswith=word) | Q(given_name__istartswith=word)
    return found.filter(named | _npi("npi", words) | Q(user__email__istartswith=words))


def find_practices(by: User, words: str) -> QuerySet[Practice]:
    """By a part of the name, by its own or a prescriber's NPI, or by a member's e-mail address."""
    found = Practice.objects.reviewable_by(by).order_by("name", "pk")
    if not words:
        return found
    members = Membership.objects.open().filter(
        Q(user__email__istartswith=words) | _npi("user__prescriber__npi", words)
    )
    named = Q(name__icontains=words) | Q(trade_name__icontains=words)
    return found.filter(named | _npi("group_npi", words) | Q(pk__in=members.values("practice_id")))


def _npi(field: str, words: str) -> Q:
    """The number as it was pasted, with spaces or hyphens; nothing for what is none."""
    digits = re.sub(r"[\s-]", "", words)
    return Q(**{field: digits}) if re.fullmatch(r"[0-9]{10}", digits, re.ASCII) else Q(pk__in=[])


def _people(found: QuerySet[Prescriber]) -> list[Row]:
    at = Membership.objects.open().filter(role=Role.PRESCRIBER).select_related("practice")
    people = found.select_related("user").prefetch_related(
        Prefetch("user__memberships", queryset=at.order_by("practice__name"))
    )
    return [
        Row(one, mark(one), ", ".join(str(m.practice) for m in one.user.memberships.all()))
        for one in people
    ]


def _places(found: QuerySet[Practice]) -> list[Row]:
    who = Membership.objects.open().filter(role=Role.PRESCRIBER).select_related("user__prescriber")
    places = found.prefetch_related(Prefetch("memberships", queryset=who.order_by("user__name")))
    return [
        Row(one, mark(one), ", ".join(m.user.name for m in one.memberships.all())) for one in places
    ]


def _pages(total: int) -> int:
    return max(1, -(-total // PER_PAGE))


def _number(text: str) -> int:
    return max(1, int(text)) if re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) else 1


# --- One account --------------------------------------------------------------------------------
def members(practice: Practice) -> list[Membership]:
    """Who works there now, prescribers first."""
    mine = practice.memberships.open().select_related("user__prescriber")
    return sorted(mine.order_by("user__name"), key=lambda one: one.role != Role.PRESCRIBER)


def practices(prescriber: Prescriber) -> list[Practice]:
    """Where the person prescribes now."""
    mine = prescriber.user.memberships.open().filter(role=Role.PRESCRIBER)
    return [m.practice for m in mine.select_related("practice").order_by("pk") if m.practice]


def licences(prescriber: Prescriber) -> list[dict[str, Any]]:
    """Every licence on file with what its date means today, the longest first."""
    today = timezone.localdate()
    return [
        {"licence": licence, "mark": licence_mark(licence, today)}
        for licence in prescriber.licences.order_by("state", "-expires_on")
    ]


def licence_mark(licence: Licence, today: date) -> dict[str, str]:
    left = (licence.expires_on - today).days
    if left < 0:
        return {"word": "Expired", "tone": "stop", "icon": "circle-xmark"}
    if left > 60:
        return {"word": "Valid", "tone": "ok", "icon": "circle-check"}
    said = "Ends today" if left == 0 else f"Ends in {left} {'day' if left == 1 else 'days'}"
    return {"word": said, "tone": "warn", "icon": "hourglass-half"}


def renewals(by: User) -> QuerySet[LicenceRenewal]:
    """Licences that practices gave and nobody decided, the oldest first."""
    waiting = LicenceRenewal.objects.reviewable_by(by).waiting()
    return waiting.select_related("prescriber", "given_by", "licence").order_by("pk")


def facts(practice: Practice) -> list[dict[str, object]]:
    """A practice's details for components/dl.html."""
    place = f"{practice.address}\n{practice.city}, {practice.state} {practice.zip_code}"
    found = {
        "Trade name": practice.trade_name,
        "Type": practice.kind,
        "Group NPI": practice.group_npi,
        "Tax ID": practice.tax_id,
        "Address": place,
        "Mailing address": practice.mailing_address,
        "Phone": practice.phone,
        "Fax": practice.fax,
        "Website": practice.website,
        "Time zone": practice.time_zone,
        "Reach by": practice.get_reach_by_display(),
        "Ship to": practice.get_default_ship_to_display(),
        "Bill to": practice.get_bill_to_display(),
    }
    return [{"term": term, "value": value} for term, value in found.items()]


def renewal_facts(renewal: LicenceRenewal) -> list[dict[str, object]]:
    """What was given beside what is on file, for components/dl.html."""
    on_file = renewal.licence
    found = {
        "State": renewal.state,
        "Type": renewal.kind,
        "Number": renewal.number,
        "Valid until": in_words(renewal.expires_on),
        "On file now": f"{on_file}, until {in_words(on_file.expires_on)}" if on_file else "",
    }
    return [{"term": term, "value": value} for term, value in found.items()]


def in_words(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"
