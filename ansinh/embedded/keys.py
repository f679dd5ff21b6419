"""The secrets of a platform on one machine: files in its own folder, made when first asked for."""

import secrets
from collections.abc import Callable
from pathlib import Path

from libs.common.dci.keys import SigningKeys, generate
from libs.common.dci.settings import DciSettings
from libs.common.files import write_whole
from libs.common.partners.webhooks.keys import PartnerKeys
from libs.common.security.encryption import KeyRing, Vault
from libs.common.web.screens.seal import Seal

DCI_ID = "ansinh"
PARTNER_KEY_FILE = "partner.key"
DCI_KEYS_FILE, IDENTIFIER_KEY_FILE = "dci-keys.json", "identifier.key"
VAULT_KEYS_FILE = "vault.keys"
SESSION_KEY_FILE = "session.key"


def partner_keys(home: Path) -> PartnerKeys:
    """What the secrets of partners' webhooks follow from."""
    return PartnerKeys.parse(_kept(home / PARTNER_KEY_FILE, _new_key))


def dci_settings(home: Path) -> DciSettings:
    """Who the platform is by the DCI standard."""
    keys = SigningKeys.parse(_kept(home / DCI_KEYS_FILE, generate))
    return DciSettings(DCI_ID, keys, _identifier_key(home), allows_unsigned=True)


def vault_of(home: Path) -> Vault:
    """What values of persons are sealed under. To change the key put another one before it."""
    keys = KeyRing.parse(_kept(home / VAULT_KEYS_FILE, _new_key).strip())
    return Vault(keys, _identifier_key(home))


def seal_of(home: Path) -> Seal:
    """What sign-ins at the screens are sealed under."""
    return Seal.parse(_kept(home / SESSION_KEY_FILE, _new_key))


def _identifier_key(home: Path) -> bytes:
    return _kept(home / IDENTIFIER_KEY_FILE, _new_key).encode()


def _new_key() -> str:
    return secrets.token_urlsafe(48)


def _kept(file: Path, make: Callable[[], str]) -> str:
    """What a file holds, made when first asked for."""
    if not file.exists():
        write_whole(file, make())
    return file.read_text(encoding="utf-8")
