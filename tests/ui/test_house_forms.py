"""Rule F04 and the bad input list: what the house's fields refuse, and in which words."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django import forms
from django.utils import timezone

from accounts.house_forms import HouseForm, in_a_sentence
from tests.ui.forms import GOOD, EveryField

BANNED = re.compile(r"\binvalid\b|\bplease\b|this field is required|ensure this|valid choice", re.I)


def error(name: str, **changes: str) -> str:
    form = EveryField({**GOOD, **changes})
    form.is_valid()
    return " ".join(str(message) for message in form.errors.get(name, []))


def test_good_answers_pass_and_come_out_as_values() -> None:
    form = EveryField({**GOOD, "given_name": "  María-José \t", "note": "one\r\ntwo"})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["given_name"] == "María-José"
    assert form.cleaned_data["note"] == "one\ntwo"
    assert form.cleaned_data["days"] == 14
    assert form.cleaned_data["born"] == date(1980, 11, 22)


@pytest.mark.parametrize(
    "code",
    [0x00, 0x07, 0x09, 0x0A, 0x1B, 0x7F, 0x85, 0x200B, 0x200F, 0x2028, 0x202E, 0xD800, 0xFFFD],
    ids=hex,
)
def test_a_character_that_cannot_be_seen_is_refused_by_name_and_place(code: int) -> None:
    message = error("given_name", given_name=f"Ma{chr(code)}ría")
    assert message == (f"Type the given name again: character 3 cannot be printed (U+{code:04X}).")


@pytest.mark.parametrize("name", ["Zoë", "O’Neill", "Nguyễn", "李", "محمد", "Jean-Luc 3rd", "<b>"])
def test_names_of_all_scripts_pass(name: str) -> None:
    assert error("given_name", given_name=name) == ""


def test_lines_and_tabs_are_for_notes() -> None:
    assert error("note", note="one\n\ttwo") == ""


def test_too_long_says_both_numbers() -> None:
    message = error("given_name", given_name="x" * 23)
    assert message == "Shorten the given name to 20 characters; it has 23 now."


@pytest.mark.parametrize(
    "typed",
    ["1e3", "NaN", "4,5", "４", "-1", "1_0", "0", "366", "1.0", "٣", "9" * 40, "+1", "0x1", "i"],
)
def test_a_count_is_plain_digits_within_its_limits(typed: str) -> None:
    assert error("days", days=typed) == "Enter the days as a whole number from 1 to 365."


@pytest.mark.parametrize("month", ["11", "Nov", "nov.", "NOVEMBER", " novem "])
def test_a_month_may_be_a_name_or_a_number(month: str) -> None:
    assert error("born", born_0=month) == ""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"born_0": "13"}, "Enter the month of the date of birth, such as Nov or 11."),
        ({"born_0": "ju"}, "Enter the month"),
        ({"born_0": ""}, "Enter the month"),
        ({"born_1": "32"}, "as a number, 1 to 31"),
        ({"born_1": "２"}, "as a number, 1 to 31"),
        ({"born_2": "80"}, "in four digits"),
        ({"born_2": "198\x00"}, "in four digits"),
        ({"born_0": "Feb", "born_1": "30"}, "There is no Feb 30, 1980"),
        ({"born_2": "1850"}, "cannot be before 1900"),
        ({"born_0": "", "born_1": "", "born_2": ""}, "Enter the date of birth."),
    ],
)
def test_a_day_that_cannot_be_is_named(changes: dict[str, str], says: str) -> None:
    assert says in error("born", **changes)


def test_a_birthday_lies_in_the_past() -> None:
    later = timezone.localdate() + timedelta(days=1)
    parts = {"born_0": str(later.month), "born_1": str(later.day), "born_2": str(later.year)}
    assert error("born", **parts) == "The date of birth lies in the future: check the year."


def test_no_message_of_any_field_uses_a_banned_word() -> None:
    class All(HouseForm):
        text = forms.CharField(max_length=3, min_length=2)
        number = forms.IntegerField(min_value=1)
        weight = forms.DecimalField()
        mail = forms.EmailField()
        choice = forms.ChoiceField(choices=[("a", "A")])
        many = forms.MultipleChoiceField(choices=[("a", "A")])
        day = forms.DateField()
        yes = forms.BooleanField()

    wrong = {
        "text": "x",
        "number": "x",
        "weight": "x",
        "mail": "x",
        "choice": "x",
        "many": "x",
        "day": "x",
    }
    for form in (All({}), All(wrong), EveryField({}), EveryField(dict.fromkeys(GOOD, "\x00"))):
        assert not form.is_valid()
        for name, messages in form.errors.items():
            for message in map(str, messages):
                assert not BANNED.search(message), (name, message)
                assert len(message) > 8


def test_a_form_may_have_its_own_words() -> None:
    class Own(HouseForm):
        seen = forms.ChoiceField(choices=[], error_messages={"required": "Say where."})
        asked = forms.ChoiceField(label="Opioids?", choices=[])

    assert Own({}).errors == {"seen": ["Say where."], "asked": ["Answer “Opioids?”."]}


def test_labels_keep_their_capitals_where_they_are_names() -> None:
    assert in_a_sentence("Given name") == "given name"
    assert in_a_sentence("NPI") == "NPI"
    assert in_a_sentence("ICD-10-CM code") == "ICD-10-CM code"
