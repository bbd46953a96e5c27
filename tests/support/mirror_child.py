"""A process that mirrors a history in memory block by block, to be killed: URL and seed on the command line."""

import sys

from support.fake_ledger import FakeChain, FakeFollower, history
from support.mirror_world import MirrorWorld

from trace_node.store.database import Database

DEPTH = 3


def chain_of(seed: int) -> FakeChain:
    """The chain that both processes know."""
    return FakeChain(history(seed, length=30, fork_every=5, fork_length=6), depth=DEPTH)


def main() -> None:
    """Go from block to block, over every fork that is not too deep, until killed or at the end."""
    chain = chain_of(int(sys.argv[2]))
    world = MirrorWorld(Database(sys.argv[1]), chain, FakeFollower(chain, 1))
    _say("ready")
    block = chain.root
    while True:
        for child in block.children[1:]:
            if child.children:  # two blocks of a fork, and back by three of the main branch
                chain.head = child.children[0]
                world.mirror.follow()
        if not block.children:
            break
        block = block.children[0]
        chain.head = block
        if block.number >= _height(world):
            world.mirror.follow()
    _say("done")


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _height(world: MirrorWorld) -> int:
    with world.store.view() as view:
        return view.head().tip.number


if __name__ == "__main__":
    main()
