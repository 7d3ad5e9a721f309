"""The practice's own pages: what they say, and what they keep."""

from __future__ import annotations

from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import Licence, Location, Membership, User
from accounts.services.members import invite
from accounts.services.standing import deactivate, suspend
from accounts.status import Duty, Role
from events.models import Event
from intake.practice_page import expiry
from tests.conftest import Cast
from tests.factories import prescriber
from tests.orders.pages import errors_of, hidden

pytestmark = pytest.mark.django_db
PLACE = {
    "name": "Second office", "address": "2 Sample Street", "city": "Sampleton", "state": "NC",
    "zip_code": "27514", "phone": "", "uses": ["parcels"],
}  # fmt: skip
DETAILS = {"phone": "(555) 555-0142", "reach_by": "portal"}


def at(user: User) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    return unescape(answer.content.decode()).replace("\u00a0", " ")


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def change(client: Client, url: str, **given: Any) -> Any:
    """Sends a form as its page shows it, changed where told."""
    return client.post(url, {"seen": hidden(client.get(url), "seen"), **given})


def delegate(cast: Cast, duty: Duty) -> User:
    cast.nils.memberships.update(duties=[duty])
    return cast.nils


# --- The overview -----------------------------------------------------------------------------
def test_the_overview_says_what_soon_ends_and_who_has_not_signed_in(cast: Cast) -> None:
    Licence.objects.update(expires_on=cast.practice.today + timedelta(days=20))
    invite(cast.practice, name="Nora New", email="nora@example.org", role=Role.DELEGATE,
           duties=[Duty.VIEW], by=cast.ada)  # fmt: skip
    said = text(at(cast.ada).get("/practice/"))
    assert "Ada Sample, MD: the licence NC S-1 ends in 20 days" in said
    assert "Invited, but not signed in yet: Nora New" in said


def test_the_overview_is_calm_when_all_is_well(cast: Cast) -> None:
    cast.practice.contacts = [{"role": "clinical", "name": "Cleo", "email": "", "phone": ""}]
    cast.practice.save()
    assert "Nothing. Licences, people and addresses are in order." in text(
        at(cast.ada).get("/practice/")
    )


def test_a_licence_for_another_state_than_the_practices_is_named_as_missing(cast: Cast) -> None:
    Licence.objects.update(state="SC")
    said = text(at(cast.ada).get("/practice/"))
    assert "no licence for NC is on file, so no order can be signed here" in said


def test_a_delegate_reads_the_overview_without_links_to_what_they_may_not_open(cast: Cast) -> None:
    Licence.objects.update(expires_on=cast.practice.today - timedelta(days=1))
    said = text(at(cast.nils).get("/practice/"))
    assert "the licence NC S-1 ended" in said
    assert "Send the renewal" not in said
    assert "/practice/people/" not in said.replace("/practice/people/leave/", "")


def test_members_of_a_closed_practice_read_that_it_is_closed(cast: Cast) -> None:
    suspend(cast.practice, by=cast.phil, reason="Asked to.")
    deactivate(cast.practice, by=cast.phil, reason="Asked to.")
    client = at(cast.ada)
    said = text(client.get("/", follow=True))
    assert "The pharmacy closed the account of Sample Dermatology" in said
    assert client.get("/orders/").status_code == 403
    assert client.get("/practice/details/").status_code == 403


def test_a_closed_prescriber_reads_that_the_account_is_closed(cast: Cast) -> None:
    suspend(cast.ada.prescriber, by=cast.phil, reason="Asked to.")
    deactivate(cast.ada.prescriber, by=cast.phil, reason="Asked to.")
    assert "closed your account as a prescriber" in text(at(cast.ada).get("/practice/"))


@pytest.mark.parametrize(
    ("days", "word", "tone"),
    [(-1, "Ended Nov 20, 2026", "stop"), (0, "Ends today", "stop"), (1, "Ends in 1 day", "warn"),
     (30, "Ends in 30 days", "warn"), (31, "Ends in 31 days", "soon"),
     (60, "Ends in 60 days", "soon"), (61, "Holds until Jan 21, 2027", "ok")],
)  # fmt: skip
def test_how_long_a_licence_holds_is_said_in_words(days: int, word: str, tone: str) -> None:
    today = date(2026, 11, 21)
    found = expiry(today + timedelta(days=days), today)
    assert (found.word.replace("\u00a0", " "), found.tone) == (word, tone)


# --- People -----------------------------------------------------------------------------------
def test_the_inviter_reads_the_same_whether_or_not_the_address_was_known(cast: Cast) -> None:
    client = at(cast.ada)
    for email in ("new@example.org", cast.ben.email):
        sent = {"name": "Somebody", "email": email, "duties": ["view"]}
        answer = client.post("/practice/people/invite/", sent, follow=True)
        assert f"We have sent an invitation to {email}." in text(answer)
    assert Membership.objects.open().filter(practice=cast.practice).count() == 4


@pytest.mark.parametrize(
    ("given", "said"),
    [({"duties": []}, "What may this person do?"),
     ({"email": "no"}, "Enter the e-mail address in full"),
     ({"email": "nils"}, "belongs to Sample Dermatology already"),
     ({"email": "phil"}, "cannot be invited"),
     ({"name": ""}, "Enter the name.")],
)  # fmt: skip
def test_a_wrong_invitation_comes_back_with_the_reason(
    cast: Cast, given: dict[str, Any], said: str
) -> None:
    email = given.get("email", "new@example.org")
    if email in ("nils", "phil"):
        given = {"email": getattr(cast, email).email}
    sent = {"name": "Somebody", "email": "new@example.org", "duties": ["view"]} | given
    answer = at(cast.ada).post("/practice/people/invite/", sent)
    assert answer.status_code == 200
    assert any(said in error for error in errors_of(text(answer)))
    assert kinds() == []


def test_a_prescriber_cannot_be_invited_as_one(cast: Cast) -> None:
    sent = {"name": "X Y", "email": "new@example.org", "duties": ["view"], "role": "prescriber"}
    at(cast.ada).post("/practice/people/invite/", sent)
    assert Membership.objects.get(user__email="new@example.org").role == Role.DELEGATE


def test_the_list_tells_who_has_not_signed_in_yet_and_sends_again(cast: Cast) -> None:
    client = at(cast.ada)
    client.post("/practice/people/invite/",
                {"name": "Nora New", "email": "nora@example.org", "duties": ["view"]})  # fmt: skip
    here = Membership.objects.get(user__email="nora@example.org")
    assert "Send again" in text(client.get("/practice/people/"))
    again = client.post(f"/practice/people/{here.pk}/resend/", follow=True)
    assert "We have sent an invitation to nora@example.org." in text(again)
    assert kinds().count("user.invited") == 2


def test_duties_are_changed_by_what_the_page_showed(cast: Cast) -> None:
    here = cast.nils.memberships.get()
    client, url = at(cast.ada), f"/practice/people/{here.pk}/duties/"
    seen = hidden(client.get(url), "seen")
    assert client.post(url, {"seen": seen, "duties": ["view"]}).status_code == 302
    stale = client.post(url, {"seen": seen, "duties": ["billing"]})
    assert stale.status_code == 409
    assert cast.nils.memberships.get().duties == ["view"]


def test_removing_asks_first_and_acts_at_once(cast: Cast) -> None:
    here = cast.nils.memberships.get()
    theirs, client, url = at(cast.nils), at(cast.ada), f"/practice/people/{here.pk}/remove/"
    assert theirs.get("/orders/").status_code == 200
    assert "Every right here ends at once" in text(client.get(url))
    assert theirs.get("/orders/").status_code == 200
    assert client.post(url).status_code == 302
    assert theirs.get("/orders/").status_code == 403
    assert client.post(url).status_code == 404


def test_the_only_prescriber_reads_why_they_cannot_leave(cast: Cast) -> None:
    answer = at(cast.ada).post("/practice/people/leave/")
    assert answer.status_code == 422
    assert "only prescriber who manages this practice" in text(answer)


def test_a_prescriber_leaves_where_another_stays(cast: Cast) -> None:
    prescriber("Dr Anna Sample-Two", cast.practice)
    client = at(cast.ada)
    assert client.post("/practice/people/leave/").status_code == 302
    assert client.get("/practice/").status_code == 403


# --- Details, billing, locations --------------------------------------------------------------
def test_details_are_kept_and_told(cast: Cast) -> None:
    given = DETAILS | {
        "phone": "555 555 0143", "fax": "555-555-0144", "website": "clinic.example.org",
        "clinical_name": "Cleo Sampleton", "clinical_phone": "(555) 555-0145",
    }  # fmt: skip
    assert change(at(cast.ada), "/practice/details/", **given).status_code == 302
    cast.practice.refresh_from_db()
    assert cast.practice.phone == "(555) 555-0143"
    assert cast.practice.website == "https://clinic.example.org"
    assert cast.practice.contacts == [
        {"role": "clinical", "name": "Cleo Sampleton", "email": "", "phone": "(555) 555-0145"}
    ]
    event = Event.objects.get()
    assert event.kind == "practice.changed"
    assert event.data == {"fields": ["phone", "fax", "website", "contacts"]}


def test_details_that_did_not_change_tell_nobody(cast: Cast) -> None:
    assert change(at(cast.ada), "/practice/details/", **DETAILS).status_code == 302
    assert kinds() == []


def test_the_verified_part_of_a_practice_cannot_be_sent(cast: Cast) -> None:
    verified = {"name": "Hollow Clinic", "state": "SC", "address": "9 Hollow", "status": "approved"}
    change(at(cast.ada), "/practice/details/", **DETAILS, **verified)
    cast.practice.refresh_from_db()
    assert (cast.practice.name, cast.practice.state) == ("Sample Dermatology", "NC")


def test_fax_first_needs_a_fax(cast: Cast) -> None:
    answer = change(at(cast.ada), "/practice/details/", **DETAILS | {"reach_by": "fax"})
    assert "Enter the fax number, or choose another way to reach you." in errors_of(text(answer))


def test_details_changed_meanwhile_are_not_overwritten(cast: Cast) -> None:
    client = at(cast.ada)
    seen = hidden(client.get("/practice/details/"), "seen")
    first = {"seen": seen, **DETAILS, "phone": "(555) 555-0150"}
    assert client.post("/practice/details/", first).status_code == 302
    late = client.post("/practice/details/", first | {"phone": "(555) 555-0151"})
    assert late.status_code == 409
    cast.practice.refresh_from_db()
    assert cast.practice.phone == "(555) 555-0150"


def test_a_delegate_for_billing_keeps_delivery_and_billing_and_nothing_else(cast: Cast) -> None:
    client = at(delegate(cast, Duty.BILLING))
    given = {"default_ship_to": "practice", "signature_required": "on", "bill_to": "practice"}
    assert change(client, "/practice/delivery/", **given).status_code == 302
    cast.practice.refresh_from_db()
    assert (cast.practice.default_ship_to, cast.practice.signature_required) == ("practice", True)
    assert client.get("/practice/details/").status_code == 403
    assert client.get("/orders/").status_code == 403
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/practice/"


def test_a_place_is_added_changed_and_closed(cast: Cast) -> None:
    client = at(cast.ada)
    assert client.post("/practice/locations/new/", PLACE).status_code == 302
    place = Location.objects.get()
    assert (place.takes_deliveries, place.sees_patients) == (True, False)
    url = f"/practice/locations/{place.pk}/"
    new = PLACE | {"city": "Otherton", "uses": ["patients", "parcels"]}
    assert change(client, url, **new).status_code == 302
    # Orders were signed for the first address: it stays as it was, closed.
    place.refresh_from_db()
    assert (place.city, place.active) == ("Sampleton", False)
    place = Location.objects.active().get()
    assert (place.city, place.sees_patients) == ("Otherton", True)
    url = f"/practice/locations/{place.pk}/"
    assert change(client, url, **new | {"uses": ["parcels"]}).status_code == 302
    assert Location.objects.active().get().pk == place.pk
    assert "no longer offered" in text(client.get(f"{url}close/"))
    assert client.post(f"{url}close/").status_code == 302
    assert client.get(url).status_code == 404
    closed = "Closed: Second office, Sampleton · Second office, Otherton"
    assert closed in text(client.get("/practice/locations/"))
    assert kinds() == ["practice.location_changed"] * 5


@pytest.mark.parametrize(
    ("given", "said"),
    [({"address": "PO Box 12"}, "PO box"), ({"uses": []}, "What is this place for?"),
     ({"zip_code": "2751"}, "five digits"), ({"state": "ZZ"}, "Choose one of the listed"),
     ({"name": "<b>x</b>"}, "without the characters")],
)  # fmt: skip
def test_a_wrong_place_comes_back_with_the_reason(
    cast: Cast, given: dict[str, Any], said: str
) -> None:
    answer = at(cast.ada).post("/practice/locations/new/", PLACE | given)
    assert any(said in error for error in errors_of(text(answer)))
    assert not Location.objects.exists()


def test_another_practices_rows_are_not_found(cast: Cast) -> None:
    place = Location.objects.create(
        practice=cast.other_practice, **{k: v for k, v in PLACE.items() if k != "uses"},
        takes_deliveries=True,
    )  # fmt: skip
    ben = cast.ben.memberships.get()
    licence = Licence.objects.get(prescriber=cast.ben.prescriber)
    client = at(cast.ada)
    for url in (
        f"/practice/locations/{place.pk}/", f"/practice/locations/{place.pk}/close/",
        f"/practice/people/{ben.pk}/remove/", f"/practice/licences/{licence.pk}/renew/",
        f"/practice/prescribers/{cast.ben.prescriber.pk}/licence/",
        "/practice/locations/99999999999999999999/",
    ):  # fmt: skip
        assert client.get(url).status_code == 404, url
        assert client.post(url).status_code == 404, url


def test_an_empty_form_is_answered_and_never_fails(cast: Cast) -> None:
    client = at(cast.ada)
    here, licence = cast.nils.memberships.get(), Licence.objects.get(prescriber=cast.ada.prescriber)
    for url in (
        "/practice/details/", "/practice/delivery/", "/practice/people/invite/",
        "/practice/locations/new/", f"/practice/people/{here.pk}/duties/",
        f"/practice/licences/{licence.pk}/renew/",
        f"/practice/prescribers/{cast.ada.prescriber.pk}/licence/",
    ):  # fmt: skip
        for given in ({}, {"seen": "\x00", "name": "\x00", "phone": "\ufffd"}):
            answer = client.post(url, given)
            assert answer.status_code == 200, url
            assert errors_of(text(answer)), url
