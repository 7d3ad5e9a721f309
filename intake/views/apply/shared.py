"""What the pages of the account form share: whose it is, which page, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec

from allauth.core import ratelimit
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from intake.journey import State, state_of, who
from intake.models import Applicant, Application
from intake.sections import Section, sections_of
from intake.services import answering
from intake.services.drafts import Owner
from intake.services.moves import Refused, StaleApplication
from intake.status import Status

OPENED = "applications"

_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def opened(request: HttpRequest) -> QuerySet[Application]:
    """The applications that this browser opened by their private links."""
    return Application.objects.opened_by(request.session.get(OPENED))


def open_here(request: HttpRequest, application: Application) -> None:
    """Let this browser write the application from now on."""
    before = request.session.get(OPENED)
    kept = [key for key in before if key != application.pk] if isinstance(before, list) else []
    request.session[OPENED] = [*kept[-9:], application.pk]
    if not request.user.is_authenticated:
        # Somebody may know the old key: it opens nothing from now on.
        request.session.cycle_key()


def mine(request: HttpRequest, reference: str) -> Application:
    """The application this browser opened; any other is not there."""
    return get_object_or_404(opened(request), reference=reference)


def draft(request: HttpRequest, reference: str) -> Application:
    """The same while it is a draft; one that was sent is a conflict."""
    application = mine(request, reference)
    if application.status != Status.DRAFT:
        raise StaleApplication(application)
    return application


def in_order(application: Application, *joined: str) -> list[Applicant]:
    """The prescribers with their acceptances; each knows the application without asking again."""
    found = list(application.applicants.select_related(*joined).prefetch_related("acceptances"))
    for one in found:
        one.application = application
    return found


def _with_applicants(request: HttpRequest, reference: str) -> tuple[Application, list[Applicant]]:
    """The application and its prescribers in one statement: there is always one at least."""
    theirs = Applicant.objects.filter(
        application__in=opened(request).filter(reference=reference)
    ).select_related("application")
    found = list(theirs)
    if not found:
        raise Http404
    for one in found:
        one.application = found[0].application
    return found[0].application, found


def rate_limited(request: HttpRequest, action: str, key: str | None = None) -> bool:
    """Whether the caller has used up the tries that the settings allow."""
    return not ratelimit.consume(request, action=action, key=key)


def wait_a_while(request: HttpRequest) -> HttpResponse:
    answer = render(request, "apply/wait.html", status=HTTPStatus.TOO_MANY_REQUESTS)
    answer["Retry-After"] = "3600"
    return answer


def answers_conflicts(view: _View[_P]) -> _View[_P]:
    """409 with a way back for lost races and refusals; 404 for what was deleted meanwhile."""

    @wraps(view)
    def answered(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (StaleApplication, Refused) as lost:
            message = str(lost) if isinstance(lost, Refused) else ""
            reference = kwargs.get("reference")
            context = {
                "title": "This has changed since the page was opened",
                "message": message,
                "link": reverse("apply:hub", args=[reference]) if reference else "/",
                "link_text": "Go to the application",
            }
            return render(request, "409.html", context, status=HTTPStatus.CONFLICT)
        except ObjectDoesNotExist:
            raise Http404 from None

    return answered


@dataclass(frozen=True)
class Target:
    """The page of the form that an address names, and which of its fields may be written.

    `only` None: all of them. `correcting`: a reviewer asked for it.
    """

    application: Application
    applicants: list[Applicant]
    applicant: Applicant | None
    section: Section
    only: frozenset[str] | None = None
    correcting: bool = False

    @property
    def owner(self) -> Owner:
        return self.applicant or self.application

    @property
    def who(self) -> str:
        return who(self.applicant)

    def url(self, name: str, *more: object) -> str:
        args = [self.application.reference, self.who, self.section.slug, *more]
        return reverse(f"apply:{name}", args=args)

    @property
    def answers(self) -> Any:
        return self.owner.answers.get(self.section.slug)


def target(request: HttpRequest, reference: str, whose: str, slug: str) -> Target:
    """The page named by an address, open for writing.

    404 for pages there are not; StaleApplication once the application may not be changed, or this
    page was not asked for.
    """
    application, applicants = _with_applicants(request, reference)
    applicant = next((one for one in applicants if who(one) == whose), None)
    if applicant is None and whose != "practice":
        raise Http404
    section = next((s for s in sections_of(application, applicant) if s.slug == slug), None)
    if section is None:
        raise Http404
    if application.status == Status.DRAFT:
        return Target(application, applicants, applicant, section)
    return _asked_for(Target(application, applicants, applicant, section, correcting=True))


def _asked_for(page: Target) -> Target:
    """What a reviewer asked for; a page that is not whole any more is open too, and all of it."""
    request = answering.open_request(page.application)
    if request is None:
        raise StaleApplication(page.application)
    if _stands_in_the_way(page):
        return page
    whose = page.applicant.pk if page.applicant else None
    items = [
        item
        for item in request.items.all()
        if item.section == page.section.slug and item.applicant_id == whose
    ]
    if not items:
        raise StaleApplication(page.application)
    if any(not item.fields for item in items):
        return page
    names = frozenset(name for item in items for name in item.fields)
    return replace(page, only=page.section.form.with_companions(names))


def _stands_in_the_way(page: Target) -> bool:
    """Whether the page has to be put right before anything is sent; one left out has not."""
    state = state_of(page.owner, page.section)
    may_be_left_out = page.section.many and not page.section.least
    return state is State.PROBLEM or (state is not State.COMPLETED and not may_be_left_out)
