"""What every test may ask for."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

pytest_plugins = ["tests.kit.database", "tests.kit.nats", "tests.kit.s3", "tests.kit.scorecard"]

# `print_blob` tells how to repeat a failure. Deadlines measure the machine, not the code.
settings.register_profile(
    "dev",
    deadline=None,
    print_blob=True,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("ci", settings.get_profile("dev"), max_examples=200, derandomize=False)
# For the machine that many share: just enough to see that the property is stated right.
settings.register_profile(
    "quick",
    settings.get_profile("dev"),
    max_examples=10,
    phases=[Phase.generate, Phase.shrink],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A second try in CI where browsers and other people's clients drive: their races are theirs.

    The run says how many tests needed it. See docs/decisions/0021.
    """
    if "CI" not in os.environ:
        return
    for item in items:
        if item.nodeid.startswith(("tests/web/", "tests/stories/")):
            item.add_marker(pytest.mark.flaky(reruns=1))
