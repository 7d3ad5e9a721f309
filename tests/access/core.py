"""Sign-in, orders, the queue and notices."""

from __future__ import annotations

import uuid

from events.models import Event
from notifications.choices import unsubscribe_url
from notifications.models import Delivery
from notifications.services import expand
from notifications.status import Category
from orders.services import claims
from tests.access import (
    ADMINISTRATOR,
    LOGIN,
    NO,
    NO_METHOD,
    NONE,
    OK,
    OWN_ORDER,
    PHARMACIST,
    PHIL_ONLY,
    PRACTICE,
    PRESCRIBER_OWN,
    PUBLIC,
    SIGNED_IN,
    STAFF,
    Table,
    row,
)
from tests.conftest import Cast
from tests.factories import draft_of, signed_order

TABLE: Table = {
    "home": ("", PUBLIC, PUBLIC),
    "account_login": ("", PUBLIC, PUBLIC),
    "account_logout": ("", PUBLIC, PUBLIC),
    "admin:index": ("", ADMINISTRATOR, ADMINISTRATOR),
    # the practice's pages
    "orders:list": ("", PRACTICE, PRACTICE),
    "orders:new": ("", PRACTICE, NO_METHOD),
    "orders:form": ("token", PRACTICE, PRACTICE),
    "orders:check": ("", NO_METHOD, PRACTICE),
    "orders:edit": ("draft", OWN_ORDER, OWN_ORDER),
    "orders:review": ("draft", OWN_ORDER, NO_METHOD),
    "orders:sign": ("draft", NO_METHOD, PRESCRIBER_OWN),
    # The code on paper leads there; staff go on to the queue's page.
    "orders:detail": ("order", row(LOGIN, OK, OK, NONE, OK, OK, OK, OK, NO), NO_METHOD),
    "orders:print": ("order", OWN_ORDER, NO_METHOD),
    "orders:answer": ("order", NO_METHOD, PRESCRIBER_OWN),
    "orders:cancel": ("order", PRESCRIBER_OWN, PRESCRIBER_OWN),
    # the pharmacy's pages
    "queue:list": ("", STAFF, NO_METHOD),
    "queue:claim_next": ("", NO_METHOD, PHARMACIST),
    "queue:review": ("order", STAFF, NO_METHOD),
    "queue:claim": ("order", NO_METHOD, PHARMACIST),
    "queue:checklist": ("order", NO_METHOD, PHARMACIST),
    "queue:approve": ("order", NO_METHOD, PHARMACIST),
    "queue:ask": ("order", NO_METHOD, PHARMACIST),
    "queue:reject": ("order", NO_METHOD, PHARMACIST),
    "queue:give_back": ("order", NO_METHOD, PHARMACIST),
    "queue:release": ("order", NO_METHOD, ADMINISTRATOR),
    # notices
    "notifications:list": ("", SIGNED_IN, NO_METHOD),
    "notifications:poll": ("", SIGNED_IN, NO_METHOD),
    "notifications:seen": ("", NO_METHOD, SIGNED_IN),
    "notifications:read_all": ("", NO_METHOD, SIGNED_IN),
    "notifications:open": ("notice", NO_METHOD, PHIL_ONLY),
    "notifications:preferences": ("", SIGNED_IN, SIGNED_IN),
    "notifications:unsubscribe": ("unsubscribe", PUBLIC, PUBLIC),
    "notifications:deliveries": ("", ADMINISTRATOR, NO_METHOD),
    "notifications:retry": ("dead", NO_METHOD, ADMINISTRATOR),
}


def records(cast: Cast) -> dict[str, dict[str, object]]:
    """Ada's draft, her order held by Phil, his notice of it and a mail that was given up."""
    order = signed_order(cast.ada)
    event = Event.objects.get(kind="order.submitted", subject_id=order.pk)
    claims.claim(order, by=cast.phil)
    expand(event.pk)
    notice = Delivery.objects.filter(channel="bell", recipient=cast.phil)[0]
    dead = Delivery.objects.filter(channel="email", recipient=cast.phil)[0]
    Delivery.objects.filter(pk=dead.pk).update(state="dead")
    return {
        "order": {"reference": order.reference},
        "draft": {"reference": draft_of(cast.ada).reference},
        "notice": {"pk": notice.pk},
        "dead": {"pk": dead.pk},
        "token": {"token": uuid.uuid4()},
        "unsubscribe": {"token": unsubscribe_url(Category.ORDER_ROUTINE, cast.phil).split("/")[-2]},
    }
