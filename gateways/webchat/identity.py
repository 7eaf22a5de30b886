"""Who a visitor is, when the host page vouches for it: HMAC-SHA256 of the user's id, in hexadecimal.

    hash = hmac_sha256(key=identity_secret, message=user.id)      made by the site's server, never in the page

Without that proof, or where the site has no such secret, the claim is as good as not said.
"""

from __future__ import annotations

import hmac

from gateways.webchat.frames import Claim, Contact
from shared.contract.people import Identity


def proof(user: str, secret: str) -> str:
    """What the host page's server must say of this user."""
    return hmac.digest(secret.encode(), user.encode(), "sha256").hex()


def vouched(claim: Claim | None, secret: str) -> bool:
    """Whether the claim is the host page's own."""
    return claim is not None and bool(secret) and hmac.compare_digest(proof(claim.id, secret), claim.hash)


def known_as(identity: Identity, claim: Claim) -> Identity:
    """The visitor as the person that the host page knows; the same person elsewhere has the same alias."""
    said = claim.contact
    told = {"name": said.name, "phone": said.phone, "email": said.email}
    known = {name: value for name, value in told.items() if value is not None}
    return identity.model_copy(update=known | {"aliases": (f"user:{claim.id}",), "verified": True})


def introduced(identity: Identity, contact: Contact) -> Identity:
    """The visitor with what they say of themselves; it never replaces what somebody vouches for."""
    told = {"name": contact.name, "phone": contact.phone, "email": contact.email}
    kept = {
        name: value
        for name, value in told.items()
        if value is not None and not (identity.verified and getattr(identity, name))
    }
    return identity.model_copy(update=kept) if kept else identity
