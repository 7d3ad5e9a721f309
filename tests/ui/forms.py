"""A form with one of everything, for the tests of how fields look and what they refuse."""

from __future__ import annotations

from django import forms

from accounts.house_dates import HouseDate
from accounts.house_forms import HouseForm, HouseInteger, HouseText

GOOD = {
    "given_name": "María-José",
    "dose": "4.5",
    "days": "14",
    "sex": "female",
    "born_0": "nov",
    "born_1": "22",
    "born_2": "1980",
    "agreed": "on",
}


class EveryField(HouseForm):
    conditional = frozenset({"last_use"})

    given_name = HouseText(max_length=20, label="Given name", help_text="As on the licence")
    dose = HouseText(max_length=8, label="Dose", unit="mg")
    days = HouseInteger(min_value=1, max_value=365, label="Days", unit="days")
    sex = forms.ChoiceField(
        label="Sex",
        help_text="As recorded at birth",
        choices=[("female", "Female"), ("male", "Male")],
        widget=forms.RadioSelect,
    )
    born = HouseDate(label="Date of birth")
    agreed = forms.BooleanField(label="I have talked with the patient")
    note = HouseText(max_length=40, multiline=True, label="Note", required=False)
    last_use = HouseText(max_length=20, label="Last use", required=False)
    weight = forms.DecimalField(label="Weight", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)
