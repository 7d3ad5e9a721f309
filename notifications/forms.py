from __future__ import annotations

from django import forms

from accounts.house_forms import HouseForm

EVERY_ORDER = "every"
URGENT_ONLY = "urgent"


class MailForm(HouseForm):
    mail = forms.ChoiceField(
        label="E-mail about new orders",
        choices=[(EVERY_ORDER, "Every order"), (URGENT_ONLY, "Urgent orders only")],
        widget=forms.RadioSelect,
        help_text="The bell always rings. Answers to your questions always come by e-mail too.",
    )
