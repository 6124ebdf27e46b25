#!/usr/bin/env python3
"""The golden vectors of the masks are what docs/FORMATS.md says, and a vector that is not is found."""
import copy
import json
import unittest

from recompute import HERE, STRATEGIES, Vectors

DOCUMENT = json.loads((HERE / "vectors.json").read_text(encoding="utf-8"))


class Recomputed(unittest.TestCase):
    def failures(self, document):
        return Vectors(document).compare()

    def test_every_vector_follows_from_the_page(self):
        self.assertEqual(self.failures(DOCUMENT), [])
        self.assertGreaterEqual(len(DOCUMENT["masks"]), 190)

    def test_every_strategy_of_the_schema_but_sql_has_one(self):
        schema = json.loads((HERE.parents[2] / "docs/masks.schema.json").read_text(encoding="utf-8"))
        named = {"null" if name is None else name for name in schema["definitions"]["mask"]["properties"]["strategy"]["enum"]}
        self.assertEqual(STRATEGIES, named - {"sql"})

    def test_a_changed_fake_is_found(self):
        for at, vector in enumerate(DOCUMENT["masks"]):
            if vector["mask"]["strategy"] not in ("fpe", "permutation", "noise", "token", "redact"):
                continue
            changed = copy.deepcopy(DOCUMENT)
            changed["masks"] = [changed["masks"][at]]
            changed["masks"][0]["fake"] = self.other(vector["fake"])
            self.assertTrue(any(json.dumps(vector["mask"]) in failure for failure in self.failures(changed)), vector)

    def test_another_key_is_found(self):
        changed = {**DOCUMENT, "master": "b3RoZXIga2V5IG9mIHRoZSBnb2xkZW4gdmVjdG9ycyAxMjM0"}
        self.assertGreater(len(self.failures(changed)), 150)

    def test_a_strategy_without_a_vector_is_found(self):
        changed = {**DOCUMENT, "masks": [v for v in DOCUMENT["masks"] if v["mask"]["strategy"] != "noise"]}
        self.assertEqual(self.failures(changed), ["no vector of: noise"])

    @staticmethod
    def other(value):
        return value + "x" if isinstance(value, str) else value + 1


if __name__ == "__main__":
    unittest.main()
