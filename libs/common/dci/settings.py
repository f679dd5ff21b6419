"""What a process that speaks DCI is told from outside."""

from dataclasses import dataclass

from libs.common.dci.keys import SigningKeys


@dataclass(frozen=True)
class DciSettings:
    """Who we are to partners.

    Attributes:
        sender_id: our `sender_id`, and what a message's `receiver_id` must name.
        keys: what our answers and callbacks are signed with.
        identifier_key: what identifiers are hashed under in the registry's database.
        allows_unsigned: whether the profile `unsigned` is taken; in test and on one machine only.
    """

    sender_id: str
    keys: SigningKeys
    identifier_key: bytes
    allows_unsigned: bool = False
