"""Rules F05, F06, F12 and the groups: how one field is put together."""

from __future__ import annotations

import pytest
from django.forms import BaseFormSet, formset_factory

from tests.ui.forms import GOOD, EveryField
from tests.ui.html import Page, template, text

CONTROLS = ("input", "select", "textarea")
PAGE = "{% load crispy_forms_tags %}<form novalidate>{% crispy form %}</form>"


class Steps(BaseFormSet[EveryField]):
    row_name = "Step"


def form_page(data: dict[str, str] | None = None) -> Page:
    return template(PAGE, form=EveryField(data))


@pytest.fixture(params=[None, {"dose": "x" * 20}], ids=["fresh", "with errors"])
def page(request: pytest.FixtureRequest) -> Page:
    return form_page(request.param)


def test_no_control_is_required_numeric_or_an_example(page: Page) -> None:
    for tag in CONTROLS:
        for control in page.all(tag):
            assert control.get("required") is None
            assert control.get("placeholder") is None
            assert control.get("maxlength") is None
            assert control.get("type") != "number"
    assert "*" not in "".join(text(label) for label in page.all("label"))


def test_every_control_has_a_visible_label_above_it(page: Page) -> None:
    for tag in CONTROLS:
        for control in page.all(tag):
            if control.get("type") == "hidden":
                continue
            label = page.one("label", for_=control.get("id", ""))
            assert "visually-hidden" not in label.get("class", "")
            beside = control.get("type") in {"radio", "checkbox"}
            assert beside or page.position(label) < page.position(control)


def test_help_then_error_then_control_and_both_are_announced() -> None:
    page = form_page({"given_name": "x" * 30})
    control = page.one("input", id="id_given_name")
    help_text = page.one(id="id_given_name_helptext")
    error = page.one(id="id_given_name_error")
    order = [page.position(element) for element in (help_text, error, control)]
    assert order == sorted(order)
    assert control.get("aria-describedby") == "id_given_name_helptext id_given_name_error"
    assert control.get("aria-invalid") == "true"


def test_all_ids_that_are_pointed_at_exist_once(page: Page) -> None:
    ids = [element.get("id") for element in page.all() if element.get("id")]
    assert len(ids) == len(set(ids))
    for element in page.all():
        for pointer in ("for", "aria-describedby", "aria-labelledby"):
            assert set(element.get(pointer, "").split()) <= set(ids)


def test_a_group_is_a_fieldset_with_its_error_above_the_options() -> None:
    page = form_page({"sex": "unheard of"})
    group = next(f for f in page.all("fieldset") if text(f).startswith("Sex"))
    assert text(group[0]) == "Sex"
    assert group[0].tag == "legend"
    assert group.get("aria-describedby") == "id_sex_helptext id_sex_error"
    error, first = page.one(id="id_sex_error"), page.one("input", id="id_sex_0")
    assert page.position(page.one(id="id_sex_helptext")) < page.position(error)
    assert page.position(error) < page.position(first)
    assert page.all("input", type_="radio", checked="") == []


def test_the_unit_is_shown_behind_the_field_and_said_with_its_label() -> None:
    page = form_page()
    assert text(page.one("label", for_="id_dose")) == "Dose in mg"
    suffix = page.all(class_="input-group-text")[0]
    assert (text(suffix), suffix.get("aria-hidden")) == ("mg", "true")
    assert page.position(page.one("input", id="id_dose")) < page.position(suffix)


def test_optional_fields_say_so_and_conditional_ones_do_not() -> None:
    page = form_page()
    assert text(page.one("label", for_="id_note")) == "Note (optional)"
    assert text(page.one("label", for_="id_given_name")) == "Given name"
    assert text(page.one("label", for_="id_last_use")) == "Last use"


def test_numbers_are_typed_as_text_with_a_fitting_keyboard() -> None:
    page = form_page()
    for name, mode in (("days", "numeric"), ("weight", "decimal")):
        control = page.one("input", id=f"id_{name}")
        assert (control.get("type"), control.get("inputmode")) == ("text", mode)
        assert not {"min", "max", "step"} & set(control.keys())


def test_a_date_is_three_labelled_parts_of_one_group() -> None:
    page = form_page({**GOOD, "born_1": "31"})
    for number, part in enumerate(("Month", "Day", "Year")):
        control = page.one("input", name=f"born_{number}")
        assert text(page.one("label", for_=control.get("id", ""))) == part
        assert "fieldset" in page.within(control)
    assert page.one("input", name="born_0").get("value") == "nov"


def test_what_was_typed_comes_back_wrong_or_not() -> None:
    typed = {"given_name": "x" * 30, "dose": "4,5", "days": "NaN", "note": "<b>hi</b>\u202e"}
    page = form_page(typed)
    for name in ("given_name", "dose", "days"):
        assert page.one("input", id=f"id_{name}").get("value") == typed[name]
    assert typed["note"] in "".join(page.one("textarea").itertext())


def test_patient_data_is_not_offered_by_the_browser() -> None:
    for control in form_page().all("input", type_="text"):
        assert control.get("autocomplete") == "off"


def test_each_form_of_a_formset_is_a_named_group() -> None:
    steps = formset_factory(EveryField, Steps, extra=2)()
    for source in ("{{ steps|crispy }}", "{% crispy steps %}"):
        page = template("{% load crispy_forms_tags crispy_forms_filters %}" + source, steps=steps)
        legends = [text(legend) for legend in page.all("legend")]
        assert {"Step 1", "Step 2"} <= set(legends)
