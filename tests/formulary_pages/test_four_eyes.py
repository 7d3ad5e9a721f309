"""Who decides: a second pharmacist, never the author; a pharmacist without a colleague after a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from events.models import Event
from formulary.clock import pharmacy_today
from formulary.models import FormularyChange, RuleFigure
from formulary.services import changes, load_formulary
from formulary.services.changes import Refused
from tests.conftest import Cast
from tests.factories import PASSWORD
from tests.formulary_pages.changes import SAID, figure_change, range_to
from tests.formulary_pages.desk import act, day, seen, signed_in, wrongs

pytestmark = pytest.mark.django_db


def waits(cast: Cast) -> FormularyChange:
    return figure_change(cast.phil, "transit_days", "3", sent=True)


def leave(who: User) -> None:
    who.memberships.update(ended_at=timezone.now())


def kinds(change: FormularyChange) -> list[tuple[str, dict[str, object]]]:
    rows = Event.objects.about("formulary_change", change.pk)
    return [(event.kind, event.data) for event in rows]


def test_the_author_cannot_approve_nor_refuse(cast: Cast) -> None:
    change = waits(cast)
    page = signed_in(cast.phil).get(reverse("formulary:change", args=[change.reference]))
    assert "Approve the change" not in page.content.decode()
    assert act(cast.phil, change, "approve").status_code == 403
    assert act(cast.phil, change, "refuse", words="It is wrong after all.").status_code == 403
    assert load_formulary().figures.transit_days == 5


def test_a_second_pharmacist_approves_with_the_password(cast: Cast) -> None:
    change = waits(cast)
    wrong = act(cast.petra, change, "approve", password="not hers at all")
    assert wrong.status_code == 422
    assert wrongs(wrong) == ["This is not your password. Type it again."]
    assert act(cast.petra, change, "approve", password="").status_code == 422
    assert act(cast.petra, change, "approve").status_code == 302
    change.refresh_from_db()
    assert (change.state, change.second) == ("in_force", cast.petra)
    assert kinds(change) == [
        ("formulary.proposed", {"kind": "figures"}),
        ("formulary.approved", {"kind": "figures"}),
        ("formulary.applied", {"kind": "figures"}),
    ]


def test_who_is_no_pharmacist_any_more_decides_nothing(cast: Cast) -> None:
    change = waits(cast)
    client = signed_in(cast.petra)
    here = reverse("formulary:change", args=[change.reference])
    assert client.get(here).status_code == 200
    leave(cast.petra)
    given = {"version": change.version, "password": PASSWORD}
    assert client.post(f"{here}approve/", given).status_code == 403
    change.refresh_from_db()
    assert change.state == "waiting"


@pytest.mark.parametrize("who", ["tess", "root", "ada"])
def test_nobody_else_approves(cast: Cast, who: str) -> None:
    change = waits(cast)
    assert act(getattr(cast, who), change, "approve").status_code == 403


def test_a_refusal_is_said_in_words(cast: Cast) -> None:
    change = waits(cast)
    assert act(cast.petra, change, "refuse", words="No.").status_code == 422
    assert act(cast.petra, change, "refuse", words="The study is about tablets.").status_code == 302
    change.refresh_from_db()
    assert (change.state, change.second) == ("refused", cast.petra)
    page = signed_in(cast.phil).get(reverse("formulary:change", args=[change.reference]))
    assert "The study is about tablets." in page.content.decode()
    assert act(cast.petra, change, "approve").status_code == 409


def test_the_author_withdraws_what_waits(cast: Cast) -> None:
    change = waits(cast)
    assert act(cast.petra, change, "withdraw").status_code == 403
    assert act(cast.phil, change, "withdraw").status_code == 302
    assert act(cast.petra, change, "approve").status_code == 409
    change.refresh_from_db()
    assert (change.state, change.applied_at) == ("withdrawn", None)


# --- alone --------------------------------------------------------------------------------------
def test_alone_the_author_puts_it_in_force_after_a_day(cast: Cast) -> None:
    leave(cast.petra)
    with time_machine.travel(timezone.now(), tick=True) as clock:
        change = waits(cast)
        page = signed_in(cast.phil).get(reverse("formulary:change", args=[change.reference]))
        assert "You are the only active pharmacist" in page.content.decode()
        early = act(cast.phil, change, "put_in_force")
        assert early.status_code == 422
        assert wrongs(early) == ["A change that nobody else looks at waits for 24 hours first."]
        clock.shift(timedelta(hours=23, minutes=50))
        assert act(cast.phil, change, "put_in_force").status_code == 422
        clock.shift(timedelta(minutes=11))
        assert act(cast.phil, change, "put_in_force").status_code == 302
    change.refresh_from_db()
    assert (change.state, change.second, change.alone) == ("in_force", None, True)
    assert kinds(change)[-1] == ("formulary.applied", {"kind": "figures", "alone": True})
    assert load_formulary().figures.transit_days == 3
    row = RuleFigure.objects.get(key="transit_days")
    url = reverse("formulary:row", args=["figures", row.pk])
    assert "its author was alone" in signed_in(cast.phil).get(url).content.decode()


def test_with_a_colleague_nobody_goes_alone_however_long_it_waits(cast: Cast) -> None:
    change = waits(cast)
    with time_machine.travel(timezone.now() + timedelta(hours=30)):
        answer = act(cast.phil, change, "put_in_force")
        assert answer.status_code == 422
        assert wrongs(answer) == ["There is another pharmacist now: ask for a second look."]


def test_alone_means_no_other_pharmacist_when_it_is_put_in_force(cast: Cast) -> None:
    change = waits(cast)
    leave(cast.petra)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        cast.petra.memberships.update(ended_at=None)
        with pytest.raises(Refused):
            changes.put_in_force_alone(change, by=cast.phil, version=change.version)


# --- what the database holds ---------------------------------------------------------------------
@pytest.mark.parametrize(
    "forged",
    [
        {"state": "in_force", "applied_at": timezone.now()},
        {"state": "approved"},
        {"state": "in_force", "applied_at": timezone.now(), "alone": True},
        {"after": {"value": "1"}},
        {"author": None},
        {"reason": "Another one, after the fact."},
    ],
)
def test_the_database_refuses_shortcuts(cast: Cast, forged: dict[str, object]) -> None:
    change = waits(cast)
    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
        FormularyChange.objects.filter(pk=change.pk).update(**forged)


def test_the_database_refuses_an_author_as_second_and_any_deletion(cast: Cast) -> None:
    change = waits(cast)
    rows = FormularyChange.objects.filter(pk=change.pk)
    now = timezone.now()
    with pytest.raises(IntegrityError, match="nobody_decides"), transaction.atomic():
        rows.update(state="in_force", second=cast.phil, applied_at=now)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.delete()


# --- races --------------------------------------------------------------------------------------
def test_what_two_approve_is_applied_once(cast: Cast) -> None:
    change = waits(cast)
    third = User.objects.create_user("third@example.org", PASSWORD, name="Third Pharmacist")
    third.memberships.create(role="pharmacist")
    version = change.version
    changes.approve(change, by=cast.petra, version=version)
    client = signed_in(third)
    url = reverse("formulary:approve", args=[change.reference])
    lost = client.post(url, {"version": version, "password": PASSWORD})
    assert lost.status_code == 409
    assert f"{change.reference} has moved on: In force." in lost.content.decode()
    assert [kind for kind, _ in kinds(change)].count("formulary.applied") == 1


def test_a_row_that_was_changed_meanwhile_is_named_and_nothing_is_applied(cast: Cast) -> None:
    change = waits(cast)
    RuleFigure.objects.filter(key="transit_days").update(value=7)
    answer = act(cast.petra, change, "approve")
    assert answer.status_code == 409
    assert "Figure was “5” and is “7” now" in answer.content.decode()
    change.refresh_from_db()
    assert change.state == "waiting"
    assert load_formulary().figures.transit_days == 7


def test_a_row_that_changed_while_the_form_was_open_is_named(cast: Cast) -> None:
    row = RuleFigure.objects.get(key="transit_days")
    client, url = signed_in(cast.phil), reverse("formulary:change_row", args=["figures", row.pk])
    page = client.get(url)
    RuleFigure.objects.filter(pk=row.pk).update(value=7)
    sent = SAID | day(pharmacy_today()) | {"seen": seen(page), "value": "3"}
    answer = client.post(url, sent)
    assert answer.status_code == 409
    assert "Figure was “5” and is “7” now" in answer.content.decode()
    assert not FormularyChange.objects.exists()


def test_one_change_of_a_row_waits_at_a_time(cast: Cast) -> None:
    first = waits(cast)
    other = figure_change(cast.petra, "transit_days", "4")
    answer = act(cast.petra, other, "send")
    assert answer.status_code == 422
    assert wrongs(answer) == [
        f"{first.reference} waits for the same row: decide on that one first."
    ]


def test_a_draft_is_its_authors_alone(cast: Cast) -> None:
    draft = changes.write(range_to("0.5", "6"), by=cast.phil)
    url = reverse("formulary:change", args=[draft.reference])
    assert signed_in(cast.petra).get(url).status_code == 404
    assert signed_in(cast.phil).get(url).status_code == 200
    assert Client(HTTP_HOST="127.0.0.1").get(url).status_code == 302
