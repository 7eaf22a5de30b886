"""Templates as Meta lists them: what operators are told, and where parameters go (MS7)."""

from typing import Any

import pytest

from gateways.whatsapp_cloud.templates import SNAPSHOT_BYTES, Shape, components, listed, shape_of
from shared.contract.content import Template
from shared.failure import Rejected

pytestmark = pytest.mark.feature("MS7")

BODY = {"type": "BODY", "text": "{{2}}, {{1}} и снова {{1}}", "example": {"body_text": [["чай", "Анна"]]}}


def template(*parts: Any, **more: Any) -> dict[str, Any]:
    return {
        "name": "t",
        "language": "ru",
        "status": "APPROVED",
        "category": "UTILITY",
        "components": parts,
    } | more


def one(*parts: Any) -> tuple[Any, Shape]:
    found = listed([template(*[dict(part) for part in parts]) | {"components": list(parts)}], "main")
    (known,) = found.known
    shape = shape_of(found.shapes["t ru"])
    assert shape is not None
    return known, shape


def filled(shape: Shape | None, *parameters: str, header: Any = None) -> list[dict[str, Any]]:
    return components(Template(name="t", language="ru", parameters=parameters), shape, header)


def test_places_are_counted_and_filled_in_order() -> None:
    buttons = [
        {"type": "QUICK_REPLY", "text": "Да"},
        {"type": "URL", "text": "Открыть", "url": "https://shop.example/{{1}}", "example": ["https://shop.example/7"]},
        {"type": "URL", "text": "Сайт", "url": "https://shop.example"},
        {"type": "COPY_CODE", "text": "Код", "example": "TEA"},
        {"type": "FLOW", "text": "Анкета"},
    ]  # fmt: skip
    head = {"type": "HEADER", "format": "TEXT", "text": "Заказ {{1}}", "example": {"header_text": ["15"]}}
    foot = {"type": "FOOTER", "text": "Магазин"}
    known, shape = one(head, BODY, foot, {"type": "BUTTONS", "buttons": buttons})
    assert (known.header, known.footer, known.media, known.parameters) == ("Заказ {{1}}", "Магазин", None, 5)
    assert known.examples == ("15", "чай", "Анна", "https://shop.example/7", "TEA")
    assert known.buttons == ("Да", "Открыть", "Сайт", "Код", "Анкета")
    assert shape.body == ("1", "2")
    made = filled(shape, "16", "кофе", "Борис", "o16", "SALE")
    text = [[{"type": "text", "text": words}] for words in ("16", "o16")]
    coupon = [{"type": "coupon_code", "coupon_code": "SALE"}]
    action = [{"type": "action", "action": {"flow_token": "unused"}}]
    assert made == [
        {"type": "header", "parameters": text[0]},
        {"type": "body", "parameters": [{"type": "text", "text": "кофе"}, {"type": "text", "text": "Борис"}]},
        {"type": "button", "sub_type": "url", "index": "1", "parameters": text[1]},
        {"type": "button", "sub_type": "copy_code", "index": "3", "parameters": coupon},
        {"type": "button", "sub_type": "flow", "index": "4", "parameters": action},
    ]  # fmt: skip


def test_places_with_names_are_filled_by_them() -> None:
    example = {
        "body_text_named_params": [
            {"param_name": "what", "example": "чай"},
            {"param_name": "who", "example": "Анна"},
        ]
    }
    known, shape = one({"type": "BODY", "text": "{{who}}: {{what}}", "example": example})
    assert known.examples == ("Анна", "чай")
    (body,) = filled(shape, "Борис", "кофе\n\nи  чай")
    assert body["parameters"] == [
        {"type": "text", "text": "Борис", "parameter_name": "who"},
        {"type": "text", "text": "кофе и чай", "parameter_name": "what"},
    ]


def test_a_header_of_a_file_needs_that_file() -> None:
    known, shape = one({"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "hi"})
    assert (known.media, known.parameters) == ("image", 0)
    image = {"type": "image", "image": {"id": "7"}}
    assert filled(shape, header=image) == [{"type": "header", "parameters": [image]}]
    for header in (None, {"type": "document", "document": {"id": "7"}}):
        with pytest.raises(Rejected, match="needs the image"):
            filled(shape, header=header)
    with pytest.raises(Rejected, match="has no place for a file"):
        filled(Shape(), header=image)


@pytest.mark.parametrize("given", [(), ("a",), ("a", "b", "c")])
def test_another_number_of_parameters_is_refused(given: tuple[str, ...]) -> None:
    with pytest.raises(Rejected, match="2 places"):
        filled(one(BODY)[1], *given)


def test_without_a_list_all_parameters_are_of_the_body() -> None:
    (body,) = filled(None, "a", "b")
    assert [one["text"] for one in body["parameters"]] == ["a", "b"]
    assert filled(None) == []


@pytest.mark.parametrize(
    "told",
    [
        template(BODY, status="PAUSED"),
        template(BODY, name=None),
        template(),
        template(BODY, {"type": "CAROUSEL", "cards": []}),
        template(BODY, {"type": "BUTTONS", "buttons": [{"type": "MPM", "text": "x"}]}),
        "no template",
        template("no component", 7),
    ],
)
def test_what_cannot_be_sent_is_not_told(told: Any) -> None:
    told = {**told, "components": list(told["components"])} if isinstance(told, dict) else told
    assert listed([told], "main").known == ()


def test_the_snapshot_is_bounded_and_does_not_depend_on_the_order() -> None:
    many = [
        template(name=f"t{at:04}") | {"components": [{"type": "BODY", "text": "ж" * 1000}]}
        for at in range(300)
    ]
    found = listed(many, "main")
    size = sum(len(one.model_dump_json().encode()) for one in found.known)
    assert SNAPSHOT_BYTES - 3000 < size <= SNAPSHOT_BYTES
    assert len(found.shapes) == len(found.known)
    assert listed(many[::-1], "main").digest == found.digest
    assert listed(many[1:], "main").digest != found.digest
