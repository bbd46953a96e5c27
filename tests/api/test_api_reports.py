"""Reports, packages, forms and data of sources over HTTP, of a node with a month of readings."""

import io
import json
import zipfile
from collections.abc import Iterator

import httpx
import pypdf
import pytest
from python_calamine import CalamineWorkbook
from support.accounts import GRID, accounts, deliver_hours, hourly_meter, log_boundary, request
from support.builders import Run
from support.forms import ENTRIES, OUTPUT, REPORT, VALUES, filled
from support.node_app import make_app, node_app
from support.reports import needs_font
from support.served import Api, bearer
from support.servers import serving

from api.tokens import Role
from trace_node.crypto.sm3 import sm3
from trace_node.ids import to_base64url
from trace_node.services.workbook import MAX_FILE_BYTES
from trace_node.services.workbook_tables import MEDIA_TYPE

ASKED = {"boundary": "plant", "period": "2026-10"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with (
        node_app(tmp_path_factory.mktemp("node")) as node,
        serving(make_app(node)) as url,
        httpx.Client(trust_env=False, timeout=60) as client,
    ):
        hourly_meter(node.plant)
        log_boundary(node.plant, GRID + ENTRIES)
        deliver_hours(node.plant, Run())
        accounts(node.plant).account(request())
        node.settle()
        node.anchor()
        yield Api(node=node, url=url, client=client)


def ask_file(api: Api, name: str, role: Role = Role.ENTERPRISE, **query: object) -> httpx.Response:
    return api.ask(name, token=api.token(role), **(ASKED | query))


@needs_font
def test_a_report_is_made_logged_and_found_by_its_file(api: Api) -> None:
    """[S2-11.11]"""
    made = ask_file(api, "Report")
    assert made.status_code == 200, made.text
    assert made.headers["content-type"] == "application/pdf"
    pages = pypdf.PdfReader(io.BytesIO(made.content)).pages
    assert "温室气体盘查报告书" in "".join(page.extract_text() for page in pages)
    leaf = int(made.headers["trace-node-leaf"])
    found = api.data("ReportOf", sm3=to_base64url(sm3(made.content)))
    assert (found["index"], found["record"]["boundary"]) == (leaf, "plant")
    unknown = api.ask("ReportOf", sm3=to_base64url(bytes(32)))
    assert (unknown.status_code, unknown.json()["data"]["reason"]) == (404, "report.unknown")
    whole = ask_file(api, "Report", form="zip")
    assert int(whole.headers["trace-node-leaf"]) == leaf
    with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
        assert archive.read("report-2026-10.pdf") == made.content
        assert {name.rpartition(".")[2] for name in archive.namelist()} == {"pdf", "docx", "xlsx"}


def test_who_may_not_make_one_and_what_cannot_be_made(api: Api) -> None:
    assert ask_file(api, "Report", role=Role.VERIFIER).status_code == 403
    assert api.ask("Report", token="", **ASKED).status_code == 401
    refused = ask_file(api, "Report", period="2027-01")
    assert (refused.status_code, refused.json()["data"]["reason"]) == (400, "report.empty")
    assert ask_file(api, "Report", form="odt").status_code == 400
    assert ask_file(api, "Report", boundary="nowhere").status_code == 404


def test_the_evidence_of_a_month_comes_as_one_file(api: Api) -> None:
    api.node.settle()  # what other tests entered
    answer = ask_file(api, "EvidencePackage", role=Role.VERIFIER)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        signed = {"manifest.json", "signature.json"}
        assert {each["name"] for each in manifest["files"]} | signed == set(archive.namelist())
    assert (manifest["boundary"], manifest["period"]) == ("plant", "2026-10")


def test_the_data_of_each_source_is_sorted_chosen_and_exported(api: Api) -> None:
    """[S2-11.9]"""
    found = api.data("SourceData", **ASKED)
    (row,) = found["rows"]
    assert (row["source"], row["scope"], row["gas"]) == ("grid", 2, "CO2")
    (used,) = (each for each in found["activity"] if each["activity"] == "grid.in")
    assert (used["source"], used["unit"], used["leaf"]) == ("grid", "kWh", row["leaf"])
    assert api.data("SourceData", **ASKED, scope=1)["rows"] == []
    headers = {**bearer(api.token()), "Accept": MEDIA_TYPE}
    book = api.client.post(f"{api.url}/api/v1/SourceData", json=ASKED, headers=headers)
    assert book.headers["content-type"] == MEDIA_TYPE
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(book.content))
    heading, only = sheets.get_sheet_by_name("rows").to_python()
    assert only[heading.index("source")] == "grid"


def test_every_answer_is_a_workbook_where_one_is_accepted(api: Api) -> None:
    """Tables of other interfaces too; a refusal stays JSON."""
    headers = {**bearer(api.token()), "Accept": f"{MEDIA_TYPE}, */*;q=0.1"}
    for name, query in (("InventoryQuery", ASKED), ("ActivityEntries", {}), ("Factors", {})):
        book = api.client.post(f"{api.url}/api/v1/{name}", json=query, headers=headers)
        assert book.status_code == 200, book.text
        assert CalamineWorkbook.from_filelike(io.BytesIO(book.content)).sheet_names
    refused = api.client.post(f"{api.url}/api/v1/InventoryQuery", json={}, headers=headers)
    assert refused.status_code == 400
    assert refused.json()["data"]["reason"]
    plain = api.client.post(
        f"{api.url}/api/v1/InventoryQuery", json=ASKED, headers=headers | {"Accept": "*/*"}
    )
    assert plain.json()["code"] == "000000"


class TestForms:
    def fetch(self, api: Api, name: str) -> bytes:
        answer = api.get(f"/forms/v1/{name}", token=api.token())
        assert answer.status_code == 200, answer.text
        return answer.content

    def hand_in(
        self, api: Api, name: str, raw: bytes, role: Role = Role.ENTERPRISE, **query: object
    ) -> httpx.Response:
        return api.client.post(
            f"{api.url}/forms/v1/{name}",
            content=raw,
            params=query,
            headers=bearer(api.token(role)),
        )

    def test_a_form_is_fetched_filled_and_handed_in(self, api: Api) -> None:
        """[S2-11.3-d]"""
        row = [*OUTPUT[:-1], ""]
        raw = filled(self.fetch(api, "production"), [row])
        taken = self.hand_in(api, "activity", raw, by="王芳")
        assert taken.status_code == 201, taken.text
        (leaf,) = taken.json()["data"]["leaves"]
        entries = api.data("ActivityEntries")["records"]
        (entry,) = (each for each in entries if each["index"] == leaf)
        assert entry["record"]["evidence"] == to_base64url(sm3(raw))
        again = self.hand_in(api, "activity", raw, by="王芳")
        assert again.json()["data"]["leaves"] == [leaf]
        other = filled(self.fetch(api, "production"), [[*row[:3], "1", *row[4:]]])
        refused = self.hand_in(api, "activity", other, by="王芳")
        assert [each["field"] for each in refused.json()["data"]["faults"]] == ["entries!A3"]
        corrected = self.hand_in(api, "activity", other, by="王芳", correct=True)
        assert corrected.json()["data"]["leaves"] > [leaf]

    def test_laboratory_records_come_the_same_way(self, api: Api) -> None:
        raw = filled(self.fetch(api, "laboratory"), [[*REPORT[:-1], "", *VALUES[0]]])
        taken = self.hand_in(api, "laboratory", raw, evidence=sm3(b"scan").hex())
        assert taken.status_code == 201, taken.text
        (leaf,) = taken.json()["data"]["leaves"]
        records = api.data("LaboratoryRecords")["records"]
        assert leaf in {each["index"] for each in records}

    def test_every_bad_cell_is_told_and_nothing_is_kept(self, api: Api) -> None:
        before = api.data("ActivityEntries")["records"]
        bad = filled(self.fetch(api, "production"), [OUTPUT, ["x"] * 8])
        refused = self.hand_in(api, "activity", bad, by="王芳")
        assert (refused.status_code, refused.json()["data"]["reason"]) == (400, "activity.cell")
        faults = refused.json()["data"]["faults"]
        assert {each["field"] for each in faults} >= {"entries!C4", "entries!D4", "entries!G4"}
        assert all(each["remedy"] for each in faults)
        assert api.data("ActivityEntries")["records"] == before

    def test_who_may_not_and_what_is_too_large(self, api: Api) -> None:
        raw = b"x" * (MAX_FILE_BYTES + 1)
        assert self.hand_in(api, "activity", raw, by="x").status_code == 413
        assert self.hand_in(api, "activity", b"x", by="x").status_code == 400
        assert self.hand_in(api, "activity", b"x", Role.VERIFIER, by="x").status_code == 403
        assert api.get("/forms/v1/production").status_code == 401
        assert api.get("/forms/v1/other", token=api.token()).status_code == 400
