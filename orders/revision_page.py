"""What pages show of an order's line: what it revises or was replaced by, and what changed."""

from __future__ import annotations

import json
from typing import Any

from accounts.models import User
from orders.models import Message, Order
from orders.services.checks import findings_now
from orders.services.content import order_content
from orders.services.differences import Difference, differences
from orders.services.revising import REVISABLE, in_hand
from orders.status import UNSIGNED, SignatureKind

# A line longer than this is not followed further back.
_LONGEST_LINE = 20


def line_of(order: Order) -> list[Order]:
    """What the order revises, the nearest first."""
    found: list[Order] = []
    here = order
    while here.revises_id and len(found) < _LONGEST_LINE:
        here = Order.objects.select_related("signature").get(pk=here.revises_id)
        found.append(here)
    return found


def conversation(order: Order) -> Any:
    """Questions and answers on the order and on all that it stands in for, oldest first."""
    line = [order.pk, *(one.pk for one in line_of(order))]
    asked = Message.objects.filter(order__in=line).select_related("author", "reason", "order")
    return asked.order_by("at", "id")


def changes(order: Order) -> list[Difference]:
    """What the order changes of the one that it revises, both as signed or as they would be."""
    revised = order.revises
    if revised is None:
        return []
    return differences(_content(revised), _content(order))


def _content(order: Order) -> dict[str, Any]:
    signature = getattr(order, "signature", None)
    if signature is not None:
        signed: dict[str, Any] = json.loads(signature.content)["order"]
        return signed
    return order_content(order, findings_now(order))


def revision_of(order: Order) -> dict[str, Any]:
    """For orders/_revision.html and its like of the queue."""
    replacing = order.revisions.exclude(submitted_at=None).first()
    revised = order.revises
    stuck = revised is not None and order.status in UNSIGNED and revised.status not in REVISABLE
    return {
        "revises": revised,
        "number": order.revision,
        "changes": changes(order),
        "replaced_by": replacing,
        "in_hand": in_hand(order),
        # A draft that can no longer replace what it was begun from.
        "stuck": stuck,
        "reorder_of": order.reorder_of,
    }


def countersigning(order: Order, by: User) -> dict[str, Any] | None:
    """For the order's page: who wrote a verbal order down, and whether `by` is asked to countersign.
    None for an order that the prescriber signed."""
    signature = getattr(order, "signature", None)
    if signature is None or signature.kind != SignatureKind.VERBAL:
        return None
    done = getattr(order, "countersignature", None)
    return {
        "signature": signature,
        "done": done,
        "is_asked": done is None and order.prescriber.user_id == by.pk,
    }
