"""The problem document (RFC 9457) as the API's description shows it."""

from pydantic import BaseModel, ConfigDict


class ProblemDocument(BaseModel):
    """A refusal. `errors` lists `{pointer, rule, message: {vi, en}, fix: {vi, en}}`."""

    model_config = ConfigDict(title="Problem")

    type: str
    title: str
    title_en: str
    status: int
    code: str
    correlation_id: str
    errors: list[dict[str, str | dict[str, str]]] = []
