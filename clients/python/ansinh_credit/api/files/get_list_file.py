import datetime
from http import HTTPStatus
from io import BytesIO
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.format_ import Format
from ...models.problem import Problem
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    *,
    format_: Format | Unset = UNSET,
    commune: None | str | Unset = UNSET,
    list_id: None | Unset | UUID = UNSET,
    from_: datetime.date | None | Unset = UNSET,
    until: datetime.date | None | Unset = UNSET,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_correlation_id, Unset):
        headers["X-Correlation-Id"] = x_correlation_id

    if not isinstance(x_purpose, Unset):
        headers["X-Purpose"] = x_purpose

    params: dict[str, Any] = {}

    json_format_: str | Unset = UNSET
    if not isinstance(format_, Unset):
        json_format_ = format_.value

    params["format"] = json_format_

    json_commune: None | str | Unset
    if isinstance(commune, Unset):
        json_commune = UNSET
    else:
        json_commune = commune
    params["commune"] = json_commune

    json_list_id: None | str | Unset
    if isinstance(list_id, Unset):
        json_list_id = UNSET
    elif isinstance(list_id, UUID):
        json_list_id = str(list_id)
    else:
        json_list_id = list_id
    params["list_id"] = json_list_id

    json_from_: None | str | Unset
    if isinstance(from_, Unset):
        json_from_ = UNSET
    elif isinstance(from_, datetime.date):
        json_from_ = from_.isoformat()
    else:
        json_from_ = from_
    params["from"] = json_from_

    json_until: None | str | Unset
    if isinstance(until, Unset):
        json_until = UNSET
    elif isinstance(until, datetime.date):
        json_until = until.isoformat()
    else:
        json_until = until
    params["until"] = json_until

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/v1/files/03-td",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> File | Problem | None:
    if response.status_code == 200:
        response_200 = File(payload=BytesIO(response.content))

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[File | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    format_: Format | Unset = UNSET,
    commune: None | str | Unset = UNSET,
    list_id: None | Unset | UUID = UNSET,
    from_: datetime.date | None | Unset = UNSET,
    until: datetime.date | None | Unset = UNSET,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> Response[File | Problem]:
    """Danh sách 03/TD đã được xã xác nhận / The confirmed list 03/TD as a file

     Needs confirmed from `from` on and before `until`; a partner's own fields only. The last
    columns are the outcome's: fill them and send the file to `/v1/files/outcomes`.

    Args:
        format_ (Format | Unset): How a table is asked for.
        commune (None | str | Unset):
        list_id (None | Unset | UUID):
        from_ (datetime.date | None | Unset):
        until (datetime.date | None | Unset):
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File | Problem]
    """

    kwargs = _get_kwargs(
        format_=format_,
        commune=commune,
        list_id=list_id,
        from_=from_,
        until=until,
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
    format_: Format | Unset = UNSET,
    commune: None | str | Unset = UNSET,
    list_id: None | Unset | UUID = UNSET,
    from_: datetime.date | None | Unset = UNSET,
    until: datetime.date | None | Unset = UNSET,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> File | Problem | None:
    """Danh sách 03/TD đã được xã xác nhận / The confirmed list 03/TD as a file

     Needs confirmed from `from` on and before `until`; a partner's own fields only. The last
    columns are the outcome's: fill them and send the file to `/v1/files/outcomes`.

    Args:
        format_ (Format | Unset): How a table is asked for.
        commune (None | str | Unset):
        list_id (None | Unset | UUID):
        from_ (datetime.date | None | Unset):
        until (datetime.date | None | Unset):
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File | Problem
    """

    return sync_detailed(
        client=client,
        format_=format_,
        commune=commune,
        list_id=list_id,
        from_=from_,
        until=until,
        x_correlation_id=x_correlation_id,
        x_purpose=x_purpose,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    format_: Format | Unset = UNSET,
    commune: None | str | Unset = UNSET,
    list_id: None | Unset | UUID = UNSET,
    from_: datetime.date | None | Unset = UNSET,
    until: datetime.date | None | Unset = UNSET,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> Response[File | Problem]:
    """Danh sách 03/TD đã được xã xác nhận / The confirmed list 03/TD as a file

     Needs confirmed from `from` on and before `until`; a partner's own fields only. The last
    columns are the outcome's: fill them and send the file to `/v1/files/outcomes`.

    Args:
        format_ (Format | Unset): How a table is asked for.
        commune (None | str | Unset):
        list_id (None | Unset | UUID):
        from_ (datetime.date | None | Unset):
        until (datetime.date | None | Unset):
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File | Problem]
    """

    kwargs = _get_kwargs(
        format_=format_,
        commune=commune,
        list_id=list_id,
        from_=from_,
        until=until,
        x_correlation_id=x_correlation_id,
        x_purpose=x_purpose,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    format_: Format | Unset = UNSET,
    commune: None | str | Unset = UNSET,
    list_id: None | Unset | UUID = UNSET,
    from_: datetime.date | None | Unset = UNSET,
    until: datetime.date | None | Unset = UNSET,
    x_correlation_id: UUID | Unset = UNSET,
    x_purpose: str | Unset = UNSET,
) -> File | Problem | None:
    """Danh sách 03/TD đã được xã xác nhận / The confirmed list 03/TD as a file

     Needs confirmed from `from` on and before `until`; a partner's own fields only. The last
    columns are the outcome's: fill them and send the file to `/v1/files/outcomes`.

    Args:
        format_ (Format | Unset): How a table is asked for.
        commune (None | str | Unset):
        list_id (None | Unset | UUID):
        from_ (datetime.date | None | Unset):
        until (datetime.date | None | Unset):
        x_correlation_id (UUID | Unset):
        x_purpose (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            format_=format_,
            commune=commune,
            list_id=list_id,
            from_=from_,
            until=until,
            x_correlation_id=x_correlation_id,
            x_purpose=x_purpose,
        )
    ).parsed
