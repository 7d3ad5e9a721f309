"""How a delivery leaves the house. A channel is a function of the delivery and its deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from notifications.channels import email
from notifications.status import Channel

if TYPE_CHECKING:
    from notifications.models import Delivery

# `deadline` is a time of time.monotonic() after which nothing may be handed over any more.
# The bell has no entry: its row is the notice.
TRANSMIT: dict[Channel, Callable[[Delivery, float], None]] = {Channel.EMAIL: email.transmit}
