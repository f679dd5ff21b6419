import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.part_out import PartOut
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    person_id: UUID,
    *,
    stay: list[str] | None | Unset = UNSET,
    before: datetime.datetime | None | Unset = UNSET,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_correlation_id, Unset):
        headers["X-Correlation-Id"] = x_correlation_id

    if not isinstance(x_purpose, Unset):
        headers["X-Purpose"] = x_purpose

    params: dict[str, Any] = {}

    json_stay: list[str] | None | Unset
    if isinstance(stay, Unset):
        json_stay = UNSET
    elif isinstance(stay, list):
        json_stay = stay

    else:
        json_stay = stay
    params["stay"] = json_stay

    json_before: None | str | Unset
    if isinstance(before, Unset):
        json_before = UNSET
    elif isinstance(before, datetime.datetime):
        json_before = before.isoformat()
    else:
        json_before = before
    params["before"] = json_before

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/persons/{person_id}/file".format(
            person_id=quote(str(person_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> PartOut | Problem | None:
    if response.status_code == 200:
        response_200 = PartOut.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if response.status_code == 504:
        response_504 = Problem.from_dict(response.json())

        return response_504

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[PartOut | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    person_id: UUID,
    *,
    client: AuthenticatedClient,
    stay: list[str] | None | Unset = UNSET,
    before: datetime.datetime | None | Unset = UNSET,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> Response[PartOut | Problem]:
    """Phần của hồ sơ dữ liệu / A part of a citizen's file

     What is held here of a person and its households, and who read it and why; needs
    `X-Purpose: data-subject`. What was read within the last seconds is not on it yet.

    Args:
        person_id (UUID):
        stay (list[str] | None | Unset): Hộ, từ ngày, đến trước ngày, theo phần của sổ hộ / a
            household, from which day, until before which, as the registry's part says (`stays`)
        before (datetime.datetime | None | Unset): Nhật ký đến thời điểm này / lines of the trail
            up to this instant
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PartOut | Problem]
    """

    kwargs = _get_kwargs(
        person_id=person_id,
        stay=stay,
        before=before,
        x_correlation_id=x_correlation_id,
        x_purpose=x_purpose,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    person_id: UUID,
    *,
    client: AuthenticatedClient,
    stay: list[str] | None | Unset = UNSET,
    before: datetime.datetime | None | Unset = UNSET,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> PartOut | Problem | None:
    """Phần của hồ sơ dữ liệu / A part of a citizen's file

     What is held here of a person and its households, and who read it and why; needs
    `X-Purpose: data-subject`. What was read within the last seconds is not on it yet.

    Args:
        person_id (UUID):
        stay (list[str] | None | Unset): Hộ, từ ngày, đến trước ngày, theo phần của sổ hộ / a
            household, from which day, until before which, as the registry's part says (`stays`)
        before (datetime.datetime | None | Unset): Nhật ký đến thời điểm này / lines of the trail
            up to this instant
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PartOut | Problem
    """

    return sync_detailed(
        person_id=person_id,
        client=client,
        stay=stay,
        before=before,
        x_correlation_id=x_correlation_id,
        x_purpose=x_purpose,
    ).parsed


async def asyncio_detailed(
    person_id: UUID,
    *,
    client: AuthenticatedClient,
    stay: list[str] | None | Unset = UNSET,
    before: datetime.datetime | None | Unset = UNSET,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> Response[PartOut | Problem]:
    """Phần của hồ sơ dữ liệu / A part of a citizen's file

     What is held here of a person and its households, and who read it and why; needs
    `X-Purpose: data-subject`. What was read within the last seconds is not on it yet.

    Args:
        person_id (UUID):
        stay (list[str] | None | Unset): Hộ, từ ngày, đến trước ngày, theo phần của sổ hộ / a
            household, from which day, until before which, as the registry's part says (`stays`)
        before (datetime.datetime | None | Unset): Nhật ký đến thời điểm này / lines of the trail
            up to this instant
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PartOut | Problem]
    """

    kwargs = _get_kwargs(
        person_id=person_id,
        stay=stay,
        before=before,
        x_correlation_id=x_correlation_id,
        x_purpose=x_purpose,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    person_id: UUID,
    *,
    client: AuthenticatedClient,
    stay: list[str] | None | Unset = UNSET,
    before: datetime.datetime | None | Unset = UNSET,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> PartOut | Problem | None:
    """Phần của hồ sơ dữ liệu / A part of a citizen's file

     What is held here of a person and its households, and who read it and why; needs
    `X-Purpose: data-subject`. What was read within the last seconds is not on it yet.

    Args:
        person_id (UUID):
        stay (list[str] | None | Unset): Hộ, từ ngày, đến trước ngày, theo phần của sổ hộ / a
            household, from which day, until before which, as the registry's part says (`stays`)
        before (datetime.datetime | None | Unset): Nhật ký đến thời điểm này / lines of the trail
            up to this instant
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PartOut | Problem
    """

    return (
        await asyncio_detailed(
            person_id=person_id,
            client=client,
            stay=stay,
            before=before,
            x_correlation_id=x_correlation_id,
            x_purpose=x_purpose,
        )
    ).parsed
