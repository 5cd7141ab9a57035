"""The base of the models of `tables.py`."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Self

from pynamodb.attributes import Attribute
from pynamodb.exceptions import AttributeNullError
from pynamodb.models import Model


class Row(Model):
    """A model whose cost depends on what is in an item.

    PynamoDB goes through all that a table knows, 60 attributes of a certificate, three times for each item, which takes
    a sixth of a warm signature's own time. It looks for defaults and classes of nested maps; no attribute here has any.
    """

    @classmethod
    def from_raw_data(cls, data: Mapping[str, Any]) -> Self:
        """The row of an item as DynamoDB types it; what this version does not know is left out."""
        row = cls(_user_instantiated=False)
        known = _by_stored_name(cls)
        for stored_name, typed in data.items():
            if stored_name in known and "NULL" not in typed:
                name, attribute = known[stored_name]
                row.attribute_values[name] = attribute.deserialize(attribute.get_value(typed))
        return row

    def _set_defaults(self, _user_instantiated: bool = True) -> None:  # noqa: FBT001, FBT002 - PynamoDB's own
        """Set nothing."""

    def _container_serialize(self, null_check: bool = True) -> dict[str, dict[str, Any]]:  # noqa: FBT001, FBT002
        attributes, item = self.get_attributes(), {}
        for name, value in self.attribute_values.items():
            if value is not None and (stored := (attribute := attributes[name]).serialize(value)) is not None:
                item[attribute.attr_name] = {attribute.attr_type: stored}
        if null_check:
            for name, attribute in _required(type(self)):
                if attribute.attr_name not in item:
                    raise AttributeNullError(name)
        return item


@cache
def _by_stored_name(row: type[Row]) -> Mapping[str, tuple[str, Attribute[Any]]]:
    return {attribute.attr_name: (name, attribute) for name, attribute in row.get_attributes().items()}


@cache
def _required(row: type[Row]) -> tuple[tuple[str, Attribute[Any]], ...]:
    return tuple((name, attribute) for name, attribute in row.get_attributes().items() if not attribute.null)
