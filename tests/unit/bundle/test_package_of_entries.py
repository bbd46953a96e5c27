"""A package whose figure rests on documents: what a figure used cannot be left out of it."""

import json
from collections.abc import Mapping

import pytest
from support.accounts import accounts, log_boundary
from support.accounts import request as of_works
from support.builders import NOW, ORGANISATION, key
from support.cement import BOUNDARY, DAY, enter
from support.provable import provable, provable_trust_root

from trace_node import canonical_json
from trace_node.crypto.sm3 import sm3
from trace_node.ids import to_base64url
from trace_node.services.evidence_package import PackageRequest, make_package
from trace_node.services.evidence_package_check import PackageReport, check_package
from trace_node.services.evidence_package_form import open_archive
from trace_node.services.evidence_package_signature import sign_manifest
from trace_node.services.prove_emission import figures_of_log
from trace_node.services.prove_statements import prove_statements
from trace_node.services.report_zip import steady_archive
from trace_node.services.verify_against import Against

STATEMENTS = "statements.tnproof"


def checked(raw: bytes) -> PackageReport:
    return check_package(raw, against=Against(trust_root=provable_trust_root().raw, now=NOW))


def restated(files: Mapping[str, bytes], statements: bytes) -> bytes:
    """With other statements, nothing missing, and a manifest that the node signed for that."""
    manifest = json.loads(files["manifest.json"])
    manifest["missing"] = []
    for each in manifest["files"]:
        if each["name"] == STATEMENTS:
            each |= {"bytes": len(statements), "sm3": to_base64url(sm3(statements))}
    raw = canonical_json.encode(manifest)
    signature = sign_manifest(raw, origin=manifest["origin"], signer=key("node"))
    changed = {"manifest.json": raw, "signature.json": signature, STATEMENTS: statements}
    return steady_archive({**files, **changed})


def test_the_entry_of_a_figure_that_was_left_out_is_missed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The maker of a package hides no lost invoice by leaving out who names it."""
    with provable(tmp_path_factory.mktemp("log")) as world:
        here = world.plant
        boundary = log_boundary(here, BOUNDARY)
        enter(here)
        accounts(here).account(of_works(DAY))
        world.settle()
        asked = PackageRequest(organisation=ORGANISATION, boundary="plant", period=DAY)
        package = make_package(asked, figures=figures_of_log(here.store), signer=key("node"))
        alone = prove_statements([boundary.index], store=here.store)
    (missing,) = package.manifest.missing
    assert checked(package.body).faults == ()
    hidden = checked(restated(open_archive(package.body), alone))
    assert [(each.reason, each.field) for each in hidden.faults] == [
        ("package.voucher_missing", f"vouchers/{missing.evidence.hex()}")
    ]
