"""What a start may be told, and where its sockets lie."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from config.stack import CHECKOUT, StackError, environment, options, sockets
from config.stack.folder import DataFolder
from config.stack.options import Options


def test_nothing_said_means_port_8000_and_var_in_the_checkout() -> None:
    assert options.read({}) == Options(port=8000, data=CHECKOUT / "var", demo=True)
    assert options.read({"PORT": "", "DATA": "", "DEMO": ""}) == options.read({})


def test_a_relative_folder_counts_from_the_checkout(tmp_path: Path) -> None:
    assert options.read({"DATA": "other"}).data == CHECKOUT / "other"
    assert options.read({"DATA": str(tmp_path)}).data == tmp_path


@pytest.mark.parametrize("port", ["0", "65536", "-1", "80a", "8e3", "٨٠", " ", "1" * 5000])
def test_a_wrong_port_is_named(port: str) -> None:
    with pytest.raises(StackError, match="PORT must be a number from 1 to 65535"):
        options.read({"PORT": port})


def test_demo_is_yes_or_no() -> None:
    assert not options.read({"DEMO": "0"}).demo
    with pytest.raises(StackError, match="DEMO must be 0 or 1, not 'maybe'"):
        options.read({"DEMO": "maybe"})


def test_a_short_path_keeps_the_socket_beside_the_data(short_folder: Path) -> None:
    place = sockets.make_folder(short_folder, "pg")
    assert place.parent == short_folder
    assert place.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["d" * 90, "a,b", "50%", "é"])
def test_a_long_or_odd_path_moves_the_socket_elsewhere(short_folder: Path, name: str) -> None:
    deep = short_folder / name
    deep.mkdir()
    place = sockets.make_folder(deep, "pg")
    try:
        assert deep not in place.parents
        assert place.stat().st_mode & 0o777 == 0o700
        assert len(os.fsencode(place / sockets.PG_SOCKET)) < 100
    finally:
        place.rmdir()


def test_ones_own_database_needs_ones_own_key() -> None:
    own = {"DATABASE_URL": "postgresql://db/orders"}
    for name in ("SECRET_KEY", "MFA_KEYS"):
        with pytest.raises(StackError, match=f"{name} must be set when DATABASE_URL is set"):
            environment.check_external(own)
        own[name] = "k"
    environment.check_external(own)


def test_only_our_own_database_makes_the_stack_embedded(short_folder: Path) -> None:
    folder, chosen = DataFolder(short_folder), Options(port=8123, data=short_folder)
    ours = environment.settings(chosen, folder, {}, "postgresql://a@/b/c", "redis+socket:///d")
    assert ours["EMBEDDED"] == "true"
    assert ours["PUBLIC_URL"] == "http://127.0.0.1:8123"
    assert len(ours["SECRET_KEY"]) >= 50
    theirs = {"DATABASE_URL": "postgresql://db/orders", "SECRET_KEY": "k", "MFA_KEYS": "m"}
    theirs["EMBEDDED"] = "true"
    external = environment.settings(chosen, folder, theirs, None, "redis+socket:///d")
    assert external["DATABASE_URL"] == "postgresql://db/orders"
    assert "EMBEDDED" not in environment.whole(theirs, external)


def test_the_generated_key_stays_and_is_ours_alone(short_folder: Path) -> None:
    folder = DataFolder(short_folder)
    key = folder.secret_key()
    assert folder.secret_key() == key
    assert (short_folder / "secret-key").stat().st_mode & 0o777 == 0o600


def test_the_key_of_second_factors_is_made_once_and_is_one(short_folder: Path) -> None:
    folder = DataFolder(short_folder)
    key = folder.mfa_key()
    assert folder.mfa_key() == key
    assert Fernet(key).decrypt(Fernet(key).encrypt(b"secret")) == b"secret"


@pytest.mark.parametrize(
    ("demo", "given", "chosen"),
    [(True, {}, "false"), (False, {}, "true"), (True, {"REQUIRE_MFA": "true"}, "true")],
)
def test_only_demo_accounts_may_do_without_a_second_factor(
    short_folder: Path, demo: bool, given: dict[str, str], chosen: str
) -> None:
    options = Options(data=short_folder, demo=demo)
    ours = environment.settings(options, DataFolder(short_folder), given, "postgresql://a", "r")
    assert ours["REQUIRE_MFA"] == chosen


@pytest.mark.parametrize("given", ["false", "False", "0", "no", " off "])
def test_without_demo_data_everybody_needs_a_second_factor(short_folder: Path, given: str) -> None:
    with pytest.raises(StackError, match="REQUIRE_MFA=false goes with the demo data alone"):
        environment.settings(
            Options(data=short_folder, demo=False),
            DataFolder(short_folder),
            {"REQUIRE_MFA": given},
            "postgresql://a",
            "r",
        )


@pytest.mark.parametrize("command", ["check --deploy", "migrate"])
def test_nothing_starts_without_second_factors_outside_the_embedded_stack(command: str) -> None:
    given = {"DATABASE_URL": "postgresql://u@127.0.0.1:9/d", "SECRET_KEY": "x" * 60}
    given |= {"MFA_KEYS": Fernet.generate_key().decode(), "REQUIRE_MFA": "false"}
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    started = subprocess.run(
        [sys.executable, "manage.py", *command.split()],
        env=kept | given, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert started.returncode
    assert "REQUIRE_MFA=false is for the embedded demo stack alone." in started.stderr


def test_the_lock_tells_whether_a_stack_runs(short_folder: Path) -> None:
    first, second = DataFolder(short_folder), DataFolder(short_folder)
    assert not first.is_in_use()
    first.open()
    assert second.is_in_use()
    with pytest.raises(StackError, match=f"already running on {short_folder}"):
        second.open()
