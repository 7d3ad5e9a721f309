"""Every text of the catalogue: short, plain, the same in both forms, and without a patient."""

from __future__ import annotations

import re
import time
from datetime import date
from email.message import EmailMessage, Message
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings as site
from django.urls import reverse
from pytest_django import Settings

from events.models import Event
from notifications import catalogue, services
from notifications.catalogue import CATALOGUE
from notifications.channels import email
from notifications.models import Delivery
from notifications.status import Channel
from orders.models import Order
from tests.conftest import Cast
from tests.factories import PatientFactory, signed_order
from tests.notifications.conftest import event_of

pytestmark = pytest.mark.django_db
KINDS = sorted(kind for kind in CATALOGUE if kind.startswith("order."))
CANARIES = (
    "Canaryfamily", "Canarygiven", "1971-03-09", "Mar 9, 1971", "03/09/1971", "PT-",
    "naltrexone", "LDN", "4.5", " mg", "capsule", "psoriasis", "L40.0", "canary-note",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.wake.publish", lambda *_: False)


@pytest.fixture
def order(cast: Cast, formulary: None) -> Order:
    patient = PatientFactory(
        practice=cast.practice,
        family_name="Canaryfamily",
        given_name="Canarygiven",
        birth_date=date(1971, 3, 9),
    )
    return signed_order(cast.ada, patient=patient, note="canary-note")


def event(kind: str, order: Order, cast: Cast) -> Event:
    phil = cast.phil.pk
    return event_of(kind, order=order.pk, urgent=True, reason="x", asked_by=phil, concerned=[phil])


def mail(kind: str, order: Order, cast: Cast) -> EmailMessage | Message:
    found = event(kind, order, cast)
    services.expand(found.pk)
    delivery = Delivery.objects.filter(event=found, channel=Channel.EMAIL)[0]
    return email.message(delivery).message()


def part(message: EmailMessage | Message, kind: str) -> str:
    (found,) = [one for one in message.walk() if one.get_content_type() == kind]
    payload = found.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


class _Words(HTMLParser):
    """The text a reader sees, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.images = 0
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag in {"title", "style"}
        self.images += tag in {"img", "link", "script"}
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data.split()


def read(html: str) -> _Words:
    parser = _Words()
    parser.feed(html)
    return parser


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_holds_no_patient_data(kind: str, order: Order, cast: Cast) -> None:
    message = mail(kind, order, cast)
    everything = "\n".join(
        [
            *(f"{name}: {value}" for name, value in message.items()),
            part(message, "text/plain"),
            part(message, "text/html"),
        ]
    ).casefold()
    assert [canary for canary in CANARIES if canary.casefold() in everything] == []
    assert order.reference.casefold() in everything or "rx-test" in everything


@pytest.mark.parametrize("kind", KINDS)
def test_both_forms_say_the_same(kind: str, order: Order, cast: Cast) -> None:
    message = mail(kind, order, cast)
    plain = [word.rstrip(":") for word in part(message, "text/plain").split()]
    assert [word.rstrip(":") for word in read(part(message, "text/html")).words] == plain


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_has_one_link_which_leads_to_sign_in_and_the_order(
    kind: str, order: Order, cast: Cast
) -> None:
    message = mail(kind, order, cast)
    html = read(part(message, "text/html"))
    (link,) = html.links
    assert link.startswith(f"{site.PUBLIC_URL}/")
    assert re.findall(r"https?://\S+", part(message, "text/plain")) == [link]
    assert html.images == 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_subject_is_short_and_the_file_name_tells_nothing(
    kind: str, order: Order, cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    settings.EMAIL_BACKEND = "notifications.mail.FileBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    found = event(kind, order, cast)
    assert len(catalogue.text(found).subject) <= 60
    services.expand(found.pk)
    delivery = Delivery.objects.filter(event=found, channel=Channel.EMAIL)[0]
    email.transmit(delivery, time.monotonic() + 5)
    (file,) = tmp_path.iterdir()
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.eml", file.name)


@pytest.mark.parametrize("kind", KINDS)
def test_each_side_is_sent_to_its_own_page(kind: str, order: Order, cast: Cast) -> None:
    found = event(kind, order, cast)
    services.expand(found.pk)
    for delivery in Delivery.objects.filter(event=found).select_related("recipient"):
        staff = delivery.recipient and delivery.recipient.practice_id is None
        page = "queue:review" if staff else "orders:detail"
        assert catalogue.text(found).path == reverse(page, args=[found.reference])


@pytest.mark.parametrize("kind", sorted(CATALOGUE))
def test_an_entry_that_is_settled_names_events_that_exist(kind: str) -> None:
    known = {
        *CATALOGUE, "order.claimed", "application.claimed", "applicant.agreed",
        "question.claimed", "question.closed", "order.countersigned", "order.hold_ended",
        "order.replaced", "order.refills_cancelled", "formulary.withdrawn", "formulary.applied",
    }  # fmt: skip
    assert set(CATALOGUE[kind].settled_by) <= known


def test_urgency_is_said_in_words(order: Order, cast: Cast) -> None:
    assert "urgent" in catalogue.text(event("order.submitted", order, cast)).subject
