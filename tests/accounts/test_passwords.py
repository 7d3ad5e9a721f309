"""Passwords: which are taken, changing one, and how often one may be wrong."""

from __future__ import annotations

import time
from statistics import median

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from accounts import throttle
from accounts.models import User
from accounts.validators import LongEnough, NotCommon, NotGuessable
from events.models import Event
from tests.accounts.helpers import give_password, is_in, signed_in, visitor, with_app
from tests.conftest import Cast
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "seven quiet herons wait"


@pytest.fixture(autouse=True)
def _no_counts_left() -> None:
    cache.clear()


def person() -> User:
    return User(email="maria.testperson@example.org", name="Maria Testperson")


def reason(password: str, user: User | None = None) -> str:
    """Why it is refused; empty when it is taken."""
    for rule in (LongEnough(), NotCommon(), NotGuessable()):
        try:
            rule.validate(password, user or person())
        except ValidationError as refused:
            return str(refused.message)
    return ""


@pytest.mark.parametrize(
    "password",
    [
        NEW,
        "correct horse battery staple",
        "xq7!fR2#mZ9?kL4",
        "ein langes Kennwort mit Umlauten äöü",
        "🦉🌲🚲🧵🎻🪁🧭🏺🥁🪴🛶🎲🧩🪘🧶",
        "long " * 20 + "and then some more words",
        "  spaces at both ends count  ",
    ],
)
def test_length_is_enough_whatever_the_characters(password: str) -> None:
    assert reason(password) == ""


@pytest.mark.parametrize(
    ("password", "because"),
    [
        ("only14letters!", "14 characters and needs 15"),
        ("scruplescruplescruple", "apart from “scruple”"),
        ("Password123456789"[:15], "apart from “password”"),
        ("mariatestperson1", "apart from “mariatestperson”"),
        ("Testperson-2026!", "apart from “testperson”"),
        ("maria.testperson@example.org", "apart from"),
        ("aaaaaaaaaaaaaaaaaaaa", "repeats itself"),
        ("abababababababababab", "repeats itself"),
        ("34567890123456789012", "runs along the keys"),
        ("qwertyuiopasdfgh", "runs along the keys"),
        ("zyxwvutsrqponmlk", "runs along the keys"),
    ],
)
def test_a_guess_is_refused_and_the_reason_named(password: str, because: str) -> None:
    assert because in reason(password)


def test_the_passwords_tried_first_are_refused_though_long_enough_with_a_second_factor(
    cast: Cast,
) -> None:
    with_app(cast.ada)
    common = [word for word in sorted(NotCommon().passwords) if len(word) >= 8]
    assert len(common) > 3000
    for word in common[::500]:
        assert reason(word, cast.ada), word
    assert "tried first" in reason("sunshine", cast.ada)


def test_eight_characters_do_with_a_second_factor_and_fifteen_without(cast: Cast) -> None:
    assert "needs 15" in reason("w9 xkqvm", cast.ada)
    with_app(cast.ada)
    assert reason("w9 xkqvm", cast.ada) == ""
    assert "needs 8" in reason("w9 xkqv", cast.ada)


def test_every_character_of_a_long_password_matters(cast: Cast) -> None:
    long = "🦉 a rather long sentence, typed on purpose, " * 3
    cast.ada.set_password(long)
    cast.ada.save()
    assert not cast.ada.check_password(long[:72])
    assert not cast.ada.check_password(long[:-1])
    assert "_auth_user_id" in signed_with(cast.ada, long).session


def signed_with(user: User, password: str) -> Client:
    client = visitor()
    give_password(client, user, password)
    return client


# --- Changing --------------------------------------------------------------------------------------
def test_a_change_asks_for_the_present_password_and_ends_the_other_sessions(cast: Cast) -> None:
    here, other = signed_in(cast.ada), signed_in(cast.ada)
    wrong = here.post("/account/password/", {"password": "not this", "new_password": NEW})
    assert "This is not your password" in wrong.content.decode()
    key = here.session.session_key
    done = here.post("/account/password/", {"password": PASSWORD, "new_password": NEW})
    assert done.headers["Location"] == "/account/security/"
    assert here.session.session_key != key
    assert (is_in(here), is_in(other)) == (True, False)
    assert not is_in(signed_with(cast.ada, PASSWORD))
    assert is_in(signed_with(cast.ada, NEW))
    event = Event.objects.get(kind="user.security_changed")
    assert (event.subject_id, event.data) == (cast.ada.pk, {"what": "password"})


def test_a_refused_password_changes_nothing_and_is_not_shown_again(cast: Cast) -> None:
    client = signed_in(cast.ada)
    sent = {"password": PASSWORD, "new_password": "scruplescruplescruple"}
    page = client.post("/account/password/", sent).content.decode()
    assert "apart from “scruple”" in page
    assert "scruplescruplescruple" not in page
    assert not Event.objects.filter(kind="user.security_changed").exists()
    assert is_in(signed_with(cast.ada, PASSWORD))


def test_password_fields_tell_managers_what_they_are_and_take_pasting(cast: Cast) -> None:
    client = signed_in(cast.ada)
    page = client.get("/account/password/").content.decode()
    assert 'autocomplete="current-password"' in page
    assert 'autocomplete="new-password"' in page
    assert f'value="{cast.ada.email}" autocomplete="username"' in page
    for banned in ("onpaste", "maxlength", " required"):
        assert banned not in page


def test_the_administration_sends_to_the_one_page_for_it(cast: Cast) -> None:
    client = signed_in(cast.root)
    assert client.get("/admin/password_change/").headers["Location"] == "/account/password/"


# --- Tries -----------------------------------------------------------------------------------------
def test_wrong_passwords_are_counted_for_the_account_and_not_for_its_practice(cast: Cast) -> None:
    statuses = [give_password(visitor(), cast.ada, "wrong").status_code for _ in range(20)]
    assert statuses == [200] * 8 + [429] * 12
    answer = give_password(visitor(REMOTE_ADDR="192.0.2.9"), cast.ada)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    assert "Too many tries in a short time" in answer.content.decode()
    assert is_in(signed_in(cast.nils))


def test_an_address_that_tries_many_accounts_is_stopped_and_others_are_not(
    cast: Cast, settings: Settings
) -> None:
    def many(client: Client, name: str) -> int:
        sent = {"login": f"{name}@example.org", "password": "wrong"}
        return client.post("/sign-in/", sent).status_code

    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "8/5m/key,12/5m/ip"}
    client = visitor(REMOTE_ADDR="192.0.2.1")
    statuses = [many(client, f"guess{number}") for number in range(13)]
    assert statuses == [200] * 12 + [429]
    spoofed = visitor(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.1")
    assert many(spoofed, "guess99") == 429
    assert many(visitor(REMOTE_ADDR="192.0.2.2"), "guess99") == 200


def test_asking_for_letters_is_limited_alike_for_known_and_unknown_addresses(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "ANSWER_AFTER", 0.0)
    for email in (cast.ada.email, "nobody@example.org"):
        sent = [visitor().post("/account/forgotten/", {"email": email}) for _ in range(4)]
        assert [answer.status_code for answer in sent] == [302] * 3 + [429]


# --- Known and unknown -----------------------------------------------------------------------------
def test_a_wrong_sign_in_answers_alike_for_every_kind_of_account(cast: Cast) -> None:
    unusable = User.objects.create_user("new@example.org", name="New")
    closed = User.objects.create_user("closed@example.org", PASSWORD, name="X", is_active=False)
    with_app(cast.phil)
    people = [cast.ada.email, cast.phil.email, unusable.email, closed.email, "nobody@example.org"]
    answers = set()
    for email in people:
        answer = visitor().post("/sign-in/", {"login": email, "password": "wrong"})
        body = answer.content.decode().replace(email, "")
        answers.add((answer.status_code, body.count("do not fit together"), len(body)))
    assert len(answers) == 1


class Counting(MD5PasswordHasher):
    """What takes the time in life: how often a password is hashed."""

    times = 0

    def encode(self, password: str, salt: str) -> str:
        Counting.times += 1
        return super().encode(password, salt)


def test_a_wrong_sign_in_hashes_as_often_for_every_kind_of_account(
    cast: Cast, settings: Settings
) -> None:
    unusable = User.objects.create_user("new@example.org", name="New")
    closed = User.objects.create_user("closed@example.org", PASSWORD, name="X", is_active=False)
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    worked = []
    for email in (cast.ada.email, unusable.email, closed.email, "nobody@example.org"):
        before = Counting.times
        visitor().post("/sign-in/", {"login": email, "password": "wrong"})
        worked.append(Counting.times - before)
    assert worked == [1, 1, 1, 1]


def test_known_and_unknown_addresses_wait_for_the_same_answer_as_long(
    cast: Cast, settings: Settings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {}
    took: dict[str, list[float]] = {cast.ada.email: [], "nobody@example.org": []}
    for _ in range(3):
        for email, times in took.items():
            begin = time.perf_counter()
            visitor().post("/account/forgotten/", {"email": email})
            times.append(time.perf_counter() - begin)
    known, unknown = (median(times) for times in took.values())
    assert min(known, unknown) >= throttle.ANSWER_AFTER
    assert abs(known - unknown) / max(known, unknown) < 0.2
