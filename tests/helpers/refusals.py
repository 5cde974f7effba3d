"""How a refused AWS call reads in a test."""

import pytest
from botocore.exceptions import ClientError


def refusal(call, **request):
    """Make a call that must be refused; returns the error's code and text."""
    with pytest.raises(ClientError) as refusal:
        call(**request)
    error = refusal.value.response["Error"]
    return error["Code"], error["Message"]
