"""What an entry of the catalogue holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from accounts.status import LinkPurpose
from events.models import Event
from notifications.audiences import Recipient
from notifications.status import Category, Channel

Audience = Callable[[Event], Iterable[Recipient]]
BOTH = (Channel.BELL, Channel.EMAIL)
MAIL_ONLY = (Channel.EMAIL,)


@dataclass(frozen=True)
class Entry:
    """`page` is where the link leads, `action` what it is called.

    `takes` is what the page's address needs: the event's reference, or nothing. With `link` the
    page opens by a private link that is made for this one mail.
    """

    audience: Audience
    category: Category
    page: str
    action: str
    channels: tuple[Channel, ...] = BOTH
    takes: str = "reference"
    # Another category when the matter is urgent.
    urgent_category: Category | None = None
    # Members of the staff read about the same thing on a page of their own.
    staff_page: str = ""
    link: LinkPurpose | None = None
    # What the text may say beyond the reference and the urgency.
    words: Callable[[Event], Mapping[str, object]] = lambda event: {}
    # Events on the same subject that settle the matter, so that nobody need read the notice.
    settled_by: tuple[str, ...] = ()

    def category_of(self, event: Event) -> Category:
        """What people choose by: whether they want this event by e-mail."""
        if self.urgent_category and event.data.get("urgent") is True:
            return self.urgent_category
        return self.category
