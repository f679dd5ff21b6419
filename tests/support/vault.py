"""The keys of the tests' vault; numbers are hashed under the key that DCI looks them up by."""

from libs.common.security.encryption import KeyRing, Vault
from tests.support.dci import DCI

NEWER, OLDER = "n" * 32, "o" * 32
VAULT = Vault(KeyRing([OLDER]), DCI.identifier_key)
