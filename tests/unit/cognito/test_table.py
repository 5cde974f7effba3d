"""The table of operations is that of the API."""

from sms_redirect.sandbox.cognito.api import model, table


def test_every_operation_of_the_installed_model_has_a_row():
    assert sorted(table.OPERATIONS) == sorted(model.operation_names())


def test_what_is_not_simulated_says_so_and_is_an_incident(pools):
    status, headers, document = pools.call(
        "CreateUserImportJob",
        {"UserPoolId": "us-east-1_abc", "JobName": "x", "CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/x"},
    )

    assert status == 400
    assert headers["x-amzn-ErrorType"] == "UnsupportedOperationException:"
    assert "does not simulate CreateUserImportJob" in document["message"]
    assert "CreateUserImportJob is not simulated" in pools.incidents.all()[0].reason
