"""Where the show is given: a folder that it made whole, and nobody else's."""

from pathlib import Path

import pytest
from support.collector_setup import PLANT
from support.command import command

from api.demo.processes import Processes
from api.demo.stage import PLANTS, Stage


class Made(Stage):
    """A stage that makes its home without starting commands, and may be interrupted in it."""

    interrupted = False

    def _fill(self, folder: Path) -> None:
        folder.mkdir()
        for name in PLANTS:
            key = folder / "collectors" / name / "collector.pem"
            key.parent.mkdir(parents=True)
            key.touch()
            if self.interrupted:
                raise KeyboardInterrupt


def stage(folder: Path) -> Made:
    return Made(folder, plants=PLANT, processes=Processes(folder / "logs"), port=0)


def test_a_home_is_made_once_and_goes_on(tmp_path: Path) -> None:
    assert stage(tmp_path / "home").make_home()
    assert not stage(tmp_path / "home").make_home()


def test_a_home_that_was_interrupted_in_the_making_is_made_anew(tmp_path: Path) -> None:
    first = stage(tmp_path / "home")
    first.interrupted = True
    with pytest.raises(KeyboardInterrupt):
        first.make_home()
    assert not (tmp_path / "home").exists()
    assert stage(tmp_path / "home").make_home()
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


@pytest.mark.parametrize("kept", ["trace-node.toml", "keys/log.pem", "letters.txt"])
def test_what_is_not_of_the_show_is_left_alone(tmp_path: Path, kept: str) -> None:
    path = tmp_path / "home" / kept
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    done = command("demo", "--once", "--home", tmp_path / "home")
    assert done.code == 2
    assert "holds something else than the show" in done.complaint[0]
    assert "--home" in done.remedy
    assert path.read_text() == "mine"
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]
