"""A known NPI or e-mail address gets the same public answers as a new one."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from events.models import Event
from intake.models import Application
from intake.status import Status
from tests.conftest import Cast
from tests.factories import npi
from tests.intake.apply_pages import CREDENTIALS, agree, fill, send, started, url
from tests.intake.factories import submitted_application

pytestmark = pytest.mark.django_db
# What differs between any two applications: reference, tokens, the minute.
_OWN = re.compile(
    r'NA-[0-9A-Z]{8}|name="(?:csrfmiddlewaretoken|seen)" value="[^"]*"|\b[0-9]{2}:[0-9]{2}\b|<time[^>]*>'
)


def applied(own_npi: str, email: str) -> tuple[list[tuple[int, str]], list[str]]:
    """Everything a stranger is answered from the first page to the receipt, and the events."""
    browser = Client()
    application = started(browser, contact_email=email)
    fill(browser, application)
    told = CREDENTIALS | {"npi": own_npi, "email": email}
    answers = [browser.post(url(application, "credentials"), told)]
    browser.post(reverse("apply:papers_done", args=[application.reference]))
    agree(browser, application)
    answers += [browser.get(reverse("apply:hub", args=[application.reference]))]
    answers += [browser.get(reverse("apply:check", args=[application.reference]))]
    answers += [send(browser, application)]
    for page in ("sent", "status"):
        answers.append(browser.get(reverse(f"apply:{page}", args=[application.reference])))
    assert Application.objects.get(pk=application.pk).status == Status.SUBMITTED
    kinds = Event.objects.filter(reference=application.reference).order_by("pk")
    read = [(one.status_code, _plain(one.content.decode(), own_npi, email)) for one in answers]
    return read, list(kinds.values_list("kind", flat=True))


def _plain(html: str, own_npi: str, email: str) -> str:
    return _OWN.sub("", html).replace(own_npi, "NPI").replace(email, "MAIL")


def test_who_is_known_is_answered_like_everybody(cast: Cast) -> None:
    waiting = submitted_application().applicants.get()
    new = applied(npi(59000001), "brand.new@example.org")
    known = cast.ada.prescriber.npi
    for own_npi, email in (
        (known, "other.new@example.org"),
        (npi(59000002), cast.ada.email),
        (known, cast.ada.email),
        (waiting.npi, waiting.email),
        (npi(59000003), cast.phil.email),
    ):
        assert applied(own_npi, email) == new
