"""Whether a list of the admin is narrowed by more than its state and its search."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def sifted(changes: Any) -> bool:
    """Of a change list: whether one of the filters that fold away on the phone is on."""
    specs = (spec for spec in changes.filter_specs if getattr(spec, "parameter_name", "") != "state")
    dated = changes.date_hierarchy and any(name.startswith(f"{changes.date_hierarchy}__") for name in changes.params)
    return bool(dated) or any(spec.used_parameters for spec in specs)
