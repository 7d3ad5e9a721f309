"""Ways through the formulary's pages that several tests take."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from formulary.clock import pharmacy_today
from formulary.models import DocumentedRange, FormularyChange
from tests.factories import PASSWORD

CITED = {"source": "A study of low doses, 2026", "reason": "The new study says otherwise."}


def signed_in(who: User) -> Client:
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(who)
    return client


def ahead(days: int) -> date:
    return pharmacy_today() + timedelta(days=days)


def day(value: date, name: str = "effective_on") -> dict[str, str]:
    """A day as its three controls send it."""
    return {
        f"{name}_0": str(value.month),
        f"{name}_1": str(value.day),
        f"{name}_2": str(value.year),
    }


def seen(page: Any) -> str:
    """What the form carries of the row that its page showed."""
    found = re.search(r'name="seen" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def address(kind: str, pk: int | None, act: str) -> str:
    if pk is None:
        return reverse("formulary:add", args=[kind])
    name = "change_row" if act == "change" else act
    return reverse(f"formulary:{name}", args=[kind, pk])


def typed(who: User, kind: str, pk: int | None, act: str, /, on: Any = None, **fields: Any) -> Any:
    """Open the form, fill it in and send it; the answer."""
    client, url = signed_in(who), address(kind, pk, act)
    page = client.get(url)
    assert page.status_code == 200, page.status_code
    start = {} if act == "confirm" else day(on or pharmacy_today())
    sent = {"seen": seen(page)} | CITED | start | fields
    return client.post(url, {name: value for name, value in sent.items() if value is not None})


def written(who: User, kind: str, pk: int | None, act: str, /, **fields: Any) -> FormularyChange:
    """The draft that the form made."""
    before = set(FormularyChange.objects.values_list("pk", flat=True))
    answer = typed(who, kind, pk, act, **fields)
    assert answer.status_code == 302, wrongs(answer)
    return FormularyChange.objects.exclude(pk__in=before).get()


def sent(who: User, /, *args: Any, **fields: Any) -> FormularyChange:
    """The change, written and sent."""
    change = written(who, *args, **fields)
    answer = act(who, change, "send")
    assert answer.status_code == 302, wrongs(answer)
    change.refresh_from_db()
    return change


def act(who: User, change: FormularyChange, name: str, /, **fields: Any) -> Any:
    """Do something with a change as its page stands now; the password goes with it."""
    change.refresh_from_db()
    given = {"version": change.version, "password": PASSWORD} | fields
    return signed_in(who).post(reverse(f"formulary:{name}", args=[change.reference]), given)


def in_force(author: User, second: User, /, *args: Any, **fields: Any) -> FormularyChange:
    """The change, approved by a second pharmacist where it needs one."""
    change = sent(author, *args, **fields)
    if change.state == "waiting":
        assert act(second, change, "approve").status_code == 302
        change.refresh_from_db()
    return change


def wrongs(page: Any) -> list[str]:
    """The errors of a page, as its summary says them."""
    text = page.content.decode()
    found = re.search(r'class="error-summary".*?</ul>', text, re.S)
    return [re.sub(r"<[^>]+>", "", one).strip() for one in
            re.findall(r"<li>(.*?)</li>", found[0], re.S)] if found else []  # fmt: skip


def the_range() -> DocumentedRange:
    return DocumentedRange.objects.get(drug__name="naltrexone", route__code="oral", ends=None)
