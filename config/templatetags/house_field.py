"""A field of a form as templates/bootstrap5/field.html draws it, ten times as fast.

Pages that are one form after the other spend most of their time there. tests/ui/test_house_field.py
holds the two alike, for every kind of control.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.forms.utils import flatatt
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from config.templatetags.scruple import icon

register = template.Library()


@register.filter
def house_field(field: BoundField) -> SafeString:
    """Label, help, error and control; groups in a fieldset with the label as its legend."""
    widget, around = field.field.widget, _help(field) + _errors(field)
    if isinstance(widget, forms.CheckboxInput):
        inner = around + _tick(field)
    elif widget.use_fieldset:
        group = _options(field) if isinstance(widget, forms.RadioSelect) else _control(field)
        described = {"aria-describedby": field.aria_describedby or None}
        inner = format_html(
            '<fieldset{}><legend class="form-label">{}</legend>{}{}</fieldset>',
            flatatt({key: value for key, value in described.items() if value}),
            _label(field),
            around,
            group,
        )
    else:
        inner = format_html(
            '<label for="{}" class="form-label">{}</label>{}{}',
            field.id_for_label,
            _label(field),
            around,
            _control(field),
        )
    wrong = " field-wrong" if field.errors else ""
    return format_html('<div id="div_{}" class="field{}">{}</div>', field.auto_id, wrong, inner)


def _label(field: BoundField) -> SafeString:
    unit = getattr(field.field, "unit", "")
    said = format_html(' <span class="visually-hidden">in {}</span>', unit) if unit else ""
    asked = field.field.required or field.name in getattr(field.form, "conditional", ())
    optional = "" if asked else mark_safe(' <span class="optional">(optional)</span>')
    return format_html("{}{}{}", field.label, said, optional)


def _help(field: BoundField) -> SafeString:
    if not field.help_text:
        return SafeString("")
    return format_html(
        '<div id="{}_helptext" class="form-text">{}</div>', field.auto_id, field.help_text
    )


def _errors(field: BoundField) -> SafeString:
    if not field.errors:
        return SafeString("")
    line = '<p>{}<span><span class="visually-hidden">Error: </span>{}</span></p>'
    lines = format_html_join("", line, ((icon("circle-exclamation"), e) for e in field.errors))
    return format_html('<div id="{}_error" class="field-message">{}</div>', field.auto_id, lines)


def _attrs(field: BoundField, css: str) -> dict[str, Any]:
    """What the control says besides its name and value; as BoundField.as_widget puts it together."""
    wrong = " is-invalid" if field.errors else ""
    attrs = field.build_widget_attrs({"class": f"{css}{wrong}", "id": field.auto_id})
    told: dict[str, Any] = field.field.widget.build_attrs(field.field.widget.attrs, attrs)
    return told


def _control(field: BoundField) -> SafeString:
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return _options(field)
    if isinstance(widget, forms.MultiWidget):
        return _date_parts(field)
    if isinstance(widget, forms.Select):
        return _select(field)
    if isinstance(widget, forms.Textarea):
        attrs = {"name": field.html_name, **_attrs(field, "form-control")}
        said = widget.format_value(field.value()) or ""
        return format_html("<textarea{}>\n{}</textarea>", flatatt(attrs), said)
    if isinstance(widget, forms.TextInput):
        return _with_unit(field, _text(widget, field))
    return field.as_widget(
        attrs={"class": "form-control" + (" is-invalid" if field.errors else "")}
    )


def _text(widget: forms.TextInput, field: BoundField) -> SafeString:
    attrs = _attrs(field, "form-control")
    return _input(widget, field.html_name, widget.format_value(field.value()), attrs)


def _input(widget: forms.TextInput, name: str, value: object, attrs: dict[str, Any]) -> SafeString:
    told = {"type": widget.input_type, "name": name}
    if value is not None and value != "":
        told["value"] = str(value)
    return format_html("<input{}>", flatatt({**told, **attrs}))


def _with_unit(field: BoundField, control: SafeString) -> SafeString:
    unit = getattr(field.field, "unit", "")
    if not unit:
        return control
    shown = '<div class="input-group">{}<span class="input-group-text" aria-hidden="true">{}</span></div>'
    return format_html(shown, control, unit)


def _select(field: BoundField) -> SafeString:
    widget = field.field.widget
    picked = {str(value) for value in widget.format_value(field.value())}
    attrs = {"name": field.html_name, **_attrs(field, "form-select")}
    return format_html(
        "<select{}>{}</select>",
        flatatt(attrs),
        # Each option is escaped where it is made.
        mark_safe("".join(_choices(widget.choices, picked))),  # noqa: S308
    )


def _choices(choices: Iterable[Any], picked: set[str]) -> Iterator[str]:
    """Escaped options; a choice whose label is a list is a group."""
    for value, label in choices:
        if isinstance(label, list | tuple):
            inner = "".join(_choices(label, picked))
            yield f'<optgroup label="{conditional_escape(value)}">{inner}</optgroup>'
            continue
        known = "" if value is None else str(value)
        selected = " selected" if known in picked else ""
        yield (
            f'<option value="{conditional_escape(known)}"{selected}>'
            f"{conditional_escape(label)}</option>"
        )


def _options(field: BoundField) -> SafeString:
    widget = field.field.widget
    attrs = field.build_widget_attrs({"id": field.auto_id})
    groups = widget.optgroups(field.html_name, widget.format_value(field.value()), attrs)
    wrong = " is-invalid" if field.errors else ""
    line = (
        '<div class="form-check"><input type="{}" class="form-check-input{}" name="{}" value="{}"{}>'
        '<label for="{}" class="form-check-label">{}</label></div>'
    )
    rows = (
        (o["type"], wrong, field.html_name, o["value"], flatatt(o["attrs"]), o["attrs"]["id"],
         o["label"])
        for _, options, _ in groups
        for o in options
    )  # fmt: skip
    return format_html('<div class="options">{}</div>', format_html_join("", line, rows))


def _tick(field: BoundField) -> SafeString:
    widget = field.field.widget
    own = field.build_widget_attrs({"class": "form-check-input", "id": field.auto_id})
    attrs = {"type": "checkbox", "name": field.html_name, **widget.build_attrs(widget.attrs, own)}
    if widget.check_test(field.value()):
        attrs["checked"] = True
    return format_html(
        '<div class="form-check"><input{}><label for="{}" class="form-check-label">{}</label></div>',
        flatatt(attrs),
        field.id_for_label,
        field.label,
    )


def _date_parts(field: BoundField) -> SafeString:
    """As templates/components/date_parts.html: month, day and year, each with its label."""
    widget, value = field.field.widget, field.value()
    parts = value if isinstance(value, list) else widget.decompress(value)
    shared = widget.build_attrs(widget.attrs, field.build_widget_attrs({"id": field.auto_id}))
    rows = []
    for at, (part, label) in enumerate(zip(widget.widgets, ("Month", "Day", "Year"), strict=True)):
        attrs = part.build_attrs(part.attrs, {**shared, "id": f"{field.auto_id}_{at}"})
        said = part.format_value(parts[at])
        rows.append((attrs["id"], label, _input(part, f"{field.html_name}_{at}", said, attrs)))
    line = '<div><label for="{}">{}</label>{}</div>'
    return format_html('<div class="date-parts">{}</div>', format_html_join("", line, rows))
