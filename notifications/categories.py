"""Which e-mails may be switched off, by whom, and why the others may not."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from accounts.permissions import Right
from notifications.status import Category


@dataclass(frozen=True)
class Rule:
    """Who gets e-mails of a category, and whether they may be switched off.

    `rights`: any of them brings the e-mails; none listed: everybody with an account. `because`
    finishes the sentence why they are always sent: to everybody when `always`, else to whoever
    prescribes; empty where everybody may switch them off.
    """

    rights: frozenset[Right] = frozenset()
    because: str = ""
    always: bool = False
    offered: bool = True


def _for(*rights: Right) -> frozenset[Right]:
    return frozenset(rights)


RULES: dict[Category, Rule] = {
    Category.ORDER_URGENT: Rule(_for(Right.REVIEW_ORDERS)),
    Category.ORDER_ROUTINE: Rule(_for(Right.REVIEW_ORDERS)),
    Category.ORDER_ANSWER: Rule(_for(Right.REVIEW_ORDERS)),
    Category.ORDER_CANCELLED: Rule(_for(Right.REVIEW_ORDERS)),
    Category.APPLICATION: Rule(_for(Right.REVIEW_APPLICATIONS)),
    Category.CHECK: Rule(
        _for(Right.REVIEW_APPLICATIONS), "an account that is open may have to be suspended", True
    ),
    Category.QUESTION: Rule(_for(Right.ANSWER_ENQUIRIES)),
    Category.CLARIFICATION: Rule(
        _for(Right.SIGN_ORDERS, Right.ANSWER_QUESTIONS), "a patient’s order waits for the answer"
    ),
    Category.SIGNATURE: Rule(_for(Right.SIGN_ORDERS)),
    Category.ORDER_REJECTED: Rule(
        _for(Right.SIGN_ORDERS, Right.PREPARE_ORDERS), "a patient goes without the medicine"
    ),
    Category.ORDER_APPROVED: Rule(_for(Right.SIGN_ORDERS)),
    Category.ORDER_ENDING: Rule(_for(Right.SIGN_ORDERS, Right.PREPARE_ORDERS)),
    Category.REFILL: Rule(_for(Right.REVIEW_ORDERS)),
    Category.FORMULARY: Rule(_for(Right.KEEP_FORMULARY)),
    Category.LICENCE: Rule(
        _for(Right.SIGN_ORDERS), "no new order can be signed without a licence that holds", True
    ),
    Category.ACCOUNT: Rule(because="it keeps your account and your practice safe", always=True),
    Category.REPLY: Rule(because="you asked for it", always=True),
    Category.APPLICANT: Rule(
        because="an application was made with this address", always=True, offered=False
    ),
}


def offered(user: User) -> list[Category]:
    """The categories that can reach the person, in any of their practices."""
    mine = user.rights_anywhere
    return [
        category
        for category, rule in RULES.items()
        if rule.offered and (not rule.rights or rule.rights & mine)
    ]


def is_required(category: Category, user: User) -> bool:
    """Whether the person hears of it in any case."""
    rule = RULES[category]
    return rule.always or bool(rule.because and hasattr(user, "prescriber"))


def may_switch_off(category: Category, user: User | None) -> bool:
    """An e-mail that stands in for somebody who left is nobody's to switch off."""
    return user is not None and not is_required(category, user) and category in offered(user)


def foot(category: Category, user: User | None) -> str:
    """What the end of an e-mail says about not getting it any more."""
    if may_switch_off(category, user):
        return (
            "To stop e-mails of this kind, sign in, open Notifications and choose what is also "
            "sent by e-mail."
        )
    because = RULES[category].because or "nobody else is left to hear of it"
    return f"This e-mail is always sent, because {because}."
