"""What is private is masked by name, by look, and by being a secret of ours."""

import pytest
from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from shared.redaction import MASK, is_private, masked, masked_words, secret_pattern


@pytest.mark.parametrize(
    "name",
    [
        "text",
        "phone",
        "token",
        "password",
        "visitor_token",
        "Authorization",
        "secretKey_token",
        "display_name",
    ],
)
def test_private_names(name: str) -> None:
    assert is_private(name)


@pytest.mark.parametrize(
    "name", ["context", "account", "message_id", "tokenizer", "text_length", "subject", "event", "texture"]
)
def test_names_that_only_look_private(name: str) -> None:
    assert not is_private(name)


def test_values_are_masked_at_every_depth() -> None:
    value = {"a": [{"phone": "+7900"}, SecretStr("one"), (SecretBytes(b"two"), b"three")], "password": 5}
    assert masked(value) == {"a": [{"phone": MASK}, MASK, [MASK, "<5 bytes>"]], "password": MASK}


def test_depth_is_bounded() -> None:
    deep: list[object] = []
    deep.append(deep)
    assert "…" in str(masked(deep))


@pytest.mark.parametrize(
    ("words", "secret"),
    [
        ("cannot reach amqp://router:hunter2@broker:5672/chat now", "hunter2"),
        ("postgresql+asyncpg://u:p%40ss@db/x", "p%40ss"),
        ("GET https://api.telegram.org/bot123456:AAH-x_y/getUpdates", "AAH-x_y"),
        ("GET https://api.example/send?access_token=abcdef&v=5", "abcdef"),
        ("header Authorization: Bearer abc.def.ghi", "abc.def"),
        ("duplicate key\nDETAIL: Key (phone)=(+79001234567) already exists.", "79001234567"),
        ("[SQL: INSERT INTO x]\n[parameters: ('my words', 5)]\n(Background…)", "my words"),
        ("field\n  Input should be x [type=int, input_value='my words', input_type=str]", "my words"),
    ],
)
def test_words_that_quote_secrets(words: str, secret: str) -> None:
    assert secret in words
    assert secret not in masked_words(words)


def test_a_real_validation_error_does_not_quote_its_input() -> None:
    class Model(BaseModel):
        n: int

    with pytest.raises(ValidationError) as caught:
        Model(n="my words")  # type: ignore[arg-type]  # the mistake under test
    assert "my words" in str(caught.value)
    assert "my words" not in str(masked(caught.value))


def test_secrets_are_found_in_a_json_line_in_every_spelling() -> None:
    pattern = secret_pattern(['pa"ss\\word', "пароль-длинный", "amqp://u:long%2Fpassword@h/", "short"])
    assert pattern is not None
    for line in (b'"pa\\"ss\\\\word"', '"пароль-длинный"'.encode(), b'"long/password"', b"long%2Fpassword"):
        assert pattern.search(line), line
    assert not pattern.search(b"short")
    assert not pattern.search(b"amqp://u")


def test_without_secrets_there_is_no_pattern() -> None:
    assert secret_pattern([]) is None
