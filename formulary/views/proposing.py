"""Writing a change: one page for each act on each kind. What it makes is a draft; nothing is sent."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Right, requires
from formulary.forms import ChangeForm, Row, form_class
from formulary.kept import Kind, Values
from formulary.models import FormularyChange
from formulary.services import changes, load_formulary
from formulary.services.applying import CannotApply, RowChanged
from formulary.services.changes import StaleChange
from formulary.status import Act, ChangeKind, State
from formulary.views.shared import (
    change_of,
    kind_named,
    moved,
    names_what_moved,
    person,
    row_of,
)

_both = require_http_methods(["GET", "HEAD", "POST"])
_TITLES = {
    Act.ADD: "Add: {}",
    Act.CHANGE: "Change {}",
    Act.RETIRE: "Retire {}",
    Act.RESTORE: "Bring back {}",
    Act.CONFIRM: "Confirm {}",
}


class Desk:
    """One form for one act on one row, as it is shown and as it comes back."""

    def __init__(
        self, request: HttpRequest, kind: Kind[Any], act: Act, pk: int | None = None,
        draft: FormularyChange | None = None,
    ) -> None:  # fmt: skip
        self.request, self.kind, self.act, self.draft = request, kind, act, draft
        self.user, self.formulary = person(request), load_formulary()
        found = row_of(kind, pk) if pk else None
        self.stands = found is None or act in kind.acts(found)
        self.name = kind.name(found) if found is not None else ChangeKind(kind.kind).label.lower()
        self.row = Row(kind, pk, kind.snapshot(found) if found is not None else None)
        self.form_class = self._form_class()

    def _form_class(self) -> type[ChangeForm]:
        found = form_class(ChangeKind(self.kind.kind), self.act)
        if found is None:
            raise Http404
        return found

    def answer(self) -> HttpResponse:
        if not self.stands:
            return self.moved(f"{self.name} is not what it was: this cannot be done to it now.")
        if self.request.method != "POST":
            return self.page(self.form(initial=self._draft_values()))
        form = self.form(self.request.POST)
        if "more" in self.request.POST:
            return self.more(form)
        return self.store(form) if form.is_valid() else self.page(form, status=422)

    def form(self, data: Any = None, initial: Values | None = None) -> ChangeForm:
        return self.form_class(data, row=self.row, formulary=self.formulary, initial=initial)

    def _draft_values(self) -> Values | None:
        """What one's draft says, over the row as it stands."""
        if self.draft is None:
            return None
        said = self.form_class.starting(Row(self.kind, self.row.pk, self.draft.after))
        own = {name: getattr(self.draft, name) for name in ("source", "reason", "effective_on")}
        return said | own | {"seen": self.form_class.starting(self.row)["seen"]}

    def store(self, form: ChangeForm) -> HttpResponse:
        try:
            change = self._written(form)
        except CannotApply as cannot:
            form.put_errors(dict(cannot.errors))
            return self.page(form, status=422)
        except RowChanged as changed:
            return self.moved(str(changed))
        return HttpResponseRedirect(reverse("formulary:change", args=[change.reference]))

    def _written(self, form: ChangeForm) -> FormularyChange:
        said = form.proposal()
        if self.draft is None:
            return changes.write(said, by=self.user)
        return changes.rewrite(self.draft, said, by=self.user, version=self._version())

    def _version(self) -> int:
        """What the page showed of the draft; anything else is no version that stands."""
        sent = self.request.POST.get("version", "")
        return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else 0

    def more(self, form: ChangeForm) -> HttpResponse:
        """The same page with two more steps; nothing is judged."""
        sent = self.request.POST.copy()
        sent["rows"] = str(int(getattr(form, "count", 1)) + 2)
        again = self.form(sent)
        again.unjudged()
        return self.page(again)

    def moved(self, message: str) -> HttpResponse:
        link = reverse("formulary:rows", args=[self.kind.kind])
        if self.row.pk:
            link = reverse("formulary:row", args=[self.kind.kind, self.row.pk])
        return moved(self.request, message, link, "See it as it stands")

    def page(self, form: ChangeForm, *, status: int = 200) -> HttpResponse:
        back = reverse("formulary:rows", args=[self.kind.kind])
        if self.row.pk:
            back = reverse("formulary:row", args=[self.kind.kind, self.row.pk])
        context = {
            "form": form,
            "kind": self.kind,
            "act": self.act,
            "title": _TITLES[self.act].format(self.name),
            "back_url": back,
            "draft": self.draft,
            "lines": self.kind.lines(None, self.row.values) if self.row.values else [],
        }
        return render(self.request, "formulary/propose.html", context, status=status)


@_both
@requires(Right.KEEP_FORMULARY)
def add(request: HttpRequest, kind: str) -> HttpResponse:
    one = kind_named(kind)
    if not one.can_be_added:
        raise Http404
    return Desk(request, one, Act.ADD).answer()


@_both
@requires(Right.KEEP_FORMULARY)
def change(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    return Desk(request, kind_named(kind), Act.CHANGE, pk).answer()


@_both
@requires(Right.KEEP_FORMULARY)
def retire(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    return Desk(request, kind_named(kind), Act.RETIRE, pk).answer()


@_both
@requires(Right.KEEP_FORMULARY)
def restore(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    return Desk(request, kind_named(kind), Act.RESTORE, pk).answer()


@_both
@requires(Right.KEEP_FORMULARY)
def confirm(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    return Desk(request, kind_named(kind), Act.CONFIRM, pk).answer()


@_both
@requires(Right.KEEP_FORMULARY)
@names_what_moved
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """One's own draft once more."""
    draft = change_of(request, reference)
    if draft.state != State.DRAFT:
        raise StaleChange(draft)
    kind = kind_named(draft.kind)
    if draft.row_id and not kind.rows().filter(pk=draft.row_id).exists():
        return redirect("formulary:change", reference)
    return Desk(request, kind, Act(draft.act), draft.row_id, draft).answer()
