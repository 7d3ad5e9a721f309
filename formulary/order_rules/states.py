"""Licences, and what the states ask of a prescription. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from formulary.facts import Question
from formulary.findings import Code, Finding, Level
from formulary.order_rules.questions import needing
from formulary.order_rules.rule import STATES, OrderCase, Rule, Says
from formulary.reference import PortalOrders


def licence_holds_where_the_patient_was_seen(case: OrderCase) -> Iterator[Finding]:
    """Practice happens where the patient is."""
    seen, licensed = case.facts.seen_state, case.facts.licence_states
    if seen and licensed is not None and seen not in licensed:
        text = f"No licence that holds in {seen}, where the patient was seen, is on file."
        yield Finding(Code.LICENCE_NOT_HELD, Level.STOP, text, subject=seen)


def licence_holds_where_it_is_sent(case: OrderCase) -> Iterator[Finding]:
    """A caution, which a state rule may raise to a stop."""
    to, licensed = case.facts.ship_to_state, case.facts.licence_states
    if not to or licensed is None or to in licensed:
        return
    rule = case.formulary.rule_of(to)
    level = Level.STOP if rule.unlicensed_ship_to_stops else Level.WARN
    text = f"The medicine goes to {to}, where the prescriber has no licence on file."
    if level is Level.STOP:
        text += f" {to} does not allow that (source: {rule.source})."
    yield Finding(Code.SHIP_STATE_NOT_LICENSED, level, text, subject=to)


def state_takes_orders_from_this_site(case: OrderCase) -> Iterator[Finding]:
    """Some states want another way of prescribing, with or without exceptions."""
    seen = case.facts.seen_state
    if not seen:
        return
    rule = case.formulary.rule_of(seen)
    if rule.portal_orders is PortalOrders.REFUSED:
        text = f"{seen} takes no order from this site as a prescription (source: {rule.source})."
        yield Finding(Code.PORTAL_ORDER_REFUSED, Level.STOP, text, subject=seen, source=rule.source)
    elif rule.portal_orders is PortalOrders.WITH_EXCEPTION:
        text = f"{seen} takes an order from this site as an exception alone: {rule.exception}"
        yield Finding(Code.PORTAL_ORDER_EXCEPTION, Level.INFO, text, source=rule.source)


def supervising_physician_is_named(_: OrderCase) -> Iterator[Finding]:
    """All it says is that the question has no answer."""
    yield from ()


def ship_to_state_is_served(case: OrderCase) -> Iterator[Finding]:
    """The pharmacy holds a licence for the state it ships to; without any on file, not checked."""
    state = case.facts.ship_to_state
    if state is None:
        return
    if not state or not case.formulary.ship_states:
        text = "The states that the pharmacy ships to are not on file, so this was not checked."
        if not state:
            text = "The address has no state, so it was not compared with where the pharmacy ships."
        yield Finding(Code.SHIP_STATE_NOT_CHECKED, Level.NOT_CHECKED, text)
        return
    served = case.formulary.served_states(case.facts.today)
    if state not in served:
        text = f"The pharmacy has no licence to ship to {state}: it ships {_listed(served)}."
        yield Finding(Code.SHIP_STATE_NOT_SERVED, Level.STOP, text)


def _listed(states: tuple[str, ...]) -> str:
    if len(states) < 2:
        return f"to {states[0]} alone" if states else "nowhere at present"
    return f"to {', '.join(states[:-1])} and {states[-1]}"


_SEEN = needing(Question.SEEN_STATE)
STATE_RULES = (
    Rule(
        licence_holds_where_the_patient_was_seen,
        (Says(Code.LICENCE_NOT_HELD, Level.STOP),),
        "The prescriber holds a licence in the state where the patient was seen.",
        STATES,
        _SEEN,
    ),
    Rule(
        state_takes_orders_from_this_site,
        (
            Says(Code.PORTAL_ORDER_REFUSED, Level.STOP, "the state takes none"),
            Says(Code.PORTAL_ORDER_EXCEPTION, Level.INFO, "the state takes it as an exception"),
        ),
        "The state where the patient was seen takes an order from this site as a prescription; an "
        "exception is told.",
        STATES,
        _SEEN,
    ),
    Rule(
        supervising_physician_is_named,
        (),
        "A supervising physician is named where the state asks for one and the credential is supervised.",
        STATES,
        needing(Question.SEEN_STATE, Question.SUPERVISOR),
    ),
    Rule(
        ship_to_state_is_served,
        (
            Says(Code.SHIP_STATE_NOT_SERVED, Level.STOP, "the state is not among those on file"),
            Says(
                Code.SHIP_STATE_NOT_CHECKED,
                Level.NOT_CHECKED,
                "no states are on file, or the address has none",
            ),
        ),
        "The pharmacy holds a licence for the state it ships to.",
        "Licences of the pharmacy",
    ),
    Rule(
        licence_holds_where_it_is_sent,
        (
            Says(Code.SHIP_STATE_NOT_LICENSED, Level.WARN, "by default"),
            Says(Code.SHIP_STATE_NOT_LICENSED, Level.STOP, "the state rule says so"),
        ),
        "The prescriber holds a licence in the state shipped to; a state rule may raise the warning to a "
        "stop.",
        STATES,
    ),
)
