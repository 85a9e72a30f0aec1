"""What every provider of identity checks must do; add yours to `PROVIDERS` to try it."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.accounts.identity.access import IdentityProvider, SimulatedProvider
from teahouse.accounts.identity.types import CheckKind, Claim

PROVIDERS: list[IdentityProvider] = [SimulatedProvider()]

words = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=64
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: str(provider.name))
def test_a_provider_says_what_it_can_confirm(provider: IdentityProvider) -> None:
    assert provider.name
    assert provider.kinds <= set(get_args(CheckKind))
    # Nobody is face to face with a program.
    assert "face_to_face" not in provider.kinds


@pytest.mark.anyio
@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: str(provider.name))
@given(full_name=words, number=words)
async def test_a_provider_answers_strange_claims_with_yes_or_no(
    provider: IdentityProvider, full_name: str, number: str
) -> None:
    for kind in provider.kinds:
        claim = Claim(provider=provider.name, kind=kind, full_name=full_name, number=number)
        reference = await provider.confirm(claim)
        assert reference is None or 0 < len(reference) <= 1000
        # What is kept of a check must not say what the document says.
        assert reference is None or len(number) < 4 or number not in reference
