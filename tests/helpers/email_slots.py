"""What AWS does to the email subscriptions of a template in an update: an oracle, of CloudFormation's order and SNS.

- Creates and updates come first. What was replaced or removed is deleted in the clean-up at the end (CloudFormation
  user guide, "Update behaviors of stack resources").
- `Subscribe` is idempotent: the same address gets the ARN that it has (SNS API reference; go-to-k/cdkd#1967).
- AWS::SNS::Subscription: another Endpoint is a replacement. AWS::SNS::Topic: the differences of its Subscription list
  are unsubscribed, then subscribed (UpdateHandler of aws-cloudformation/aws-cloudformation-resource-providers-sns).
"""

import itertools


class Sns:
    """`subscriptions`: address -> ARN. Everybody confirms."""

    def __init__(self):
        self.subscriptions = {}
        self._numbers = itertools.count()

    def subscribe(self, address):
        return self.subscriptions.setdefault(address, f"arn-{next(self._numbers)}")

    def unsubscribe(self, arn):
        self.subscriptions = {address: each for address, each in self.subscriptions.items() if each != arn}


class Stack:
    """The email subscriptions of one stack. `deploy` creates or updates it."""

    def __init__(self, template, sns):
        self._template, self._sns = template, sns
        self._inline, self._own = set(), {}

    def deploy(self, parameters):
        values = {name: each.get("Default", "") for name, each in self._template["Parameters"].items()} | parameters
        own = dict(self._resources(values))
        inline = set(self._list(values))
        for address in self._inline - inline:
            self._sns.unsubscribe(self._sns.subscriptions.get(address))
        for address in inline - self._inline:
            self._sns.subscribe(address)
        made = {name: self._sns.subscribe(address) for name, address in own.items()}
        for name, arn in self._own.items():  # the clean-up
            if made.get(name) != arn:
                self._sns.unsubscribe(arn)
        self._inline, self._own = inline, made

    def _resources(self, values):
        for name, resource in self._template["Resources"].items():
            if resource["Type"] == "AWS::SNS::Subscription" and self._made(resource.get("Condition"), values):
                yield name, values[resource["Properties"]["Endpoint"]["Ref"]]

    def _list(self, values):
        for each in self._template["Resources"]["Topic"]["Properties"].get("Subscription", ()):
            condition, entry, _ = each.get("Fn::If", (None, each, None))
            if self._made(condition, values):
                yield values[entry["Endpoint"]["Ref"]]

    def _made(self, condition, values):
        """Conditions of the form `!Not [!Equals [!Ref Parameter, ""]]`."""
        if condition is None:
            return True
        [equals] = self._template["Conditions"][condition]["Fn::Not"]
        reference, empty = equals["Fn::Equals"]
        return values[reference["Ref"]] != empty
