"""Rules F01 and F02: one summary, each entry linked to a control that is there."""

from __future__ import annotations

from django.forms import formset_factory

from tests.ui.forms import GOOD, EveryField
from tests.ui.html import Page, template, text

PAGE = (
    "{% load crispy_forms_tags %}<!doctype html><html>"
    "<title>{% error_prefix form steps %}New order</title>"
    "{% error_summary form steps extra=stops %}<form novalidate>{% crispy form %}</form>"
    "{% for step in steps %}{% crispy step %}{% endfor %}</html>"
)
Steps = formset_factory(EveryField, extra=0)


def page_of(form: object, steps: object = None, stops: tuple[tuple[str, str], ...] = ()) -> Page:
    return template(PAGE, form=form, steps=steps, stops=stops)


def test_a_clean_page_has_no_summary_and_no_prefix() -> None:
    for form in (EveryField(), EveryField(GOOD)):
        page = page_of(form)
        assert page.all(class_="error-summary") == []
        assert page.title == "New order"


def test_a_page_that_came_back_says_so_first_in_its_title() -> None:
    assert page_of(EveryField({})).title == "Error: New order"


def test_the_summary_is_an_alert_that_can_take_the_focus() -> None:
    page = page_of(EveryField({}))
    summary = page.one(class_="error-summary")
    assert summary.get("tabindex") == "-1"
    assert summary.get("data-focus-on-load") is not None
    assert summary[0].get("role") == "alert"
    assert text(summary[0][0]) == "There is a problem"


def test_every_entry_leads_to_a_control_and_repeats_its_message() -> None:
    form = EveryField({**GOOD, "dose": "x" * 9, "sex": "", "born_0": "", "agreed": ""})
    page = page_of(form)
    links = {a.get("href", "")[1:]: text(a) for a in page.one(class_="error-summary").iter("a")}
    assert list(links) == ["id_dose", "id_sex_0", "id_born_0", "id_agreed"]
    for target, message in links.items():
        assert page.one(id=target).tag == "input"
        name = target.removesuffix("_0")
        assert text(page.one(id=f"{name}_error")) == f"Error: {message}"


def test_steps_rules_and_the_form_as_a_whole_are_listed_too() -> None:
    form = EveryField(GOOD)
    form.is_valid()
    form.add_error(None, "The password does not fit.")
    steps = Steps(
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0"}
        | {f"form-0-{k}": v for k, v in GOOD.items() if k != "dose"}
    )
    page = page_of(form, steps, (("id_dose", "5.5 mg is above the documented range."),))
    entries = [(a.get("href"), text(a)) for a in page.one(class_="error-summary").iter("a")]
    assert entries == [
        ("#id_given_name", "The password does not fit."),
        ("#id_form-0-dose", "Enter the dose."),
        ("#id_dose", "5.5 mg is above the documented range."),
    ]


def test_the_error_of_a_hidden_field_leads_to_the_first_control() -> None:
    form = EveryField(GOOD)
    form.is_valid()
    form.add_error("token", "Load the page again.")
    links = [a.get("href") for a in page_of(form).one(class_="error-summary").iter("a")]
    assert links == ["#id_given_name"]
