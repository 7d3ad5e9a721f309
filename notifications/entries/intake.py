"""Applications, their prescribers and the questions put to the pharmacist."""

from __future__ import annotations

from accounts.status import LinkPurpose
from notifications import intake_audiences as audiences
from notifications.entry import MAIL_ONLY, Entry
from notifications.status import Category

_DECIDED = ("application.approved", "application.rejected")

ENTRIES: dict[str, Entry] = {
    # --- to the applicant, who has no account yet: by a private link ---
    "application.started": Entry(
        audience=audiences.contact,
        category=Category.APPLICANT,
        page="apply:return",
        action="Go on with the application",
        channels=MAIL_ONLY,
        link=LinkPurpose.RESUME,
    ),
    "application.return_asked": Entry(
        audience=audiences.contact,
        category=Category.APPLICANT,
        page="apply:return",
        action="Open the application",
        channels=MAIL_ONLY,
        link=LinkPurpose.RESUME,
    ),
    "application.received": Entry(
        audience=audiences.contact,
        category=Category.APPLICANT,
        page="apply:return",
        action="Follow the application",
        channels=MAIL_ONLY,
        link=LinkPurpose.RESUME,
    ),
    "application.info_requested": Entry(
        audience=audiences.contact,
        category=Category.APPLICANT,
        page="apply:return",
        action="See what is needed",
        channels=MAIL_ONLY,
        link=LinkPurpose.RESUME,
    ),
    "application.approved": Entry(
        audience=audiences.contact,
        category=Category.APPLICANT,
        page="apply:return",
        action="See the application",
        channels=MAIL_ONLY,
        link=LinkPurpose.RESUME,
    ),
    "application.rejected": Entry(
        audience=audiences.contact,
        category=Category.APPLICANT,
        page="apply:return",
        action="See the reason",
        channels=MAIL_ONLY,
        link=LinkPurpose.RESUME,
    ),
    "applicant.acceptance_asked": Entry(
        audience=audiences.accepting_prescriber,
        category=Category.APPLICANT,
        page="apply:accept",
        action="Read the agreements",
        channels=MAIL_ONLY,
        link=LinkPurpose.ACCEPT,
        settled_by=("applicant.agreed",),
    ),
    # --- to the staff ---
    "application.submitted": Entry(
        audience=audiences.reviewers,
        category=Category.APPLICATION,
        page="applications:review",
        action="Review the application",
        settled_by=("application.claimed", *_DECIDED),
    ),
    "application.info_given": Entry(
        audience=audiences.asking_reviewer,
        category=Category.APPLICATION,
        page="applications:review",
        action="Read the answer",
        settled_by=("application.claimed", *_DECIDED),
    ),
    "prescriber.check_found": Entry(
        audience=audiences.reviewers,
        category=Category.CHECK,
        page="register:list",
        takes="",
        action="Open the register",
    ),
    "renewal.given": Entry(
        audience=audiences.reviewers,
        category=Category.APPLICATION,
        page="register:renewals",
        takes="",
        action="See the licences",
        settled_by=("renewal.accepted", "renewal.refused"),
    ),
    # --- questions ---
    "question.asked": Entry(
        audience=audiences.answerers,
        category=Category.QUESTION,
        page="questions:review",
        action="Answer the question",
        settled_by=("question.claimed", "question.answered", "question.closed"),
    ),
    "question.answered": Entry(
        audience=audiences.asker,
        category=Category.REPLY,
        page="questions:list",
        takes="",
        action="See published answers",
        channels=MAIL_ONLY,
        words=audiences.answer_words,
    ),
}
