"""An installation from before practices ran themselves: what its people could do, they can do after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import Membership, Practice, User

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = ("accounts", "0002_practices_run_themselves")


@pytest.fixture
def old() -> Iterator[Any]:
    """The models as they were; whatever happens, the newest schema is there afterwards."""
    executor = MigrationExecutor(connection)
    executor.migrate([BEFORE])
    yield executor.loader.project_state([BEFORE]).apps
    _upgrade()


def _upgrade() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def _prescriber(old: Any, practice: Any, name: str, npi: str, **membership: Any) -> int:
    user = old.get_model("accounts", "User").objects.create(email=f"{name}@example.org", name=name)
    old.get_model("accounts", "Prescriber").objects.create(
        user=user,
        practice=practice,
        given_name=name,
        family_name="Sample",
        credential="MD",
        npi=npi,
    )
    user.memberships.create(role="prescriber", practice=practice, **membership)
    return int(user.pk)


def test_nobody_gains_a_place_that_had_ended(old: Any) -> None:
    practice = old.get_model("accounts", "Practice").objects.create(
        name="Before", phone="(555) 555-0100", address="1 A", city="B", state="NC", zip_code="27514",
        is_active=False,
    )  # fmt: skip
    stays = _prescriber(old, practice, "stays", "1000000012")
    left = _prescriber(old, practice, "left", "1000000020", ended_at=timezone.now())
    moved = _prescriber(old, practice, "moved", "1000000038", ended_at=timezone.now())
    places = old.get_model("accounts", "Membership").objects
    places.create(user_id=moved, role="pharmacist")
    helper = old.get_model("accounts", "User").objects.create(email="h@example.org", name="Helper")
    places.create(user=helper, role="delegate", practice=practice)

    _upgrade()

    here = Membership.objects.open()
    assert {row.user_id: row.role for row in here} == {
        stays: "prescriber",
        moved: "pharmacist",
        helper.pk: "delegate",
    }
    assert not User.objects.get(pk=left).rights
    assert here.get(user_id=helper.pk).duties == ["prepare"]
    assert Practice.objects.get().status == "suspended"
