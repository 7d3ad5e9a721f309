"""From an event to the bell and the mail, through a real worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from events.models import Event
from notifications.models import Delivery
from notifications.status import Channel, State
from tests.conftest import Cast
from tests.notifications.conftest import Programs, event_of, mails, until

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_event_becomes_bells_and_mail_files(
    cast: Cast, programs: Programs, mail_folder: Path
) -> None:
    programs.worker()
    event = event_of(urgent=False)
    took = until(lambda: len(mails(state=State.SENT)) == 2, 5)
    assert took < 2
    files = sorted(path.name for path in mail_folder.iterdir())
    assert files == sorted(f"{one.message_id.partition('@')[0]}.eml" for one in mails())
    assert Event.objects.get(pk=event.pk).dispatched_at
    bells = Delivery.objects.filter(channel=Channel.BELL, state=State.SENT)
    assert {one.recipient for one in bells} == {cast.phil, cast.petra}
