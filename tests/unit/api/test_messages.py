"""Every text that people read is in the catalogue, whole, and comes out in their language."""

import ast
import importlib.util
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog
from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_command

from api.cli import COMMANDS, build, tell
from api.cli.help_text import in_language_of_reader
from api.envelope import failure
from api.i18n import choose, message_of, remedy_of
from trace_node.errors import ConfigError, InputError, NotFoundError, TraceNodeError

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("trace_node", "collectors", "chain", "api")
DOTTED = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+")
HOSTILE = "{field} {} {0} {missing!r:>99} }{ %s %(field)s"


@pytest.fixture(scope="module")
def collector() -> Iterator[ModuleType]:
    """The script that collects the texts, as a module; nothing is left beside it."""
    loader = SourceFileLoader("messages_script", str(ROOT / "infra" / "scripts" / "messages"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)
        patch.setitem(sys.modules, loader.name, module)
        loader.exec_module(module)
        yield module


@pytest.fixture(scope="module")
def catalog(collector: ModuleType) -> Catalog:
    """The texts of the code with their translations."""
    return collector.merged()


def found_in(collector: ModuleType, code: str) -> set[str]:
    """The texts that the collector finds in a module of this code."""
    tree = ast.parse(dedent(code))
    return set(collector.texts(tree, collector.understand({"a.py": tree})["a.py"]))


def test_every_text_is_translated_with_its_own_parameters(
    collector: ModuleType, catalog: Catalog
) -> None:
    assert len(catalog) > 900
    assert collector.faults(catalog) == []


def test_the_files_are_what_the_code_and_the_translations_give(
    collector: ModuleType, catalog: Catalog
) -> None:
    assert catalog.mime_headers
    po, mo = collector.written(catalog)
    assert (collector.FOLDER / "trace_node.po").read_bytes() == po
    assert (collector.FOLDER / "trace_node.mo").read_bytes() == mo


@pytest.mark.parametrize(
    ("original", "translated", "fault"),
    [
        ("see {path}", "", "not translated"),
        ("see {path}", "请查看", "other parameters"),
        ("see {path}", "请查看 {paths}", "other parameters"),
        ("see it", "请查看 {path}", "other parameters"),
    ],
)
def test_a_wrong_translation_is_a_fault(
    collector: ModuleType, original: str, translated: str, fault: str
) -> None:
    wrong = Catalog(locale="zh_CN")
    wrong.add(original, translated)
    assert [found.split(":")[0] for found in collector.faults(wrong)] == [fault]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('raise OddError("a", remedy="b" if x else "c")', {"a", "b", "c"}),
        ('raise ValueError("for programmers")', set()),
        ('why, template = "code", "a"\nraise OddError(template)', {"a"}),
        ('CURES = {1: "a", 2: "b"}\nraise OddError("c", remedy=CURES[n])', {"a", "b", "c"}),
        ('def _no(what, template): raise OddError(template)\n_no("x", "a")', {"a"}),
        ('def _no(text): raise OddError("p: " + text)\n_no("a")\n_no(text="b")', {"p: a", "p: b"}),
        (
            """
            class A:
                def no(self, t): return self.error("{field}: " + t)
                def nay(self, t): return self.no(t)
            A().nay("a")
            """,
            {"{field}: a"},
        ),
        ('logger.error("request failed")', set()),
        ('label("name", "code", "a sentence")', {"a sentence"}),
    ],
)
def test_texts_are_found_wherever_they_are_handed_on(
    collector: ModuleType, code: str, expected: set[str]
) -> None:
    assert found_in(collector, code) == expected


def errors() -> list[type[TraceNodeError]]:
    """Every class of errors of the product."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            classes = [item.name for item in ast.walk(tree) if isinstance(item, ast.ClassDef)]
            if any(name.endswith("Error") for name in classes):
                importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    found, todo = [], [TraceNodeError]
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        if kind.__module__.partition(".")[0] in PACKAGES:
            found.append(kind)
    return found


def test_a_code_belongs_to_one_kind_of_error_and_what_is_derived_from_it() -> None:
    kinds = defaultdict(set)
    for kind in errors():
        kinds[kind.code].add(kind)
    assert len(kinds) > 40
    for code, sharing in kinds.items():
        first = [base for base in sharing if all(issubclass(kind, base) for kind in sharing)]
        assert len(first) == 1, (code, sharing)


def test_every_code_is_dotted_but_that_of_a_whole_family() -> None:
    for kind in errors():
        general = {base.__module__ for base in (kind, *kind.__bases__)} & {
            TraceNodeError.__module__
        }
        assert DOTTED.fullmatch(kind.code) or (general and kind.code.isidentifier()), kind


@pytest.mark.parametrize(
    ("preference", "language"),
    [
        ("zh", "zh_CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_CN"),
        ("zh_CN.UTF-8", "zh_CN"),
        ("en-GB", "en"),
        ("fr, zh", "zh_CN"),
        ("fr", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_language_is_the_first_one_known(preference: str | None, language: str) -> None:
    assert choose(preference) == language


def test_the_command_line_speaks_chinese_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TN_LANG", "zh")
    tell(
        ConfigError(
            "{path} holds no node",
            path="/srv/a",
            remedy="make one with trace-node init --home FOLDER",
        )
    )
    assert capsys.readouterr().err == (
        "错误: /srv/a 中没有节点 [config]\n处理办法: 请用 trace-node init --home FOLDER 新建\n"
    )


def test_the_command_line_speaks_english_otherwise(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TN_LANG", "en")
    tell(ConfigError("{path} holds no node", path="/srv/a"))
    assert capsys.readouterr().err == "error: /srv/a holds no node [config]\n"


def helps_of(command: object) -> Iterator[str]:
    """The help of a command, its options and all commands under it, but for typer's own."""
    own = [item for item in command.params if "completion" not in item.name]
    yield from (item.help for item in (command, *own) if getattr(item, "help", None))
    for member in getattr(command, "commands", {}).values():
        yield from helps_of(member)


def test_help_is_in_the_language_of_the_reader(
    monkeypatch: pytest.MonkeyPatch, catalog: Catalog
) -> None:
    english = list(helps_of(get_command(build(list(COMMANDS)))))
    monkeypatch.setenv("TN_LANG", "zh_CN.UTF-8")
    chinese = list(helps_of(in_language_of_reader(get_command(build(list(COMMANDS))))))
    assert len(english) > 100
    assert chinese == [catalog[text].string for text in english]


def test_an_answer_over_http_is_in_the_language_that_was_asked_for() -> None:
    error = NotFoundError(
        "{field}: this node keeps the log {known}, not {asked}",
        field="log",
        known="main",
        asked="plant-b",
        remedy="use the name of the log in the path",
    )
    _, chinese = failure(error, language=choose("zh-CN,zh;q=0.9"), request_id="r")
    _, english = failure(error, language=choose("en"), request_id="r")
    assert chinese.message == "log：本节点保存的日志是 main，而非 plant-b"
    assert chinese.data.remedy == "请在路径中使用该日志的名称"
    assert english.message == "log: this node keeps the log main, not plant-b"
    assert (chinese.code, chinese.data.reason) == (english.code, english.data.reason)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_braces_in_values_stay_as_they_are(language: str) -> None:
    error = InputError("{field}: not JSON: {detail}", field=HOSTILE, detail=HOSTILE)
    colon = ": " if language == "en" else "："
    verb = "not JSON" if language == "en" else "不是 JSON"
    assert message_of(error, language) == f"{HOSTILE}{colon}{verb}{colon}{HOSTILE}"


@given(value=st.text())
def test_no_value_breaks_a_message(value: str) -> None:
    error = InputError(
        "{field}: must be one of {choices}", field=value, choices=value, remedy="{choices}"
    )
    assert message_of(error, "zh_CN") == f"{value}：必须为 {value} 之一"
    assert error.message == f"{value}: must be one of {value}"
    assert remedy_of(error, "zh_CN") == value


def test_every_translation_formats_with_any_value(collector: ModuleType, catalog: Catalog) -> None:
    for message in catalog:
        if message.id:
            values = dict.fromkeys(collector.parameters(message.id), HOSTILE)
            shown = InputError(message.id, **{"field": HOSTILE, **values})
            assert message_of(shown, "zh_CN").count(HOSTILE) >= len(values)
