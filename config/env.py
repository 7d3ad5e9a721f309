"""Reads the environment once, strictly: a wrong value stops the start with one clear line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

_env = environ.Env()
_MAIL_BACKENDS = {
    "smtp.EmailBackend": "notifications.mail.SmtpBackend",
    "filebased.EmailBackend": "notifications.mail.FileBackend",
}


def text(name: str, default: str = "") -> str:
    return str(_env.str(name, default=default)).strip()


def flag(name: str, *, default: bool = False) -> bool:
    """A yes-or-no variable; anything but true/false, 1/0, yes/no, on/off is refused."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    if value not in available_timezones():
        raise ImproperlyConfigured(f"{name} must be like America/New_York, not {value!r}.")
    return value


def count(name: str) -> int:
    """A whole number from 0 to 99; 0 when the variable is empty."""
    value = text(name, "0") or "0"
    if not value.isascii() or not value.isdigit() or len(value) > 2:
        raise ImproperlyConfigured(f"{name} must be a whole number from 0 to 99, not {value!r}.")
    return int(value)


def secret(name: str, *, needed: bool) -> str:
    """A secret of at least 50 characters. Without a database nothing is kept: any will do."""
    value = text(name)
    if value and len(value) < 50:
        raise ImproperlyConfigured(f"{name} must have at least 50 characters.")
    if needed and not value:
        raise ImproperlyConfigured(f"{name} must be set when DATABASE_URL is set.")
    return value or get_random_secret_key()


def fernet_keys(name: str, *, needed: bool) -> list[str]:
    """One or more Fernet keys, the newest first. Where none is needed, one that ends with us."""
    keys = [key.strip() for key in text(name).split(",") if key.strip()]
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} must hold Fernet keys, newest first, with commas between them."
            ) from None
    if needed and not keys:
        raise ImproperlyConfigured(f"{name} must be set when DATABASE_URL is set.")
    return keys or [Fernet.generate_key().decode()]


def database(name: str) -> dict[str, Any] | None:
    """Django's database settings from a postgresql:// URL, or None when the variable is empty."""
    if not text(name):
        return None
    config = dict(_env.db_url(name))
    if config.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            f"{name} must be a postgresql:// URL: no other database will do."
        )
    return config


def email(name: str, default: str) -> dict[str, object]:
    """Django's EMAIL_* settings from smtp://, smtp+tls://, smtp+ssl://, filemail:///folder or others.

    SMTP and files go through our own backends, which keep a deadline and write whole files.
    """
    config = dict(_env.email_url(name, default=default))
    backend = str(config["EMAIL_BACKEND"]).removeprefix("django.core.mail.backends.")
    config["EMAIL_BACKEND"] = _MAIL_BACKENDS.get(backend, config["EMAIL_BACKEND"])
    if backend == "filebased.EmailBackend":
        # django-environ cuts the first slash off.
        config["EMAIL_FILE_PATH"] = "/" + str(config["EMAIL_FILE_PATH"]).lstrip("/")
    return config


def base_url(name: str, default: str) -> str:
    """An absolute http(s) URL with a host and without a path, as links in e-mails start with it."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        raise ImproperlyConfigured(
            f"{name} must look like https://orders.example.org, not {value!r}."
        )
    return value


def service_url(name: str) -> str:
    """An http(s) URL of a service to ask, with any path; empty: there is none to ask."""
    value = text(name)
    if value and not _is_address(value):
        raise ImproperlyConfigured(
            f"{name} must look like https://npiregistry.cms.hhs.gov/api/, not {value!r}."
        )
    return value


def scanner(name: str) -> str:
    """Where clamd listens: tcp://host:port or unix:///path; empty: papers are not scanned."""
    value = text(name)
    parts = urlsplit(value)
    try:
        tcp = parts.scheme == "tcp" and bool(parts.hostname and parts.port) and not parts.path
    except ValueError:  # a port that is no number
        tcp = False
    unix = parts.scheme == "unix" and not parts.netloc and parts.path.startswith("/")
    if value and not tcp and not unix:
        raise ImproperlyConfigured(
            f"{name} must look like tcp://clamav:3310 or unix:///run/clamd.sock, not {value!r}."
        )
    return value


def paper_storage(folder: Path) -> dict[str, object]:
    """Django's entry for the storage of papers: a bucket when one is named, else a folder."""
    bucket, endpoint = text("UPLOADS_S3_BUCKET"), text("UPLOADS_S3_ENDPOINT")
    region = text("UPLOADS_S3_REGION")
    if not bucket:
        if endpoint or region:
            raise ImproperlyConfigured("UPLOADS_S3_BUCKET must be set with the other UPLOADS_S3_*.")
        return _folder(Path(text("UPLOADS_DIR") or folder))
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket):
        raise ImproperlyConfigured(f"UPLOADS_S3_BUCKET must be a bucket's name, not {bucket!r}.")
    if endpoint and not _is_address(endpoint):
        raise ImproperlyConfigured(
            f"UPLOADS_S3_ENDPOINT must look like https://s3.example.org, not {endpoint!r}."
        )
    # Without both, the machine's own role counts.
    if bool(text("AWS_ACCESS_KEY_ID")) != bool(text("AWS_SECRET_ACCESS_KEY")):
        raise ImproperlyConfigured("Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.")
    return _bucket(bucket, endpoint, region)


def _is_address(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _folder(path: Path) -> dict[str, object]:
    if not path.is_absolute():
        raise ImproperlyConfigured(f"UPLOADS_DIR must be a whole path, not {str(path)!r}.")
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": str(path),
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }


def _bucket(bucket: str, endpoint: str, region: str) -> dict[str, object]:
    """Objects are private by the bucket's own default: an ACL on each is refused by newer buckets."""
    from botocore.config import Config

    style = {"addressing_style": "path"} if endpoint else {}
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "access_key": text("AWS_ACCESS_KEY_ID") or None,
            "secret_key": text("AWS_SECRET_ACCESS_KEY") or None,
            "bucket_name": bucket,
            "endpoint_url": endpoint or None,
            "region_name": region or None,
            "default_acl": None,
            "querystring_auth": True,
            # Names are random: asking first whether one is taken would be a request for nothing.
            "file_overwrite": True,
            "client_config": Config(
                s3=style,
                signature_version="s3v4",
                connect_timeout=5,
                read_timeout=20,
                retries={"total_max_attempts": 2},
            ),
        },
    }
