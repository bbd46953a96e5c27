"""The witnesses of a node: whom it asks, and whose cosignatures count."""

from api.home import Home
from api.periodic import Periodic
from api.settings import Settings
from api.wiring.trust import witness_policy
from api.witness_client import HttpWitness
from trace_node.clock import Clock
from trace_node.errors import ConfigError, UnavailableError
from trace_node.ports.store import Store
from trace_node.services.cosign import Cosigning
from trace_node.tlog import policy_text
from trace_node.tlog.policy import Policy


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


def make_cosigning(
    settings: Settings, home: Home, *, store: Store, clock: Clock
) -> Cosigning | None:
    """Collects cosignatures for the node's checkpoints; None where no witness is asked.

    Asked are the witnesses of the settings, or else those whose URLs the policy names.

    Raises:
        ConfigError: Witnesses without a policy, or a policy that demands some and nobody to ask.
        InputError: The policy is wrong.
    """
    text = witness_policy(home)
    policy = policy_text.parse(text.encode("utf-8")) if text else Policy()
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
