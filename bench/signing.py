"""Signing (the transaction after the password check) against a view that inserts one row."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from time import perf_counter

from django.test import Client

from accounts.models import User
from orders import demo
from orders.models import Order, Patient
from orders.services.content import content_sha256
from orders.services.signing import SigningForm, sign

TIMES = 150
Measure = Callable[[Callable[[], object], Callable[[], object], int], tuple[float, float]]


def run(side_by_side: Measure, report: Callable[..., None]) -> None:
    ada = User.objects.get(email="ada@example.org")
    client = Client()
    client.force_login(ada)
    # Read beforehand: the page has shown them by the time they are signed.
    drafts = iter(list(_drafts(ada, TIMES + 2)))

    def ours() -> None:
        order, form = next(drafts)
        sign(order, by=ada, form=form)

    signed, inserted = side_by_side(ours, lambda: client.post("/bench/insert"), TIMES)
    report("signing an order", signed, inserted, 3, "insert view")
    start = perf_counter()
    ada.check_password(demo.PASSWORD)
    print(f"{'  password hash, apart':<34} {(perf_counter() - start) * 1000:8.2f} ms", flush=True)


def _drafts(by: User, count: int) -> Iterator[tuple[Order, SigningForm]]:
    """Drafts as the sign view reads them, each with the form that signs it."""
    made = [
        demo.draft_order(
            by, _another(by, number), "L40.0", "psoriasis", [("4.5", "LDN-CAP-4.5", None)]
        )
        for number in range(count)
    ]
    for order in made:
        shown = Order.objects.for_signing().get(pk=order.pk)
        yield shown, SigningForm(uuid.uuid4(), content_sha256(shown), {})


def _another(by: User, number: int) -> Patient:
    """Each order is another patient's: of one, each order would overlap with all before it."""
    patient = Patient.objects.visible_to(by)[0]
    patient.pk, patient.reference = None, f"PT-B{number:07d}"
    patient.save(force_insert=True)
    return patient
