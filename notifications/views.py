"""The bell's pages, the poll, one's own switch and the administrator's list.

No GET here changes anything: that the list was opened is told by a POST of the page's script, or by
the button "Mark all as read".
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.permissions import Right, requires
from notifications import catalogue, choices, pages, polling, services
from notifications.forms import MailChoicesForm
from notifications.models import Delivery


def _person(request: HttpRequest) -> User:
    """The signed-in user; signing in is required on every page that does not say otherwise."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    mine = Delivery.objects.visible_to(_person(request))
    only_unread = request.GET.get("show") == "unread"
    shown = mine.unread() if only_unread else mine
    page = pages.notices(shown, before=pages.whole_number(request.GET.get("before")))
    context = {
        "page": page,
        "only_unread": only_unread,
        "tabs": pages.tabs(only_unread),
    }
    return render(request, "notifications/list.html", context)


@require_POST
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    notice = get_object_or_404(Delivery.objects.visible_to(_person(request)), pk=pk)
    services.mark_read(notice, by=_person(request))
    return redirect(catalogue.text(notice.event, _person(request)).path)


@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    up_to = pages.whole_number(request.POST.get("up_to"))
    services.mark_seen(by=_person(request), up_to=up_to or 0)
    return HttpResponse(status=204)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    services.mark_all_read(by=_person(request))
    messages.success(request, "All notifications are marked as read.")
    return redirect("notifications:list")


@require_GET
def poll(request: HttpRequest) -> HttpResponse:
    since = pages.whole_number(request.GET.get("queue_since"))
    look = polling.look(_person(request), queue_since=since, queue=request.GET.get("queue"))
    if request.GET.get("since") == look.stamp:
        return HttpResponse(status=204)
    return JsonResponse(look.answer())


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Each person's own choices; whoever gets nothing that could be switched off sees why."""
    user = _person(request)
    form = MailChoicesForm(request.POST if request.method == "POST" else None, by=user)
    if form.is_valid():
        choices.choose(by=user, chosen=form.cleaned_data["mail"])
        messages.success(request, "Your choices are saved.")
        return redirect("notifications:preferences")
    context = {"form": form, "rows": pages.choice_rows(user)}
    return render(request, "notifications/preferences.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@csrf_exempt
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The link of one mail: a mail program posts to it with nothing but the address."""
    found = choices.read_token(token)
    if found is None:
        raise Http404
    user, category = found
    if request.method == "POST":
        choices.unsubscribe(user, category)
    context = {"category": category, "is_done": request.method == "POST"}
    return render(request, "notifications/unsubscribe.html", context)


@require_GET
@requires(Right.MANAGE_DELIVERIES)
def deliveries(request: HttpRequest) -> HttpResponse:
    mails = Delivery.objects.manageable_by(_person(request))
    start = pages.whole_number(request.GET.get("start")) or 0
    context = {"counts": pages.counts(mails), "page": pages.troubled(mails, start=start)}
    return render(request, "notifications/deliveries.html", context)


@require_POST
@requires(Right.MANAGE_DELIVERIES)
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    user = _person(request)
    delivery = get_object_or_404(Delivery.objects.manageable_by(user), pk=pk)
    if services.retry(delivery, by=user):
        messages.success(request, "The e-mail is tried again now.")
    else:
        messages.warning(request, "Nothing to do: the e-mail was sent meanwhile, or is being sent.")
    return redirect("notifications:deliveries")
