"""Sessions: locked when idle, over after 12 hours, listed, ended everywhere, dead with a right."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import devices, idle, security
from accounts.tasks import forget_old_sessions
from tests.accounts.helpers import CHROME, give_password, is_in, signed_in, visitor, with_app
from tests.conftest import Cast
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
NOW = 1_800_000_000.0
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1/orders/new/"}
EVIL = (
    *("//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example"),
    *(
        "javascript:alert(1)",
        "http://127.0.0.1@evil.example",
        "/\t/evil.example",
        "///evil.example",
    ),
    *(
        "%2f%2fevil.example",
        "\u2044\u2044evil.example",
        "/\u2044evil.example",
        "\x00//evil.example",
    ),
)


@pytest.fixture(autouse=True)
def _no_counts_left() -> None:
    cache.clear()


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


# --- The idle lock -------------------------------------------------------------------------------
def test_fifteen_minutes_without_an_act_lock_and_fourteen_do_not(cast: Cast, clock: Any) -> None:
    client = signed_in(cast.ada)
    clock.shift(14 * 60)
    assert client.get("/orders/").status_code == 200
    clock.shift(15 * 60 + 1)
    locked = client.get("/orders/?tab=all")
    assert locked.headers["Location"] == "/account/locked/?next=%2Forders%2F%3Ftab%3Dall"
    page = client.get(locked.headers["Location"]).content.decode()
    assert "Password" in page
    assert "My orders" not in page


def test_the_right_password_goes_on_at_the_same_address(cast: Cast, clock: Any) -> None:
    client = signed_in(cast.ada)
    clock.shift(1000)
    client.get("/orders/")
    wrong = client.post("/account/locked/", {"password": "not this"})
    assert "This is not your password" in wrong.content.decode()
    assert client.get("/orders/").status_code == 302
    key = client.session.session_key
    sent = {"password": PASSWORD, "next": "/orders/?tab=all"}
    assert client.post("/account/locked/", sent).headers["Location"] == "/orders/?tab=all"
    assert client.get("/orders/").status_code == 200
    stolen = visitor()
    stolen.cookies[settings.SESSION_COOKIE_NAME] = key or ""
    assert not is_in(stolen)


def test_a_lock_stays_when_the_clock_goes_back(cast: Cast, clock: Any) -> None:
    client = signed_in(cast.ada)
    clock.shift(1000)
    client.get("/orders/")
    clock.shift(-900)
    assert client.get("/orders/").status_code == 302


def test_polls_are_no_act_of_the_person(cast: Cast, clock: Any) -> None:
    client = signed_in(cast.phil)
    for _ in range(4):
        clock.shift(230)
        client.get("/notifications/poll/")
        client.post("/notifications/seen/", {"up_to": "1"})
        client.get("/account/session/")
    assert client.get("/queue/").headers["Location"].startswith("/account/locked/")
    assert client.get("/notifications/poll/").status_code == 302
    assert client.get("/account/session/").json()["idle"] == 0


def test_a_page_that_keeps_itself_is_no_act_either(cast: Cast, clock: Any) -> None:
    client = signed_in(cast.ada)
    hub = client.post("/apply/further/").headers["Location"]
    for _ in range(60):
        clock.shift(20)
        kept = client.post(f"{hub}1/person/keep/0/", {"given_name": "Cora"})
    assert kept.status_code == 403
    assert client.get("/orders/").headers["Location"].startswith("/account/locked/")


def test_saying_that_one_is_here_keeps_the_session_open(cast: Cast, clock: Any) -> None:
    client = signed_in(cast.phil)
    for _ in range(4):
        clock.shift(800)
        assert client.post("/account/stay/").json()["idle"] == idle.IDLE
    assert client.get("/queue/").status_code == 200


def test_a_form_sent_too_late_stores_nothing_and_shows_the_way_back(cast: Cast, clock: Any) -> None:
    client = signed_in(cast.ada)
    clock.shift(1000)
    referer = "http://127.0.0.1/practice/?tab=people"
    answer = client.post("/account/sessions/end-all/", headers={"Referer": referer})
    assert answer.status_code == 403
    assert "nothing was stored" in answer.content.decode()
    assert 'href="/account/locked/?next=%2Fpractice%2F%3Ftab%3Dpeople"' in answer.content.decode()
    assert UserSession.objects.filter(user=cast.ada).exists()
    foreign = client.post("/orders/check/", headers={"Referer": "https://evil.example/x"})
    assert 'href="/account/locked/?next=%2F"' in foreign.content.decode()


def test_a_fragment_asked_for_too_late_sends_the_whole_page_to_the_lock(
    cast: Cast, clock: Any
) -> None:
    client = signed_in(cast.ada)
    clock.shift(1000)
    answer = client.post("/orders/check/", headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/account/locked/?next=%2Forders%2Fnew%2F"


def test_leaving_the_desk_locks_at_once(cast: Cast) -> None:
    client = signed_in(cast.ada)
    answer = client.post("/account/lock/", {"next": "/orders/"})
    assert answer.headers["Location"] == "/account/locked/?next=%2Forders%2F"
    assert client.get("/orders/").status_code == 302
    assert client.post("/sign-out/").status_code == 302


def test_tries_to_unlock_are_counted(cast: Cast) -> None:
    client = signed_in(cast.ada)
    client.post("/account/lock/")
    for _ in range(8):
        client.post("/account/locked/", {"password": "not this"})
    answer = client.post("/account/locked/", {"password": PASSWORD})
    assert "Too many wrong passwords" in answer.content.decode()
    assert client.get("/orders/").status_code == 302


# --- Twelve hours --------------------------------------------------------------------------------
def test_a_session_in_use_ends_after_twelve_hours_all_the_same(cast: Cast, clock: Any) -> None:
    client = signed_in(cast.ada)
    for _ in range(48):
        clock.shift(890)
        assert client.post("/account/stay/").status_code == 200
    clock.shift(890)
    over = client.get("/orders/")
    assert over.headers["Location"] == "/sign-in/?next=%2Forders%2F"
    assert "ended after 12 hours" in client.get("/sign-in/").content.decode()
    assert not is_in(client)


def test_after_twelve_hours_the_second_factor_is_asked_again(cast: Cast, clock: Any) -> None:
    with_app(cast.ada)
    client = signed_in(cast.ada)
    clock.shift(idle.WHOLE + 1)
    client.get("/orders/")
    assert give_password(client, cast.ada).headers["Location"] == "/account/second-factor/"
    new_device = visitor()
    assert give_password(new_device, cast.ada).headers["Location"] == "/account/second-factor/"


def test_a_form_sent_after_the_end_stores_nothing(cast: Cast) -> None:
    client = signed_in(cast.ada)
    session = client.session
    session["signed_in_at"] -= idle.WHOLE
    session.save()
    answer = client.post("/orders/check/")
    assert answer.status_code == 403
    assert "Your sign-in has ended" in answer.content.decode()


# --- Keys ----------------------------------------------------------------------------------------
def test_each_step_of_signing_in_gives_a_new_key_and_the_old_one_is_dead(cast: Cast) -> None:
    with_app(cast.ada)
    client = visitor()
    client.get("/sign-in/")
    client.cookies[settings.SESSION_COOKIE_NAME] = "planted0planted0planted0planted0"
    keys = {"planted0planted0planted0planted0"}
    give_password(client, cast.ada)
    keys.add(str(client.session.session_key))
    client.post("/account/second-factor/", {"code": security.codes_of(cast.ada)[0]})
    keys.add(str(client.session.session_key))
    client.post("/account/confirm/", {"password": PASSWORD})
    last = str(client.session.session_key)
    assert last not in keys
    assert len(keys) == 3
    for key in keys:
        old = visitor()
        old.cookies[settings.SESSION_COOKIE_NAME] = key
        assert not is_in(old)
    client.post("/sign-out/")
    old = visitor()
    old.cookies[settings.SESSION_COOKIE_NAME] = last
    assert not is_in(old)


# --- The list, and ending --------------------------------------------------------------------------
def test_sessions_are_listed_in_words_one_knows_with_this_one_first(cast: Cast) -> None:
    signed_in(cast.ada, REMOTE_ADDR="192.0.2.7")
    client = signed_in(cast.ada)
    page = client.get("/account/security/").content.decode()
    assert page.index("Chrome on Linux – this one") < page.index("192.0.2.7")
    assert page.count("Chrome on Linux") == 2
    assert "192.0.2.7" not in signed_in(cast.nils).get("/account/security/").content.decode()


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome on Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/605",
            "Safari on an iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Firefox/143", "Firefox on a Mac"),
        ("<script>alert(1)</script>", "An unknown browser"),
        ("", "An unknown browser"),
    ],
)
def test_a_browser_is_named_by_what_one_calls_it(agent: str, words: str) -> None:
    assert devices.words(agent) == words


def test_signing_out_everywhere_else_leaves_this_one(cast: Cast) -> None:
    first, second, here = (signed_in(cast.ada) for _ in range(3))
    nils = signed_in(cast.nils)
    here.post("/account/sessions/end-others/")
    assert [is_in(c) for c in (first, second, here, nils)] == [False, False, True, True]


def test_signing_out_everywhere_leaves_none(cast: Cast) -> None:
    clients = [signed_in(cast.ada) for _ in range(3)]
    answer = clients[1].post("/account/sessions/end-all/")
    assert answer.headers["Location"] == "/sign-in/"
    assert [is_in(client) for client in clients] == [False] * 3


def test_a_session_under_a_renewed_key_is_ended_like_the_others(cast: Cast) -> None:
    other, here = signed_in(cast.ada), signed_in(cast.ada)
    other.post("/account/confirm/", {"password": PASSWORD})
    here.post("/account/sessions/end-others/")
    assert not is_in(other)


def test_a_session_missing_from_the_list_enters_it_with_the_next_act(
    cast: Cast, clock: Any
) -> None:
    client = visitor()
    client.force_login(cast.ada)
    clock.shift(60)
    client.get("/orders/")
    security.end_sessions(cast.ada)
    assert not is_in(client)


def test_ended_sessions_leave_no_address_behind(cast: Cast) -> None:
    signed_in(cast.ada)
    Session.objects.all().delete()
    forget_old_sessions()
    assert not UserSession.objects.exists()


# --- Rights --------------------------------------------------------------------------------------
def test_a_closed_account_is_out_at_its_next_request(cast: Cast) -> None:
    client = signed_in(cast.ada)
    assert client.get("/orders/").status_code == 200
    type(cast.ada).objects.filter(pk=cast.ada.pk).update(is_active=False)
    assert client.get("/orders/").headers["Location"].startswith("/sign-in/")
    answer = give_password(visitor(), cast.ada)
    assert answer.headers["Location"] == "/account/closed/"


def test_a_role_that_ends_acts_in_an_open_session(cast: Cast) -> None:
    client = signed_in(cast.phil)
    assert client.get("/queue/").status_code == 200
    cast.phil.memberships.update(ended_at=timezone.now())
    assert client.get("/queue/").status_code == 403


# --- Where one is sent -----------------------------------------------------------------------------
@pytest.mark.parametrize("target", EVIL)
def test_no_way_onward_leaves_the_site(cast: Cast, target: str) -> None:
    client = visitor()
    give_password(client, cast.ada, next=target)
    client.post("/account/lock/", {"next": target})
    steps = {
        "/account/locked/": {"password": PASSWORD, "next": target},
        "/account/confirm/": {"password": PASSWORD, "next": target},
        "/account/codes/kept/": {"kept": "on", "next": target},
        "/account/lock/": {"next": target},
    }
    for path, sent in steps.items():
        onward = client.post(path, sent).headers["Location"]
        parts = urlsplit(onward)
        assert (parts.scheme, parts.netloc) == ("", ""), (path, onward)
        assert onward[:1] == "/", (path, onward)
        assert onward[1:2] not in {"/", "\\"}, (path, onward)


def test_force_login_starts_the_clock_too(cast: Cast) -> None:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(cast.ada)
    assert client.get("/account/session/").json()["whole"] > idle.WHOLE - 5
