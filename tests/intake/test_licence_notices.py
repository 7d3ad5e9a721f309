"""Licences that run out: told at 60, 30 and 7 days and at the end, once each, in the local day."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Licence, Membership, Practice, User
from accounts.services.standing import suspend
from config.celery import app
from events.models import Event
from intake.models import LicenceNotice
from intake.services.licences import tell_of_licences, threshold
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
# Noon in New York, where the sample practice is.
NOW = datetime(2027, 3, 1, 17, 0, tzinfo=UTC)
TODAY = date(2027, 3, 1)


def licence(user: User, days: int, **more: object) -> Licence:
    """The person's only licence, which ends so many days from now."""
    user.prescriber.licences.update(expires_on=TODAY + timedelta(days=days), **more)
    return user.prescriber.licences.get()


def far_away(user: User) -> None:
    licence(user, 2000)


def told() -> list[tuple[str, object]]:
    events = Event.objects.filter(subject="licence").order_by("pk")
    return [(event.kind, event.data.get("days")) for event in events]


@pytest.fixture(autouse=True)
def only_ada(cast: Cast) -> None:
    far_away(cast.ben)


@pytest.mark.parametrize(
    ("left", "days"),
    [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, 7), (-1, 0), (-900, 0)],
)
def test_the_nearest_threshold_that_was_passed_counts(left: int, days: int | None) -> None:
    assert threshold(TODAY + timedelta(days=left), TODAY) == days


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (61, []),
        (60, [("licence.expiring", 60)]),
        (20, [("licence.expiring", 30)]),
        (3, [("licence.expiring", 7)]),
        (0, [("licence.expiring", 7)]),
        (-1, [("licence.expired", None)]),
    ],
)
def test_a_licence_is_told_of_once_however_often_one_looks(
    cast: Cast, left: int, expected: list[tuple[str, object]]
) -> None:
    row = licence(cast.ada, left)
    for _ in range(3):
        tell_of_licences(NOW)
    assert told() == expected
    assert LicenceNotice.objects.filter(licence=row).count() == len(expected)


def test_a_whole_life_is_told_of_four_times(cast: Cast) -> None:
    licence(cast.ada, 70)
    for hours in range(0, 75 * 24, 72):
        tell_of_licences(NOW + timedelta(hours=hours))
    assert told() == [
        ("licence.expiring", 60),
        ("licence.expiring", 30),
        ("licence.expiring", 7),
        ("licence.expired", None),
    ]


def test_days_missed_are_caught_up_with_one_notice(cast: Cast) -> None:
    """Nothing ran from 40 days before the end to 5 days before it."""
    licence(cast.ada, 40)
    tell_of_licences(NOW)
    tell_of_licences(NOW + timedelta(days=35))
    assert told() == [("licence.expiring", 60), ("licence.expiring", 7)]


def test_a_new_date_starts_anew(cast: Cast) -> None:
    licence(cast.ada, 5)
    tell_of_licences(NOW)
    licence(cast.ada, 50)
    tell_of_licences(NOW)
    assert told() == [("licence.expiring", 7), ("licence.expiring", 60)]


def test_the_event_holds_no_number_and_names_no_state(cast: Cast) -> None:
    row = licence(cast.ada, 20)
    tell_of_licences(NOW)
    event = Event.objects.get(subject="licence")
    assert (event.subject_id, event.reference, event.actor, event.data) == (
        row.pk, "", None, {"days": 30},
    )  # fmt: skip


# --- Whose, and in whose day ------------------------------------------------------------------------
def test_another_licence_in_the_state_that_holds_longer_makes_it_no_news(cast: Cast) -> None:
    licence(cast.ada, 5)
    other = Licence.objects.create(
        prescriber=cast.ada.prescriber,
        state="VA",
        number="V-1",
        expires_on=TODAY + timedelta(days=900),
    )
    assert tell_of_licences(NOW) == 1
    LicenceNotice.objects.all().delete()
    Licence.objects.filter(pk=other.pk).update(state="NC")
    assert tell_of_licences(NOW) == 0


def test_the_day_is_the_practices(cast: Cast) -> None:
    """At 03:30 UTC it is still the day before in New York, and 12:30 of the new day in Tokyo."""
    night = datetime(2027, 3, 2, 3, 30, tzinfo=UTC)
    licence(cast.ada, 0)
    tell_of_licences(night)
    assert told() == [("licence.expiring", 7)]
    Practice.objects.filter(pk=cast.practice.pk).update(time_zone="Asia/Tokyo")
    tell_of_licences(night)
    assert told()[1:] == [("licence.expired", None)]


def test_of_two_practices_the_one_in_the_licences_state_tells_the_day(cast: Cast) -> None:
    Practice.objects.filter(pk=cast.practice.pk).update(state="VA", time_zone="Asia/Tokyo")
    Membership.objects.create(user=cast.ada, practice=cast.other_practice, role="prescriber")
    licence(cast.ada, 0)
    tell_of_licences(datetime(2027, 3, 2, 3, 30, tzinfo=UTC))
    assert told() == [("licence.expiring", 7)]


@pytest.mark.parametrize("how", ["suspended", "closed"])
def test_who_cannot_order_is_not_reminded(cast: Cast, how: str) -> None:
    licence(cast.ada, 5)
    if how == "suspended":
        suspend(cast.ada.prescriber, by=cast.phil, reason="The board has opened a case.")
    else:
        User.objects.filter(pk=cast.ada.pk).update(is_active=False)
    assert tell_of_licences(NOW) == 0


def test_looking_takes_as_many_statements_for_many_as_for_one_when_all_were_told(
    cast: Cast,
) -> None:
    licence(cast.ada, 5)
    tell_of_licences(NOW)
    with CaptureQueriesContext(connection) as few:
        tell_of_licences(NOW)
    for number in range(40):
        Licence.objects.create(
            prescriber=cast.ada.prescriber, state="VA", number=f"V-{number}", expires_on=TODAY
        )
    tell_of_licences(NOW)
    with CaptureQueriesContext(connection) as many:
        tell_of_licences(NOW)
    assert len(many) == len(few)


def test_the_task_runs_each_hour_under_the_name_that_beat_calls() -> None:
    row = app.conf.beat_schedule["licences"]
    assert row["schedule"] == 3600.0
    app.loader.import_default_modules()
    assert row["task"] in app.tasks


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_tell_it_once(cast: Cast) -> None:
    licence(cast.ada, 5)
    start, found = threading.Barrier(2), []

    def run() -> None:
        start.wait()
        found.append(tell_of_licences(NOW))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 1]
    assert told() == [("licence.expiring", 7)]
