"""What is read once stays as it was read."""

import dataclasses
import importlib
import pkgutil

import pool_attachment

CHANGE_ON_THEIR_WAY = {"Change", "Run", "_Reader"}


def test_every_dataclass_but_those_that_do_the_work_is_frozen():
    modules = [
        importlib.import_module(f"pool_attachment.{each.name}")
        for each in pkgutil.iter_modules(pool_attachment.__path__)
    ]
    found = {each for module in modules for each in vars(module).values() if dataclasses.is_dataclass(each)}
    own = {each for each in found if isinstance(each, type) and each.__module__.startswith("pool_attachment")}

    changeable = {each.__name__ for each in own if not each.__dataclass_params__.frozen}

    assert changeable == CHANGE_ON_THEIR_WAY
    assert len(own) > 20
