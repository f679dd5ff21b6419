"""What operators send and read of a partner's side of DCI."""

import json
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from libs.common.dci.partners import DciPartner, DciTerms, listed
from libs.common.dci.signatures import Profile
from libs.common.dci.words import RecordType, Scope

_Url = Annotated[str, Field(min_length=1, max_length=2_048)]


class DciTermsIn(BaseModel):
    """Who a registered partner is by DCI, how it signs, where it listens."""

    model_config = ConfigDict(extra="forbid")

    # Neither of the signature's own separators.
    sender_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,254}$")]
    profile: Profile = Profile.HTTP_UTF8
    keys: Annotated[list[dict[str, Any]], Field(max_length=10)] = Field(default_factory=list)
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=10)]
    record_types: Annotated[list[RecordType], Field(min_length=1, max_length=3)]
    callback_urls: Annotated[list[_Url], Field(max_length=10)] = Field(default_factory=list)
    notify_url: _Url | None = None

    def terms(self) -> DciTerms:
        return DciTerms(
            sender_id=self.sender_id,
            profile=self.profile,
            keys=json.dumps(self.keys, sort_keys=True),
            scopes=tuple(self.scopes),
            record_types=tuple(self.record_types),
            callback_urls=tuple(self.callback_urls),
            notify_url=self.notify_url,
        )


class DciTermsOut(BaseModel):
    partner: str
    version: int
    sender_id: str
    profile: Profile
    keys: list[dict[str, Any]]
    scopes: list[Scope]
    record_types: list[RecordType]
    callback_urls: list[str]
    notify_url: str | None
    recorded_at: datetime
    recorded_by: str

    @classmethod
    def of(cls, one: DciPartner) -> "DciTermsOut":
        terms = one.terms
        return cls(
            partner=one.partner,
            version=one.version,
            sender_id=terms.sender_id,
            profile=terms.profile,
            keys=listed(terms.keys),
            scopes=list(terms.scopes),
            record_types=list(terms.record_types),
            callback_urls=list(terms.callback_urls),
            notify_url=terms.notify_url,
            recorded_at=one.recorded_at,
            recorded_by=one.recorded_by,
        )
