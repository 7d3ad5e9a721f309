"""Private links: made when the mail is sent, the same at every attempt, known to nobody but its reader.

The token is an HMAC of the delivery's own id under the installation's key. The table keeps its
SHA-256, so that neither the database nor an event can open what the link opens.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import PrivateLink
from accounts.status import LinkPurpose

LIVES: dict[LinkPurpose, timedelta] = {
    LinkPurpose.RESUME: timedelta(days=30),
    LinkPurpose.ACCEPT: timedelta(days=14),
    LinkPurpose.ACTIVATE: timedelta(hours=24),
    LinkPurpose.RESET: timedelta(hours=1),
}
# How many characters a token has.
LENGTH = 43


def issue(purpose: LinkPurpose, subject_id: int, *, seed: str) -> str:
    """The token of the link for this mail; asked again with the same seed it is the same link.

    Its time counts from the last attempt at sending: a mail that was held up is not dead on arrival.
    """
    mac = salted_hmac(f"scruple.links.{purpose}", f"{subject_id}:{seed}", algorithm="sha256")
    token = base64.urlsafe_b64encode(mac.digest()).decode().rstrip("=")
    PrivateLink.objects.update_or_create(
        token_sha256=_sha256(token),
        create_defaults={
            "purpose": purpose,
            "subject_id": subject_id,
            "expires_at": timezone.now() + LIVES[purpose],
        },
        defaults={"expires_at": timezone.now() + LIVES[purpose]},
    )
    return token


def find(purpose: LinkPurpose, token: str) -> PrivateLink | None:
    """The link that this token opens now; None when it is unknown, used, taken back or expired."""
    if len(token) != LENGTH:
        return None
    return PrivateLink.objects.filter(
        purpose=purpose, token_sha256=_sha256(token), used_at=None, expires_at__gt=Now()
    ).first()


def spend(link: PrivateLink) -> bool:
    """Use up a single-use link; False when somebody was faster."""
    return bool(
        PrivateLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=Now()).update(
            used_at=Now()
        )
    )


def was_sent(purpose: LinkPurpose, subject_id: int) -> bool:
    """Whether such a link was ever made, used or not."""
    return PrivateLink.objects.filter(purpose=purpose, subject_id=subject_id).exists()


@transaction.atomic
def take_back(purpose: LinkPurpose, subject_id: int) -> None:
    """No link sent before opens this any more."""
    PrivateLink.objects.filter(purpose=purpose, subject_id=subject_id, used_at=None).update(
        used_at=Now()
    )


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
