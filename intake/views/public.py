"""What strangers read about conditions."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from formulary.models import Indication
from intake import public


@require_safe
@login_not_required
def conditions(request: HttpRequest) -> HttpResponse:
    context = {"conditions": public.conditions(), "limits": public.limits(timezone.localdate())}
    return render(request, "public/conditions.html", context)


@require_safe
@login_not_required
def condition(request: HttpRequest, slug: str) -> HttpResponse:
    row = get_object_or_404(Indication.objects.active().prefetch_related("codes"), slug=slug)
    context = {
        "condition": row,
        "level": public.level_of(row.documented),
        "codes": public.codes_of(row),
        "limits": public.limits(timezone.localdate()),
        "open_account": public.door("apply:start"),
    }
    return render(request, "public/condition.html", context)
