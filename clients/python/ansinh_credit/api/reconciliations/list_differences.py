from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.acts import Acts
from ...models.difference_kind import DifferenceKind
from ...models.page_difference_out import PageDifferenceOut
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    reconciliation_id: UUID,
    *,
    kind: DifferenceKind | None | Unset = UNSET,
    acts: Acts | None | Unset = UNSET,
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

    json_kind: None | str | Unset
    if isinstance(kind, Unset):
        json_kind = UNSET
    elif isinstance(kind, DifferenceKind):
        json_kind = kind.value
    else:
        json_kind = kind
    params["kind"] = json_kind

    json_acts: None | str | Unset
    if isinstance(acts, Unset):
        json_acts = UNSET
    elif isinstance(acts, Acts):
        json_acts = acts.value
    else:
        json_acts = acts
    params["acts"] = json_acts

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
        "url": "/v1/reconciliations/{reconciliation_id}/differences".format(
            reconciliation_id=quote(str(reconciliation_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PageDifferenceOut | Problem | None:
    if response.status_code == 200:
        response_200 = PageDifferenceOut.from_dict(response.json())

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


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[PageDifferenceOut | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    reconciliation_id: UUID,
    *,
    client: AuthenticatedClient,
    kind: DifferenceKind | None | Unset = UNSET,
    acts: Acts | None | Unset = UNSET,
    after: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> Response[PageDifferenceOut | Problem]:
    """Các khác biệt / What differs

     In the order of keys; complete once the state is `done`.

    Args:
        reconciliation_id (UUID):
        kind (DifferenceKind | None | Unset):
        acts (Acts | None | Unset):
        after (None | str | Unset): Con trỏ trang / cursor: `next`
        limit (int | Unset):  Default: 50.
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PageDifferenceOut | Problem]
    """

    kwargs = _get_kwargs(
        reconciliation_id=reconciliation_id,
        kind=kind,
        acts=acts,
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
    reconciliation_id: UUID,
    *,
    client: AuthenticatedClient,
    kind: DifferenceKind | None | Unset = UNSET,
    acts: Acts | None | Unset = UNSET,
    after: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> PageDifferenceOut | Problem | None:
    """Các khác biệt / What differs

     In the order of keys; complete once the state is `done`.

    Args:
        reconciliation_id (UUID):
        kind (DifferenceKind | None | Unset):
        acts (Acts | None | Unset):
        after (None | str | Unset): Con trỏ trang / cursor: `next`
        limit (int | Unset):  Default: 50.
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PageDifferenceOut | Problem
    """

    return sync_detailed(
        reconciliation_id=reconciliation_id,
        client=client,
        kind=kind,
        acts=acts,
        after=after,
        limit=limit,
        x_correlation_id=x_correlation_id,
        x_purpose=x_purpose,
    ).parsed


async def asyncio_detailed(
    reconciliation_id: UUID,
    *,
    client: AuthenticatedClient,
    kind: DifferenceKind | None | Unset = UNSET,
    acts: Acts | None | Unset = UNSET,
    after: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> Response[PageDifferenceOut | Problem]:
    """Các khác biệt / What differs

     In the order of keys; complete once the state is `done`.

    Args:
        reconciliation_id (UUID):
        kind (DifferenceKind | None | Unset):
        acts (Acts | None | Unset):
        after (None | str | Unset): Con trỏ trang / cursor: `next`
        limit (int | Unset):  Default: 50.
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PageDifferenceOut | Problem]
    """

    kwargs = _get_kwargs(
        reconciliation_id=reconciliation_id,
        kind=kind,
        acts=acts,
        after=after,
        limit=limit,
        x_correlation_id=x_correlation_id,
        x_purpose=x_purpose,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    reconciliation_id: UUID,
    *,
    client: AuthenticatedClient,
    kind: DifferenceKind | None | Unset = UNSET,
    acts: Acts | None | Unset = UNSET,
    after: None | str | Unset = UNSET,
    limit: int | Unset = 50,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> PageDifferenceOut | Problem | None:
    """Các khác biệt / What differs

     In the order of keys; complete once the state is `done`.

    Args:
        reconciliation_id (UUID):
        kind (DifferenceKind | None | Unset):
        acts (Acts | None | Unset):
        after (None | str | Unset): Con trỏ trang / cursor: `next`
        limit (int | Unset):  Default: 50.
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PageDifferenceOut | Problem
    """

    return (
        await asyncio_detailed(
            reconciliation_id=reconciliation_id,
            client=client,
            kind=kind,
            acts=acts,
            after=after,
            limit=limit,
            x_correlation_id=x_correlation_id,
            x_purpose=x_purpose,
        )
    ).parsed
