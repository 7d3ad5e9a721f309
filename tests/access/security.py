"""One's own account: second factors, passwords, sessions, the lock."""

from __future__ import annotations

from typing import Any

from accounts import links
from accounts.models import User
from accounts.status import LinkPurpose
from tests.access import LOGIN, NO_METHOD, NONE, OK, PUBLIC, SIGNED_IN, Table, row
from tests.conftest import Cast

# A private link opens for whoever holds it, but not for somebody signed in as another.
NILS_LINK = row(OK, NONE, OK, NONE, NONE, NONE, NONE, NONE, NONE)
INVITED_LINK = row(OK, *(NONE,) * 8)
# An address of the second step of signing in: nobody is half signed in here.
HALF_WAY = row(LOGIN, *(OK,) * 8)

TABLE: Table = {
    "account_security": ("", SIGNED_IN, NO_METHOD),
    "account_confirm": ("", SIGNED_IN, SIGNED_IN),
    "mfa_authenticate": ("", HALF_WAY, HALF_WAY),
    "account_inactive": ("", PUBLIC, PUBLIC),
    "account_enrol": ("", SIGNED_IN, NO_METHOD),
    "account_enrol_app": ("", SIGNED_IN, SIGNED_IN),
    "account_enrol_passkey": ("", SIGNED_IN, SIGNED_IN),
    # Whose factor it is, is looked at once the person has proved who they are.
    "account_factor_remove": ("factor", SIGNED_IN, SIGNED_IN),
    "account_codes": ("", SIGNED_IN, NO_METHOD),
    "account_codes_kept": ("", NO_METHOD, SIGNED_IN),
    "account_codes_download": ("", SIGNED_IN, NO_METHOD),
    "account_codes_renew": ("", NO_METHOD, SIGNED_IN),
    "account_password": ("", SIGNED_IN, SIGNED_IN),
    "account_forgot": ("", PUBLIC, PUBLIC),
    "account_forgot_sent": ("", PUBLIC, row(*("405",) * 9)),
    "account_activate": ("activate", INVITED_LINK, INVITED_LINK),
    "account_reset": ("reset", NILS_LINK, NILS_LINK),
    "account_lock": ("", SIGNED_IN, SIGNED_IN),
    "account_lock_now": ("", NO_METHOD, SIGNED_IN),
    "account_session": ("", SIGNED_IN, NO_METHOD),
    "account_stay": ("", NO_METHOD, SIGNED_IN),
    "account_sessions_end_others": ("", NO_METHOD, SIGNED_IN),
    "account_sessions_end_all": ("", NO_METHOD, row(*(LOGIN,) * 9)),
}


def records(cast: Cast) -> dict[str, dict[str, Any]]:
    invited = User.objects.create_user("invited@example.org", name="Ina Invited")
    return {
        "factor": {"pk": 1},
        "activate": {"token": links.issue(LinkPurpose.ACTIVATE, invited.pk, seed="a")},
        "reset": {"token": links.issue(LinkPurpose.RESET, cast.nils.pk, seed="r")},
    }
