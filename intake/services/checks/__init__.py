"""Credential checks: planned, made by a worker, stored row by row, read as one standing."""

from intake.services.checks.approval import FRESH, NotFresh, ensure_fresh, recheck_now
from intake.services.checks.plans import (
    freshen_reviewed,
    plan,
    plan_everybody,
    plan_monthly,
    run,
    run_due,
)
from intake.services.checks.standing import Line, Standing, standing, standing_of, standings

__all__ = [
    "FRESH",
    "Line",
    "NotFresh",
    "Standing",
    "ensure_fresh",
    "freshen_reviewed",
    "plan",
    "plan_everybody",
    "plan_monthly",
    "recheck_now",
    "run",
    "run_due",
    "standing",
    "standing_of",
    "standings",
]
