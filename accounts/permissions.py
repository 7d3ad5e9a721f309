"""What each role may do, in one place. Views ask for a right, never for a role."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.status import Duty, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class Right(enum.Enum):
    VIEW_PRACTICE_ORDERS = "view the practice's orders"
    PREPARE_ORDERS = "prepare orders"
    SIGN_ORDERS = "sign orders"
    ANSWER_QUESTIONS = "answer the pharmacist's questions"
    CANCEL_ORDERS = "cancel orders"
    VIEW_QUEUE = "see the review queue"
    REVIEW_ORDERS = "claim and decide orders"
    RELEASE_CLAIMS = "release another's claim"
    MANAGE_DELIVERIES = "see and retry notifications"
    USE_ADMIN_SITE = "use the administration"
    MANAGE_PRACTICE = "manage the practice, its people and licences"
    MANAGE_BILLING = "keep the practice's delivery and billing"
    REVIEW_APPLICATIONS = "review applications and accounts"
    ANSWER_ENQUIRIES = "answer questions put to the pharmacist"
    KEEP_FORMULARY = "keep the formulary"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.PRESCRIBER: frozenset(
        {
            Right.VIEW_PRACTICE_ORDERS,
            Right.PREPARE_ORDERS,
            Right.SIGN_ORDERS,
            Right.ANSWER_QUESTIONS,
            Right.CANCEL_ORDERS,
            Right.MANAGE_PRACTICE,
            Right.MANAGE_BILLING,
        }
    ),
    # A delegate's rights come from the duties of the membership alone.
    Role.DELEGATE: frozenset(),
    Role.PHARMACIST: frozenset(
        {
            Right.VIEW_QUEUE,
            Right.REVIEW_ORDERS,
            Right.REVIEW_APPLICATIONS,
            Right.ANSWER_ENQUIRIES,
            Right.KEEP_FORMULARY,
        }
    ),
    Role.TECHNICIAN: frozenset({Right.VIEW_QUEUE}),
    Role.ADMINISTRATOR: frozenset(
        {
            Right.VIEW_QUEUE,
            Right.RELEASE_CLAIMS,
            Right.MANAGE_DELIVERIES,
            Right.USE_ADMIN_SITE,
            Right.REVIEW_APPLICATIONS,
        }
    ),
}

DUTY_RIGHTS: dict[Duty, frozenset[Right]] = {
    Duty.VIEW: frozenset({Right.VIEW_PRACTICE_ORDERS}),
    Duty.PREPARE: frozenset({Right.VIEW_PRACTICE_ORDERS, Right.PREPARE_ORDERS}),
    Duty.CLARIFY: frozenset({Right.VIEW_PRACTICE_ORDERS, Right.ANSWER_QUESTIONS}),
    Duty.BILLING: frozenset({Right.MANAGE_BILLING}),
}


def rights_of(role: Role, duties: Iterable[str]) -> frozenset[Right]:
    """What a membership with this role and these duties may do; duties count for delegates only."""
    if role != Role.DELEGATE:
        return RIGHTS[role]
    return frozenset[Right]().union(*(DUTY_RIGHTS[Duty(duty)] for duty in duties))


def ensure(user: User | AnonymousUser, right: Right) -> None:
    """Raise PermissionDenied unless `user` has `right` now."""
    if not user.is_authenticated or not user.has_right(right):
        raise PermissionDenied(f"You may not {right.value}.")


_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def requires(right: Right) -> Callable[[_View[_P]], _View[_P]]:
    """Answer 403 unless the signed-in user has `right` now; roles are read on each request."""

    def decorate(view: _View[_P]) -> _View[_P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
            ensure(request.user, right)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def requires_any(*rights: Right) -> Callable[[_View[_P]], _View[_P]]:
    """As `requires`, for a page that several kinds of work need."""

    def decorate(view: _View[_P]) -> _View[_P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
            user = request.user
            if not user.is_authenticated or not any(user.has_right(right) for right in rights):
                raise PermissionDenied(f"You may not {rights[0].value}.")
            return view(request, *args, **kwargs)

        return guarded

    return decorate
