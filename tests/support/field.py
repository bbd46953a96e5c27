"""What an operator does to let a collector deliver to a node: enrol, make a key, write its folder."""

from pathlib import Path

from support.campaign import passphrase
from support.node_process import LOG, ORIGIN, run_well

SETTINGS = """\
format = "collector@1"
passphrase_file = "passphrase"

[[destination]]
name = "node"
url = "{url}"
log = "{log}"
origin = "{origin}"
"""


def enrol_collector(folder: Path, points: Path, home: Path, *, subject: str, **env: str) -> None:
    """Make a collector's folder; enrol its key and the meters of its point list.

    Args:
        folder: Must not exist.
        points: The point list.
        home: Home of the node.
        subject: Who holds the key.
        env: Variables of the commands.
    """
    folder.mkdir()
    key, where = folder / "collector.key", ("--home", home)
    run_well("meters", "enrol", points, *where, **env)
    run_well("keys", "generate", key, *where, **env)
    run_well("keys", "enrol", key, "--subject", subject, *where, **env)
    (folder / "points.toml").write_bytes(points.read_bytes())
    (folder / "passphrase").write_text(passphrase(home))


def connect_collector(folder: Path, url: str) -> None:
    """Tell a collector where its node is."""
    text = SETTINGS.format(url=url, log=LOG, origin=ORIGIN)
    (folder / "collector.toml").write_text(text)
