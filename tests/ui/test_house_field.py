"""The quick drawing of a field against the template it stands for: the same page, element by element."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django import forms

from config.templatetags.house_field import house_facts, house_field
from intake.forms.starting import AgreeForm, StartForm
from intake.sections import SECTIONS
from tests.intake.apply_pages import PAGES, START
from tests.ui.forms import GOOD, EveryField
from tests.ui.html import Page, template

# Names of Django's widgets, which crispy adds as classes and no stylesheet uses.
_USUAL = "{% load crispy_forms_filters %}{{ field|as_crispy_field }}"
_KINDS = {name.lower() for name in dir(forms)}


def drawn(field: Any) -> list[object]:
    quick, usual = Page(house_field(field)), template(_USUAL, field=field)
    return [_plain(page.one("body")) for page in (quick, usual)]


def _plain(element: Element) -> object:
    """A tree without what cannot be seen: order of attributes, white space, crispy's own classes."""
    attributes = dict(element.attrib)
    own = {name for name in attributes.pop("class", "").split() if name not in _KINDS}
    return (
        str(element.tag).rpartition("}")[2],
        tuple(sorted(attributes.items())),
        tuple(sorted(own - {"dateparts", "checkboxselectmultiple"})),
        " ".join((element.text or "").split()),
        [(_plain(child), " ".join((child.tail or "").split())) for child in element],
    )


FORMS: list[Any] = [
    EveryField(), EveryField(GOOD), EveryField({"given_name": "<b>&", "born_0": "Foo", "dose": "1"}),
    StartForm(), StartForm(START), StartForm({}),
    *(section.form() for section in SECTIONS),
    *(section.form({}) for section in SECTIONS),
    *(section.form(PAGES[section.slug]) for section in SECTIONS),
    *(section.form(dict.fromkeys(PAGES[section.slug], "<b>\"'&")) for section in SECTIONS),
    *(section.form(initial=section.form.shown(PAGES[section.slug])) for section in SECTIONS),
    AgreeForm({}, agreements=(), person={}),
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=lambda form: type(form).__name__)
def test_the_quick_drawing_is_the_usual_one(form: forms.Form) -> None:
    for field in form.visible_fields():
        quick, usual = drawn(field)
        assert quick == usual, field.name


def test_the_quick_list_of_answers_is_the_usual_one() -> None:
    rows = [
        {"term": "Name <b>", "value": "O'Neil & <i>", "change_url": "/x/?a=1&b=2#id_name"},
        {"term": "Address", "value": "1 Road\nTown", "change_url": "", "change_what": "address"},
        {"term": "Fax", "value": "", "change_url": "/y/", "change_what": "the <fax>"},
    ]
    quick = Page(house_facts(rows))
    usual = template('{% include "components/dl.html" with rows=rows only %}', rows=rows)
    assert _plain(quick.one("dl")) == _plain(usual.one("dl"))
