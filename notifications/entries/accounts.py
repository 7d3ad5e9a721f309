"""People's own accounts, their practices and licences."""

from __future__ import annotations

from accounts.status import LinkPurpose
from notifications import intake_audiences as audiences
from notifications.entry import MAIL_ONLY, Entry
from notifications.status import Category

ENTRIES: dict[str, Entry] = {
    "user.invited": Entry(
        audience=audiences.invited,
        category=Category.ACCOUNT,
        page="account_activate",
        action="Set your password",
        channels=MAIL_ONLY,
        link=LinkPurpose.ACTIVATE,
        words=audiences.practice_words,
    ),
    "user.joined": Entry(
        audience=audiences.member,
        category=Category.ACCOUNT,
        page="practice:home",
        takes="",
        action="Open the practice",
        words=audiences.practice_words,
    ),
    "user.removed": Entry(
        audience=audiences.person,
        category=Category.ACCOUNT,
        page="home",
        takes="",
        action="Open the site",
        channels=MAIL_ONLY,
        words=audiences.practice_words,
    ),
    "user.reset_asked": Entry(
        audience=audiences.person,
        category=Category.ACCOUNT,
        page="account_reset",
        action="Set a new password",
        channels=MAIL_ONLY,
        link=LinkPurpose.RESET,
    ),
    "user.security_changed": Entry(
        audience=audiences.person,
        category=Category.ACCOUNT,
        page="account_security",
        takes="",
        action="See your account",
        words=audiences.security_words,
    ),
    "prescriber.suspended": Entry(
        audience=audiences.prescriber,
        category=Category.ACCOUNT,
        page="practice:home",
        takes="",
        action="Open the practice",
    ),
    "prescriber.reinstated": Entry(
        audience=audiences.prescriber,
        category=Category.ACCOUNT,
        page="practice:home",
        takes="",
        action="Open the practice",
    ),
    "prescriber.deactivated": Entry(
        audience=audiences.prescriber,
        category=Category.ACCOUNT,
        page="home",
        takes="",
        action="Open the site",
        channels=MAIL_ONLY,
    ),
    "practice.suspended": Entry(
        audience=audiences.prescribers_of_practice,
        category=Category.ACCOUNT,
        page="practice:home",
        takes="",
        action="Open the practice",
    ),
    "practice.reinstated": Entry(
        audience=audiences.prescribers_of_practice,
        category=Category.ACCOUNT,
        page="practice:home",
        takes="",
        action="Open the practice",
    ),
    "practice.deactivated": Entry(
        audience=audiences.prescribers_of_practice,
        category=Category.ACCOUNT,
        page="home",
        takes="",
        action="Open the site",
        channels=MAIL_ONLY,
    ),
    "licence.expiring": Entry(
        audience=audiences.licence_holder,
        category=Category.LICENCE,
        page="practice:licences",
        takes="",
        action="Give the new date",
        words=audiences.licence_words,
    ),
    "licence.expired": Entry(
        audience=audiences.licence_holder,
        category=Category.LICENCE,
        page="practice:licences",
        takes="",
        action="Give the new date",
        words=audiences.licence_words,
    ),
    "renewal.accepted": Entry(
        audience=audiences.renewal_giver,
        category=Category.LICENCE,
        page="practice:licences",
        takes="",
        action="See the licences",
    ),
    "renewal.refused": Entry(
        audience=audiences.renewal_giver,
        category=Category.LICENCE,
        page="practice:licences",
        takes="",
        action="See the reason",
    ),
}
