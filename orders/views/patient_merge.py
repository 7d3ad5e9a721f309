"""Two records of one person: choosing the other, the preview, the merge."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.permissions import Right, requires
from orders.banner import banner
from orders.forms.patient_merge import MergeForm, OtherRecordForm
from orders.models import Order, Patient
from orders.patient_words import LABELS_OF_PARTS, part_words
from orders.services import patient_merging as merging
from orders.services import patients as records
from orders.views.conflicts import person
from orders.views.patient_conflicts import answers_stale, kept_patient


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.PREPARE_ORDERS)
@answers_stale
def pick(request: HttpRequest, reference: str) -> HttpResponse:
    here = kept_patient(request, reference)
    data = request.POST if request.method == "POST" else None
    form = OtherRecordForm(data, by=person(request), patient=here)
    if form.is_valid() and form.other:
        return redirect("orders:patient_merge", reference, form.other.reference)
    same = Patient.objects.visible_to(person(request)).kept().exclude(pk=here.pk)
    alike = same.like(here)[:10]
    context = {"here": here, "patient": banner(here), "form": form, "alike": alike}
    return render(request, "patients/pick.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Right.PREPARE_ORDERS)
@answers_stale
def merge(request: HttpRequest, reference: str, other: str) -> HttpResponse:
    """No banner: this page is about two records."""
    kept, gone = kept_patient(request, reference), kept_patient(request, other)
    if kept.pk == gone.pk:
        return redirect("orders:patient_pick", reference)
    form = MergeForm(request.POST if request.method == "POST" else None, kept=kept, other=gone)
    if form.is_bound and not form.shows_them_as_they_are:
        raise records.stale(kept)
    if form.is_valid():
        try:
            merging.merge(kept, gone, by=person(request), merge=form.merge())
        except merging.CannotMerge as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{other} is merged into this record.")
            return redirect("orders:patient", reference)
    return render(
        request, "patients/merge.html", _both(kept, gone, person(request)) | {"form": form}
    )


def _both(kept: Patient, gone: Patient, by: User) -> dict[str, object]:
    differing = merging.differing(kept, gone)
    same = [
        {"term": label, "value": part_words(part, kept)}
        for part, label in LABELS_OF_PARTS.items()
        if part not in differing
    ]
    return {
        "kept": kept,
        "gone": gone,
        "same": same,
        "drafts": merging.drafts_of(gone).count(),
        "signed": Order.objects.visible_to(by).of_person(gone).sent().count(),
        "swapped": [gone.reference, kept.reference],
    }
