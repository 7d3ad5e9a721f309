"""What people want by e-mail: their own table, what is always sent, and one click to stop a mail."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage, Message

import pytest
from django.conf import settings as site
from django.test import Client

from accounts.models import Membership, User
from accounts.status import Duty, Role
from events.models import Event
from notifications import categories, choices, services
from notifications.catalogue import CATALOGUE
from notifications.channels import email
from notifications.models import Delivery, MailChoice
from notifications.status import Category, Channel
from tests.conftest import Cast
from tests.factories import UserFactory, draft_of, signed_order
from tests.notifications.conftest import event_of
from tests.notifications.test_catalogue import part

pytestmark = pytest.mark.django_db
PAGE = "/notifications/preferences/"


@pytest.fixture(autouse=True)
def _no_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.wake.publish", lambda *_: False)


def as_(user: User | None) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    if user is not None:
        client.force_login(user)
    return client


def mailed(event: Event) -> set[str]:
    services.expand(event.pk)
    rows = Delivery.objects.filter(event=event, channel=Channel.EMAIL)
    return {row.recipient.name for row in rows if row.recipient}


def mail_to(user: User, event: Event) -> EmailMessage | Message:
    services.expand(event.pk)
    delivery = Delivery.objects.get(event=event, channel=Channel.EMAIL, recipient=user)
    return email.message(delivery).message()


def box(html: str, category: Category) -> str:
    """The tag of the category's checkbox."""
    here = html.index(f'id="id_mail_{category}"')
    return html[html.rindex("<", 0, here) : html.index(">", here)]


# --- The page -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "there", "absent"),
    [
        ("phil", [Category.ORDER_ROUTINE, Category.QUESTION, Category.CHECK], [Category.LICENCE]),
        ("ada", [Category.CLARIFICATION, Category.LICENCE], [Category.ORDER_URGENT]),
        ("nils", [Category.ORDER_REJECTED, Category.ACCOUNT], [Category.ORDER_APPROVED]),
        ("root", [Category.APPLICATION], [Category.QUESTION, Category.ORDER_ROUTINE]),
        ("tess", [Category.ACCOUNT], [Category.APPLICATION, Category.ORDER_ROUTINE]),
    ],
)
def test_everybody_finds_what_can_reach_them_and_nothing_else(
    cast: Cast, who: str, there: list[Category], absent: list[Category]
) -> None:
    html = as_(getattr(cast, who)).get(PAGE).text
    assert [one for one in there if f'id="id_mail_{one}"' not in html] == []
    assert [one for one in absent if f'id="id_mail_{one}"' in html] == []


def test_what_is_always_sent_is_ticked_disabled_and_explained(cast: Cast) -> None:
    html = as_(cast.ada).get(PAGE).text
    for category in (Category.CLARIFICATION, Category.ORDER_REJECTED, Category.LICENCE):
        tag = box(html, category)
        assert "checked" in tag
        assert "disabled" in tag
        assert f'aria-describedby="why-{category}"' in tag
        assert f'aria-labelledby="row-{category} col-mail"' in tag
    assert "Always sent, because a patient’s order waits for the answer." in html
    optional = box(html, Category.ORDER_APPROVED)
    assert "checked" in optional
    assert "disabled" not in optional


def test_a_choice_is_kept_and_said(cast: Cast) -> None:
    client = as_(cast.phil)
    answer = client.post(PAGE, {"mail": ["order_urgent", "question"]}, follow=True)
    assert "Your choices are saved." in answer.text
    assert "checked" in box(answer.text, Category.ORDER_URGENT)
    assert "checked" not in box(answer.text, Category.ORDER_ROUTINE)
    assert choices.wanted(cast.phil) == {
        Category.ORDER_URGENT,
        Category.QUESTION,
        Category.CHECK,
        Category.ACCOUNT,
        Category.REPLY,
    }
    client.post(PAGE, {"mail": ["order_routine"]})
    assert Category.ORDER_ROUTINE in choices.wanted(cast.phil)
    assert MailChoice.objects.filter(user=cast.phil, category="order_routine").count() == 1


@pytest.mark.parametrize("sent", ["x", "account", "licence", "order_urgent\x00", "٣"])
def test_what_is_not_offered_cannot_be_chosen(cast: Cast, sent: str) -> None:
    answer = as_(cast.phil).post(PAGE, {"mail": [sent]})
    assert answer.status_code == 200
    assert "There is a problem" in answer.text
    assert not MailChoice.objects.exists()


def test_ticking_nothing_never_stops_what_is_always_sent(cast: Cast) -> None:
    as_(cast.ada).post(PAGE, {})
    order = signed_order(cast.ada)
    asked = event_of("order.clarification_asked", order=order.pk)
    assert mailed(asked) == {"Dr Ada Sample"}
    assert mailed(event_of("order.approved", order=order.pk)) == set()


def test_a_choice_from_another_role_never_stops_what_is_required_now(cast: Cast) -> None:
    """Somebody switched questions about orders off as a delegate and prescribes now."""
    MailChoice.objects.create(user=cast.ada, category="clarification", wanted=False)
    order = signed_order(cast.ada)
    assert mailed(event_of("order.clarification_asked", order=order.pk)) == {"Dr Ada Sample"}


# --- Who hears ------------------------------------------------------------------------------------
def test_a_delegate_who_answers_questions_hears_of_them_until_switched_off(cast: Cast) -> None:
    order = signed_order(cast.ada)
    clara = UserFactory(name="Clara Sample", email="clara@example.org")
    Membership.objects.create(
        user=clara, practice=cast.practice, role=Role.DELEGATE, duties=[Duty.CLARIFY]
    )
    kind = "order.clarification_asked"
    assert mailed(event_of(kind, order=order.pk)) == {"Dr Ada Sample", "Clara Sample"}
    as_(clara).post(PAGE, {})
    assert mailed(event_of(kind, order=order.pk)) == {"Dr Ada Sample"}
    Membership.objects.filter(user=clara).update(duties=[Duty.BILLING])
    MailChoice.objects.all().delete()
    assert mailed(event_of(kind, order=order.pk)) == {"Dr Ada Sample"}


def test_the_delegate_who_prepared_an_order_hears_that_it_was_rejected(cast: Cast) -> None:
    prepared, other = draft_of(cast.nils), signed_order(cast.ada)
    both = {"Dr Ada Sample", "Nils Sampleton"}
    assert mailed(event_of("order.rejected", order=prepared.pk)) == both
    assert mailed(event_of("order.rejected", order=other.pk)) == {"Dr Ada Sample"}


def test_who_works_elsewhere_at_the_moment_still_hears_of_the_own_order(cast: Cast) -> None:
    order = signed_order(cast.ada)
    Membership.objects.create(user=cast.ada, practice=cast.other_practice, role=Role.PRESCRIBER)
    User.objects.filter(pk=cast.ada.pk).update(chosen_practice=cast.other_practice)
    assert mailed(event_of("order.rejected", order=order.pk)) == {"Dr Ada Sample"}


@pytest.mark.parametrize("kind", sorted(CATALOGUE))
def test_every_entry_has_a_category_with_a_rule(kind: str) -> None:
    assert CATALOGUE[kind].category in categories.RULES


# --- One click ------------------------------------------------------------------------------------
def link_of(user: User, category: Category = Category.ORDER_ROUTINE) -> str:
    return choices.unsubscribe_url(category, user).removeprefix(site.PUBLIC_URL)


def test_optional_mail_carries_a_one_click_link_and_required_mail_says_why_not(
    cast: Cast,
) -> None:
    optional = mail_to(cast.phil, event_of("order.submitted", urgent=False))
    assert optional["List-Unsubscribe"] == f"<{site.PUBLIC_URL}{link_of(cast.phil)}>"
    assert optional["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "To stop e-mails of this kind" in part(optional, "text/plain")
    order = signed_order(cast.ada)
    required = mail_to(cast.ada, event_of("order.rejected", order=order.pk))
    assert "List-Unsubscribe" not in required
    assert "List-Unsubscribe-Post" not in required
    for kind in ("text/plain", "text/html"):
        assert "This e-mail is always sent, because a patient goes without" in part(required, kind)


def test_an_urgent_order_is_stopped_by_its_own_category(cast: Cast) -> None:
    urgent = mail_to(cast.phil, event_of("order.submitted", urgent=True))
    assert Category.ORDER_URGENT in str(urgent["List-Unsubscribe"])


def test_one_click_stops_that_kind_for_that_person_without_signing_in(cast: Cast) -> None:
    stranger = Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True)
    answer = stranger.post(link_of(cast.phil), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    routine, urgent = event_of(urgent=False), event_of(urgent=True)
    assert mailed(routine) == {"Petra Pharmacist"}
    assert mailed(urgent) == {"Phil Pharmacist", "Petra Pharmacist"}
    assert Delivery.objects.filter(event=routine, channel=Channel.BELL).count() == 2
    assert stranger.post(link_of(cast.phil)).status_code == 200


def test_looking_at_the_link_stops_nothing_and_names_nobody(cast: Cast) -> None:
    page = as_(None).get(link_of(cast.phil)).text
    assert "New routine orders" in page
    assert "Stop these e-mails" in page
    assert "Phil" not in page
    assert "phil@" not in page
    assert not MailChoice.objects.exists()


WRONG: dict[str, Callable[[Cast], str]] = {
    "another person": lambda cast: link_of(cast.phil).replace(
        f"/{cast.phil.pk}-", f"/{cast.petra.pk}-"
    ),
    "another kind": lambda cast: link_of(cast.phil).replace("routine", "urgent"),
    "cut short": lambda cast: link_of(cast.phil)[:-2] + "/",
    "always sent": lambda cast: link_of(cast.phil, Category.CHECK),
    "required of prescribers": lambda cast: link_of(cast.ada, Category.CLARIFICATION),
    "never sent to them": lambda cast: link_of(cast.tess, Category.ORDER_ROUTINE),
    "nonsense": lambda cast: "/notifications/unsubscribe/x/",
    "long": lambda cast: f"/notifications/unsubscribe/{'9' * 200}/",
    "other digits": lambda cast: "/notifications/unsubscribe/٣-order_routine-٣/",
}


@pytest.mark.parametrize("wrong", sorted(WRONG))
def test_any_other_link_is_a_plain_page_without_a_hint(cast: Cast, wrong: str) -> None:
    url = WRONG[wrong](cast)
    for answer in (as_(None).get(url), as_(None).post(url)):
        assert answer.status_code == 404
        assert "e-mails of the kind" not in answer.text
    assert not MailChoice.objects.exists()
