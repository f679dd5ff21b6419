from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.page_group_out import PageGroupOut
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    area: None | str | Unset = UNSET,
    after: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_correlation_id, Unset):
        headers["X-Correlation-Id"] = x_correlation_id

    if not isinstance(x_purpose, Unset):
        headers["X-Purpose"] = x_purpose

    params: dict[str, Any] = {}

    json_area: None | str | Unset
    if isinstance(area, Unset):
        json_area = UNSET
    else:
        json_area = area
    params["area"] = json_area

    json_after: None | str | Unset
    if isinstance(after, Unset):
        json_after = UNSET
    else:
        json_after = after
    params["after"] = json_after

    params["limit"] = limit

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/groups",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> PageGroupOut | Problem | None:
    if response.status_code == 200:
        response_200 = PageGroupOut.from_dict(response.json())

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
) -> Response[PageGroupOut | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    area: None | str | Unset = UNSET,
    after: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> Response[PageGroupOut | Problem]:
    """Danh sách Tổ / Groups

     Groups as they are today, in id order.

    Args:
        area (None | str | Unset):
        after (None | str | Unset): Con trỏ trang / cursor: `next`
        limit (int | Unset):  Default: 50.
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PageGroupOut | Problem]
    """

    kwargs = _get_kwargs(
        area=area,
        after=after,
        limit=limit,
        x_correlation_id=x_correlation_id,
        x_purpose=x_purpose,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    area: None | str | Unset = UNSET,
    after: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> PageGroupOut | Problem | None:
    """Danh sách Tổ / Groups

     Groups as they are today, in id order.

    Args:
        area (None | str | Unset):
        after (None | str | Unset): Con trỏ trang / cursor: `next`
        limit (int | Unset):  Default: 50.
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PageGroupOut | Problem
    """

    return sync_detailed(
        client=client,
        area=area,
        after=after,
        limit=limit,
        x_correlation_id=x_correlation_id,
        x_purpose=x_purpose,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    area: None | str | Unset = UNSET,
    after: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> Response[PageGroupOut | Problem]:
    """Danh sách Tổ / Groups

     Groups as they are today, in id order.

    Args:
        area (None | str | Unset):
        after (None | str | Unset): Con trỏ trang / cursor: `next`
        limit (int | Unset):  Default: 50.
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PageGroupOut | Problem]
    """

    kwargs = _get_kwargs(
        area=area,
        after=after,
        limit=limit,
        x_correlation_id=x_correlation_id,
        x_purpose=x_purpose,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    area: None | str | Unset = UNSET,
    after: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> PageGroupOut | Problem | None:
    """Danh sách Tổ / Groups

     Groups as they are today, in id order.

    Args:
        area (None | str | Unset):
        after (None | str | Unset): Con trỏ trang / cursor: `next`
        limit (int | Unset):  Default: 50.
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PageGroupOut | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            area=area,
            after=after,
            limit=limit,
            x_correlation_id=x_correlation_id,
            x_purpose=x_purpose,
        )
    ).parsed
