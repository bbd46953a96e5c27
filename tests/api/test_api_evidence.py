"""What a verifier fetches: checkpoints, tiles, trust root and bundles, over real HTTP."""

import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from support.builders import ORGANISATION, key
from support.served import BEGIN, MINUTE, Api, Story

from api.tokens import Role
from trace_node.ids import OrganisationId, Origin
from trace_node.tlog import checkpoint as checkpoints
from trace_node.tlog import note as notes
from trace_node.tlog import proof
from trace_node.tlog.bundle import ProofBundle, bundle_from_file
from trace_node.tlog.bundle_file import read_bundle_file
from trace_node.tlog.checkpoint import Checkpoint
from trace_node.tlog.hasher import SM3
from trace_node.tlog.note_keys import LogKeyVerifier, Sm2NoteSigner
from trace_node.tlog.tile_tree import TileTree
from trace_node.tlog.tiles import TileId, decode_entries
from trace_node.tlog.verify import verify_inclusion

pytestmark = pytest.mark.usefixtures("story")
ORIGIN = Origin("trace-node.local/plant-a/sm3")
VERIFIER = LogKeyVerifier(Sm2NoteSigner(name=ORIGIN, signer=key("log")).key)


def opened(raw: bytes) -> Checkpoint:
    """A checkpoint whose signature by the log was verified."""
    note = notes.parse(raw)
    assert notes.verify(note, verifiers=[VERIFIER])
    return checkpoints.parse(note.text)


def parsed(raw: bytes) -> ProofBundle:
    return bundle_from_file(read_bundle_file(raw))


class HttpTiles:
    """Tiles as anybody fetches them."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def read_tile(self, tile: TileId) -> bytes:
        answer = self.api.get(f"/log/plant-a/{tile.path}")
        assert answer.status_code == 200, answer.text
        return answer.content


def test_the_newest_checkpoint_is_signed_and_not_to_be_kept(api: Api, story: Story) -> None:
    answer = api.get("/log/plant-a/checkpoint")
    assert opened(answer.content).size == story.sealed
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    older = api.get(f"/log/plant-a/checkpoint/{story.anchored}")
    assert opened(older.content).size == story.anchored


def test_hash_tiles_need_no_token_and_prove_any_entry(api: Api, story: Story) -> None:
    checkpoint = opened(api.get("/log/plant-a/checkpoint").content)
    tree = TileTree(hasher=SM3, size=checkpoint.size, reader=HttpTiles(api))
    assert tree.root() == checkpoint.root
    older = opened(api.get(f"/log/plant-a/checkpoint/{story.anchored}").content)
    assert proof.root(size=story.anchored, reader=tree) == older.root
    entry = api.node.services.reader.entry(story.second)
    verify_inclusion(
        hasher=SM3,
        index=story.second,
        size=checkpoint.size,
        leaf_hash=SM3.leaf(entry.body),
        proof=tree.inclusion(index=story.second),
        root=checkpoint.root,
    )


def test_tiles_never_change_and_say_so(api: Api) -> None:
    answer = api.get("/log/plant-a/tile/0/000.p/4")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert len(answer.content) == 4 * 32
    wider = api.get("/log/plant-a/tile/0/000.p/9")
    assert wider.content[: 4 * 32] == answer.content


def test_entry_tiles_need_a_token_with_the_scope(api: Api, story: Story) -> None:
    path = f"/log/plant-a/tile/entries/000.p/{story.anchored}"
    assert api.get(path).status_code == 401
    other = api.node.token(Role.ENTERPRISE, OrganisationId("plant-b"))
    assert api.get(path, token=other).status_code == 403
    answer = api.get(path, token=api.token())
    assert answer.headers["Cache-Control"].startswith("private, ")
    entries = decode_entries(
        TileId(level=0, index=0, width=story.anchored, entries=True), answer.content
    )
    expected = api.node.services.reader.entries(0, story.anchored)
    assert list(entries) == [entry.body for entry in expected]


@pytest.mark.parametrize(
    "tile",
    [
        *("0/0", "0/0000", "0/000.p/0", "0/000.p/256", "0/000.p/01", "0/x000/001", "8/000"),
        *("-1/000", "0/000/", "0/../000", "0/000.p/", "entry/000", "0/x0001/000", "00/000"),
        "0/" + "x999/" * 6 + "999",
    ],
)
def test_paths_that_are_no_tiles(api: Api, tile: str) -> None:
    answer = api.client.get(f"{api.url}/log/plant-a/tile/{tile}")
    assert answer.status_code in {400, 404}
    reason = answer.json()["data"]["reason"]
    assert reason in {"tlog.tile.format", "input.field", "not_found.path"}


def test_tiles_that_are_not_published_yet(api: Api, story: Story) -> None:
    for tile in (f"0/000.p/{story.sealed + 1}", "0/000", "0/001", "1/000.p/1"):
        answer = api.get(f"/log/plant-a/tile/{tile}")
        assert (answer.status_code, answer.json()["code"]) == (404, "303023")
    for tile in ("000", f"000.p/{story.sealed + 1}"):
        answer = api.get(f"/log/plant-a/tile/entries/{tile}", token=api.token())
        assert (answer.status_code, answer.json()["data"]["reason"]) == (404, "log.no_tile")


def test_checkpoints_that_are_not_there(api: Api, story: Story) -> None:
    answer = api.get(f"/log/plant-a/checkpoint/{story.sealed + 1}")
    assert (answer.status_code, answer.json()["code"]) == (404, "303022")
    for wrong in ("0", "-1", "x", str(2**64), "9" * 5000):
        assert api.get(f"/log/plant-a/checkpoint/{wrong}").status_code == 400
    answer = api.get("/log/plant-b/checkpoint")
    assert (answer.status_code, answer.json()["code"]) == (404, "303021")


def test_the_trust_root_is_offered_once_there_is_one(api: Api) -> None:
    answer = api.get("/evidence/v1/trust-root")
    assert (answer.status_code, answer.json()["code"]) == (404, "303024")
    api.node.services.trust_root.write_bytes(b'{"type":"trust-root@v1"}')
    try:
        answer = api.get("/evidence/v1/trust-root")
        assert answer.content == b'{"type":"trust-root@v1"}'
        assert answer.headers["Content-Type"] == "application/json"
    finally:
        api.node.services.trust_root.unlink()


def test_a_bundle_for_a_token(api: Api, story: Story) -> None:
    path = f"/evidence/v1/bundles/{story.first}"
    assert api.get(path).status_code == 401
    answer = api.get(path, token=api.token())
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="{story.first}.tnproof"'
    )
    bundle = parsed(answer.content)
    assert bundle.leaf_index == story.first
    assert bundle.leaf == api.node.services.reader.entry(story.first).body
    assert bundle.anchor is not None
    assert bundle.anchor.head.size == story.anchored
    sealed = parsed(api.get(f"/evidence/v1/bundles/{story.second}", token=api.token()).content)
    assert sealed.anchor is None


def test_a_link_opens_its_own_bundle_and_no_other(api: Api, story: Story) -> None:
    made = api.ask("BundleLink", token=api.token(Role.ENTERPRISE), index=story.first)
    path = made.json()["data"]["path"]
    code = parse_qs(urlsplit(path).query)["link"][0]
    assert len(code) == 43
    opened_bundle = api.get(path)
    assert parsed(opened_bundle.content).leaf_index == story.first
    for wrong in (f"/evidence/v1/bundles/{story.first + 1}?link={code}", path[:-1], path + "x"):
        answer = api.get(wrong)
        assert (answer.status_code, answer.json()["code"]) == (403, "302006")
        assert code not in answer.text
    # A wrong link is refused even where a token would do: whoever sends one should learn of it.
    assert api.get(path[:-1] + "*", token=api.token()).status_code == 403
    again = api.ask("BundleLink", token=api.token(Role.OPERATOR), index=story.first)
    assert again.json()["data"]["path"] == path
    beyond = api.ask("BundleLink", token=api.token(Role.OPERATOR), index=2**50)
    assert (beyond.status_code, beyond.json()["code"]) == (404, "303027")


def test_bundles_that_cannot_be_made(api: Api, story: Story) -> None:
    token = api.token()
    for index, status, reason, code in (
        (0, 404, "prove.not_delivered", "303030"),
        (story.third, 409, "prove.not_sealed", "303032"),
        (2**40, 404, "log.no_entry", "303027"),
    ):
        answer = api.get(f"/evidence/v1/bundles/{index}", token=token)
        given = (answer.status_code, answer.json()["data"]["reason"], answer.json()["code"])
        assert given == (status, reason, code)
    for wrong in ("-1", "x", str(2**63)):
        assert api.get(f"/evidence/v1/bundles/{wrong}", token=token).status_code == 400


def test_the_bundle_of_a_period_is_a_file(api: Api) -> None:
    answer = api.ask(
        "PeriodBundle",
        from_=(BEGIN + 70 * MINUTE).isoformat(),
        to_=(BEGIN + 80 * MINUTE).isoformat(),
        meters=["meter-1"],
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="period.tnproof"'
    file = json.loads(answer.content)
    assert file["type"] == "period-proof@v1"
    assert file["organisation"] == ORGANISATION
    whole = api.ask(
        "PeriodBundle",
        from_=(BEGIN + 70 * MINUTE).isoformat(),
        to_=(BEGIN + 80 * MINUTE).isoformat(),
    )
    assert json.loads(whole.content)["scope"] != file["scope"]
    assert hashlib.sha256(whole.content).digest() != hashlib.sha256(answer.content).digest()
