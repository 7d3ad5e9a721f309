"""The list of applications: its order, its pages, its ages, and the same work for 2 and for 200."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from bench.applications import add_applications
from events.ages import AgeLevel
from intake import review_queue, working_time
from intake.models import Application, InfoRequest
from intake.review_rows import age_of
from intake.services import claims, review
from intake.services.moves import StaleApplication
from intake.status import Status
from intake.tasks import release_lapsed_applications
from tests.conftest import Cast
from tests.factories import reason
from tests.intake.factories import submitted_application
from tests.intake.reviewing import applicants, approve, checked, fresh, held, lapsed, ready
from tests.orders.pages import sign_in

NEW_YORK = ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)


@pytest.fixture
def many(phil: User) -> Callable[[int], None]:
    """So many more, copied in the database from one that went through the services."""
    pattern = submitted_application()
    checked(applicants(pattern)[0])

    def make(count: int) -> None:
        add_applications(pattern, count - 1, open_=count * 9 // 10, by=phil)

    return make


def queries(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    return len(found)


@pytest.mark.django_db
def test_the_list_asks_the_same_for_2_and_for_200(phil: User, many: Callable[[int], None]) -> None:
    client = sign_in(phil)
    many(2)
    few = queries(client, "/applications/")
    many(199)
    assert queries(client, "/applications/") == few <= 20
    response = client.get("/applications/")
    assert len(response.context["page"].rows) == 25
    assert response.context["sums"].counts[review_queue.Tab.ACTIONABLE] == "99+"


@pytest.mark.django_db
@pytest.mark.parametrize("tab", ["actionable", "done"])
def test_pages_follow_each_other_without_gap_or_repeat(
    phil: User, many: Callable[[int], None], tab: str
) -> None:
    many(300)
    client = sign_in(phil)
    seen: list[str] = []
    address = f"/applications/?tab={tab}"
    after = ""
    while True:
        page = client.get(f"{address}&after={after}").context["page"]
        seen += [row.reference for row in page.rows]
        if not page.older:
            break
        after = page.older
    assert len(seen) == len(set(seen))
    expected = review_queue.applications_of(review_queue.Tab(tab), phil).count()
    assert len(seen) == expected > 25
    back = client.get(f"{address}&before={page.newer}").context["page"]
    first = len(seen) - len(page.rows) - 25
    assert [row.reference for row in back.rows] == seen[first : first + 25]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["tab=none", "after=x", "before=1-2-3", "after=9-9", "tab=&a=b"])
def test_any_address_opens_the_list(phil: User, query: str) -> None:
    submitted_application()
    assert sign_in(phil).get(f"/applications/?{query}").status_code == 200


@pytest.mark.django_db
def test_an_empty_list_says_why_and_where_to_look(phil: User) -> None:
    client = sign_in(phil)
    assert "No application has come in yet" in client.get("/applications/").content.decode()
    for tab, words in (("mine", "You hold nothing"), ("waiting", "Nobody was asked"),
                       ("done", "Nothing decided")):  # fmt: skip
        assert words in client.get(f"/applications/?tab={tab}").content.decode()


# --- Time to review -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-20 12:00", "2026-11-20 18:00", 6),  # a Friday
        ("2026-11-20 12:00", "2026-11-23 12:00", 24),  # over a weekend
        ("2026-11-21 09:00", "2026-11-22 21:00", 0),  # within one
        ("2026-11-21 09:00", "2026-11-23 03:00", 3),
        ("2026-11-16 00:00", "2026-11-30 00:00", 240),
        ("2026-10-30 12:00", "2026-11-02 12:00", 24),  # the clocks went back meanwhile
    ],
)
def test_only_monday_to_friday_counts(start: str, end: str, hours: int) -> None:
    first, last = (datetime.fromisoformat(text).replace(tzinfo=NEW_YORK) for text in (start, end))
    assert working_time.between(first, last, NEW_YORK) == timedelta(hours=hours)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
       st.timedeltas(timedelta(), timedelta(days=60)),
       st.timedeltas(timedelta(), timedelta(days=60)))  # fmt: skip
def test_working_time_adds_up(start: datetime, first: timedelta, second: timedelta) -> None:
    zone = ZoneInfo("UTC")
    parts = [(start, start + first), (start + first, start + first + second)]
    whole = working_time.between(start, start + first + second, zone)
    assert sum((working_time.between(*part, zone) for part in parts), timedelta()) == whole
    assert timedelta() <= whole <= first + second


@pytest.mark.django_db
def test_the_age_rests_while_the_applicant_is_asked(phil: User) -> None:
    tuesday = datetime(2026, 11, 17, 15, tzinfo=UTC)
    with time_machine.travel(tuesday, tick=False):
        application = submitted_application()
    held(phil, application)
    Application.objects.filter(pk=application.pk).update(
        status=Status.INFO_REQUESTED, paused_at=tuesday + 10 * HOUR, holder=None, held_until=None
    )
    asked = InfoRequest.objects.create(
        application=application, asked_by=phil, asked_at=tuesday + 10 * HOUR
    )
    resting = age_of(fresh(application), tuesday + 30 * HOUR)
    assert resting is not None
    assert (resting.level, resting.text) == (AgeLevel.PAUSED, "10\u00a0h")
    Application.objects.filter(pk=application.pk).update(status="submitted", paused_at=None)
    InfoRequest.objects.filter(pk=asked.pk).update(answered_at=tuesday + 30 * HOUR)
    running = age_of(fresh(application), tuesday + 50 * HOUR)
    assert running is not None
    assert (running.text, running.due) == ("1\u00a0d 6\u00a0h", "due in 1\u00a0d 18\u00a0h")


def _used(one: Application) -> timedelta:
    assert one.submitted_at is not None
    assert one.decided_at is not None
    asked = one.info_requests.all() if one.waited else []
    pauses = [(row.asked_at, row.answered_at) for row in asked if row.answered_at]
    return working_time.used(one.submitted_at, one.decided_at, pauses, NEW_YORK)


@pytest.mark.django_db
def test_the_median_of_the_list_is_the_working_time_of_the_decided(
    phil: User, many: Callable[[int], None]
) -> None:
    many(40)
    decided = Application.objects.filter(status=Status.REJECTED)
    for number, one in enumerate(decided):
        end = timezone.now() - timedelta(hours=7 * number)
        Application.objects.filter(pk=one.pk).update(
            decided_at=end, submitted_at=end - timedelta(days=number + 1, hours=3)
        )
        InfoRequest.objects.filter(application=one).update(
            asked_at=end - timedelta(hours=30), answered_at=end - timedelta(hours=20)
        )
    rows = decided.prefetch_related("info_requests")
    used = sorted(map(_used, rows))
    middle = len(used) // 2
    expected = used[middle] if len(used) % 2 else (used[middle - 1] + used[middle]) / 2
    median = review_queue.sums(phil).median
    assert median is not None
    assert abs(median - expected) < timedelta(milliseconds=1)


# --- Claims -------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_claim_lapses_after_30_idle_minutes_and_the_beat_returns_it(phil: User) -> None:
    application = held(phil)
    assert timedelta(minutes=29) < application.held_until - timezone.now() <= timedelta(minutes=30)  # type: ignore[operator]
    release_lapsed_applications()
    assert fresh(application).holder == phil
    lapsed(application)
    release_lapsed_applications()
    after = fresh(application)
    assert (after.status, after.holder, after.held_until) == (Status.SUBMITTED, None, None)


@pytest.mark.django_db
def test_a_lapsed_claim_may_be_taken_by_a_colleague(phil: User, petra: User) -> None:
    application = lapsed(held(phil))
    claims.claim(application, by=petra)
    assert fresh(application).holder == petra
    with pytest.raises(StaleApplication, match="held by Petra"):
        claims.keep(application, by=phil)


@pytest.mark.django_db
def test_work_prolongs_the_claim(phil: User) -> None:
    application = held(phil)
    soon = timezone.now() + timedelta(minutes=2)
    Application.objects.filter(pk=application.pk).update(held_until=soon)
    review.recheck(application, by=phil)
    until = fresh(application).held_until
    assert until is not None
    assert until > soon


@pytest.mark.django_db
def test_an_answer_waits_for_who_asked(phil: User, petra: User) -> None:
    application = submitted_application()
    until = timezone.now() + timedelta(hours=3)
    Application.objects.filter(pk=application.pk).update(reserved_for=petra, reserved_until=until)
    with pytest.raises(StaleApplication):
        claims.claim(application, by=phil)
    assert claims.claim_next(by=phil) is None
    text = sign_in(phil).get("/applications/").content.decode()
    assert "Reserved for Petra Pharmacist" in text
    assert claims.claim_next(by=petra) == application


@pytest.mark.django_db
def test_giving_back_is_for_the_holder_and_releasing_for_administrators(cast: Cast) -> None:
    application = held(cast.phil)
    with pytest.raises(StaleApplication):
        claims.give_back(application, by=cast.petra, reason=reason("give_back"))
    claims.release(application, by=cast.root, reason=reason("release"))
    assert fresh(application).holder is None


@pytest.mark.django_db
def test_after_a_decision_the_next_row_is_offered(phil: User) -> None:
    later = submitted_application()
    application = ready(phil)
    long_ago = timezone.now() - timedelta(days=1)
    Application.objects.filter(pk=application.pk).update(submitted_at=long_ago)
    approve(application, phil)
    assert review_queue.next_after(fresh(application), phil) == (later.reference, "")


# --- New work -----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_an_open_list_hears_of_new_work_and_of_claims(phil: User, petra: User) -> None:
    client = sign_in(phil)
    held(phil)  # something has happened before
    since = client.get("/applications/").context["sums"].newest
    poll = f"/notifications/poll/?queue=applications&queue_since={since}"
    assert client.get(poll).json()["queue"] == {"stamp": since, "new": 0, "changed": []}
    application = held(petra)
    answer = client.get(poll).json()["queue"]
    assert answer["changed"] == [
        {
            "reference": application.reference,
            "state": "in_review",
            "label": "In review",
            "holder": "Petra Pharmacist",
        }
    ]
    claims.give_back(application, by=petra, reason=reason("give_back"))
    answer = client.get(poll).json()["queue"]
    assert (answer["new"], answer["changed"][0]["holder"]) == (1, "")


@pytest.mark.django_db
def test_who_reviews_nothing_hears_nothing_of_applications(petra: User, tess: User) -> None:
    held(petra)
    poll = "/notifications/poll/?queue=applications&queue_since=1"
    assert "queue" not in sign_in(tess).get(poll).json()
