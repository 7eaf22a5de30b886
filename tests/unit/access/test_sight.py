"""Who sees what, read in memory; the SQL reading is held equal to it in the store's tests."""

from uuid import UUID

import pytest

from shared.access import Scope, Viewer, allowed_accounts, sight

ME, OTHER = UUID(int=1), UUID(int=2)
SITE = "webchat.site"


def viewer(*rights: str, accounts: tuple[str, ...] = (SITE,)) -> Viewer:
    return Viewer(ME, frozenset(rights), frozenset(accounts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scope", "plain", "others"),
    [
        (Scope(SITE, "new", None), True, True),
        (Scope(SITE, "active", ME), True, True),
        (Scope(SITE, "active", OTHER), False, True),
        (Scope(SITE, "active", OTHER, frozenset({ME})), True, True),
        (Scope(SITE, "closed", OTHER), False, True),
        (Scope(SITE, "closed", None), True, True),
        (Scope("webchat.secret", "new", None), False, False),
        (Scope("webchat.secret", "active", ME), False, False),
    ],
)
@pytest.mark.feature("AD3", "LC3")
def test_sight(scope: Scope, plain: bool, others: bool) -> None:
    assert sight(viewer()).matches(scope) is plain
    assert sight(viewer("others.read")).matches(scope) is others


@pytest.mark.parametrize(
    ("own", "groups", "expected"),
    [
        (None, (), {"a.open"}),
        (None, ("sales",), {"a.open", "a.sales"}),
        (("a.sales",), ("sales",), {"a.sales"}),
        (("a.sales",), (), set()),
        ((), ("sales",), set()),
        (("a.gone",), (), set()),
    ],
)
@pytest.mark.feature("AD3", "CH15")
def test_accounts_of_groups_are_for_their_members(
    own: tuple[str, ...] | None, groups: tuple[str, ...], expected: set[str]
) -> None:
    known = {"a.open": frozenset[str](), "a.sales": frozenset({"sales"})}
    assert allowed_accounts(own, groups, known) == expected
