"""Nobody raises themselves by the back office's forms or by commands, in whatever order (`make soak` tries longer)."""

from hypothesis import settings

from tests.support.escalating import PHASES, Escalation

TestEscalation = Escalation.TestCase
TestEscalation.settings = settings(max_examples=20, stateful_step_count=30, phases=PHASES)
