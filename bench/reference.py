"""The bare Django views that our pages are measured against, on the same server and database."""

from __future__ import annotations

from typing import ClassVar

from django import forms
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

ROWS = 25


class Row(models.Model):
    """A plain row with a dozen columns."""

    name = models.CharField(max_length=60)
    city = models.CharField(max_length=60)
    state = models.CharField(max_length=2)
    amount = models.DecimalField(max_digits=6, decimal_places=3)
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Row]] = models.Manager()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return self.name


class TwelveFields(forms.Form):
    """A form of twelve fields as Django ships them."""

    family_name = forms.CharField(max_length=60)
    given_name = forms.CharField(max_length=60)
    birth_date = forms.DateField()
    sex = forms.ChoiceField(choices=[("f", "Female"), ("m", "Male")])
    address = forms.CharField(max_length=120)
    city = forms.CharField(max_length=60)
    state = forms.ChoiceField(choices=[("NC", "North Carolina"), ("NY", "New York")])
    email = forms.EmailField()
    amount = forms.DecimalField(max_digits=6, decimal_places=3)
    days = forms.IntegerField(min_value=1, max_value=365)
    urgent = forms.BooleanField(required=False)
    note = forms.CharField(max_length=210, required=False, widget=forms.Textarea)


FILLED = {
    "family_name": "Sample", "given_name": "Pat", "birth_date": "1980-11-22", "sex": "f",
    "address": "1 Sample Street", "city": "Sampleton", "state": "NC",
    "email": "pat@example.org", "amount": "4.5", "days": "30", "note": "",
}  # fmt: skip
_TABLE = """<!doctype html><title>Rows</title><table>{% for row in rows %}<tr><td>{{ row.name }}
<td>{{ row.city }}<td>{{ row.state }}<td>{{ row.amount }}<td>{{ row.days }}<td>{{ row.at }}
{% endfor %}</table>"""
_FORM = "<!doctype html><title>Form</title><form method=post>{% csrf_token %}{{ form }}</form>"


def _page(request: HttpRequest, source: str, context: dict[str, object]) -> HttpResponse:
    return HttpResponse(engines["django"].from_string(source).render(context, request))


def insert(request: HttpRequest) -> HttpResponse:
    row = Row.objects.create(name="Sample", city="Sampleton", state="NC", amount=4, days=30)
    return HttpResponse(f"{row.pk} for {request.user}")


def table(request: HttpRequest) -> HttpResponse:
    return _page(request, _TABLE, {"rows": Row.objects.order_by("id")[:ROWS]})


def form(request: HttpRequest) -> HttpResponse:
    filled = TwelveFields(request.POST or None)
    filled.is_valid()
    return _page(request, _FORM, {"form": filled})


urlpatterns = [
    path("bench/insert", insert, name="bench_insert"),
    path("bench/table", table, name="bench_table"),
    path("bench/form", form, name="bench_form"),
    path("", include("config.urls")),
]
