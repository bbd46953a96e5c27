"""Orders at the desk: kept before they are sent, carried on after every crash, told as they stand."""

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from support.evm import anvil_program
from support.ledger import (
    REGISTRY_1,
    REGULATOR_1,
    REGULATOR_2,
    Parties,
    initiator_key,
    ready,
)
from support.ledger_engines import timed_anvil
from support.ledger_orders import AccountKind, Kind
from support.order_desk import STOP, CrashError, Desk
from support.order_world import SEND, OrderWorld, order_world
from support.stores import ENGINES, migrated_url
from web3.types import RPCEndpoint

from trace_node.errors import (
    AccessError,
    ConflictError,
    StateError,
    TraceNodeError,
    UnavailableError,
)
from trace_node.ports.orders import OrderFigures, OrderPhase, StoredOrder
from trace_node.quota.ledger.order_file import decode_order, encode_order
from trace_node.quota.ledger.signed_order import About, SignedOrder
from trace_node.services.order_course import SKEW
from trace_node.store.database import Database
from trace_node.store.order_book import SqlOrderBook

LOT = 1_000_000


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with order_world(tmp_path) as world:
        yield Desk(world, tmp_path)


def refusal_of(desk: Desk, signed: SignedOrder) -> TraceNodeError:
    with pytest.raises(TraceNodeError) as refusal:
        desk.take(signed)
    return refusal.value


def only(signed: SignedOrder, *about: About) -> SignedOrder:
    return replace(signed, signatures={each: signed.signatures[each] for each in about})


class TestTheStraightWay:
    def test_both_signatures_at_once(self, desk: Desk) -> None:
        signed = desk.world.sale(100)
        found = desk.take(signed, organisation=desk.world.parties.seller_organisation)
        assert (found.phase, found.final) == (OrderPhase.UNCONFIRMED, True)
        assert found.file == encode_order(signed)
        assert found.block == desk.world.engine.web3.eth.block_number
        assert desk.world.held() == (900, 100)
        assert desk.book.find(found.order_id) == found

    def test_one_signature_after_the_other_and_the_number_of_the_registry(self, desk: Desk) -> None:
        signed = desk.world.sale(100)
        assert desk.take(only(signed, About.ORDER)).phase is OrderPhase.PROPOSED
        assert desk.world.held() == (1_000, 0)
        assert desk.take(only(signed, About.APPROVAL)).phase is OrderPhase.UNCONFIRMED
        ledger = desk.world.ledger
        number = b"\x05" * 32
        ledger.do(ledger.orders, "confirm", signed.order.order_id, number, by=REGISTRY_1)
        seen = desk.desk.look(signed.order.order_id)
        assert seen is not None
        assert seen.phase is OrderPhase.CONFIRMED

    def test_an_account_with_a_delay_waits_and_goes_on_by_itself(self, desk: Desk) -> None:
        world = desk.world
        slow = world.ledger.open(
            world.parties.seller_organisation, AccountKind.HOLDING, delay=1_000
        )
        lot = world.ledger.issue(slow, world.parties.class_id, 10)
        order = world.parties.sale((lot, 10), kind=Kind.MOVE, source=slow, to=slow, subject=2)
        desk.sync_clock()
        found = desk.take(world.signed(order))
        assert (found.phase, found.final) == (OrderPhase.APPROVED, False)
        desk.desk.carry_on()
        assert desk.desk.look(found.order_id) == found
        world.engine.advance(1_001)
        desk.sync_clock()
        desk.desk.carry_on()
        seen = desk.desk.look(found.order_id)
        assert seen is not None
        assert seen.phase is OrderPhase.UNCONFIRMED

    def test_cancelled_by_a_further_file(self, desk: Desk) -> None:
        world = desk.world
        order = world.parties.sale((world.parties.lot(trading=True), 10))
        signed = world.signed(order, only=(About.ORDER, About.CANCELLATION))
        desk.take(only(signed, About.ORDER))
        found = desk.take(only(signed, About.CANCELLATION))
        assert (found.phase, found.final) == (OrderPhase.CANCELLED, True)
        assert world.state(signed) == "CANCELLED"

    def test_a_cancellation_without_the_right_to_it_does_not_hold_the_order_up(
        self, desk: Desk
    ) -> None:
        world = desk.world
        order = world.parties.sale(
            (world.parties.lot(trading=True), 10), not_before=world.engine.now + 100
        )
        whole = world.signed(order)
        assert desk.take(whole).phase is OrderPhase.APPROVED
        wrong = world.signed(
            order,
            only=(About.CANCELLATION,),
            by={About.CANCELLATION: initiator_key(world.parties.buyer)},
        )
        with pytest.raises(ConflictError) as refused:
            desk.take(wrong)
        assert refused.value.reason == "ledger.refused.not_authorised"
        kept = desk.book.find(whole.order.order_id)
        assert kept is not None
        assert About.CANCELLATION not in decode_order(kept.file).signatures
        assert (kept.phase, kept.reason) == (OrderPhase.APPROVED, "")
        world.engine.advance(200)
        desk.sync_clock()
        desk.desk.carry_on()
        assert world.state(whole) == "EXECUTED"

    def test_expired_by_itself(self, desk: Desk) -> None:
        world = desk.world
        signed = world.sale(10, deadline=world.engine.now + 100)
        found = desk.take(only(signed, About.ORDER))
        assert found.due == signed.order.deadline + 1
        world.engine.advance(200)
        desk.sync_clock()
        desk.desk.carry_on()
        assert world.state(signed) == "EXPIRED"
        seen = desk.desk.look(found.order_id)
        assert seen is not None
        assert (seen.phase, seen.final) == (OrderPhase.EXPIRED, True)

    def test_what_another_relayer_did_is_seen(self, desk: Desk) -> None:
        world = desk.world
        lot = world.parties.lot(trading=True)
        order = world.parties.sale((lot, 10))
        signed = world.signed(order)
        desk.take(only(signed, About.ORDER))
        world.ledger.approve(order)
        world.ledger.execute(order)
        seen = desk.desk.look(signed.order.order_id)
        assert seen is not None
        assert seen.phase is OrderPhase.UNCONFIRMED
        assert desk.take(signed).phase is OrderPhase.UNCONFIRMED


class TestTheIdempotencyKey:
    def test_the_same_file_again_does_nothing(self, desk: Desk) -> None:
        signed = desk.world.sale(100)
        first = desk.take(signed)
        sent = desk.world.sent()
        assert desk.take(signed) == first
        desk.restart()
        assert desk.take(signed) == first
        assert desk.world.sent() == sent

    def test_the_same_id_with_another_content_is_a_conflict(self, desk: Desk) -> None:
        signed = desk.world.sale(100)
        first = desk.take(signed)
        other = desk.world.sale(50, order_id=signed.order.order_id)
        refusal = refusal_of(desk, other)
        assert (refusal.reason, refusal.field) == ("order.conflict", "order.order_id")
        assert desk.book.find(signed.order.order_id) == first
        assert desk.world.held()[1] == 100

    def test_an_id_that_another_relayer_used_is_a_conflict(self, desk: Desk) -> None:
        world = desk.world
        lot = world.parties.lot(trading=True)
        taken = world.parties.sale((lot, 10))
        world.ledger.propose(taken)
        signed = world.signed(world.parties.sale((lot, 20), order_id=taken.order_id))
        assert refusal_of(desk, signed).reason == "ledger.refused.order_conflict"
        assert refusal_of(desk, signed).reason in (
            "order.conflict",
            "ledger.refused.order_conflict",
        )

    def test_another_approver_after_the_approval_is_a_conflict(self, desk: Desk) -> None:
        world = desk.world
        signed = world.sale(10)
        desk.take(signed)
        order = world.parties.sale(
            *((part.lot, part.quantity) for part in signed.order.parts),
            order_id=signed.order.order_id,
        )
        again = world.signed(order, by={About.APPROVAL: REGULATOR_2})
        assert again.order == signed.order
        assert refusal_of(desk, again).reason == "order.conflict.signer"


class TestRefusals:
    def test_before_anything_is_kept(self, desk: Desk) -> None:
        world = desk.world
        signed = world.sale(10)
        lot = signed.order.parts[0].lot
        foreign = world.signed(world.parties.sale((lot, 10), chain_id=1))
        own = signed.signatures[About.ORDER]
        for bad, code in (
            (foreign, "order.ledger.chain_id"),
            (replace(signed, contract=b"\x01" * 20), "order.ledger.contract"),
            (
                replace(
                    signed,
                    order=replace(signed.order, order_id=signed.order.order_id[:8] + b"\x07" * 24),
                ),
                "order.signature.mismatch",
            ),
            (only(signed, About.APPROVAL), "order.signature.missing"),
            (replace(signed, signatures={}), "order.signature.missing"),
            (signed.signed(About.APPROVAL, own), "order.signature.mismatch"),
        ):
            assert refusal_of(desk, bad).reason == code
            assert desk.book.find(bad.order.order_id) is None
        assert world.sent() == 0

    def test_one_person_is_not_two(self, desk: Desk) -> None:
        world = desk.world
        order = world.parties.sale((world.parties.lot(trading=True), 1))
        initiator, _ = world.ledger.signers(order)
        refusal = refusal_of(desk, world.signed(order, by={About.APPROVAL: initiator}))
        assert isinstance(refusal, AccessError)
        assert refusal.reason == "order.signature.same_person"

    def test_what_the_contract_refuses_is_kept_with_its_reason(self, desk: Desk) -> None:
        signed = desk.world.sale(101, lot_tonnes=100)
        refusal = refusal_of(desk, signed)
        assert isinstance(refusal, ConflictError)
        assert refusal.reason == "ledger.refused.insufficient_lot"
        kept = desk.book.find(signed.order.order_id)
        assert (kept.phase, kept.reason) == (OrderPhase.REFUSED, refusal.reason)
        assert "holds 100 t" in kept.detail
        sent = desk.world.sent()
        desk.desk.carry_on()  # is not tried again by itself
        assert desk.world.sent() == sent

    def test_a_refused_order_goes_through_when_it_is_sent_again(self, desk: Desk) -> None:
        world = desk.world
        lot = world.parties.lot(100, trading=True)
        blocking = world.parties.sale((lot, 100))
        world.ledger.propose(blocking)
        signed = world.signed(world.parties.sale((lot, 60)))
        assert refusal_of(desk, signed).reason == "ledger.refused.lot_reserved"
        world.ledger.cancel(blocking)
        assert desk.take(signed).phase is OrderPhase.UNCONFIRMED

    def test_an_execution_that_is_refused_expires_with_its_deadline(self, desk: Desk) -> None:
        world = desk.world
        now = world.engine.now
        signed = world.sale(10, not_before=now + 500, deadline=now + 1_000)
        desk.sync_clock()
        assert desk.take(signed).phase is OrderPhase.APPROVED
        account = world.parties.seller
        world.ledger.do(world.ledger.access, "freezeAccount", account, b"\x01" * 32, by=REGULATOR_1)
        world.engine.advance(600)
        desk.sync_clock()
        desk.desk.carry_on()
        seen = desk.desk.look(signed.order.order_id)
        assert seen is not None
        assert (seen.phase, seen.reason) == (
            OrderPhase.REFUSED,
            "ledger.refused.account_frozen",
        )
        world.engine.advance(600)
        desk.sync_clock()
        desk.desk.carry_on()
        assert world.state(signed) == "EXPIRED"
        assert world.held()[1] == 0

    def test_an_order_that_came_too_late_ends_here(self, desk: Desk) -> None:
        signed = desk.world.sale(1, deadline=desk.world.engine.now - 1)
        desk.sync_clock()
        assert desk.take(signed).phase is OrderPhase.SIGNED
        assert desk.world.sent() == 0
        desk.clock.move(seconds=SKEW + 60)
        desk.desk.carry_on()
        kept = desk.book.find(signed.order.order_id)
        assert (kept.phase, kept.final) == (OrderPhase.EXPIRED, True)

    def test_stopped_orders_are_neither_kept_nor_sent(self, desk: Desk) -> None:
        signed = desk.world.sale(1)
        desk.stop = STOP
        refusal = refusal_of(desk, signed)
        assert isinstance(refusal, StateError)
        assert refusal.reason == "order.stopped"
        assert STOP.detail not in refusal.message  # it may be of another organisation
        assert "difference" in refusal.message
        assert desk.book.find(signed.order.order_id) is None
        desk.desk.carry_on()
        assert desk.world.sent() == 0


class TestACrash:
    """Ends the process before and after each thing it does: acceptance 3 of the ledger."""

    def test_at_every_point_of_an_order(self, desk: Desk) -> None:
        world = desk.world
        lot = world.parties.lot(LOT, trading=True)
        desk.counter.calls = 0
        desk.take(world.signed(world.parties.sale((lot, 1))))
        points = desk.counter.calls
        assert points > 10
        moved = 1
        for point in range(2 * points):
            signed = world.signed(world.parties.sale((lot, 1)))
            sent = world.sent()
            desk.restart()
            desk.counter.end_at = point / 2
            with contextlib.suppress(CrashError):
                desk.take(signed)
            desk.restart()
            desk.sync_clock()
            desk.desk.carry_on()
            kept = desk.book.find(signed.order.order_id)
            if (
                kept is None
            ):  # it ended before the answer could have been given: the client asks again
                assert (world.state(signed), world.sent()) == ("NONE", sent)
                kept = desk.take(signed)
            assert (kept.phase, kept.final) == (OrderPhase.UNCONFIRMED, True), point
            assert world.sent() == sent + 1, point
            moved += 1
            assert world.held() == (LOT - moved, moved), point

    def test_the_chain_is_down(self, desk: Desk) -> None:
        world = desk.world
        signed = world.sale(10)
        world.wire.lost_before += ["eth_getTransactionCount"] * 3
        found = desk.take(signed)
        assert found.phase is OrderPhase.SIGNED
        world.wire.lost_before.clear()
        desk.desk.carry_on()
        assert world.held() == (990, 10)

    def test_the_answer_to_the_sending_is_lost(self, desk: Desk) -> None:
        world = desk.world
        signed = world.sale(10)
        world.wire.lost_after.append(SEND)
        desk.take(signed)
        desk.desk.carry_on()
        assert (world.sent(), world.held()) == (1, (990, 10))


@pytest.mark.anvil
class TestAReorganisation:
    """A block that is taken back takes the order with it; the desk brings it again, once."""

    @pytest.fixture
    def forking(self, tmp_path: Path) -> Iterator[Desk]:
        if anvil_program() is None:
            pytest.skip("anvil is not installed")
        with timed_anvil() as engine:
            world = OrderWorld(tmp_path, Parties(ready(engine)))
            world.depth = 3
            yield Desk(world, tmp_path)

    def test_an_order_that_was_taken_back_is_brought_again(self, forking: Desk) -> None:
        world, ask = forking.world, forking.world.engine.web3.provider.make_request
        signed = world.sale(100)
        before = ask(RPCEndpoint("evm_snapshot"), [])["result"]
        forking.sync_clock()
        found = forking.take(signed)
        assert (found.phase, found.final, world.held()) == (OrderPhase.EXECUTED, False, (900, 100))
        ask(RPCEndpoint("evm_revert"), [before])
        assert (world.state(signed), world.held()) == ("NONE", (1_000, 0))
        for _ in range(12):
            world.engine.advance(30)
            forking.sync_clock()
            with contextlib.suppress(UnavailableError):
                forking.desk.carry_on()
        kept = forking.book.find(signed.order.order_id)
        assert (kept.phase, kept.final) == (OrderPhase.UNCONFIRMED, True)
        assert (world.state(signed), world.held()) == ("EXECUTED", (900, 100))
        assert world.sent() == 1


def test_the_same_order_from_many_clients_is_one_order(desk: Desk) -> None:
    signed = desk.world.sale(100)
    start = threading.Barrier(8)

    def take(_: int) -> OrderPhase:
        start.wait()
        return desk.take(signed).phase

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(take, range(8))) == {OrderPhase.UNCONFIRMED}
    assert (desk.world.sent(), desk.world.held()) == (1, (900, 100))


# -- the book on both engines --------------------------------------------------------------------


@pytest.fixture(params=ENGINES)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlOrderBook]:
    with migrated_url(request.param, tmp_path) as url:
        database = Database(url)
        yield SqlOrderBook(database)
        database.close()


def row(number: int, **fields: object) -> StoredOrder:
    return StoredOrder(
        **(
            {
                "order_id": bytes([number]) * 32,
                "content_hash": b"\xcc" * 32,
                "file": b"{}",
                "organisation": number % 2 or None,
                "phase": OrderPhase.SIGNED,
                "taken_ms": number,
                "due": number,
            }
            | fields
        )  # type: ignore[arg-type]
    )


class TestTheBook:
    def test_an_id_is_taken_once(self, book: SqlOrderBook) -> None:
        assert book.find(row(1).order_id) is None
        assert book.put(row(1)) == row(1)
        assert book.put(row(1, file=b"other")) == row(1)
        assert book.find(row(1).order_id) == row(1)

    def test_only_who_saw_the_newest_revision_changes_it(self, book: SqlOrderBook) -> None:
        book.put(row(1))
        changed = row(1, phase=OrderPhase.PROPOSED, transaction=b"\x01" * 32, block=5)
        assert book.replace(changed)
        assert not book.replace(row(1, phase=OrderPhase.CANCELLED))
        assert book.find(changed.order_id) == replace(changed, revision=1)

    def test_due_and_newest(self, book: SqlOrderBook) -> None:
        for number in (3, 1, 2, 4):
            book.put(row(number, final=number == 1))
        assert [each.due for each in book.due(now=3, limit=9)] == [2, 3]
        assert [each.due for each in book.due(now=3, limit=1)] == [2]
        found = book.newest(organisation=None, before_ms=None, limit=9)
        assert [each.taken_ms for each in found] == [4, 3, 2, 1]
        assert [each.taken_ms for each in book.newest(organisation=1, before_ms=3, limit=9)] == [1]

    def test_figures_count_what_is_open_by_phase(self, book: SqlOrderBook) -> None:
        assert book.figures() == OrderFigures(open={}, ended=0, oldest_open_ms=None)
        for number in (5, 3, 4):
            book.put(row(number))
        book.put(row(6, phase=OrderPhase.REFUSED))
        book.put(row(1, phase=OrderPhase.CONFIRMED, final=True))
        open_now = {OrderPhase.SIGNED: 3, OrderPhase.REFUSED: 1}
        assert book.figures() == OrderFigures(open=open_now, ended=1, oldest_open_ms=3)
