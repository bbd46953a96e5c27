"""The examples of docs/spec/point-list.md, derived again from what the page says."""

import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest

from collectors.codecs.registers import ByteOrder, DataType, ValueForm, decoder
from collectors.runtime.config_reader import parse_point_list
from collectors.runtime.plan import plan_blocks
from collectors.runtime.replay import ReplayMeter
from collectors.runtime.replay_table import ReplayRow
from collectors.runtime.settings import load_settings
from collectors.source import RegisterTable

PAGE = (Path(__file__).resolve().parents[3] / "docs/spec/point-list.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)


def table(head: str) -> list[list[str]]:
    """The rows of the Markdown table whose first line is ``head``."""
    lines = PAGE[PAGE.index(head) :].splitlines()[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


POINTS = parse_point_list(BLOCKS[0].encode(), name="point-list.md")
VALUES = table("| type | byte_order | wire | scale | decimals | value |")


@pytest.mark.parametrize(("device", "request_text"), table("| device | request |"))
def test_the_requests_of_the_example(device: str, request_text: str) -> None:
    config = next(item for item in POINTS.devices if item.name == device)
    (block,) = plan_blocks(config)
    request = block.request
    expected = (
        f"function {request.table.function}, address {request.address}, count {request.count}"
    )
    assert request_text == expected


@pytest.mark.parametrize(("kind", "order", "wire", "scale", "decimals", "value"), VALUES)
def test_the_values(  # noqa: PLR0917 - one argument a column of the table
    kind: str, order: str, wire: str, scale: str, decimals: str, value: str
) -> None:
    form = ValueForm(
        data_type=DataType(kind),
        order=ByteOrder(order),
        scale=Decimal(scale),
        decimals=int(decimals),
    )
    assert f"{decoder(form)(bytes.fromhex(wire)):f}" == value
    assert by_hand(kind, order, bytes.fromhex(wire), Decimal(scale), int(decimals)) == value


def by_hand(kind: str, order: str, wire: bytes, scale: Decimal, decimals: int) -> str:
    """The same from the words of the page, without the codec."""
    letters = "ABCDEFGH"[: len(wire)]
    if len(wire) == 2:
        order = {"ABCD": "AB", "CDAB": "AB", "DCBA": "BA", "BADC": "BA"}[order]
    if len(wire) == 8:
        order = {"CDAB": "GHEFCDAB", "ABCD": letters, "DCBA": letters[::-1], "BADC": "BADCFEHG"}[
            order
        ]
    ordered = bytes(wire[order.index(letter)] for letter in letters)
    number = int.from_bytes(ordered, "big", signed=kind.startswith("INT"))
    if kind == "FLOAT32":
        exponent, mantissa = number >> 23 & 0xFF, number & 0x7FFFFF | 0x800000
        value = Decimal(mantissa) * Decimal(2) ** (exponent - 150)
    else:
        value = Decimal(number)
    return f"{(value * scale).quantize(Decimal(1).scaleb(-decimals)):f}"


def test_every_key_of_the_page_is_known_and_every_known_key_is_on_the_page() -> None:
    for key in sorted(known_keys()):
        assert f"`{key}`" in PAGE, key


def known_keys() -> set[str]:
    """The keys the reader asks for, taken from its error about an unknown one."""
    found: set[str] = set()
    text = BLOCKS[0]
    places = ["[[line.device]]", "[[line]]", "[[line.device.field]]", "[[model]]"]
    for place in places:
        with pytest.raises(Exception, match="not known here") as caught:
            parse_point_list(text.replace(place, f"{place}\nzzz = 1", 1).encode(), name="x")
        found |= set(caught.value.params["known"].split(", "))
    return found - {"device"}


@pytest.mark.parametrize(
    ("before", "address", "after"), table("| row shown | address read | row shown after |")
)
def test_the_handshake_of_the_window(before: str, address: str, after: str) -> None:
    text = (Path(__file__).resolve().parents[3] / "infra/plant/steel.points.toml").read_bytes()
    (device,) = parse_point_list(text, name="steel").devices

    rows = [ReplayRow(at_ms=number, values=()) for number in range(9)]
    shown = SimpleNamespace(device=device, rows=rows, columns=())
    meter = ReplayMeter(shown, first_row=int(before))
    meter.read(1, RegisterTable.HOLDING, int(address), 1)
    assert meter.row == int(after)


def test_the_map_of_the_page_is_the_one_of_the_demo() -> None:
    demo = Path(__file__).resolve().parents[3] / "infra/plant/steel.map.toml"
    strip = re.compile(r"\s*#.*$", re.MULTILINE)
    assert strip.sub("", BLOCKS[1]).split() == strip.sub("", demo.read_text()).split()


def test_the_settings_of_the_page_are_the_defaults(tmp_path: Path) -> None:
    shown, least = tmp_path / "shown.toml", tmp_path / "least.toml"
    shown.write_text(BLOCKS[2].replace('passphrase_file = "passphrase"\n', ""))
    kept = ("format", "name", "url", "log", "origin", "[[destination]]")
    least.write_text("\n".join(line for line in BLOCKS[2].splitlines() if line.startswith(kept)))
    assert load_settings(shown) == load_settings(least)
