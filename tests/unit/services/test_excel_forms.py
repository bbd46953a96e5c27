"""Excel forms, filled in by another program than the one that reads them: data, and every bad cell."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from support.accounting_samples import CONTENTS
from support.accounts import DIESEL, GRID, log_boundary, log_content
from support.builders import ORGANISATION
from support.forms import AGAIN, ENTRIES, OUTPUT, REPORT, VALUES, filled
from support.plant import Plant, plant
from support.stores import new_store
from support.usual_engine import USUAL

from trace_node.accounting.activity.entry import ACTIVITY_ENTRY
from trace_node.accounting.boundary.boundary_file import read_boundary_file
from trace_node.accounting.laboratory.record import LaboratoryRecord
from trace_node.accounting.standing import Standing
from trace_node.crypto.sm3 import sm3
from trace_node.quota.registry.cells import RegistryFileError
from trace_node.services import entry_form, laboratory_form
from trace_node.services.entry_form import ReadForm, form_file, read_form
from trace_node.services.form_cells import EvidenceCellError, FormImport, evidence_by
from trace_node.services.laboratory_form import read_laboratory_form

FOLDER = {"invoice.pdf": sm3(b"invoice"), "report.pdf": sm3(b"report of the laboratory")}
GIVEN = FormImport(
    organisation=ORGANISATION,
    evidence=evidence_by(FOLDER, default=sm3(b"the form")),
    entered_by="王芳",
)


def bad_cells(error: RegistryFileError) -> list[str]:
    assert all(cell.remedy for cell in error.cells)
    return [cell.place.partition("!")[2] for cell in error.cells]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Plant]:
    with new_store(USUAL, tmp_path) as store, plant(store) as here:
        log_boundary(here, GRID + ENTRIES)
        yield here


def read(here: Plant, raw: bytes, given: FormImport = GIVEN) -> ReadForm:
    with here.store.view() as view:
        return read_form(raw, view, given)


class TestActivity:
    @pytest.mark.parametrize("name", entry_form.FORMS)
    def test_an_empty_form_says_nothing(self, here: Plant, name: str) -> None:
        found = read(here, form_file(name))
        assert found.entries == ()
        assert found.empty >= 2

    def test_a_form_begins_with_what_the_boundary_asks_for(self, here: Plant) -> None:
        boundary = read_boundary_file(DIESEL.encode(), file="boundary.toml")
        form = form_file("production", boundary=boundary, period="2026-10")
        sheet = openpyxl.load_workbook(io.BytesIO(form))["entries"]
        assert [[cell.value for cell in row[:3]] for row in sheet["A3:C4"]] == [
            ["diesel.trucks", "trucks", "2026-10"],
            ["diesel.loaders", "loaders", "2026-10"],
        ]
        assert sheet["D3"].number_format == "@"
        assert read(here, form).empty == 2

    def test_output_heat_and_load_become_entries(self, here: Plant) -> None:
        """[S2-11.6-1]: each row is a figure with its document."""
        heat = ["heat.supplied", "grid", "2026-10-05", "1250", "GJ", "热力表抄录", "暂定", ""]
        load = ["load.mean", "grid", "2026-10", "0.82", "1", "DCS 报表", "", ""]
        found = read(here, filled(form_file("production"), [OUTPUT, heat, load]))
        output, warmth, share = found.entries
        assert (output.activity, output.quantity, output.unit) == ("product.output", 812.5, "t")
        assert (output.evidence, output.entered_by) == (FOLDER["invoice.pdf"], "王芳")
        assert (warmth.standing, warmth.evidence) == (Standing.PROVISIONAL, sm3(b"the form"))
        assert (share.standing, share.period.name) == (Standing.FINAL, "2026-10")

    def test_every_bad_cell_is_told(self, here: Plant) -> None:
        bad = ["product output", "line", "10/2026", "1,5", "tt?", "", "maybe", "lost.pdf"]
        rows = [OUTPUT, bad, OUTPUT]
        with pytest.raises(RegistryFileError) as caught:
            read(here, filled(form_file("production"), rows))
        assert bad_cells(caught.value) == ["A4", "C4", "D4", "E4", "F4", "G4", "H4", "A5"]
        assert caught.value.reason == "activity.cell"

    def test_a_name_that_no_boundary_knows_is_told_with_those_that_are(self, here: Plant) -> None:
        """Nothing would count it, and nobody would see that."""
        typed = ["product.outputs", *OUTPUT[1:]]
        elsewhere = [OUTPUT[0], "boiler", "2026-09", *OUTPUT[3:]]
        with pytest.raises(RegistryFileError) as caught:
            read(here, filled(form_file("production"), [OUTPUT, typed, elsewhere]))
        assert bad_cells(caught.value) == ["A4", "B5"]
        unknown, other = caught.value.cells
        assert "heat.supplied, load.mean, product.output" in unknown.message
        assert "product.output belongs to the source grid" in other.message

    def test_a_name_of_an_earlier_version_is_known(self, here: Plant) -> None:
        log_boundary(here, GRID.replace("version = 1", "version = 2"))
        assert len(read(here, filled(form_file("production"), [OUTPUT])).entries) == 1

    def test_a_formula_is_refused_and_a_number_or_date_is_taken(self, here: Plant) -> None:
        number = [*OUTPUT[:3], 812.5, *OUTPUT[4:]]
        (entry,) = read(here, filled(form_file("production"), [number])).entries
        assert str(entry.quantity) == "812.5"
        formula = [*OUTPUT[:3], "=1+1", *OUTPUT[4:]]
        with pytest.raises(RegistryFileError) as caught:
            read(here, filled(form_file("production"), [formula]))
        assert bad_cells(caught.value) == ["D3"]

    def test_a_correction_is_a_new_leaf_that_names_the_old(self, here: Plant) -> None:
        """A wrong entry stays; what is said again is not logged again."""
        (first,) = read(here, filled(form_file("production"), [OUTPUT])).entries
        old = log_content(here, first)
        corrected = [*OUTPUT[:3], "821.5", *OUTPUT[4:]]
        raw = filled(form_file("production"), [corrected])
        with pytest.raises(RegistryFileError) as caught:
            read(here, raw)
        assert bad_cells(caught.value) == ["A3"]
        again = replace(GIVEN, corrects=True)
        (second,) = read(here, raw, again).entries
        assert second.replaces is not None
        assert (second.replaces.index, second.replaces.digest) == (old.index, old.digest)
        new = log_content(here, second)
        (same,) = read(here, raw, again).entries
        assert log_content(here, same).index == new.index
        with here.store.view() as view:
            newest = view.statements.newest(ACTIVITY_ENTRY, first.topic)
        assert newest is not None
        assert newest.index == new.index > old.index

    def test_another_workbook_is_no_form(self, here: Plant) -> None:
        book = openpyxl.Workbook()
        book.active.title = entry_form.SHEET
        book.active.append(["activity", "sauce"])
        out = io.BytesIO()
        book.save(out)
        with pytest.raises(RegistryFileError) as caught:
            read(here, out.getvalue())
        assert "B1" in bad_cells(caught.value)


def laboratory(rows: Sequence[Sequence[str]]) -> Sequence[LaboratoryRecord]:
    return read_laboratory_form(filled(laboratory_form.laboratory_form(), rows), GIVEN)


class TestLaboratory:
    def test_rows_of_a_sample_are_one_report(self) -> None:
        """[S2-11.3-d]: the form says what the record says."""
        rows = [[*(AGAIN if n else REPORT), *value] for n, value in enumerate(VALUES)]
        other = ["2025-12-08-A", *REPORT[1:], *VALUES[3]]
        first, second = laboratory([*rows, other])
        assert first == CONTENTS["laboratory record"]
        assert second.sample == "2025-12-08-A"
        assert [each.parameter.value for each in second.values] == ["ncv"]

    def test_an_empty_form_says_nothing(self) -> None:
        assert laboratory([]) == []

    def test_every_bad_cell_is_told(self) -> None:
        bad = [
            *("S-1", "", "Coal!", "炉前", "Dec", "-3", "barrel"),
            *("2025-13-07", "", "2025-12-11", "2025-12-12", "", "CMB 1", "", "lost.pdf"),
        ]
        worse = ["碳", "湿基", "61.2", "%", "", "0.61"]
        with pytest.raises(RegistryFileError) as caught:
            laboratory([[*bad, *worse], [*REPORT, *VALUES[0]]])
        cells = set(bad_cells(caught.value))
        assert {"C3", "D3", "E3", "G3", "H3", "I3", "L3", "M3", "N3", "O3"} <= cells
        assert {"P3", "Q3"} <= cells
        assert not any(cell.endswith("4") for cell in cells)
        assert caught.value.reason == "laboratory.cell"

    def test_a_percent_and_a_second_value_of_a_kind_are_told(self) -> None:
        percent = [*REPORT, "元素碳", "空气干燥基", "61.20", "", "GB/T 476-2008", ""]
        with pytest.raises(RegistryFileError) as caught:
            laboratory([percent])
        assert bad_cells(caught.value) == ["R3"]
        with pytest.raises(RegistryFileError) as caught:
            laboratory([[*REPORT, *VALUES[0]], [*AGAIN, *VALUES[0]]])
        assert bad_cells(caught.value) == ["P4"]

    def test_what_a_further_row_says_otherwise_is_told(self) -> None:
        other = ["2025-12-07-A", *[""] * 4, "3000", *[""] * 9]
        with pytest.raises(RegistryFileError) as caught:
            laboratory([[*REPORT, *VALUES[0]], [*other, *VALUES[1]]])
        assert bad_cells(caught.value) == ["F4"]

    def test_a_document_may_be_named_by_its_digest(self) -> None:
        named = [*REPORT[:-1], sm3(b"x").hex()]
        (record,) = laboratory([[*named, *VALUES[0]]])
        assert record.evidence == sm3(b"x")


@pytest.mark.parametrize("cell", ["a" * 63, "g" * 64, "ab " * 21 + "a", " " * 62 + "ab"])
def test_what_is_no_digest_is_no_document(cell: str) -> None:
    """A digest has 64 digits; spaces between fewer of them make none."""
    with pytest.raises(EvidenceCellError):
        evidence_by({}, default=None)(cell)
