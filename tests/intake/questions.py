"""Short ways to ask the pharmacist something."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.test import Client

from accounts.models import User
from intake.models import Question
from intake.services import questions
from intake.services.questions import Asked

TEXT = "Is there anything documented for lichen planus?"
# What the form sends, but for its token.
FORM = {
    "category": "condition",
    "text": TEXT,
    "name": "Dr Cara Sample",
    "email": "cara@example.org",
    "subject_line": "",
}
COMPOUND = {
    "category": "other_compound",
    "drug": "naltrexone",
    "form": "cream",
    "strength": "1 percent",
    "area": "dermatology",
}


def ask(by: User | None = None, **changes: Any) -> Question:
    given = {"category": "condition", "name": "Dr Cara Sample", "email": "cara@example.org"}
    asked = Asked(**{**given, "text": TEXT, **changes})
    return questions.ask(asked, token=uuid.uuid4(), by=by)


def client_of(user: User | None = None) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    if user is not None:
        client.force_login(user)
    return client


def form(**changes: str) -> dict[str, str]:
    return {**FORM, "token": str(uuid.uuid4()), **changes}


def errors_of(html: str, name: str) -> str:
    """The message beside a field, empty where there is none."""
    found = re.search(rf'id="id_{name}_error"[^>]*>(.*?)</div>', html, re.S)
    words = re.sub(r"<[^>]+>|\s+", " ", found[1]) if found else ""
    return " ".join(words.split()).removeprefix("Error: ")
