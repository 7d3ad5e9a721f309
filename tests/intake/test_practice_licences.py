"""Licences that a practice sends: a renewal counts once the pharmacy has looked it up."""

from __future__ import annotations

from datetime import date, timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.models import Licence, Prescriber
from accounts.status import Credential
from events.models import Event
from intake.models import LicenceRenewal, Upload
from intake.services.renewals import accept, refuse
from tests.conftest import Cast
from tests.orders.pages import errors_of

pytestmark = pytest.mark.django_db
NEW = {
    "state": "SC", "kind": "Medical", "number": "SC-9", "expires_on_0": "May",
    "expires_on_1": "31", "expires_on_2": "2028",
}  # fmt: skip


def at(cast: Cast) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(cast.ada)
    return client


def text(answer: Any) -> str:
    return unescape(answer.content.decode()).replace("\u00a0", " ")


def days(day: date) -> dict[str, str]:
    parts = (str(day.month), str(day.day), str(day.year))
    return {f"expires_on_{at}": part for at, part in enumerate(parts)}


def licence_of(cast: Cast) -> Licence:
    return Licence.objects.get(prescriber=cast.ada.prescriber)


def renew(cast: Cast, day: date, **more: Any) -> Any:
    url = f"/practice/licences/{licence_of(cast).pk}/renew/"
    return at(cast).post(url, days(day) | more)


def test_a_renewal_waits_for_the_pharmacy_and_changes_nothing_yet(cast: Cast) -> None:
    held, day = licence_of(cast).expires_on, timezone.localdate() + timedelta(days=800)
    assert renew(cast, day).status_code == 302
    made = LicenceRenewal.objects.get()
    assert (made.licence, made.expires_on, made.given_by) == (licence_of(cast), day, cast.ada)
    assert licence_of(cast).expires_on == held
    event = Event.objects.get()
    assert (event.kind, event.subject, event.subject_id) == ("renewal.given", "renewal", made.pk)
    page = text(at(cast).get("/practice/licences/"))
    assert "Waiting for the pharmacy" in page
    assert "Send the renewal" not in page


def test_what_the_pharmacy_accepts_counts_and_what_it_refuses_is_told(cast: Cast) -> None:
    today = timezone.localdate()
    day = today + timedelta(days=800)
    renew(cast, day)
    refuse(LicenceRenewal.objects.get(), by=cast.phil, text="The board shows another day.")
    assert "The board shows another day." in text(at(cast).get("/practice/licences/"))
    renew(cast, day)
    second = LicenceRenewal.objects.latest("pk")
    accept(second, by=cast.phil, primary_source="NC Medical Board", looked_up_on=today)
    assert licence_of(cast).expires_on == day
    assert "The board shows another day." not in text(at(cast).get("/practice/licences/"))


def test_one_renewal_waits_at_a_time(cast: Cast) -> None:
    day = timezone.localdate() + timedelta(days=800)
    renew(cast, day)
    again = renew(cast, day)
    assert errors_of(text(again)) == ["A renewal of this licence is with the pharmacy already."]
    assert LicenceRenewal.objects.count() == 1


def test_a_day_no_later_than_the_one_on_file_is_no_renewal(cast: Cast) -> None:
    said = errors_of(text(renew(cast, licence_of(cast).expires_on)))
    assert said == ["This is no later than the day on file: enter the renewed last day."]


def test_a_copy_is_kept_with_the_renewal(cast: Cast) -> None:
    paper = SimpleUploadedFile("licence.png", picture(), content_type="image/png")
    renew(cast, timezone.localdate() + timedelta(days=800), paper=paper)
    upload = Upload.objects.get()
    assert LicenceRenewal.objects.get().upload == upload
    assert (upload.prescriber, upload.uploaded_by) == (cast.ada.prescriber, cast.ada)


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"PK\x03\x04not a paper"])
def test_what_is_no_paper_is_refused_and_nothing_is_kept(cast: Cast, content: bytes) -> None:
    paper = SimpleUploadedFile("licence.pdf", content, content_type="application/pdf")
    answer = renew(cast, timezone.localdate() + timedelta(days=800), paper=paper)
    assert errors_of(text(answer))
    assert not LicenceRenewal.objects.exists()
    assert not Upload.objects.exists()


def test_a_licence_of_another_state_is_added(cast: Cast) -> None:
    url = f"/practice/prescribers/{cast.ada.prescriber.pk}/licence/"
    assert at(cast).post(url, NEW).status_code == 302
    made = LicenceRenewal.objects.get()
    assert (made.licence, made.state, made.number) == (None, "SC", "SC-9")
    again = at(cast).post(url, NEW | {"number": "sc-9"})
    assert errors_of(text(again)) == ["This licence is with the pharmacy already."]
    today = timezone.localdate()
    accept(made, by=cast.phil, primary_source="SC Board", looked_up_on=today)
    assert cast.ada.prescriber.licences.filter(state="SC", number="SC-9").exists()


def test_a_licence_on_file_is_not_added_twice(cast: Cast) -> None:
    url = f"/practice/prescribers/{cast.ada.prescriber.pk}/licence/"
    same = NEW | {"state": "NC", "number": licence_of(cast).number}
    assert errors_of(text(at(cast).post(url, same)))
    assert not LicenceRenewal.objects.exists()


def test_a_nurses_prescriptive_authority_comes_along(cast: Cast) -> None:
    Prescriber.objects.filter(user=cast.ada).update(credential=Credential.NP)
    url = f"/practice/prescribers/{cast.ada.prescriber.pk}/licence/"
    assert errors_of(text(at(cast).post(url, NEW)))
    assert at(cast).post(url, NEW | {"authority": "RX-77"}).status_code == 302
    made = LicenceRenewal.objects.get()
    accept(made, by=cast.phil, primary_source="SC Board", looked_up_on=timezone.localdate())
    assert Licence.objects.get(state="SC").authority == "RX-77"


def picture() -> bytes:
    """A small PNG."""
    kept = BytesIO()
    Image.new("RGB", (60, 60), "white").save(kept, "PNG")
    return kept.getvalue()
