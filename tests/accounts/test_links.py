"""Private links of accounts: activation and reset, used once, by whom they were sent to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import factors, links, security, throttle
from accounts.models import PrivateLink, User
from accounts.status import LinkPurpose
from events.models import Event
from tests.accounts.helpers import (
    code_for,
    give_password,
    is_in,
    shown_secret,
    signed_in,
    visitor,
    with_app,
)
from tests.conftest import Cast
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "seven quiet herons wait"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(throttle, "ANSWER_AFTER", 0.0)


@pytest.fixture
def invited(db: None) -> User:
    return User.objects.create_user("invited@example.org", name="Ina Invited")


def activation(user: User, seed: str = "1") -> str:
    return f"/account/activate/{links.issue(LinkPurpose.ACTIVATE, user.pk, seed=seed)}/"


def reset(user: User, seed: str = "1") -> str:
    return f"/account/reset/{links.issue(LinkPurpose.RESET, user.pk, seed=seed)}/"


def is_gone(answer: Any) -> bool:
    return answer.status_code == 404 and "This link opens nothing" in answer.content.decode()


# --- Activation ------------------------------------------------------------------------------------
def test_an_invitation_leads_to_password_second_factor_codes_and_home(invited: User) -> None:
    link, client = activation(invited), visitor()
    page = client.get(link).content.decode()
    assert "invited@example.org" in page
    set_up = client.post(link, {"new_password": NEW})
    assert set_up.headers["Location"] == "/account/enrol/"
    assert client.get("/").headers["Location"].startswith("/account/enrol/")
    secret = shown_secret(client.get("/account/enrol/app/").content.decode())
    coded = client.post("/account/enrol/app/", {"code": code_for(secret)})
    assert coded.headers["Location"].startswith("/account/codes/")
    kept = client.post("/account/codes/kept/", {"kept": "on"})
    assert kept.headers["Location"] == "/"
    assert is_in(client)


def test_an_invitation_is_dead_once_a_letter_set_the_first_password(invited: User) -> None:
    link, letter = activation(invited), reset(invited)
    assert visitor().post(letter, {"new_password": NEW}).status_code == 302
    assert is_gone(visitor().get(link))
    assert is_gone(visitor().post(link, {"new_password": "another quiet heron waits"}))
    invited.refresh_from_db()
    assert invited.check_password(NEW)


def test_an_invitation_sent_late_sets_no_second_password(invited: User) -> None:
    visitor().post(activation(invited), {"new_password": NEW})
    late = activation(invited, seed="held up")
    assert is_gone(visitor().get(late))
    with pytest.raises(security.LinkUsed):
        security.activate(PrivateLink.objects.latest("pk"), "another quiet heron waits")
    invited.refresh_from_db()
    assert invited.check_password(NEW)


def test_looking_spends_nothing_and_setting_spends_once(invited: User) -> None:
    link = activation(invited)
    for _ in range(3):
        assert visitor().get(link).status_code == 200
    weak = visitor().post(link, {"new_password": "short"})
    assert "needs 15" in weak.content.decode()
    assert visitor().post(link, {"new_password": NEW}).status_code == 302
    assert is_gone(visitor().get(link))
    assert is_gone(visitor().post(link, {"new_password": "another quiet heron waits"}))
    invited.refresh_from_db()
    assert invited.check_password(NEW)


def test_of_several_invitations_the_first_used_closes_the_others(invited: User) -> None:
    first, second = activation(invited, "1"), activation(invited, "2")
    visitor().post(second, {"new_password": NEW})
    assert is_gone(visitor().get(first))


@pytest.mark.parametrize("way", [activation, reset])
def test_who_was_invited_owes_a_second_factor_at_every_sign_in(
    invited: User, way: Callable[..., str]
) -> None:
    activation(invited, "mailed")
    visitor().post(way(invited), {"new_password": NEW})
    again = visitor()
    give_password(again, invited, NEW)
    assert again.get("/").headers["Location"].startswith("/account/enrol/")
    with_app(invited)
    give_password(again, invited, NEW)
    again.post("/account/second-factor/", {"code": security.codes_of(invited)[0]})
    assert is_in(again)


def test_two_who_send_the_same_link_at_once_set_one_password(invited: User) -> None:
    activation(invited)
    link = PrivateLink.objects.get()
    security.activate(link, NEW)
    with pytest.raises(security.LinkUsed):
        security.activate(link, "another quiet heron waits")


def test_used_expired_mistyped_and_foreign_links_show_one_page(cast: Cast, invited: User) -> None:
    used, expired, foreign = (activation(invited, seed) for seed in ("used", "old", "foreign"))
    for_reset = reset(invited).replace("/reset/", "/activate/")
    visitor().post(activation(invited, "spend"), {"new_password": NEW})
    expired_token = activation(cast.nils, "old")
    hers = activation(cast.nils, "hers")
    ada = Client(HTTP_HOST="127.0.0.1")
    ada.force_login(cast.ada)
    pages = [visitor().get(used), visitor().get(foreign[:-3] + "AA/"), visitor().get(for_reset)]
    pages += [visitor().get("/account/activate/x/"), visitor().get("/account/reset/%F0%9F%A6%89/")]
    passed = timezone.now() - timedelta(seconds=1)
    PrivateLink.objects.filter(subject_id=cast.nils.pk).update(expires_at=passed)
    pages += [visitor().get(expired), visitor().get(expired_token), visitor().get(hers)]
    assert all(is_gone(page) for page in pages)
    said = {
        page.content.decode().split('<main id="main"')[1].split("Reference")[0] for page in pages
    }
    assert len(said) == 1
    assert is_gone(ada.get(activation(cast.ben, "x")))


def test_tries_at_one_link_are_counted(invited: User) -> None:
    link = activation(invited)
    statuses = [visitor().post(link, {"new_password": "short"}).status_code for _ in range(9)]
    assert statuses == [200] * 8 + [429]
    assert visitor().get(link).status_code == 200


def test_a_closed_account_has_no_links(invited: User) -> None:
    User.objects.filter(pk=invited.pk).update(is_active=False)
    for link in (activation(invited), reset(invited)):
        assert is_gone(visitor().get(link))
        assert is_gone(visitor().post(link, {"new_password": NEW}))


# --- Reset -----------------------------------------------------------------------------------------
def test_a_forgotten_password_owes_a_letter_and_says_the_same_to_everybody(cast: Cast) -> None:
    closed = User.objects.create_user("closed@example.org", PASSWORD, name="X", is_active=False)
    answers = set()
    for email in (cast.ada.email.upper(), "nobody@example.org", closed.email):
        client = visitor()
        answer = client.post("/account/forgotten/", {"email": email})
        answers.add((answer.status_code, answer.headers["Location"], len(client.cookies)))
    assert answers == {(302, "/account/forgotten/sent/", 0)}
    event = Event.objects.get(kind="user.reset_asked")
    assert (event.subject_id, event.actor, event.data) == (cast.ada.pk, None, {})


def test_a_reset_ends_every_session_and_signs_nobody_in(cast: Cast) -> None:
    open_one, client, link = signed_in(cast.ada), visitor(), reset(cast.ada)
    answer = client.post(link, {"new_password": NEW})
    assert answer.headers["Location"] == "/sign-in/"
    assert not is_in(client)
    assert not is_in(open_one)
    give_password(client, cast.ada, NEW)
    assert is_in(client)
    assert is_gone(visitor().get(link))
    assert Event.objects.get(kind="user.security_changed").data == {"what": "password"}


def test_a_reset_keeps_the_second_factor(cast: Cast) -> None:
    secret, client = with_app(cast.ada), visitor()
    client.post(reset(cast.ada), {"new_password": NEW})
    assert factors.is_enrolled(cast.ada)
    answer = give_password(client, cast.ada, NEW)
    assert answer.headers["Location"] == "/account/second-factor/"
    assert not is_in(client)
    client.post("/account/second-factor/", {"code": code_for(secret)})
    assert is_in(client)


def test_a_changed_password_takes_open_reset_links_back(cast: Cast) -> None:
    link, client = reset(cast.ada), signed_in(cast.ada)
    client.post("/account/password/", {"password": PASSWORD, "new_password": NEW})
    assert is_gone(visitor().get(link))


@pytest.mark.parametrize("email", ["", "not an address", "a@b", "x" * 300 + "@example.org", "\x00"])
def test_what_is_no_address_is_said_beside_the_field(db: None, email: str) -> None:
    answer = visitor().post("/account/forgotten/", {"email": email})
    assert answer.status_code == 200
    assert "There is a problem" in answer.content.decode()
