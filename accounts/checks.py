"""What `check --deploy` refuses about accounts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


def second_factors_are_required(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.REQUIRE_MFA or settings.EMBEDDED:
        return []
    return [
        Error(
            "REQUIRE_MFA is off outside the embedded demo stack.",
            hint="Take REQUIRE_MFA out of the environment: everybody here needs a second factor.",
            id="accounts.E001",
        )
    ]


def install() -> None:
    register(second_factors_are_required, Tags.security, deploy=True)
