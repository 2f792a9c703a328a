# SPDX-License-Identifier: GPL-2.0-or-later
"""What mnpenctl --json prints, held against the schemas that are installed.

The schemas let more fields come; here a field that none of them names is a
mistake, so that nothing is printed that is not documented.
"""

import functools
import json
import os

import jsonschema

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
MADE = os.path.join(TOP, "build/mnpenctl")


def strict(schema):
    if isinstance(schema, list):
        return [strict(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    out = {k: strict(v) for k, v in schema.items()}
    if "properties" in out and out.get("type") == "object":
        out["additionalProperties"] = False
    return out


@functools.lru_cache(None)
def validator(verb):
    with open("%s/schema/%s.json" % (MADE, verb.replace(" ", "-")),
              encoding="utf-8") as f:
        schema = json.load(f)
    kind = jsonschema.Draft202012Validator
    kind.check_schema(schema)
    return kind(strict(schema))


@functools.lru_cache(None)
def verbs():
    """Names of all that have a schema, the longest first."""
    names = []
    for name in os.listdir(MADE + "/schema"):
        with open("%s/schema/%s" % (MADE, name), encoding="utf-8") as f:
            names.append(json.load(f)["title"].partition("--json ")[2])
    return sorted(names, key=lambda v: -len(v))


def verb_of(args):
    """The verb of a command line, None if it has none that is known."""
    words = [a for a in args if not a.startswith("-")]
    for verb in verbs():
        if words[:len(verb.split())] == verb.split():
            return verb
    return None


def check(verb, text):
    """Raises AssertionError for the first line that does not fit."""
    for line in text.splitlines():
        value = json.loads(line)
        best = jsonschema.exceptions.best_match(
            validator(verb).iter_errors(value))
        assert best is None, "%s: %s\nin %s" % (
            verb, "\n".join(sorted({e.message[:300] for e in leaves(best)})),
            line[:2000])


def leaves(error):
    if not error.context:
        return [error]
    return [leaf for e in error.context for leaf in leaves(e)]
