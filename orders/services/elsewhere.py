"""Orders for what looks like the same person at another practice: for pharmacists, and nobody else.

Neither practice may learn of the other's patient. What is found is shown on the review page alone
and kept with the review, whose checklist no practice reads.
"""

from __future__ import annotations

from accounts.models import User
from accounts.permissions import Right
from events.services import record
from orders.models import Order, Patient, Review
from orders.services.active import SIGNED, ActiveOrders, active


def seen_by(order: Order, user: User) -> list[Order]:
    """What the reader of the review page is told: pharmacists alone, never the order's prescriber."""
    if not user.has_right(Right.REVIEW_ORDERS) or order.prescriber.user_id == user.pk:
        return []
    return of_same_person(order)


def of_same_person(order: Order) -> list[Order]:
    """Active orders of other practices whose patient has the same name and birth date, oldest first.

    Active is signed and not used up; names count in capitals or not.
    """
    person = order.patient
    same = Patient.objects.exclude(practice_id=order.practice_id).same_person(
        person.family_name, person.given_name, person.birth_date
    )
    rows = Order.objects.filter(patient__in=same.order_by(), status__in=SIGNED).for_rows()
    found = list(rows.prefetch_related("fills").order_by("submitted_at", "pk"))
    if not found:
        return []
    in_hand = ActiveOrders.among([active(row) for row in found], order.practice.today)
    references = {one.reference for one in in_hand.orders}
    return [row for row in found if row.reference in references]


def tick_of(other: Order) -> str:
    """How a checklist, kept half done or stored with the review, names one of them as read."""
    return f"elsewhere-{other.reference}"


def note(review: Review, others: list[Order], *, by: User) -> None:
    """Keep on record what the pharmacist read. The subject is the review: an order's own timeline
    is read by its practice."""
    record(
        "review.same_person_elsewhere",
        subject="review",
        subject_id=review.pk,
        reference=review.order.reference,
        by=by,
        data={"orders": [other.reference for other in others]},
    )
