"""Questions to the pharmacist: asked, claimed, answered, closed and published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Right, ensure
from events.services import record
from intake.models import Question
from intake.querysets import QuestionQuerySet
from intake.status import CloseReason, QuestionStatus

CLAIM_LASTS = timedelta(minutes=30)
_UNHELD: dict[str, Any] = {"holder": None, "held_until": None}


class StaleQuestion(Exception):
    """The question is no longer what the page showed; the message says where it stands now."""

    def __init__(self, question: Question) -> None:
        self.question = question
        held = question.held_until is not None and question.held_until > timezone.now()
        self.holder = question.holder.name if question.holder and held else ""
        super().__init__(self._words())

    def _words(self) -> str:
        here = self.question
        if self.holder:
            return f"{here.reference} is held by {self.holder} now."
        return f"{here.reference} has moved on: {here.get_status_display()}."


class SlugTaken(Exception):
    """Another published question has this address."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form read. The four last are of another custom compound alone."""

    category: str
    name: str
    email: str
    text: str
    drug: str = ""
    form: str = ""
    strength: str = ""
    area: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """What strangers will read, in words of its own."""

    question: str
    answer: str
    sources: str
    slug: str


def ask(asked: Asked, *, token: UUID, by: User | None) -> Question:
    """Store a question. The same form sent again gives the question it made, and no second."""
    if made := Question.objects.filter(token=token).first():
        return made
    columns = {name: getattr(asked, name) for name in Asked.__dataclass_fields__}
    try:
        with transaction.atomic():
            question = Question.objects.create(**columns, token=token, asked_by=by)
            _note(question, "question.asked", by=by, data={"signed_in": by is not None})
    except IntegrityError:
        # Sent twice at the same moment: the other one made it. Anything else is a fault.
        if made := Question.objects.filter(token=token).first():
            return made
        raise
    return question


# --- who answers --------------------------------------------------------------------------------
@transaction.atomic
def claim(question: Question, *, by: User) -> None:
    """Take it for 30 minutes; taking what one holds already prolongs it. Raises StaleQuestion."""
    ensure(by, Right.ANSWER_ENQUIRIES)
    until = Now() + CLAIM_LASTS
    if Question.objects.held_by(by).filter(pk=question.pk).update(held_until=until):
        return
    _move(
        question,
        Question.objects.free_for(by),
        "question.claimed",
        by=by,
        status=QuestionStatus.HELD,
        holder=by,
        held_until=until,
    )


@transaction.atomic
def give_back(question: Question, *, by: User) -> None:
    """Return one's own question to the queue, with its age."""
    ensure(by, Right.ANSWER_ENQUIRIES)
    mine = Question.objects.filter(status=QuestionStatus.HELD, holder=by)
    _move(question, mine, "question.given_back", by=by, status=QuestionStatus.WAITING, **_UNHELD)


@transaction.atomic
def answer(question: Question, *, by: User, text: str) -> None:
    """Answer it, once; the answer goes out by e-mail. Raises StaleQuestion.

    A claim that ran out while the answer was written does no harm as long as nobody took it.
    """
    ensure(by, Right.ANSWER_ENQUIRIES)
    _move(
        question,
        _open_to(by),
        "question.answered",
        by=by,
        status=QuestionStatus.ANSWERED,
        answer=text,
        answered_by=by,
        answered_at=Now(),
        **_UNHELD,
    )


@transaction.atomic
def close(question: Question, *, by: User, reason: CloseReason) -> None:
    """Close it without an answer. Nobody is written to; a member sees the reason on the own page."""
    ensure(by, Right.ANSWER_ENQUIRIES)
    _move(
        question,
        _open_to(by),
        "question.closed",
        by=by,
        data={"reason": str(reason)},
        status=QuestionStatus.CLOSED,
        close_reason=reason,
        closed_by=by,
        **_UNHELD,
    )


def release_lapsed() -> int:
    """Return every question whose claim ran out to the queue; returns how many."""
    released = 0
    for pk in Question.objects.lapsed().values_list("pk", flat=True)[:500]:
        with transaction.atomic():
            # Whoever works on the row right now decides about it; the next minute looks again.
            rows = Question.objects.lapsed().filter(pk=pk).select_for_update(skip_locked=True)
            question = rows.first()
            if question is None:
                continue
            _move(
                question,
                Question.objects.lapsed(),
                "question.given_back",
                by=None,
                status=QuestionStatus.WAITING,
                **_UNHELD,
            )
            released += 1
    return released


# --- what strangers read ------------------------------------------------------------------------
def publish(question: Question, *, by: User, words: Published, version: int) -> None:
    """Put an answered question on the public page, or change what stands there.

    Raises StaleQuestion when it is not answered, or was changed since `version`; SlugTaken. The
    address stays what it was at first: others may have kept it.
    """
    ensure(by, Right.ANSWER_ENQUIRIES)
    # What is published keeps its day; what was taken down is published anew.
    first = question.published_at is None
    here = Question.objects.filter(status=QuestionStatus.ANSWERED, version=version)
    columns: dict[str, Any] = {
        "slug": question.slug or words.slug,
        "public_question": words.question,
        "public_answer": words.answer,
        "sources": words.sources,
        **({"published_at": Now(), "published_by": by} if first else {}),
    }
    try:
        with transaction.atomic():
            _move(question, here, "question.published", by=by, **columns)
    except IntegrityError as clash:
        raise SlugTaken(words.slug) from clash


@transaction.atomic
def unpublish(question: Question, *, by: User) -> None:
    """Take it off the public page; its words stay, to be published again."""
    ensure(by, Right.ANSWER_ENQUIRIES)
    there = Question.objects.filter(published_at__isnull=False)
    _move(question, there, "question.unpublished", by=by, published_at=None, published_by=None)


# --- the one way to change a question -----------------------------------------------------------
def _open_to(by: User) -> QuestionQuerySet:
    """What `by` may settle now: free, or held by nobody else."""
    mine = Q(status=QuestionStatus.HELD) & (Q(holder=by) | Q(held_until__lte=Now()))
    return Question.objects.filter(Q(status=QuestionStatus.WAITING) | mine)


def _move(
    question: Question,
    may: QuestionQuerySet,
    kind: str,
    *,
    by: User | None,
    data: Mapping[str, object] | None = None,
    **columns: Any,
) -> None:
    """Compare and set in the caller's transaction; afterwards `question` is as stored."""
    if "status" in columns:
        columns["status_at"] = Now()
    if not may.filter(pk=question.pk).update(version=F("version") + 1, **columns):
        raise StaleQuestion(Question.objects.select_related("holder").get(pk=question.pk))
    question.refresh_from_db()
    _note(question, kind, by=by, data=data)


def _note(
    question: Question, kind: str, *, by: User | None, data: Mapping[str, object] | None = None
) -> None:
    record(
        kind,
        subject="question",
        subject_id=question.pk,
        reference=question.reference,
        by=by,
        data=data,
    )
