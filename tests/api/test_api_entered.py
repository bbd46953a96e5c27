"""Factors, methods, laboratory records and entries over HTTP: handed in by signature, read by token."""

from dataclasses import replace
from datetime import date

import httpx
from support.accounting_samples import CONTENTS
from support.builders import key
from support.served import Api

from trace_node.record.statement import Content
from trace_node.services.log_statement import signed_statement

NAMES = ("Factors", "Methods", "LaboratoryRecords", "ActivityEntries")


def state(api: Api, content: Content, signer: str = "node") -> httpx.Response:
    raw = signed_statement(content, signer=key(signer), clock=api.node.clock)
    return api.client.post(f"{api.url}/ingest/v1/plant-a/statements", content=raw)


def leaf(answer: httpx.Response) -> int:
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["index"]


def refused(answer: httpx.Response) -> tuple[int, str]:
    data = answer.json()["data"]
    assert data["remedy"]
    return answer.status_code, data["reason"]


def test_they_need_a_token_and_known_fields(api: Api) -> None:
    for name in NAMES:
        assert api.ask(name, token="").status_code == 401
        assert api.ask(name, no_such=1).status_code == 400


def test_a_report_is_read_with_its_findings(api: Api) -> None:
    report = replace(CONTENTS["laboratory record"], sample="API-1")
    first = leaf(state(api, report))
    redated = replace(report, tested_on=date(2025, 12, 6))
    second = leaf(state(api, redated))
    rows = api.data("LaboratoryRecords", topic=report.topic)["records"]
    assert [(row["index"], row["holds"]) for row in rows] == [(first, False), (second, True)]
    assert rows[0]["findings"] == []
    found = {finding["code"]: finding["message"] for finding in rows[1]["findings"]}
    assert set(found) == {"laboratory.tested_before_sampled", "laboratory.re_dated"}
    assert "2025-12-06" in found["laboratory.tested_before_sampled"]
    only = api.data("LaboratoryRecords", topic=report.topic, only_holding=True)["records"]
    assert [row["index"] for row in only] == [second]
    assert api.data("LaboratoryRecords", topic=report.topic, after=second)["records"] == []
    assert len(api.data("LaboratoryRecords", topic=report.topic, limit=1)["records"]) == 1


def test_an_entry_that_corrects_nothing_is_refused(api: Api) -> None:
    entry = CONTENTS["activity entry"]
    assert refused(state(api, entry)) == (409, "activity.replaces")
    index = leaf(state(api, replace(entry, replaces=None)))
    (row,) = api.data("ActivityEntries", topic=entry.topic)["records"]
    assert (row["index"], row["record"]["document"]) == (index, entry.document)


def hand_in(api: Api, *raws: bytes, media_type: str = "application/x-ndjson") -> httpx.Response:
    return api.client.post(
        f"{api.url}/ingest/v1/plant-a/statements/together",
        content=b"\n".join(raws),
        headers={"Content-Type": media_type},
    )


def signed(api: Api, content: Content, signer: str = "node") -> bytes:
    return signed_statement(content, signer=key(signer), clock=api.node.clock)


def test_what_comes_together_is_kept_together_or_not_at_all(api: Api) -> None:
    entry = replace(CONTENTS["activity entry"], replaces=None, activity="together.1")
    other, report = replace(entry, activity="together.2"), CONTENTS["laboratory record"]
    report = replace(report, sample="TOGETHER-1")
    raws = [signed(api, each) for each in (entry, other, report)]
    stranger = signed(api, replace(entry, activity="together.3"), "stranger")
    assert refused(hand_in(api, *raws, stranger)) == (403, "statement.key")
    assert hand_in(api, *raws, b"").status_code == 400
    assert refused(hand_in(api, *raws, raws[0])) == (400, "together.topic")
    assert refused(hand_in(api, *[b"{}"] * 20_001)) == (413, "together.too_many")
    assert refused(hand_in(api, *raws, media_type="application/json")) == (415, "input.media_type")
    late = replace(CONTENTS["activity entry"], activity="together.4")  # it corrects nothing
    assert refused(hand_in(api, *raws, signed(api, late))) == (409, "activity.replaces")
    assert api.data("ActivityEntries", topic=entry.topic)["records"] == []
    taken = hand_in(api, *raws)
    assert taken.status_code == 201, taken.text
    first, *rest = (each["index"] for each in taken.json()["data"]["statements"])
    assert rest == [first + 1, first + 2]
    (row,) = api.data("ActivityEntries", topic=other.topic)["records"]
    assert row["index"] == first + 1


def test_who_may_not_is_refused_with_a_remedy(api: Api) -> None:
    for name in ("method release", "factor release", "signer trust"):
        assert refused(state(api, CONTENTS[name])) == (403, "statement.key")
    for name in ("laboratory record", "factor approval", "term approval"):
        assert refused(state(api, CONTENTS[name], "stranger")) == (403, "statement.key")


def test_factors_and_methods_are_asked_for(api: Api) -> None:
    index = leaf(state(api, CONTENTS["factor entry"]))
    row = CONTENTS["factor entry"].row.id  # type: ignore[attr-defined]
    (own,) = api.data("Factors", row=row)["factors"]
    assert (own["leaf"], own["status"], own["approval"]) == (index, "draft", None)
    approval = leaf(state(api, CONTENTS["factor approval"]))
    (own,) = api.data("Factors", row=row)["factors"]
    assert own["approval"] == approval
    page = api.data("Factors", kind="gwp", limit=5)["factors"]
    after = api.data("Factors", kind="gwp", after=page[-1]["row"]["id"], limit=5)["factors"]
    assert len({each["row"]["id"] for each in (*page, *after)}) == 10
    methods = api.data("Methods")["methods"]
    assert {"cn.ndrc.coal.2014.open_pit@1"} <= {each["method"] for each in methods}
    (pit,) = api.data("Methods", method="cn.ndrc.coal.2014.open_pit@1")["methods"]
    assert "E_expl" in pit["unconfirmed"]
    assert pit["definition"]["version"] == 1
    assert refused(api.ask("Methods", method="no.such@1")) == (404, "accounting.method.none")
