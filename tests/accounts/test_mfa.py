"""Second factors: adding them, signing in with them, losing them, and what is stored of them."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse
from pytest_django import Settings

from accounts import checks, factors, security
from accounts.adapter import MfaAdapter, SecretLost
from accounts.models import User
from config import env
from events.models import Event
from tests.accounts.helpers import (
    code_for,
    give_password,
    is_in,
    secret_of,
    shown_secret,
    signed_in,
    visitor,
    with_app,
)
from tests.conftest import Cast
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
STEP_TWO = "/account/second-factor/"


@pytest.fixture
def required(settings: Settings) -> None:
    settings.REQUIRE_MFA = True


def told(user: User) -> list[object]:
    changes = Event.objects.filter(kind="user.security_changed", subject_id=user.pk)
    return [event.data["what"] for event in changes.order_by("pk")]


def enrol(client: Client) -> str:
    """Set an app up on its page; the secret."""
    secret = shown_secret(client.get("/account/enrol/app/").content.decode())
    answer = client.post("/account/enrol/app/", {"code": code_for(secret)})
    assert answer.status_code == 302
    return secret


# --- Required ------------------------------------------------------------------------------------
@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("who", ["ada", "nils", "phil", "tess", "root"])
def test_every_role_is_led_to_enrolment_before_anything_else(cast: Cast, who: str) -> None:
    client = signed_in(getattr(cast, who))
    for path in ("/orders/", "/queue/", "/admin/", "/", "/account/security/"):
        assert client.get(path).headers["Location"].startswith("/account/enrol/?next="), path
    posted = client.post(reverse("notifications:read_all"))
    assert posted.headers["Location"].startswith("/account/enrol/")
    live = client.post("/orders/check/", headers={"HX-Request": "true"})
    assert live.headers["HX-Redirect"].startswith("/account/enrol/")


@pytest.mark.usefixtures("required")
def test_the_wizard_ends_with_codes_that_are_kept_and_then_the_page_asked_for(cast: Cast) -> None:
    client = signed_in(cast.ada)
    begin = client.get("/orders/")
    assert client.get(begin.headers["Location"]).status_code == 200
    secret = shown_secret(client.get("/account/enrol/app/?next=/orders/").content.decode())
    added = client.post("/account/enrol/app/", {"code": code_for(secret), "next": "/orders/"})
    assert added.headers["Location"] == "/account/codes/?next=%2Forders%2F"
    codes = client.get("/account/codes/").content.decode()
    assert codes.count("<li>") >= 10
    assert client.get("/orders/").headers["Location"].startswith("/account/codes/")
    file = client.get("/account/codes/download/")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert security.codes_of(cast.ada)[0] in file.content.decode().replace(" ", "")
    refused = client.post("/account/codes/kept/", {"next": "/orders/"})
    assert "Tick “I have kept the codes" in refused.content.decode()
    kept = client.post("/account/codes/kept/", {"kept": "on", "next": "/orders/"})
    assert kept.headers["Location"] == "/orders/"
    assert client.get("/orders/").status_code == 200
    assert client.get("/account/codes/").headers["Location"] == "/account/security/"
    assert told(cast.ada) == ["second_factor_added"]


def test_a_wrong_code_sets_nothing_up_and_keeps_the_secret(cast: Cast) -> None:
    client = signed_in(cast.ada)
    before = shown_secret(client.get("/account/enrol/app/").content.decode())
    answer = client.post("/account/enrol/app/", {"code": "000000"})
    assert "This code does not fit" in answer.content.decode()
    assert shown_secret(answer.content.decode()) == before
    assert not factors.is_enrolled(cast.ada)


@pytest.mark.parametrize("junk", ["", "x" * 9000, "१२३४५६", "12345\x00", "{}", "123 45"])
def test_no_code_whatever_it_holds_breaks_a_page(cast: Cast, junk: str) -> None:
    with_app(cast.ada)
    client = visitor()
    give_password(client, cast.ada)
    for sent in ({"code": junk}, {"credential": junk}, {"code": junk, "credential": junk}):
        answer = client.post(STEP_TWO, sent)
        assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


# --- At sign-in ----------------------------------------------------------------------------------
def test_the_password_alone_opens_nothing_once_there_is_a_second_factor(cast: Cast) -> None:
    secret = with_app(cast.ada)
    client = visitor()
    answer = give_password(client, cast.ada, next="/account/security/")
    assert answer.headers["Location"] == STEP_TWO
    assert not is_in(client)
    wrong = client.post(STEP_TWO, {"code": "000000"})
    assert "This code does not fit" in wrong.content.decode()
    right = client.post(STEP_TWO, {"code": code_for(secret)})
    assert right.headers["Location"] == "/account/security/"
    assert is_in(client)


def test_the_same_code_signs_in_once(cast: Cast) -> None:
    with time_machine.travel(1_800_000_005, tick=False):
        secret = with_app(cast.ada)
        first, second = visitor(), visitor()
        for client in (first, second):
            give_password(client, cast.ada)
            client.post(STEP_TWO, {"code": code_for(secret)})
        assert (is_in(first), is_in(second)) == (True, False)


def test_the_code_that_set_the_app_up_does_not_sign_in_as_well(cast: Cast) -> None:
    with time_machine.travel(1_800_000_005, tick=False):
        secret = enrol(signed_in(cast.ada))
        client = visitor()
        give_password(client, cast.ada)
        client.post(STEP_TWO, {"code": code_for(secret)})
        assert not is_in(client)


def test_a_code_of_another_half_minute_is_refused(cast: Cast) -> None:
    with time_machine.travel(1_800_000_005, tick=False):
        secret = with_app(cast.ada)
        client = visitor()
        give_password(client, cast.ada)
        for steps in (-1, 1):
            client.post(STEP_TWO, {"code": code_for(secret, steps=steps)})
        assert not is_in(client)


def test_a_recovery_code_works_once_however_it_is_spaced(cast: Cast) -> None:
    with_app(cast.ada)
    code = security.codes_of(cast.ada)[0]
    first, second = visitor(), visitor()
    for client in (first, second):
        give_password(client, cast.ada)
        client.post(STEP_TWO, {"code": f" {code[:4]}-{code[4:]} "})
    assert (is_in(first), is_in(second)) == (True, False)
    assert len(security.codes_of(cast.ada)) == 9


def test_wrong_codes_are_counted_for_the_account_from_any_address(cast: Cast) -> None:
    secret = with_app(cast.ada)
    statuses = []
    for number in range(9):
        client = visitor(REMOTE_ADDR=f"192.0.2.{number}")
        give_password(client, cast.ada)
        statuses.append(client.post(STEP_TWO, {"code": "000000"}).status_code)
    assert statuses == [200] * 8 + [429]
    late = visitor()
    give_password(late, cast.ada)
    answer = late.post(STEP_TWO, {"code": code_for(secret)})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    with_app(cast.nils)
    assert is_in(signed_in(cast.nils))


def test_the_second_step_is_no_page_for_who_gave_no_password() -> None:
    assert visitor().get(STEP_TWO).headers["Location"] == "/sign-in/"


# --- Adding and removing -------------------------------------------------------------------------
def test_changes_ask_again_who_one_is_after_five_minutes(cast: Cast) -> None:
    client = signed_in(cast.ada)
    with time_machine.travel(client.session["signed_in_at"] + 301):
        asked = client.get("/account/enrol/app/")
        assert asked.headers["Location"] == "/account/confirm/?next=%2Faccount%2Fenrol%2Fapp%2F"
        posted = client.post("/account/codes/renew/")
        assert posted.headers["Location"] == "/account/confirm/?next=%2Faccount%2Fsecurity%2F"
        wrong = client.post("/account/confirm/", {"password": "not this"})
        assert "This is not your password" in wrong.content.decode()
        key = client.session.session_key
        sent = {"password": PASSWORD, "next": "/account/enrol/app/"}
        right = client.post("/account/confirm/", sent)
        assert right.headers["Location"] == "/account/enrol/app/"
        assert client.session.session_key != key
        assert client.get("/account/enrol/app/").status_code == 200


def test_a_new_second_factor_ends_the_other_sessions(cast: Cast) -> None:
    other, client = signed_in(cast.ada), signed_in(cast.ada)
    enrol(client)
    client.post("/account/codes/kept/", {"kept": "on"})
    assert is_in(client)
    assert not is_in(other)


@pytest.mark.usefixtures("required")
def test_the_last_second_factor_stays_where_one_is_required(cast: Cast) -> None:
    with_app(cast.ada)
    client = signed_in(cast.ada)
    page = f"/account/factors/{Authenticator.objects.get(user=cast.ada, type='totp').pk}/remove/"
    assert "Add another second factor first" in client.post(page).content.decode()
    assert factors.is_enrolled(cast.ada)


def test_without_its_last_second_factor_an_account_keeps_no_recovery_codes(cast: Cast) -> None:
    with_app(cast.ada)
    client, other = signed_in(cast.ada), signed_in(cast.ada)
    page = f"/account/factors/{Authenticator.objects.get(user=cast.ada, type='totp').pk}/remove/"
    assert client.get(page).status_code == 200
    assert client.post(page).status_code == 302
    assert not Authenticator.objects.filter(user=cast.ada).exists()
    assert (is_in(client), is_in(other)) == (True, False)
    assert told(cast.ada) == ["second_factor_added", "second_factor_removed"]


def test_nobody_removes_anothers_second_factor(cast: Cast) -> None:
    with_app(cast.ada)
    hers = Authenticator.objects.get(user=cast.ada, type="totp").pk
    assert signed_in(cast.ben).post(f"/account/factors/{hers}/remove/").status_code == 404
    assert factors.is_enrolled(cast.ada)


def test_new_recovery_codes_make_the_old_ones_worthless(cast: Cast) -> None:
    with_app(cast.ada)
    client, old = signed_in(cast.ada), security.codes_of(cast.ada)
    assert client.post("/account/codes/renew/").headers["Location"].startswith("/account/codes/")
    assert not set(old) & set(security.codes_of(cast.ada))
    assert told(cast.ada)[-1] == "recovery_codes"


def test_an_administrator_takes_lost_factors_away_and_everybody_concerned_is_told(
    cast: Cast,
) -> None:
    with_app(cast.ada)
    hers, client = signed_in(cast.ada), Client(HTTP_HOST="127.0.0.1")
    client.force_login(cast.root)
    act = {"action": "take_second_factors", "_selected_action": [cast.ada.pk]}
    assert client.post("/admin/accounts/user/", act).status_code == 302
    assert not factors.is_enrolled(cast.ada)
    assert not is_in(hers)
    event = Event.objects.filter(kind="user.security_changed").latest("pk")
    assert (event.actor, event.subject_id) == (cast.root, cast.ada.pk)


def test_secrets_and_session_keys_are_not_in_the_administration(cast: Cast) -> None:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(cast.root)
    for page in ("mfa/authenticator", "usersessions/usersession"):
        assert client.get(f"/admin/{page}/").status_code == 404


# --- What is stored ------------------------------------------------------------------------------
def test_secrets_lie_encrypted_also_while_they_are_being_set_up(cast: Cast) -> None:
    client = signed_in(cast.ada)
    secret = shown_secret(client.get("/account/enrol/app/").content.decode())
    assert secret not in json.dumps(dict(client.session.items()))
    client.post("/account/enrol/app/", {"code": code_for(secret)})
    stored = json.dumps([row.data for row in Authenticator.objects.filter(user=cast.ada)])
    assert secret not in stored
    assert secret_of(cast.ada) == secret


def test_keys_are_rotated_by_putting_the_new_one_first(settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.MFA_KEYS = [old]
    kept = MfaAdapter().encrypt("secret")
    settings.MFA_KEYS = [new, old]
    assert MfaAdapter().decrypt(kept) == "secret"
    newer = MfaAdapter().encrypt("secret")
    settings.MFA_KEYS = [new]
    assert MfaAdapter().decrypt(newer) == "secret"
    with pytest.raises(SecretLost):
        MfaAdapter().decrypt(kept)


def test_stored_secrets_are_brought_under_the_newest_key(cast: Cast, settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.MFA_KEYS = [old]
    secret = with_app(cast.ada)
    codes = security.codes_of(cast.ada)
    settings.MFA_KEYS = [new, old]
    call_command("reencrypt_second_factors", stdout=StringIO())
    settings.MFA_KEYS = [new]
    assert (secret_of(cast.ada), security.codes_of(cast.ada)) == (secret, codes)


def test_the_environment_is_read_strictly(monkeypatch: pytest.MonkeyPatch) -> None:
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("MFA_KEYS", f"{key}, {key}")
    assert env.fernet_keys("MFA_KEYS", needed=True) == [key, key]
    monkeypatch.setenv("MFA_KEYS", "")
    with pytest.raises(ImproperlyConfigured, match="MFA_KEYS must be set"):
        env.fernet_keys("MFA_KEYS", needed=True)
    monkeypatch.setenv("MFA_KEYS", f"{key},short")
    with pytest.raises(ImproperlyConfigured, match="Fernet keys"):
        env.fernet_keys("MFA_KEYS", needed=False)


@override_settings(REQUIRE_MFA=False)
def test_the_deployment_check_fails_where_second_factors_are_optional(settings: Settings) -> None:
    settings.EMBEDDED = False
    assert [found.id for found in checks.second_factors_are_required(None)] == ["accounts.E001"]
    settings.EMBEDDED = True
    assert checks.second_factors_are_required(None) == []


# --- Passkeys: the rest is tried with a virtual authenticator in test_passkeys.py ------------------
@pytest.mark.parametrize(
    ("host", "secure", "work"),
    [
        ("localhost:8000", False, True),
        ("127.0.0.1:8000", False, False),
        ("127.0.0.1", True, False),
        ("orders.example.org", True, True),
        ("orders.example.org", False, False),
        ("[::1]:8000", True, False),
    ],
)
def test_passkeys_are_offered_where_browsers_make_them(
    rf: Any, settings: Settings, host: str, secure: bool, work: bool
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert factors.passkeys_work(rf.get("/", HTTP_HOST=host, secure=secure)) is work


def test_at_an_address_of_numbers_the_page_says_why_there_are_no_passkeys(cast: Cast) -> None:
    page = signed_in(cast.ada).get("/account/enrol/").content.decode()
    assert "Passkeys are not offered at this address" in page
    assert 'href="http://localhost:80/account/enrol/"' in page


@pytest.mark.parametrize(
    "junk", ["null", "[]", "1", '"x"', '{"id":1}', '{"id":"AA","rawId":"AA","response":{}}', "{"]
)
def test_no_passkey_answer_whatever_it_holds_breaks_a_page(cast: Cast, junk: str) -> None:
    client = Client(HTTP_HOST="localhost")
    give_password(client, cast.ada)
    answer = client.post("/account/enrol/passkey/", {"name": "Key", "credential": junk})
    assert answer.status_code == 200
    assert "passkey" in answer.content.decode()
    assert not factors.is_enrolled(cast.ada)


@pytest.fixture(autouse=True)
def _no_counts_left() -> None:
    cache.clear()
