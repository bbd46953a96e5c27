"""Acts of officers: the functions of the ledger's contracts by their ABIs, with named arguments.

Nothing is written down twice: names, order and types of arguments come from the compiled contracts.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, cast

from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3.types import Wei

from chain.addresses import checksum_address, keccak256
from chain.client import EvmClient
from chain.errors import ContractRefusalError
from chain.ledger_act_arguments import Act, Argument, Parameter
from chain.ledger_contracts import artifact_of, items, signature
from chain.sender import TransactionSender
from chain.settling import ChainCall
from trace_node.errors import NotFoundError
from trace_node.ports.outbox import Submission
from trace_node.quota.ledger.kinds import Book

GAS: Final = 1_500_000
_WRITTEN_BY_ORDERS: Final = {  # by the registry of orders alone, or by signatures
    Book.LOTS: frozenset({"issue", "move", "registerClass", "release", "take"}),
    Book.OBLIGATIONS: frozenset(
        {
            "openArrear",
            "releaseOffset",
            "reserveOffset",
            "restoreCarryOver",
            "restoreSurrender",
            "settleArrear",
            "surrender",
            "useCarryOver",
            "useOffset",
        }
    ),
    Book.ORDERS: frozenset({"approve", "cancel", "execute", "expire", "propose", "submit"}),
}


@cache
def acts() -> tuple[Act, ...]:
    """Every act, by contract and name."""
    found = []
    for book in Book:
        for item in items(book, "function"):
            reads = item["stateMutability"] in ("view", "pure")
            if reads or item["name"] in _WRITTEN_BY_ORDERS.get(book, ()):
                continue
            parameters = tuple(
                Parameter(name=each["name"], kind=each["type"]) for each in item["inputs"]
            )
            found.append(Act(book=book, name=item["name"], parameters=parameters))
    return tuple(sorted(found, key=lambda act: (act.book, act.name)))


def find_act(name: str) -> Act:
    """The act ``Contract.function``.

    Raises:
        NotFoundError: There is none such; code ``ledger.act.unknown``.
    """
    for act in acts():
        if act.shown == name:
            return act
    raise NotFoundError(
        "{field}: there is no act {name}",
        field="act",
        name=repr(name[:60]),
        remedy="trace-node ledger acts lists them",
        code="ledger.act.unknown",
    )


class LedgerActs:
    """Acts of one officer on one ledger.

    Args:
        client: The endpoint.
        contracts: 20-byte address of each contract.
        sender: Sends with the officer's key.
    """

    def __init__(
        self, client: EvmClient, contracts: Mapping[Book, bytes], sender: TransactionSender
    ) -> None:
        self._client = client
        self._contracts = contracts
        self._sender = sender

    def perform(self, act: Act, arguments: tuple[Argument, ...]) -> Submission:
        """Rehearse an act, then send it; one that is under way is not begun a second time.

        Raises:
            ContractRefusalError: The contract refuses; nothing was sent, unless its state changed
                between rehearsal and block.
            UnavailableError: No answer: the same call again goes on with what was stored.
        """
        address = self._contracts[act.book]
        contract = self._client.contract(address, artifact_of(act.book).abi)
        values = [each.value for each in arguments]
        own = cast("ChecksumAddress", checksum_address(self._sender.address))
        with self._client.translated():
            data = bytes(HexBytes(contract.encode_abi(act.name, args=values)))
        name = f"act/{address.hex()}/{act.name}/{keccak256(data).hex()[:32]}"
        request_id = self._sender.open_id(name)
        if self._sender.find(request_id) is None:
            with self._client.translated():
                contract.functions[act.name](*values).call({"from": own, "gasPrice": Wei(0)})
        submission = self._sender.submit(
            ChainCall(request_id=request_id, to=address, data=data, gas=GAS)
        )
        if submission.failed:
            with self._client.translated():
                contract.functions[act.name](*values).call({"from": own, "gasPrice": Wei(0)})
            raise ContractRefusalError(
                "{field}: the transaction failed, and would not now: {detail}",
                field=act.shown,
                detail=submission.refusal or submission.state.value,
                remedy="do it again",
            )
        return submission

    def events(self, act: Act, submission: Submission) -> list[tuple[str, dict[str, Any]]]:
        """What the contract told of a mined act: names and values of its events."""
        if submission.mined is None:
            return []
        receipt = self._client.tx_receipt(submission.mined.transaction_hash)
        logs = () if receipt is None else receipt.logs
        names = {keccak256(signature(item).encode()): item for item in items(act.book, "event")}
        codec = self._client.contract(self._contracts[act.book], artifact_of(act.book).abi).w3.codec
        found = []
        for log in logs:
            item = names.get(log.topics[0]) if log.topics else None
            if item is None or log.address != self._contracts[act.book]:
                continue
            told = _plain_values(item, log.topics[1:], log.data, codec)
            found.append((str(item["name"]), told))
        return found


def _plain_values(item: Any, topics: tuple[bytes, ...], data: bytes, codec: Any) -> dict[str, Any]:  # noqa: ANN401
    """Values of an event's plain parameters; structures are left out."""
    indexed = [each for each in item["inputs"] if each["indexed"]]
    others = [each for each in item["inputs"] if not each["indexed"]]
    told = {
        each["name"]: codec.decode([each["type"]], topic)[0]
        for each, topic in zip(indexed, topics, strict=True)
    }
    if all(each["type"] != "tuple" for each in others):
        values = codec.decode([each["type"] for each in others], data)
        told |= dict(zip((each["name"] for each in others), values, strict=True))
    return {name: value for name, value in told.items() if isinstance(value, int | str)}
