"""The people of the sample data, as the login page offers them."""

from local.oidc.grants import Person

PEOPLE = (
    Person("alice", ("administrators",)),
    Person("bob", ()),
    Person("carol", ("release",)),
    Person("wendy", ("windows",)),
)
"""Alice is an Administrator and owns the samples; Bob is in no group; Carol is in one that a policy may name; Wendy
manages what is signed for Windows."""
