"""Asking a pharmacist, and reading what was answered: for strangers and for members."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from allauth.core import ratelimit
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from events.references import new_reference
from intake.forms.questions import AskForm
from intake.models import Question
from intake.services import questions

PER_PAGE = 25
# Nobody sees this field: what fills it in is a machine, and is thanked like everybody else.
TRAP = "subject_line"


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def ask(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, AskForm(known=_member(request) is not None), uuid4())
    if request.POST.get(TRAP):
        return _thanks(request, new_reference("QU"))
    member, token = _member(request), _token(request)
    form = AskForm(request.POST, known=member is not None)
    if not form.is_valid():
        return _page(request, form, token, status=422)
    asked = form.asked(name=member.name, email=member.email) if member else form.asked()
    if not ratelimit.consume(request, action="ask_question", key=asked.email):
        return _too_many(request)
    return _thanks(request, questions.ask(asked, token=token, by=member).reference)


@require_safe
@login_not_required
def sent(request: HttpRequest) -> HttpResponse:
    reference = request.session.get("asked")
    if not reference:
        return redirect("questions:ask")
    return render(request, "questions/sent.html", {"reference": reference})


@require_safe
@login_not_required
def published(request: HttpRequest) -> HttpResponse:
    page = Paginator(Question.objects.published(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "questions/list.html", {"page": page, **_beside(page, "questions:list")})


@require_safe
@login_not_required
def page(request: HttpRequest, slug: str) -> HttpResponse:
    question = get_object_or_404(Question.objects.published(), slug=slug)
    return render(request, "questions/page.html", {"question": question})


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    member = _member(request)
    rows = Question.objects.asked_by_user(member) if member else Question.objects.none()
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "questions/mine.html", {"page": page, **_beside(page, "questions:mine")})


def _member(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _token(request: HttpRequest) -> UUID:
    """The form's own token; a form that lost it makes one question each time it is sent."""
    try:
        return UUID(request.POST.get("token", ""))
    except ValueError:
        return uuid4()


def _page(request: HttpRequest, form: AskForm, token: UUID, status: int = 200) -> HttpResponse:
    context = {"form": form, "token": token, "trap": TRAP, "member": _member(request)}
    return render(request, "questions/ask.html", context, status=status)


def _thanks(request: HttpRequest, reference: str) -> HttpResponse:
    request.session["asked"] = reference
    return redirect("questions:sent")


def _too_many(request: HttpRequest) -> HttpResponse:
    answer = render(request, "questions/too_many.html", status=429)
    answer["Retry-After"] = "3600"
    return answer


def _beside(page: Any, name: str) -> dict[str, str]:
    place = f"{reverse(name)}?page="
    return {
        "newer_url": f"{place}{page.previous_page_number()}" if page.has_previous() else "",
        "older_url": f"{place}{page.next_page_number()}" if page.has_next() else "",
    }
