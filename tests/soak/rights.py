"""People who try to raise their rights by forms and commands, for longer than the suite has time for."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.escalating import PHASES, Escalation


def rights(folder, times):
    """nobody raises themselves by forms or commands"""
    chosen = settings(
        max_examples=times, stateful_step_count=60, deadline=None, database=None,
        phases=PHASES, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    try:
        run_state_machine_as_test(Escalation, settings=chosen)
    except AssertionError as error:
        return ["\n".join([repr(error), *getattr(error, "__notes__", ())])]
    return []
