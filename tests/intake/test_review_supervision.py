"""The supervising physician named in an application stands with the account once it is approved."""

from __future__ import annotations

import pytest

from accounts.models import Supervision
from intake.facts import SupervisionFacts
from intake.services.activation import keep_supervision
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
PHYSICIAN = SupervisionFacts(
    needed=True, name="Dr Sue Sample", npi="1990000022", licence_state="NC",
    licence_number="S-7", phone="(555) 555-0107", address="3 Sample Street",
)  # fmt: skip


def test_the_physician_is_kept_once_and_another_one_follows(cast: Cast) -> None:
    person = cast.ada.prescriber
    keep_supervision(person, PHYSICIAN)
    keep_supervision(person, PHYSICIAN)
    assert Supervision.objects.get().name == "Dr Sue Sample"
    other = SupervisionFacts(True, "Dr Tom Sample", "1990000030", "NC", "S-8")
    keep_supervision(person, other)
    assert Supervision.objects.get(ended_at=None).name == "Dr Tom Sample"
    assert Supervision.objects.count() == 2


@pytest.mark.parametrize("needed", [False, None])
def test_nothing_is_kept_where_no_state_asks(cast: Cast, needed: bool | None) -> None:
    keep_supervision(cast.ada.prescriber, SupervisionFacts(needed))
    assert not Supervision.objects.exists()
