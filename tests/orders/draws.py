"""What the life machine draws: who acts, on which order, and what they write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.factories import draft_step

PEOPLE = ("ada", "nils", "ben", "phil", "petra", "tess", "root")
MOST_ORDERS = 6


def anybody_but_mostly(*usual: str) -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(usual), st.sampled_from(usual), st.sampled_from(PEOPLE))


practice_people = anybody_but_mostly("ada", "nils")
prescribers = anybody_but_mostly("ada")
pharmacists = anybody_but_mostly("phil", "petra")
which = st.integers(0, MOST_ORDERS - 1)
mostly = st.sampled_from([True, True, True, False])
CONTENT: dict[str, Callable[[], dict[str, Any]]] = {
    "clean": dict,
    "warned": lambda: {"treatment_status": "new_start"},
    "not checked": lambda: {"medicines": "zyxomab"},
    "stopped": lambda: {"opioid_use": "now"},
    "open": lambda: {"opioid_use": "", "medicines": None},
    "titration": lambda: {
        "steps": (draft_step("1.5", "LDN-CAP-1.5", days=14), draft_step("4.5", "LDN-CAP-4.5")),
        "days_supply": 90,
        "refills": 3,
    },
    "ending": lambda: {
        "steps": (draft_step("1.5", "LDN-CAP-1.5", days=14), draft_step("3", "LDN-CAP-3", days=14)),
        "days_supply": 28,
        "refills": 0,
    },
}
contents = st.sampled_from(["clean", "clean", *CONTENT])
