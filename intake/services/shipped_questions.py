"""The questions and answers that ship with the code: editorial content, there in every installation."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from pathlib import Path

from django.db import transaction

from intake.models import Question
from intake.status import QuestionStatus

FILE = Path(__file__).resolve().parent.parent / "data" / "questions.json"


@transaction.atomic
def seed() -> int:
    """Store what is missing and count it. What is there, reworded or taken down, stays as it is."""
    made = 0
    for row in json.loads(FILE.read_text(encoding="utf-8")):
        at = datetime.combine(date.fromisoformat(row["published"]), time(12), tzinfo=UTC)
        words = {
            "category": row["category"],
            "text": row["asked"],
            "status": QuestionStatus.ANSWERED,
            "status_at": at,
            "answer": row["answer"],
            "answered_at": at,
            "asked_at": at,
            "public_question": row["question"],
            "public_answer": row["answer"],
            "sources": row["sources"],
            "published_at": at,
        }
        _, new = Question.objects.get_or_create(slug=row["slug"], defaults=words)
        made += new
    return made
