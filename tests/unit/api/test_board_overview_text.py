"""The overview of all enterprises on terminals of several widths, in both languages."""

import pytest
from support.boards import case, owed, position, rules

from api.cli.board_overview_text import print_overview
from trace_node.quota.board.compute import board_of
from trace_node.services.board import Overview, OverviewRow

NAMES = ("coast-power", "north-power-and-heat")


def overview(tonnes: int) -> Overview:
    given = case("2027-02-01 09:00", position=position(obligations=(owed(2026, tonnes),)))
    board = board_of(given, rules=rules("2027-02-01 09:00"))
    rows = [OverviewRow(organisation=name, board=board, fault="") for name in NAMES]
    rows.append(OverviewRow(organisation="broken", board=None, fault="its output does not fit"))
    return Overview(now=given.now, rows=tuple(rows))


def lines(
    tonnes: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, width: int
) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(width))
    print_overview(overview(tonnes))
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_at_80_columns_no_figure_is_broken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("TN_LANG", language)
    told = lines(1_234_567, capsys, monkeypatch, width=80)
    (row,) = (line for line in told if line.lstrip().startswith("coast-power "))
    assert row.split()[2:4] == ["1,234,567", "0"]
    assert any("its output does not fit" in line for line in told)


def test_where_the_table_does_not_fit_each_enterprise_has_a_block(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TN_LANG", "en")
    told = lines(1_234_567, capsys, monkeypatch, width=40)
    assert told.count("  obligation: 1,234,567") == len(NAMES)
    assert "…" not in "\n".join(told)
