"""What a change of the formulary is about, what it does, and where it stands."""

from __future__ import annotations

from datetime import timedelta

from django.db import models


class ChangeKind(models.TextChoices):
    """The parts of the formulary that are kept on screens; the value stands in addresses too."""

    PRODUCT = "products", "Product"
    RANGE = "ranges", "Documented range"
    INDICATION = "conditions", "Condition"
    TEMPLATE = "regimens", "Usual regimen"
    REASON = "reasons", "Coded reason"
    MEDICINE = "medicines", "Medicine name"
    SHIP_STATE = "ship-states", "State shipped to"
    STATE_RULE = "state-rules", "State rule"
    FIGURE = "figures", "Rule figure"


class Act(models.TextChoices):
    """CONFIRM changes nothing: somebody compared the row with its source and stands by it."""

    ADD = "add", "Add"
    CHANGE = "change", "Change"
    RETIRE = "retire", "Retire"
    RESTORE = "restore", "Bring back"
    CONFIRM = "confirm", "Confirm"


class State(models.TextChoices):
    DRAFT = "draft", "Not sent yet"
    WAITING = "waiting", "Waits for a second pharmacist"
    APPROVED = "approved", "Waits for its day"
    IN_FORCE = "in_force", "In force"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


MOVES = (
    (State.DRAFT, State.WAITING),
    (State.DRAFT, State.APPROVED),
    (State.DRAFT, State.IN_FORCE),
    (State.DRAFT, State.WITHDRAWN),
    (State.WAITING, State.APPROVED),
    (State.WAITING, State.IN_FORCE),
    (State.WAITING, State.REFUSED),
    (State.WAITING, State.WITHDRAWN),
    (State.APPROVED, State.IN_FORCE),
    # The row was changed by other ways meanwhile: the house itself refuses it on its day.
    (State.APPROVED, State.REFUSED),
    (State.APPROVED, State.WITHDRAWN),
)
# Sent, and not yet part of the formulary.
OPEN = (State.WAITING, State.APPROVED)
# A pharmacist without a colleague sleeps on a change that would need one.
ALONE_AFTER = timedelta(hours=24)
