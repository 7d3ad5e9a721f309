"""What every test may use. Run by `make test`, which provides PostgreSQL and Redis."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker, Settings

from accounts.models import Practice, User
from accounts.status import Role
from formulary.models import Product
from tests import factories


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With SAMPLE=1, as in CI, a third of what every field must refuse, another third each day:
    the whole of it takes minutes, and CI has fifteen."""
    if os.environ.get("SAMPLE") != "1":
        return
    turn = datetime.now(UTC).toordinal() % 3
    left_out = [one for one in items if "bad_input" in one.nodeid and _third(one) != turn]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [one for one in items if one not in set(left_out)]


def _third(item: pytest.Item) -> int:
    return zlib.crc32(item.nodeid.encode()) % 3


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The Chromium to drive; without one the test is skipped, or fails under REQUIRE_BROWSER=1."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None and os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail("REQUIRE_BROWSER=1, but there is no Chromium.")
    if path is None:
        pytest.skip("no Chromium here")
    return path


@pytest.fixture(autouse=True)
def quick_and_plain(settings: Settings) -> None:
    """Hashing is slow by design and timed by the bench; static files need no collecting here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    # Asked for where a test is about second factors.
    settings.REQUIRE_MFA = False


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The shipped formulary is there in every test, as in every installation."""
    with django_db_blocker.unblock():
        let_tests_empty_tables()
        call_command("seed_formulary", verbosity=0)


def let_tests_empty_tables() -> None:
    """Tests with real transactions are undone by TRUNCATE, which our append-only tables refuse."""
    flush = connection.ops.sql_flush

    def sql_flush(*args: Any, **kwargs: Any) -> list[str]:
        statements = flush(*args, **kwargs)
        role = "SET session_replication_role = {}"
        return [role.format("replica"), *statements, role.format("origin")] if statements else []

    connection.ops.sql_flush = sql_flush  # type: ignore[method-assign]


@pytest.fixture
def formulary(db: None) -> None:
    """The shipped rows again, where a test with real transactions emptied the tables."""
    if not Product.objects.exists():
        call_command("seed_formulary", verbosity=0)


@dataclass(frozen=True)
class Cast:
    """The same people everywhere: two practices and the pharmacy's staff."""

    practice: Practice
    other_practice: Practice
    ada: User
    nils: User
    ben: User
    phil: User
    petra: User
    tess: User
    root: User


@pytest.fixture
def cast(formulary: None) -> Cast:
    practice = factories.PracticeFactory(name="Sample Dermatology")
    other = factories.PracticeFactory(name="Other Practice")
    return Cast(
        practice=practice,
        other_practice=other,
        ada=factories.prescriber("Dr Ada Sample", practice),
        nils=factories.member(Role.DELEGATE, "Nils Sampleton", practice),
        ben=factories.prescriber("Dr Ben Other", other),
        phil=factories.staff(Role.PHARMACIST, "Phil Pharmacist"),
        petra=factories.staff(Role.PHARMACIST, "Petra Pharmacist"),
        tess=factories.staff(Role.TECHNICIAN, "Tess Technician"),
        root=factories.staff(Role.ADMINISTRATOR, "Root Administrator"),
    )


def _member_fixture(name: str) -> Callable[[Cast], User]:
    @pytest.fixture(name=name)
    def person(cast: Cast) -> User:
        return getattr(cast, name)  # type: ignore[no-any-return]

    return person


ada = _member_fixture("ada")
nils = _member_fixture("nils")
ben = _member_fixture("ben")
phil = _member_fixture("phil")
petra = _member_fixture("petra")
tess = _member_fixture("tess")
root = _member_fixture("root")
