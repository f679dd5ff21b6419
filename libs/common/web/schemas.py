"""The problem document (RFC 9457) as the API's description shows it."""

from pydantic import BaseModel, ConfigDict


class ProblemText(BaseModel):
    """One message in both languages."""

    vi: str
    en: str


class ProblemField(BaseModel):
    """One broken rule: where (JSON pointer), which, what is wrong, how to mend it."""

    pointer: str
    rule: str
    message: ProblemText
    fix: ProblemText


class ProblemDocument(BaseModel):
    """A refusal, without any value that was sent."""

    model_config = ConfigDict(title="Problem")

    type: str
    title: str
    title_en: str
    status: int
    code: str
    correlation_id: str
    errors: list[ProblemField] = []
