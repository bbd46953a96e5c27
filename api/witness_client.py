"""A witness over HTTP."""

import httpx

from trace_node.errors import UnavailableError
from trace_node.ports.witness import WitnessAnswer

MAX_ANSWER_BYTES = 16_384
TIMEOUT_S = 10


class HttpWitness:
    """Speaks add-checkpoint with one witness.

    Args:
        url: Its base URL.
    """

    def __init__(self, url: str) -> None:
        self.name = url.rstrip("/")
        self._client = httpx.Client(timeout=TIMEOUT_S, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def add_checkpoint(self, request: bytes, *, time: int) -> WitnessAnswer:
        """Send a request and return the answer.

        Raises:
            UnavailableError: No answer, or one over the bound.
        """
        url = f"{self.name}/add-checkpoint"
        try:
            with self._client.stream("POST", url, params={"time": time}, content=request) as answer:
                body = b""
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > MAX_ANSWER_BYTES:
                        raise self._unavailable("its answer exceeds the bound")
                return WitnessAnswer(status=answer.status_code, body=body.decode("utf-8"))
        except (httpx.HTTPError, UnicodeDecodeError) as error:
            raise self._unavailable(str(error) or type(error).__name__) from error

    def _unavailable(self, detail: str) -> UnavailableError:
        return UnavailableError(
            "the witness {name} gave no answer: {detail}",
            field="witnesses",
            code="unavailable.witness",
            name=self.name,
            detail=detail,
            remedy="check its address; checkpoints go on without its cosignature",
        )
