"""An order after its signature: revisions, refills, verbal orders, holds."""

from __future__ import annotations

from tests.access import (
    NO_METHOD,
    OWN_ORDER,
    PHARMACIST,
    PRESCRIBER_OWN,
    STAFF,
    Table,
)
from tests.conftest import Cast
from tests.factories import signed_order
from tests.orders.life import approved_order, asked, in_days, whole
from tests.orders.test_refills import ask
from tests.orders.test_verbal import record

TABLE: Table = {
    "orders:revise": ("order", NO_METHOD, OWN_ORDER),
    "orders:again": ("order", NO_METHOD, OWN_ORDER),
    "orders:refill": ("order", OWN_ORDER, OWN_ORDER),
    "orders:countersign": ("verbal", PRESCRIBER_OWN, PRESCRIBER_OWN),
    "queue:verbal": ("asked", PHARMACIST, PHARMACIST),
    "queue:hold": ("order", PHARMACIST, PHARMACIST),
    "queue:end_hold": ("order", NO_METHOD, PHARMACIST),
    "queue:withdraw": ("order", PHARMACIST, PHARMACIST),
    "queue:refills": ("", STAFF, NO_METHOD),
    "queue:refill": ("refill", STAFF, NO_METHOD),
    "queue:release_refill": ("refill", NO_METHOD, PHARMACIST),
    "queue:refuse_refill": ("refill", NO_METHOD, PHARMACIST),
}


def records(cast: Cast) -> dict[str, dict[str, object]]:
    """Ada's order, one that she is asked about, one she said on the phone, a refill asked for."""
    spoken = record(asked(signed_order(cast.ada), cast.phil), cast)
    filled = approved_order(cast.ada, cast.phil)
    with in_days(25):
        fill = ask(filled, cast.ada)
    return {
        "order": {"reference": signed_order(cast.ada).reference},
        "asked": {"reference": asked(signed_order(cast.ada), cast.phil).reference},
        "verbal": {"reference": whole(spoken).reference},
        "refill": {"reference": filled.reference, "number": fill.number},
    }
