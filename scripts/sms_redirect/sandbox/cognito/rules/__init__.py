"""What Cognito decides: functions of values, without state, clock or I/O."""
