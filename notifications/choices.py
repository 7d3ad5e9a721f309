"""Which e-mails people switched off, and the links by which a mail lets them do so."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from notifications.categories import is_required, may_switch_off, offered
from notifications.models import MailChoice
from notifications.status import Category

# Hexadecimal: a token in a header must not spell anything by chance.
_TOKEN = re.compile(r"([0-9]{1,18})-([a-z_]{1,20})-([0-9a-f]{64})", re.ASCII)


def switched_off(category: Category, people: Iterable[User]) -> set[int]:
    """The ids of those who do not want e-mails of the category, and may say so."""
    known = {user.pk: user for user in people}
    rows = MailChoice.objects.filter(user__in=known, category=category, wanted=False)
    off = rows.values_list("user_id", flat=True)
    return {pk for pk in off if may_switch_off(category, known[pk])}


def wanted(user: User) -> set[Category]:
    """What the person gets by e-mail now, of what can reach them."""
    off = set(MailChoice.objects.filter(user=user, wanted=False).values_list("category", flat=True))
    return {one for one in offered(user) if one not in off or is_required(one, user)}


def optional(user: User) -> list[Category]:
    """What the person may switch on and off."""
    return [one for one in offered(user) if not is_required(one, user)]


@transaction.atomic
def choose(*, by: User, chosen: Collection[str]) -> None:
    """Keep which optional e-mails the person wants; the bell always rings."""
    _store(by, {category: category.value in chosen for category in optional(by)})


def _store(user: User, choices: dict[Category, bool]) -> None:
    MailChoice.objects.bulk_create(
        [MailChoice(user=user, category=name, wanted=yes) for name, yes in choices.items()],
        update_conflicts=True,
        unique_fields=["user", "category"],
        update_fields=["wanted", "at"],
    )


# --- One click in a mail program ----------------------------------------------------------------
def unsubscribe_url(category: Category, user: User) -> str:
    """An address that switches the category off for the person, without signing in."""
    token = f"{user.pk}-{category}-{_mac(user.pk, category)}"
    return settings.PUBLIC_URL + reverse("notifications:unsubscribe", args=[token])


def read_token(token: str) -> tuple[User, Category] | None:
    """Whose e-mails of which kind the link stops; None for any link that is not ours, or that
    names what may not be switched off."""
    found = _TOKEN.fullmatch(token)
    if not found or found[2] not in Category.values:
        return None
    category = Category(found[2])
    if not constant_time_compare(found[3], _mac(int(found[1]), category)):
        return None
    user = User.objects.filter(pk=int(found[1])).first()
    return (user, category) if user and may_switch_off(category, user) else None


@transaction.atomic
def unsubscribe(user: User, category: Category) -> None:
    """Stop e-mails of the category; done twice it is the same."""
    _store(user, {category: False})


def _mac(pk: int, category: Category) -> str:
    mac = salted_hmac("scruple.unsubscribe", f"{pk}:{category}", algorithm="sha256")
    return mac.hexdigest()
