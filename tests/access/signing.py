"""Reading, keeping, handing over and signing several orders."""

from __future__ import annotations

from orders.services.handing_over import hand_over
from tests.access import NO, NO_METHOD, OK, OWN_ORDER, PRACTICE, PRESCRIBER_OWN, Table, row
from tests.conftest import Cast
from tests.factories import draft_of

PRESCRIBERS = row("login", OK, NO, OK, NO, NO, NO, NO, NO)

TABLE: Table = {
    "orders:to_sign": ("", PRACTICE, NO_METHOD),
    "orders:sign_ticked": ("", NO_METHOD, PRESCRIBERS),
    "orders:hand_over_ticked": ("", NO_METHOD, PRACTICE),
    "orders:keep_reading": ("draft", NO_METHOD, PRESCRIBER_OWN),
    "orders:hand_over": ("draft", NO_METHOD, OWN_ORDER),
    "orders:take_back": ("awaiting", NO_METHOD, OWN_ORDER),
}


def records(cast: Cast) -> dict[str, dict[str, object]]:
    """Ada's draft, and one that Nils handed over to her."""
    awaiting = draft_of(cast.nils)
    hand_over(awaiting, by=cast.nils, version=awaiting.version)
    return {
        "draft": {"reference": draft_of(cast.ada).reference},
        "awaiting": {"reference": awaiting.reference},
    }
