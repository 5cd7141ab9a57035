"""Planted faults: each line of the tables breaks one line of the code, and some test has to fail.

`make breaks` plants them one after the other in a copy of the checkout and runs the tests that are named with each; a
break that no test notices is named, and makes the run fail. This judges the tests: a break that passes shows a rule
that no test checks.
"""
