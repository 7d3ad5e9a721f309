"""Asking a pharmacist, and what the pharmacist does with it."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from accounts.house_fields import Named, PagePart, PlainText
from accounts.house_forms import HouseInteger, in_a_sentence
from intake.claims import claims_in
from intake.forms.fields import MailField
from intake.models import Question
from intake.patient_words import patient_words, refusal
from intake.services.questions import Asked, Published
from intake.status import Category, CloseReason

ANSWER_MOST = 4000
# Addresses of other pages beside those of published questions.
RESERVED = frozenset({"ask", "sent", "mine", "queue"})
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
# The pharmacy may name its own telephone or the day of a source; a stranger has no need to.
_OURS = frozenset({"a full date", "a telephone number", "an e-mail address", "a street address"})


class NoPatientText(PlainText):
    """Text without anything that looks like a patient's data."""

    allowed: ClassVar[frozenset[str]] = frozenset()

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if self.max_length is not None and len(text) > self.max_length:
            return text  # refused for its length; nothing searches megabytes
        found = [what for what in patient_words(text) if what not in self.allowed]
        if found:
            raise ValidationError(refusal(found), code="patient")
        return text


class StaffText(NoPatientText):
    allowed = _OURS


class PublicText(StaffText):
    """What strangers will read: claims nothing of a medicine."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if self.max_length is not None and len(text) > self.max_length:
            return text
        if found := claims_in(text):
            words = ", ".join(f"“{word}”" for word in found)
            name = in_a_sentence(str(self.label))
            raise ValidationError(
                f"Write the {name} without {words}: a public page claims nothing of a medicine. "
                "Say what is documented, and where.",
                code="claim",
            )
        return text


class AskForm(PagePart):
    """Strangers give a name and an address; of members both are known."""

    COMPOUND: ClassVar[tuple[str, ...]] = ("drug", "form", "strength", "area")
    conditional: ClassVar[frozenset[str]] = frozenset(COMPOUND)

    category = forms.ChoiceField(
        label="What is it about?", choices=Category.choices, widget=forms.RadioSelect
    )
    drug = NoPatientText(label="Drug", required=False, max_length=120)
    form = NoPatientText(
        label="Form wanted", required=False, max_length=60,
        help_text="For example capsule, cream or oral liquid",
    )  # fmt: skip
    strength = NoPatientText(
        label="Strength wanted", required=False, max_length=60, help_text="With its unit"
    )
    area = NoPatientText(
        label="Area of use", required=False, max_length=120,
        help_text="The condition or specialty, not the patient",
    )  # fmt: skip
    text = NoPatientText(
        label="Question", max_length=2000, min_length=10, multiline=True,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text="Up to 2,000 characters. No names, dates of birth or other patient data",
    )  # fmt: skip
    name = Named(label="Name", max_length=120)
    email = MailField(label="E-mail address", help_text="The answer goes there")

    def __init__(self, *args: Any, known: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            del self.fields["name"], self.fields["email"]
            return
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["email"].widget.attrs["autocomplete"] = "email"

    def clean(self) -> dict[str, Any]:
        """What another compound needs is asked for then alone, and otherwise neither judged nor kept."""
        wanted = self.answer("category") == Category.OTHER_COMPOUND
        for name in self.COMPOUND:
            if wanted:
                self.need(name)
            else:
                self.errors.pop(name, None)
                self.cleaned_data[name] = ""
        return self.cleaned_data

    def asked(self, *, name: str = "", email: str = "") -> Asked:
        """Only after is_valid(). Name and address are those of a member who is signed in."""
        return Asked(**{"name": name, "email": email, **self.cleaned_data})


class AnswerForm(PagePart):
    text = StaffText(
        label="Answer", max_length=ANSWER_MOST, multiline=True,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="Up to 4,000 characters. Goes out by e-mail as written, without the question",
    )  # fmt: skip


class CloseForm(PagePart):
    reason = forms.ChoiceField(
        label="Reason for closing", choices=[("", "Choose a reason"), *CloseReason.choices]
    )


class PublishForm(PagePart):
    conditional: ClassVar[frozenset[str]] = frozenset({"sources"})

    version = HouseInteger(min_value=1, max_value=999_999_999, widget=forms.HiddenInput)
    public_question = PublicText(
        label="Public question", max_length=300, multiline=True,
        help_text="In your own words, without anything about who asked",
    )  # fmt: skip
    public_answer = PublicText(
        label="Public answer", max_length=4000, multiline=True,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="What is documented, and what is not",
    )  # fmt: skip
    sources = PublicText(
        label="Sources", required=False, max_length=500, multiline=True,
        help_text="Needed wherever the answer holds a figure",
    )  # fmt: skip
    slug = PlainText(
        label="Address", max_length=80,
        help_text="Small letters, digits and hyphens, such as granuloma-annulare",
    )  # fmt: skip

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question = question
        if question.slug:
            del self.fields["slug"]

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"])
        if not _SLUG.fullmatch(slug):
            raise ValidationError("Enter the address in small letters, digits and single hyphens.")
        if slug in RESERVED or Question.objects.filter(slug=slug).exists():
            raise ValidationError(self.taken(slug))
        return slug

    @staticmethod
    def taken(slug: str) -> str:
        return f"Enter another address: “{slug}” leads to another page."

    def clean(self) -> dict[str, Any]:
        answer = self.answer("public_answer") or ""
        named = self.answer("sources") or "sources" in self.errors
        if any(mark.isdigit() for mark in str(answer)) and not named:
            self.add_error("sources", "Name the source of each figure in the answer.")
        return self.cleaned_data

    def words(self) -> Published:
        """Only after is_valid()."""
        of = self.cleaned_data
        return Published(
            question=of["public_question"],
            answer=of["public_answer"],
            sources=of["sources"],
            slug=of.get("slug") or self.question.slug or "",
        )

    @staticmethod
    def initial_of(question: Question) -> dict[str, Any]:
        """What is published; before that, what was asked and answered."""
        return {
            "version": question.version,
            "public_question": question.public_question or question.text[:300],
            "public_answer": question.public_answer or question.answer,
            "sources": question.sources,
        }
