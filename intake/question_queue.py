"""What the staff's queue of questions shows."""

from __future__ import annotations

from enum import StrEnum

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.urls import reverse

from accounts.models import User
from intake.models import Question
from intake.querysets import QuestionQuerySet

PER_PAGE = 25


class Tab(StrEnum):
    WAITING = "waiting"
    MINE = "mine"
    ANSWERED = "answered"


def tab_named(name: str | None) -> Tab:
    """Anything unknown is the first tab: an old or broken link still opens the queue."""
    return Tab(name) if name in set(Tab) else Tab.WAITING


def questions_of(tab: Tab, user: User) -> QuestionQuerySet:
    """The rows behind a tab, in their order: the oldest first, what is done the latest first."""
    rows = Question.objects.answerable_by(user).select_related("holder", "asked_by", "answered_by")
    if tab is Tab.MINE:
        return rows.held_by(user).oldest_first()
    if tab is Tab.ANSWERED:
        return rows.done().order_by("-status_at", "-pk")
    return rows.actionable_for(user).oldest_first()


def page(tab: Tab, user: User, number: str | None) -> Page[Question]:
    """A page of rows; the first for a number that cannot be read, the last for one too high."""
    return Paginator(questions_of(tab, user), PER_PAGE).get_page(number)


def links(current: Tab, user: User) -> list[dict[str, object]]:
    """For components/tabs.html, with the counts of all tabs from one statement."""
    place, everything = reverse("questions:queue"), Question.objects.answerable_by(user)
    counts = everything.aggregate(
        **{
            tab: Count("pk", filter=Q(pk__in=questions_of(tab, user).order_by().values("pk")))
            for tab in Tab
        }
    )
    return [
        {
            "label": tab.capitalize(),
            "url": place if tab is Tab.WAITING else f"{place}?tab={tab}",
            "count": counts[tab],
            "current": tab is current,
        }
        for tab in Tab
    ]


_EMPTY = {
    Tab.WAITING: ("Nothing waiting", "Questions stand here until a pharmacist answers them."),
    Tab.MINE: ("You hold no question", "Claimed questions stand here until they are answered."),
    Tab.ANSWERED: ("Nothing answered yet", "Answered and closed questions stand here."),
}


def empty(tab: Tab) -> dict[str, str]:
    """For components/empty_state.html."""
    title, text = _EMPTY[tab]
    if tab is Tab.WAITING:
        return {"kind": "none", "title": title, "text": text}
    to_all = {"action_url": reverse("questions:queue"), "action_text": "See what waits"}
    return {"kind": "none", "title": title, "text": text, **to_all}


def neighbours(shown: Page[Question], tab: Tab) -> dict[str, str]:
    """Addresses of the pages beside this one; empty where there is none."""
    place = f"{reverse('questions:queue')}?tab={tab}&page="
    newer = f"{place}{shown.previous_page_number()}" if shown.has_previous() else ""
    older = f"{place}{shown.next_page_number()}" if shown.has_next() else ""
    return {"newer_url": newer, "older_url": older}
