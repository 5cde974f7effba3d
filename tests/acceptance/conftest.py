"""Both modes of the stack, deployed once: to the account of the environment with `--aws`, else to the sandbox."""

import os
from pathlib import Path

import pytest

from real_account.account import RealAccount, SandboxAccount
from real_account.leftovers import Leftovers
from real_account.owner import Owner
from real_account.questions import World
from real_account.recordings import FOLDER
from real_account.redirected import EMAIL, Redirected
from secret_scan import Secrets


@pytest.fixture(scope="session")
def account(request, tmp_path_factory):
    if request.config.getoption("--aws"):
        account = RealAccount.of_the_environment(tmp_path_factory.mktemp("build"), os.environ)
        Leftovers.of_killed_runs(account.session)
    else:
        account = SandboxAccount.of(
            request.getfixturevalue("running_sandbox"), harsh=request.config.getoption("--slow")
        )
    try:
        yield account
    finally:
        account.clean_up()


@pytest.fixture(scope="session")
def kept():
    """Every secret of the run."""
    return Secrets()


@pytest.fixture(scope="session")
def owner(account):
    return Owner.settled(account)


@pytest.fixture(scope="session")
def new_pool(account, kept):
    """A pool that the stack creates."""
    name = f"{account.name}-new"
    outputs = account.deploy(name, Email=EMAIL)
    account.settle()
    with Redirected.opened(account, name, outputs, outputs["UserPoolClientId"], kept) as pool:
        yield pool


@pytest.fixture(scope="session")
def owners_pool(owner):
    """(id, settings before anything was attached)."""
    pool_id = owner.pool("theirs")
    return pool_id, owner.settings_of(pool_id)


@pytest.fixture(scope="session")
def attached_pool(account, owner, owners_pool, kept):
    """A pool of the owner's, with the redirect attached."""
    pool_id, name = owners_pool[0], f"{account.name}-attached"
    outputs = account.deploy(name, Email=EMAIL, UserPoolId=pool_id)
    account.settle()
    with Redirected.opened(account, name, outputs, owner.client_of(pool_id), kept) as pool:
        yield pool


@pytest.fixture(scope="session")
def world(account, owner, new_pool, attached_pool):
    return World(account, owner, new_pool, attached_pool)


@pytest.fixture
def recordings(request, account, tmp_path):
    """Where answers go: those of AWS into the repository, unless `--recordings` names another folder."""
    chosen = request.config.getoption("--recordings")
    if chosen:
        return Path(chosen)
    return FOLDER if account.against == "aws" else tmp_path
