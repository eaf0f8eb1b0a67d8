"""YAML with the scalars of version 1.2, no key twice and no aliases.

PyYAML follows version 1.1, which reads 3e-05 as text and 010 as 8. DVC writes numbers by 1.2.
Nine lines of aliases can stand for a billion values, and a parameter has no use for them.
"""

import re
from collections import Counter
from typing import Any, ClassVar

import yaml

SCALARS = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0|[1-9][0-9]*)", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
        r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
)


class StrictLoader(yaml.SafeLoader):
    """What YAML's versions read differently (010, 1_000, yes) stays text."""

    yaml_implicit_resolvers: ClassVar = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        for key, count in keys.items():
            if count > 1:
                raise yaml.MarkedYAMLError(problem=f"{key} twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()
        if getattr(event, "anchor", None):  # an alias event has one too
            mark = event.start_mark
            raise yaml.MarkedYAMLError(problem="it has an anchor or alias", problem_mark=mark)
        return super().compose_node(parent, index)


Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class QuickLoader(Loader):
    """For what DVC has written: ten times as fast where libyaml is there, the same scalars."""

    yaml_implicit_resolvers = StrictLoader.yaml_implicit_resolvers


for tag, pattern, first in SCALARS:
    StrictLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})\Z"), first
    )
