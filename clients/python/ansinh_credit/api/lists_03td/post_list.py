from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.list_detail_out import ListDetailOut
from ...models.list_in import ListIn
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: ListIn,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_correlation_id, Unset):
        headers["X-Correlation-Id"] = x_correlation_id

    if not isinstance(x_purpose, Unset):
        headers["X-Purpose"] = x_purpose

    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v1/lists",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ListDetailOut | Problem | None:
    if response.status_code == 200:
        response_200 = ListDetailOut.from_dict(response.json())

        return response_200

    if response.status_code == 201:
        response_201 = ListDetailOut.from_dict(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

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


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[ListDetailOut | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: ListIn,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[ListDetailOut | Problem]:
    """Ghi nhận danh sách 03/TD / Record a list

     All or nothing; the same list again changes nothing.

    Args:
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):
        idempotency_key (str | Unset):
        body (ListIn): A list 03/TD with the number of its minutes (10C/TD), under an id that the
            caller gives.

            Listed is what more than half of the votes are for; the rest is declined.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListDetailOut | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        x_correlation_id=x_correlation_id,
        x_purpose=x_purpose,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: ListIn,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> ListDetailOut | Problem | None:
    """Ghi nhận danh sách 03/TD / Record a list

     All or nothing; the same list again changes nothing.

    Args:
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):
        idempotency_key (str | Unset):
        body (ListIn): A list 03/TD with the number of its minutes (10C/TD), under an id that the
            caller gives.

            Listed is what more than half of the votes are for; the rest is declined.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListDetailOut | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
        x_correlation_id=x_correlation_id,
        x_purpose=x_purpose,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: ListIn,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[ListDetailOut | Problem]:
    """Ghi nhận danh sách 03/TD / Record a list

     All or nothing; the same list again changes nothing.

    Args:
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):
        idempotency_key (str | Unset):
        body (ListIn): A list 03/TD with the number of its minutes (10C/TD), under an id that the
            caller gives.

            Listed is what more than half of the votes are for; the rest is declined.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ListDetailOut | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        x_correlation_id=x_correlation_id,
        x_purpose=x_purpose,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: ListIn,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> ListDetailOut | Problem | None:
    """Ghi nhận danh sách 03/TD / Record a list

     All or nothing; the same list again changes nothing.

    Args:
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):
        idempotency_key (str | Unset):
        body (ListIn): A list 03/TD with the number of its minutes (10C/TD), under an id that the
            caller gives.

            Listed is what more than half of the votes are for; the rest is declined.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ListDetailOut | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            x_correlation_id=x_correlation_id,
            x_purpose=x_purpose,
            idempotency_key=idempotency_key,
        )
    ).parsed
