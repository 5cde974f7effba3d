"""SMS and emails to users: by the pool's custom senders, or as Cognito itself would send them."""
