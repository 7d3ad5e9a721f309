"""The whole life of orders in any sequence, by anybody, with the database as the judge.

`LIFE_EXAMPLES=2000 LIFE_STEPS=50` runs it long; without them it is short enough for every run.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from formulary.models import Reason
from orders.models import Fill, Order, Patient, Signature
from orders.services import cart, claims, drafts, fills, holding, review, revising, validity, verbal
from orders.services.content import ContentChanged
from orders.services.drafts import Draft, TokenReused
from orders.services.handing_over import hand_over, take_back
from orders.services.moves import Refused, StaleOrder
from orders.services.refill_checks import RefillAnswers
from orders.services.signed_text import Acknowledgement
from orders.services.signing import SigningForm, sign
from orders.status import ALLOWED_MOVES, Check, Status
from tests.conftest import Cast
from tests.factories import PatientFactory, draft, reason, signing_form
from tests.orders import judge
from tests.orders.draws import (
    CONTENT,
    MOST_ORDERS,
    contents,
    mostly,
    pharmacists,
    practice_people,
    prescribers,
    which,
)
from tests.orders.life import approve, asked, in_days, whole

LONG = "LIFE_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("LIFE_EXAMPLES", "12"))
STEPS = int(os.environ.get("LIFE_STEPS", "25"))
NO = (PermissionDenied, Refused, StaleOrder, ContentChanged, TokenReused)


class OrderLife(RuleBasedStateMachine):
    """Six orders at most, of three patients; a verb is done by whoever is drawn, on what they saw."""

    cast: ClassVar[Cast]
    tables: ClassVar[list[str]]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.patients = [PatientFactory(practice=self.cast.practice) for _ in range(2)]
        self.foreign = PatientFactory(practice=self.cast.other_practice)
        self.pages: dict[int, Order] = {}
        self.tokens: list[uuid.UUID] = []
        self.first_seen: dict[int, tuple[str, str]] = {}
        self.judged: object = None

    def teardown(self) -> None:
        assert judge.damaged() == []
        transaction.savepoint_rollback(self.savepoint)

    @initialize(
        already=st.lists(st.sampled_from(["sent", "held", "asked", "verified"]), max_size=3)
    )
    def some_orders_are_on_their_way(self, already: list[str]) -> None:
        """Else most runs would end before the pharmacy has seen anything."""
        cast = self.cast
        for patient, stands in zip([*self.patients, self.patients[0]], already, strict=False):
            order = drafts.save_draft(
                draft(cast.ada, patient=patient), by=cast.ada, token=uuid.uuid4()
            )
            order = sign(whole(order), by=cast.ada, form=signing_form(order))
            if stands == "held":
                claims.claim(order, by=cast.phil)
            elif stands == "asked":
                asked(order, cast.phil)
            elif stands == "verified":
                approve(order, cast.petra)

    # --- what people look at ---
    def who(self, name: str) -> User:
        return User.objects.get(pk=getattr(self.cast, name).pk)

    def order(self, at: int, *, seen_before: bool = False) -> Order | None:
        """An order as its page shows it now, or as an older page showed it."""
        known = list(Order.objects.order_by("pk").values_list("pk", flat=True))
        if not known:
            return None
        pk = known[at % len(known)]
        if not (seen_before and pk in self.pages):
            people = ("practice", "patient", "prescriber__user", "holder")
            self.pages[pk] = Order.objects.select_related(*people).get(pk=pk)
        return self.pages[pk]

    def draft(self, by: User, content: str, patient: int, **more: Any) -> Draft:
        author = by if by.practice_id else self.cast.ada
        people: list[Patient] = [*self.patients, self.foreign]
        return draft(author, patient=people[patient], **CONTENT[content]() | more)

    # --- how a verb is tried ---
    def attempt(self, verb: Callable[[], object]) -> None:
        """Done whole, or refused without a trace: no row, no event."""
        rows, before = judge.whole_state(self.tables), judge.states()
        try:
            verb()
        except NO:
            assert judge.whole_state(self.tables) == rows
            return
        for pk, (status, version) in judge.states().items():
            was, old = before.get(pk, (Status.DRAFT, 0))
            if status != was:
                assert (was, status) in ALLOWED_MOVES
            assert version > old or (status == was and version == old)

    # --- the practice ---
    @rule(by=practice_people, content=contents, patient=st.sampled_from([0, 0, 1, 1, 2]))
    def write(self, by: str, content: str, patient: int) -> None:
        if Order.objects.count() < MOST_ORDERS:
            who = self.who(by)
            made = self.draft(who, content, patient)
            self.attempt(lambda: drafts.save_draft(made, by=who, token=uuid.uuid4()))

    @rule(by=practice_people, at=which, content=contents, stale=st.booleans())
    def edit(self, by: str, at: int, content: str, stale: bool) -> None:
        if order := self.order(at, seen_before=stale):
            who = self.who(by)
            changed = self.draft(who, content, 0, revises=order.revises)
            self.attempt(lambda: drafts.edit_draft(order, changed, by=who, version=order.version))

    @rule(by=practice_people, at=which, stale=st.booleans(), back=st.booleans())
    def pass_on(self, by: str, at: int, stale: bool, back: bool) -> None:
        if order := self.order(at, seen_before=stale):
            verb = take_back if back else hand_over
            self.attempt(lambda: verb(order, by=self.who(by), version=order.version))

    @rule(
        by=prescribers, at=which, stale=st.booleans(), answered=mostly, seen=mostly, data=st.data()
    )
    def sign(
        self, by: str, at: int, stale: bool, answered: bool, seen: bool, data: st.DataObject
    ) -> None:
        order = self.order(at, seen_before=stale)
        if order is None:
            return
        form = self._form(order, answered=answered, seen=seen, data=data)
        self.attempt(lambda: sign(order, by=self.who(by), form=form))

    def _form(
        self, order: Order, *, answered: bool, seen: bool, data: st.DataObject
    ) -> SigningForm:
        form = signing_form(order)
        reasons = {key: self._reason(key, given, data) for key, given in form.reasons.items()}
        again = bool(self.tokens) and not data.draw(mostly, label="new form")
        token = data.draw(st.sampled_from(self.tokens)) if again else form.token
        self.tokens.append(token)
        digest = form.seen_sha256 if seen else "0" * 64
        return SigningForm(token, digest, reasons if answered else {}, form.ip, form.method)

    def _reason(self, key: str, given: Acknowledgement, data: st.DataObject) -> Acknowledgement:
        if not key.startswith("active_order"):
            return given
        code = data.draw(st.sampled_from(["replaces_it", "in_addition"]), label="other order")
        return Acknowledgement(reason("acknowledgement", code), given.text)

    @rule(by=prescribers, data=st.data())
    def sign_together(self, by: str, data: st.DataObject) -> None:
        who, ticked = self.who(by), []
        for order in Order.objects.for_page().order_by("-submitted_at", "pk")[:3]:
            form = self._form(order, answered=True, seen=True, data=data)
            self.attempt(partial(cart.keep_reading, order, by=who, form=form))
            ticked.append(cart.Ticked(order, form.token, form.seen_sha256))
        method = "password"
        self.attempt(
            lambda: cart.sign_together(ticked, by=who, ip=None, method=method)  # type: ignore[arg-type]
        )

    @rule(by=practice_people, at=which, again=st.booleans(), stale=st.booleans())
    def start_from(self, by: str, at: int, again: bool, stale: bool) -> None:
        order = self.order(at, seen_before=stale)
        if order is not None and Order.objects.count() < MOST_ORDERS:
            verb = revising.order_again if again else revising.revise
            self.attempt(lambda: verb(order, by=self.who(by)))

    @rule(by=practice_people, at=which, stale=st.booleans())
    def cancel(self, by: str, at: int, stale: bool) -> None:
        if order := self.order(at, seen_before=stale):
            why = reason("cancellation")
            self.attempt(
                lambda: drafts.cancel(order, by=self.who(by), reason=why, version=order.version)
            )

    @rule(
        by=practice_people,
        at=which,
        choice=st.sampled_from(["stands_as_written", "information_given"]),
    )
    def answer(self, by: str, at: int, choice: str) -> None:
        if order := self.order(at):
            said = reason("answer", choice)
            self.attempt(
                lambda: review.answer(order, by=self.who(by), choice=said, text="As told.")
            )

    @rule(by=prescribers, at=which)
    def countersign(self, by: str, at: int) -> None:
        order = self.order(at)
        # What nobody wrote down is tried now and then alone.
        if order and (at == 0 or Signature.objects.filter(order=order, kind="verbal").exists()):
            self.attempt(lambda: verbal.countersign(order, by=self.who(by)))

    # --- the pharmacy ---
    @rule(by=pharmacists, at=which)
    def claim(self, by: str, at: int) -> None:
        if order := self.order(at):
            self.attempt(lambda: claims.claim(order, by=self.who(by)))

    @rule(by=pharmacists)
    def claim_next(self, by: str) -> None:
        who = self.who(by)
        if who.role in ("pharmacist",):
            self.attempt(lambda: claims.claim_next(by=who))

    @rule(by=pharmacists, at=which, stale=st.booleans(), released=st.booleans())
    def let_go(self, by: str, at: int, stale: bool, released: bool) -> None:
        if order := self.order(at, seen_before=stale):
            verb, kind = (
                (claims.release, "release") if released else (claims.give_back, "give_back")
            )
            self.attempt(lambda: verb(order, by=self.who(by), reason=reason(kind)))

    @rule(by=pharmacists, at=which, stale=st.booleans(), done=mostly)
    def approve(self, by: str, at: int, stale: bool, done: bool) -> None:
        if order := self.order(at, seen_before=stale):
            found = list(order.findings.all())
            warned = {one.pk for one in found if one.level == "warn"} if done else set()
            looked_up = review.Clearing(reason("clearance", "other"), "Looked up in the label.")
            cleared = {one.pk: looked_up for one in found if one.level == "not_checked"}
            ticks = Check.values if done else Check.values[:-1]
            self.attempt(
                lambda: review.approve(
                    order, by=self.who(by), checklist=ticks, reviewed=warned, cleared=cleared
                )
            )

    @rule(by=pharmacists, at=which, stale=st.booleans(), asks=mostly)
    def send_back(self, by: str, at: int, stale: bool, asks: bool) -> None:
        if order := self.order(at, seen_before=stale):
            verb, kind = (review.ask, "clarification") if asks else (review.reject, "rejection")
            self.attempt(
                lambda: verb(order, by=self.who(by), reason=reason(kind), text="Which dose?")
            )

    @rule(by=pharmacists, at=which, days=st.sampled_from([1, 7, 90, 0, 91]), ends=st.booleans())
    def hold(self, by: str, at: int, days: int, ends: bool) -> None:
        order = self.order(at)
        if order is None:
            return
        if ends:
            self.attempt(lambda: holding.end_hold(order, by=self.who(by)))
            return
        until = order.practice.today + timedelta(days=days)
        why = reason("hold")
        self.attempt(lambda: holding.hold(order, by=self.who(by), reason=why, review_on=until))

    @rule(by=pharmacists, at=which, stale=st.booleans())
    def withdraw(self, by: str, at: int, stale: bool) -> None:
        if order := self.order(at, seen_before=stale):
            why = reason("cancellation")
            self.attempt(
                lambda: holding.withdraw(order, by=self.who(by), reason=why, version=order.version)
            )

    @rule(by=pharmacists, at=which, content=contents, read_back=mostly)
    def write_down(self, by: str, at: int, content: str, read_back: bool) -> None:
        order = self.order(at)
        if order is None or Order.objects.count() >= MOST_ORDERS:
            return
        said = draft(self.cast.ada, patient=order.patient, revises=order, **CONTENT[content]())
        call = verbal.Call("Dr Ada Sample", timezone.now(), read_back)
        form = verbal.VerbalForm(token=uuid.uuid4(), call=call)
        self.attempt(lambda: verbal.record(order, said, by=self.who(by), form=form))

    # --- refills ---
    @rule(
        by=practice_people, at=which, number=st.sampled_from([2, 2, 3, 4, 1]), later=st.booleans()
    )
    def ask_for_refill(self, by: str, at: int, number: int, later: bool) -> None:
        order = self.order(at)
        if order is None:
            return
        given = RefillAnswers(
            opioid_use="never", medicines="", allergies="none_known", cautions=(),
            cautions_on=order.practice.today,
        )  # fmt: skip
        early = {} if later else {"early_refill": Acknowledgement(reason("early_refill"))}
        asked = fills.Asked(number, given, early)
        with in_days(80 if later else 0):
            self.attempt(lambda: fills.ask(order, by=self.who(by), asked=asked))

    @rule(by=pharmacists, at=which, yes=mostly)
    def decide_refill(self, by: str, at: int, yes: bool) -> None:
        waiting = list(Fill.objects.order_by("pk"))
        if not waiting:
            return
        fill, who = waiting[at % len(waiting)], self.who(by)
        if yes:
            seen = frozenset(one["key"] for one in fill.findings or [])
            self.attempt(lambda: fills.release(fill, by=who, reviewed=seen))
        else:
            why = Reason.objects.filter(kind="refill_refusal", min_chars=0)[0]
            self.attempt(lambda: fills.refuse(fill, by=who, reason=why))

    # --- the clock, and a thief in the database ---
    @rule(clock=st.sampled_from(["lapsed", "released", "holds", "countersign", "year"]))
    def time_goes_by(self, clock: str) -> None:
        if clock == "lapsed":
            past = timezone.now() - timedelta(minutes=1)
            Order.objects.filter(status=Status.IN_REVIEW).update(held_until=past)
        elif clock == "released":
            self.attempt(claims.release_lapsed_claims)
        elif clock == "holds":
            with in_days(8):
                self.attempt(holding.end_holds_due)
        elif clock == "countersign":
            with in_days(3):
                self.attempt(verbal.remind_due)
        elif Order.objects.count() == MOST_ORDERS:
            with in_days(400):
                self.attempt(validity.expire_due)
                self.attempt(validity.notice_due)

    @rule(at=which, attack=st.sampled_from(judge.ATTACKS))
    def tamper(self, at: int, attack: str) -> None:
        order = self.order(at)
        if order is None or order.pk not in judge.signed_content():
            return
        rows = judge.whole_state(self.tables)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack.format(order.pk))
        assert judge.whole_state(self.tables) == rows

    # --- what always holds ---
    @invariant()
    def the_database_judges(self) -> None:
        now = judge.whole_state(self.tables)
        if now == self.judged:
            return
        self.judged = now
        assert list(judge.sightings()) == []
        self._nothing_signed_changed()
        told = judge.folded()
        assert told == {pk: status for pk, (status, _) in judge.states().items()}

    def _nothing_signed_changed(self) -> None:
        signed = judge.signed_content()
        for pk, first in self.first_seen.items():
            assert signed[pk] == first
        for pk in signed.keys() - self.first_seen.keys():
            assert judge.steps_as_signed(pk, signed[pk][0])
            self.first_seen[pk] = signed[pk]


@pytest.mark.django_db
def test_whatever_happens_to_orders_the_database_holds_what_was_promised(cast: Cast) -> None:
    OrderLife.cast = cast
    OrderLife.tables = judge.tables()
    run_state_machine_as_test(
        OrderLife,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # A failure of the short run is told as it was found; the long run looks for the shortest.
            phases=[Phase.generate, Phase.shrink] if LONG else [Phase.generate],
            derandomize=not LONG,
            database=None,
        ),
    )
