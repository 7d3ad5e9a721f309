"""The call behind a verbal order, and what the pharmacist signs it with."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.house_dates import HouseDate
from accounts.house_fields import Named, PagePart
from accounts.house_forms import HouseText
from orders.forms.review import Tick


class ClockTime(HouseText):
    """`14:05`, on the clock of 24 hours."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text, re.ASCII) if text else None
        if text and found is None:
            raise ValidationError("Enter the time as hours and minutes, such as 14:05.")
        return time(int(found[1]), int(found[2])) if found else None


class CallForm(PagePart):
    """Who spoke and when. `since` is when there was something to call about."""

    spoke_with = Named(label="Who spoke", max_length=120)
    spoken_on = HouseDate(label="Day of the call")
    spoken_time = ClockTime(
        label="Time of the call", max_length=5, help_text="Hours and minutes, such as 14:05"
    )

    def __init__(self, *args: Any, since: datetime, **kwargs: Any) -> None:
        self.since = since
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        day: date | None = self.answer("spoken_on")
        at: time | None = self.answer("spoken_time")
        if day is None or at is None:
            return self.cleaned_data
        spoken = timezone.make_aware(datetime.combine(day, at))
        if spoken > timezone.now():
            self.add_error("spoken_time", "The call lies in the future: check day and time.")
        elif spoken < self.since.replace(second=0, microsecond=0):
            since = timezone.localtime(self.since)
            self.add_error(
                "spoken_time",
                f"The call lies before there was a question, {since:%b} {since.day}, {since:%H:%M}: "
                "check day and time.",
            )
        self.cleaned_data["at"] = spoken
        return self.cleaned_data

    @staticmethod
    def initial_now(name: str) -> dict[str, Any]:
        now = timezone.localtime()
        return {"spoke_with": name, "spoken_on": now.date(), "spoken_time": f"{now:%H:%M}"}


class ReadBackForm(PagePart):
    """The pharmacist's own act under what was read back."""

    conditional: ClassVar[frozenset[str]] = frozenset({"read_back"})

    token = forms.UUIDField(widget=forms.HiddenInput)
    read_back = Tick(
        label="I read this back, and it was confirmed",
        error_messages={"required": "Read the order back, then tick that it was confirmed."},
    )
    password = forms.CharField(
        label="Your password or a code of your app",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password, or a code of your app."},
    )


class CountersignForm(PagePart):
    password = forms.CharField(
        label="Your password or a code of your app",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": "Enter your password, or a code of your app."},
    )
