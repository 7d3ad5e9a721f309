"""Two at once: the same new person, a merge and a draft, two changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection, transaction

from orders.models import Order, Patient
from orders.services import patients as records
from orders.services.drafts import save_draft
from orders.services.patient_merging import Merge, Side, differing, merge
from tests.conftest import Cast
from tests.factories import PatientFactory, draft

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each returned or raised; all start together, each on a connection of its own."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int) -> None:
        gate.wait()
        try:
            results[number] = acts[number]()  # type: ignore[call-overload]
        except Exception as error:
            results[number] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(results)


def test_one_person_entered_twice_at_once_gets_one_record(cast: Cast) -> None:
    person = records.person_of(PatientFactory(practice=cast.other_practice))
    found = at_once(*[lambda: records.create(person, by=cast.ada)] * 4)
    assert sum(isinstance(one, Patient) for one in found) == 1
    assert sum(isinstance(one, records.KnownPerson) for one in found) == 3
    assert Patient.objects.filter(practice=cast.practice).count() == 1


def test_of_two_changes_at_once_one_is_told(cast: Cast) -> None:
    patient = PatientFactory(practice=cast.practice)
    other = PatientFactory(practice=cast.other_practice, city="Exampleton")
    person = records.person_of(other)
    found = at_once(*[lambda: records.change(patient, person, by=cast.ada, version=1)] * 2)
    assert sorted(type(one).__name__ for one in found) == ["NoneType", "StalePatient"]


def test_a_draft_saved_while_its_record_is_merged_is_for_the_kept_one(cast: Cast) -> None:
    kept, gone = (PatientFactory(practice=cast.practice, family_name="Sampleton") for _ in "ab")
    typed = draft(cast.ada, patient=gone)
    into = Merge(
        choices=dict.fromkeys(differing(kept, gone), Side.KEPT), kept_version=1, other_version=1
    )
    for found in at_once(
        lambda: merge(kept, gone, by=cast.ada, merge=into),
        *[lambda: save_draft(typed, by=cast.ada, token=uuid4())] * 3,
    ):
        assert not isinstance(found, Exception), found
    gone.refresh_from_db()
    assert gone.merged_into == kept
    assert set(Order.objects.values_list("patient_id", flat=True)) == {kept.pk}


def test_a_draft_waits_for_the_merge_that_was_first(cast: Cast) -> None:
    """The merge holds the record; the draft comes in between and is for the kept one after all."""
    kept, gone = (PatientFactory(practice=cast.practice, family_name="Sampleton") for _ in "ab")
    typed, waits = draft(cast.ada, patient=gone), threading.Event()
    saved: list[Order] = []

    def late() -> None:
        waits.wait()
        saved.append(save_draft(typed, by=cast.ada, token=uuid4()))
        connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    with transaction.atomic():
        choices = dict.fromkeys(differing(kept, gone), Side.KEPT)
        merge(kept, gone, by=cast.ada, merge=Merge(choices, kept_version=1, other_version=1))
        waits.set()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join()
    assert Order.objects.get(pk=saved[0].pk).patient_id == kept.pk
