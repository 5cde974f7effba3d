"""How a refused AWS call reads in a test."""

import pytest
from botocore.exceptions import ClientError


def refusal(call, **request):
    """Make a call that must be refused; answers the error's code and text."""
    with pytest.raises(ClientError) as problem:
        call(**request)
    error = problem.value.response["Error"]
    return error["Code"], error["Message"]
