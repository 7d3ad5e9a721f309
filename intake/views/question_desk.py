"""The staff's queue of questions, and one question's page: claim, answer, close, publish."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permissions import Right, requires
from intake import question_queue
from intake.forms.questions import AnswerForm, CloseForm, PublishForm
from intake.models import Question
from intake.services import questions
from intake.services.questions import SlugTaken, StaleQuestion
from intake.status import CloseReason, QuestionStatus

_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def _names_who_was_faster(view: _View[_P]) -> _View[_P]:
    """409 with a link to the question as it stands now."""

    @wraps(view)
    def answered(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except StaleQuestion as stale:
            reference = stale.question.reference
            context = {
                "message": str(stale),
                "holder": stale.holder,
                "link": reverse("questions:review", args=[reference]),
                "link_text": f"Open {reference}",
            }
            return render(request, "409.html", context, status=409)

    return cast("_View[_P]", answered)


def _person(request: HttpRequest) -> User:
    return cast(User, request.user)


def _found(request: HttpRequest, reference: str) -> Question:
    rows = Question.objects.answerable_by(_person(request))
    people = ("holder", "asked_by", "answered_by", "closed_by", "published_by")
    return get_object_or_404(rows.select_related(*people), reference=reference)


@require_safe
@requires(Right.ANSWER_ENQUIRIES)
def queue(request: HttpRequest) -> HttpResponse:
    user, tab = _person(request), question_queue.tab_named(request.GET.get("tab"))
    shown = question_queue.page(tab, user, request.GET.get("page"))
    context = {
        "tab": tab,
        "tabs": question_queue.links(tab, user),
        "page": shown,
        "now": timezone.now(),
        "empty": question_queue.empty(tab) if not shown.object_list else None,
        **question_queue.neighbours(shown, tab),
    }
    return render(request, "questions/queue.html", context)


@require_safe
@requires(Right.ANSWER_ENQUIRIES)
def review(request: HttpRequest, reference: str) -> HttpResponse:
    return _page(request, _found(request, reference))


@require_POST
@requires(Right.ANSWER_ENQUIRIES)
@_names_who_was_faster
def claim(request: HttpRequest, reference: str) -> HttpResponse:
    questions.claim(_found(request, reference), by=_person(request))
    return redirect("questions:review", reference)


@require_POST
@requires(Right.ANSWER_ENQUIRIES)
@_names_who_was_faster
def give_back(request: HttpRequest, reference: str) -> HttpResponse:
    questions.give_back(_found(request, reference), by=_person(request))
    messages.success(request, f"{reference} is back in the queue, with its age.")
    return redirect("questions:queue")


@require_POST
@requires(Right.ANSWER_ENQUIRIES)
def answer(request: HttpRequest, reference: str) -> HttpResponse:
    """What was written stays on the page, whatever happened to the question meanwhile."""
    question, form = _found(request, reference), AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, question, answer=form, status=422)
    text = form.cleaned_data["text"]
    if "preview" in request.POST:
        return _page(request, question, answer=form, preview=text)
    try:
        questions.answer(question, by=_person(request), text=text)
    except StaleQuestion as stale:
        form.add_error(None, f"{stale} Nothing was sent; your text still stands here.")
        return _page(request, stale.question, answer=form, status=409)
    messages.success(request, f"{reference} is answered. The answer is on its way by e-mail.")
    return redirect("questions:review", reference)


@require_POST
@requires(Right.ANSWER_ENQUIRIES)
@_names_who_was_faster
def close(request: HttpRequest, reference: str) -> HttpResponse:
    question, form = _found(request, reference), CloseForm(request.POST)
    if not form.is_valid():
        return _page(request, question, close=form, status=422)
    questions.close(question, by=_person(request), reason=CloseReason(form.cleaned_data["reason"]))
    messages.success(request, f"{reference} is closed without an answer. Nobody is written to.")
    return redirect("questions:queue")


@require_POST
@requires(Right.ANSWER_ENQUIRIES)
@_names_who_was_faster
def publish(request: HttpRequest, reference: str) -> HttpResponse:
    question = _found(request, reference)
    form = PublishForm(request.POST, question=question)
    if not form.is_valid():
        return _page(request, question, publish=form, status=422)
    version = form.cleaned_data["version"]
    try:
        questions.publish(question, by=_person(request), words=form.words(), version=version)
    except SlugTaken as taken:
        form.add_error("slug", form.taken(str(taken)))
        return _page(request, question, publish=form, status=422)
    messages.success(request, f"{reference} is published.")
    return redirect("questions:review", reference)


@require_POST
@requires(Right.ANSWER_ENQUIRIES)
@_names_who_was_faster
def unpublish(request: HttpRequest, reference: str) -> HttpResponse:
    questions.unpublish(_found(request, reference), by=_person(request))
    messages.success(request, f"{reference} is no longer on the public page.")
    return redirect("questions:review", reference)


def _page(
    request: HttpRequest,
    question: Question,
    *,
    answer: AnswerForm | None = None,
    close: CloseForm | None = None,
    publish: PublishForm | None = None,
    preview: str = "",
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    held = question.status == QuestionStatus.HELD and (question.held_until or now) > now
    mine = held and question.holder == request.user
    answered = question.status == QuestionStatus.ANSWERED
    context = {
        "question": question,
        "is_mine": mine,
        "is_held": held,
        "is_open": question.status in (QuestionStatus.WAITING, QuestionStatus.HELD),
        # A text that could not be sent is never taken off the page.
        "answer": answer or (AnswerForm() if mine or close else None),
        "close": close or (CloseForm() if mine else None),
        "publish": publish or (_publishing(question) if answered else None),
        "preview": preview,
    }
    return render(request, "questions/review.html", context, status=status)


def _publishing(question: Question) -> PublishForm:
    first = PublishForm.initial_of(question)
    if not question.slug:
        first["slug"] = slugify(str(first["public_question"]))[:60].strip("-")
    return PublishForm(initial=first, question=question)
