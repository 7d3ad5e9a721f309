from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.queue import add_orders
from tests.conftest import Cast
from tests.queue.desk import flagged_order


@pytest.fixture
def many(cast: Cast) -> Callable[[int], None]:
    """So many open orders more, copied in the database from one that went through the services."""
    pattern = flagged_order(cast.ada)

    def make(count: int) -> None:
        add_orders(pattern, count - 1, open_=count - 1)

    return make
