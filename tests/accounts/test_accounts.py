"""Accounts are opened in the administration, the first one on the command line."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Membership, Practice, User
from accounts.permissions import RIGHTS, Right
from accounts.status import Role
from tests.conftest import Cast
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
LONG = "plainly-a-long-passphrase"


def at(user: User) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user)
    return client


def test_the_first_administrator_is_made_on_the_command_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", LONG)
    call_command(
        "createsuperuser", "--noinput", "--email=First@example.org", "--name=First", verbosity=0
    )
    first = User.objects.get(email="first@example.org")
    assert first.role == Role.ADMINISTRATOR
    assert first.check_password(LONG)


def test_an_administrator_opens_an_account_that_can_sign_in(cast: Cast) -> None:
    sent = {"email": "New@Example.org", "name": "New", "new_password": LONG, "is_active": "on"}
    assert at(cast.root).post("/admin/accounts/user/add/", sent).status_code == 302
    new = User.objects.get(email="new@example.org")
    visitor = Client(HTTP_HOST="127.0.0.1")
    answer = visitor.post("/sign-in/", {"login": new.email, "password": LONG})
    assert answer.status_code == 302


@pytest.mark.parametrize("password", ["short", "fourteen-chars"])
def test_a_weak_password_is_refused_with_the_reason(cast: Cast, password: str) -> None:
    sent = {"email": "new@example.org", "name": "New", "new_password": password}
    answer = at(cast.root).post("/admin/accounts/user/add/", sent)
    assert answer.status_code == 200
    assert "This password is too" in answer.content.decode()
    assert not User.objects.filter(email="new@example.org").exists()


def test_a_person_holds_one_role_at_a_time(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=cast.phil, role=Role.ADMINISTRATOR)


@pytest.mark.parametrize("role", Role)
def test_a_role_of_the_pharmacy_has_no_practice_and_the_others_one(cast: Cast, role: Role) -> None:
    user = User.objects.create_user("x@example.org", LONG, name="X")
    in_practice = role in (Role.PRESCRIBER, Role.DELEGATE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(
            user=user, role=role, practice=None if in_practice else cast.practice
        )


def test_nobody_both_signs_and_reviews() -> None:
    for rights in RIGHTS.values():
        assert not {Right.SIGN_ORDERS, Right.REVIEW_ORDERS} <= rights


def test_signing_in_is_limited_and_says_the_same_for_unknown_addresses(cast: Cast) -> None:
    visitor = Client(HTTP_HOST="127.0.0.1")

    def errors(email: str) -> str:
        answer = visitor.post("/sign-in/", {"login": email, "password": "wrong-wrong-wrong"})
        return answer.content.decode().replace(email, "")

    known, unknown = errors(cast.ada.email), errors("nobody@example.org")
    assert "do not fit together" in known
    assert known.count("do not fit together") == unknown.count("do not fit together")
    for _ in range(9):
        last = errors(cast.ada.email)
    assert "Too many tries in a short time" in last
    right = visitor.post("/sign-in/", {"login": cast.ada.email, "password": PASSWORD})
    assert right.status_code == 429
    assert right["Retry-After"] == "300"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(cast: Cast, target: str) -> None:
    visitor = Client(HTTP_HOST="127.0.0.1")
    sent = {"login": cast.ada.email, "password": PASSWORD, "next": target}
    assert visitor.post("/sign-in/", sent).headers["Location"] == "/"


def test_a_time_zone_must_exist() -> None:
    with pytest.raises(ValidationError):
        Practice(time_zone="Mars/Base").clean_fields(exclude=["name", "phone", "address", "city"])
