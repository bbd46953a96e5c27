"""The witnesses of a node: whom it asks, and whose cosignatures count."""

from collections.abc import Callable
from functools import lru_cache

from api.home import Home
from api.periodic import Periodic
from api.settings import Settings
from api.wiring.trust import witness_policy
from api.witness_client import HttpWitness
from trace_node.clock import Clock
from trace_node.errors import ConfigError, UnavailableError
from trace_node.ports.store import Store
from trace_node.services.cosign import Cosigning
from trace_node.tlog import note as notes
from trace_node.tlog import policy_text
from trace_node.tlog.errors import NoteSignatureError
from trace_node.tlog.policy import Policy

MOST_REMEMBERED = 256


def cosign_tasks(
    settings: Settings, home: Home, *, store: Store, clock: Clock
) -> tuple[Periodic, ...]:
    """The task that asks the witnesses, in a thread of its own; none where nobody is asked.

    Raises:
        ConfigError: See ``make_cosigning``.
        InputError: The policy is wrong.
    """
    cosigning = make_cosigning(settings, home, store=store, clock=clock)
    if cosigning is None:
        return ()

    def ask() -> None:
        cosigned = cosigning.cosign_newest()
        if cosigned is not None and cosigned.refused:
            raise UnavailableError(
                "the checkpoint of {size} leaves lacks cosignatures: {refused}",
                code="unavailable.cosignatures",
                size=cosigned.size,
                refused="; ".join(f"{name} ({reason})" for name, reason in cosigned.refused),
            )

    return (Periodic(name="cosign", verb=ask, interval=settings.seal_interval),)


def vouched_by(home: Home) -> Callable[[bytes], bool] | None:
    """Whether a checkpoint has the node's own quorum; None where no witness is demanded.

    Raises:
        InputError: The policy is wrong.
    """
    policy = _policy(home)
    if policy.single_operator:
        return None

    @lru_cache(maxsize=MOST_REMEMBERED)
    def is_vouched(note: bytes) -> bool:
        try:
            return policy.evaluate(notes.parse(note)).met
        except NoteSignatureError:  # verifiers would refuse it too
            return False

    return is_vouched


def make_cosigning(
    settings: Settings, home: Home, *, store: Store, clock: Clock
) -> Cosigning | None:
    """Collects cosignatures for the node's checkpoints; None where no witness is asked.

    Asked are the witnesses of the settings, or else those whose URLs the policy names.

    Raises:
        ConfigError: Witnesses without a policy, or a policy that demands some and nobody to ask.
        InputError: The policy is wrong.
    """
    policy = _policy(home)
    named = [witness.url for witness in policy.witnesses if witness.url]
    urls = list(dict.fromkeys(settings.witnesses or named))
    if urls and not policy.witnesses:
        raise ConfigError(
            "setting {field}: without a policy no cosignature counts",
            field="witnesses",
            remedy="write the witnesses' keys and the quorum into {path}",
            path=str(home.witness_policy),
        )
    if not urls and not policy.single_operator:
        raise ConfigError(
            "setting {field}: the policy demands cosignatures and names nobody to ask",
            field="witnesses",
            remedy="add the URLs of the witnesses to the settings, or to {path}",
            path=str(home.witness_policy),
        )
    if not urls:
        return None
    witnesses = [HttpWitness(url) for url in urls]
    return Cosigning(store=store, clock=clock, policy=policy, witnesses=witnesses)


def _policy(home: Home) -> Policy:
    text = witness_policy(home)
    return policy_text.parse(text.encode("utf-8")) if text else Policy()
