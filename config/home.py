"""The front page: the pharmacy's for strangers, the day's work for those signed in."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.permissions import Right
from intake.public import landing
from orders.status import SERVICE_HOURS

_WORK = ((Right.VIEW_QUEUE, "queue:list"), (Right.VIEW_PRACTICE_ORDERS, "orders:list"))


@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    user = request.user
    if user.is_authenticated:
        for right, page in _WORK:
            if user.has_right(right):
                return redirect(page)
        if user.practice_id:
            return redirect("practice:home")
    hours = {str(urgency): hours for urgency, hours in SERVICE_HOURS.items()}
    return render(request, "home.html", {**landing(), "hours": hours})
