"""What the regular expressions of one decision may cost all together: counted, so it is the same on any machine."""

DECISION_STEPS = 6_600_000
"""A step is one instruction of a compiled expression at one byte of the text, which takes about 8 ns at most: 50 ms of
a core in all. That is 200 instructions over the longest command line, or 10,000 over one of 600 bytes."""

EXPLANATION_STEPS = 4 * DECISION_STEPS
"""What `explain` may spend in addition, on policies that the decision itself need not ask."""

LONGEST_COMMAND_LINE_BYTES = 32767
"""As much as Windows takes (CreateProcess); the cost of a policy is calculated for so many bytes."""


class TooManyStepsError(Exception):
    """The budget is used up; whoever asked is refused, and this never leaves the domain."""


class StepBudget:
    """The steps that are left."""

    def __init__(self, steps: int = DECISION_STEPS) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Take `steps` away before they are used.

        Raises:
            TooManyStepsError: there are fewer; from then on there are none.
        """
        if steps > self.left:
            self.left = 0
            raise TooManyStepsError
        self.left -= steps
