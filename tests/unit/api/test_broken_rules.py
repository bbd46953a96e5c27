"""Every rule that a wire model or a setting states has a sentence of ours, in both languages."""

from enum import StrEnum

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from api.broken_rules import broken_rule
from api.i18n import translations
from api.schemas.base import Instant, Name
from api.schemas.readings import ReadingsQuery
from api.settings import Settings


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Inner(BaseModel):
    colour: Colour
    many: dict[str, list[int]]


WRONG = [
    *((Settings, {"port": value}, "whole number") for value in ("x", 1.5, None, "9" * 5000)),
    (Settings, {"port": 70_000}, "65535 or less"),
    (Settings, {"seal_interval": 0}, "1 or more"),
    (Settings, {"interop": "perhaps"}, "true or false"),
    (Settings, {"interop": []}, "true or false"),
    (Settings, {"organisation": "two words"}, "must have the form"),
    (Settings, {"organisation": 1}, "text"),
    (Settings, {"language": "fr"}, "one of 'en', 'zh_CN'"),
    (Settings, {"witnesses": 1}, "a list"),
    (Settings, {"colour": 1}, "no such field"),
    (Settings, {"origin": "plant"}, "must have the form"),
    (ReadingsQuery, {}, "missing"),
    (ReadingsQuery, [], "an object"),
    (Name, "m" * 65, "at most 64 characters"),
    (Instant, "yesterday", "RFC 3339"),
    (Inner, {"colour": "blue", "many": {}}, "one of 'red', 'green'"),
    (Inner, {"colour": "red", "many": []}, "an object"),
    (Inner, {"colour": "red", "many": {"a": 1}}, "a list"),
]


@pytest.mark.parametrize(("form", "value", "expected"), WRONG)
def test_a_rule_is_told_in_both_languages(form: object, value: object, expected: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(form).validate_python(value)
    rule = broken_rule(caught.value.errors()[0])
    english, chinese = (
        translations(language).gettext(rule.template).format(**rule.params | {"field": "x"})
        for language in ("en", "zh_CN")
    )
    assert expected in english
    assert english.startswith("x: ")
    assert chinese.startswith("x：")
    assert "nput should" not in english + chinese


def test_another_rule_keeps_its_sentence() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(complex).validate_python("x")
    rule = broken_rule(caught.value.errors()[0])
    assert rule.template.format(**rule.params, field="x").startswith("x: Input should be")
