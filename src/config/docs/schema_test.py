"""The published schemas agree with the reader: what loads is accepted, what is structurally wrong is refused.

Usage: schema_test.py REPOSITORY
"""
import json
import pathlib
import re
import sys

import jsonschema
import yaml

# Cases that only the reader can refuse: what keys say about each other, regular expressions, files, references.
BEYOND_A_SCHEMA = {
    "checks_functions", "checks_keys_by_kind", "checks_regular_expression", "checks_tables",
    "masks_keep_without_reason", "masks_locales", "masks_regular_expressions", "masks_subjects", "masks_version",
    "settings_duplicate_keys", "settings_links", "settings_missing_files", "settings_salt_variable", "settings_scope",
    "settings_store_environments", "settings_store_not_in_environment", "settings_tables",
}


class Loader(yaml.SafeLoader):
    """YAML 1.2 words only, as godwit reads them: `yes` is text, dates are text."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
        ("null", "^(~|null|Null|NULL|)$", ["~", "n", "N", ""]),
        ("bool", "^(true|True|TRUE|false|False|FALSE)$", list("tTfF")),
        ("int", "^[-+]?[0-9]+$", list("-+0123456789")),
        ("float", "^[-+]?([.][0-9]+|[0-9]+([.][0-9]*)?)([eE][-+]?[0-9]+)?$", list("-+.0123456789")),
        ("merge", "^<<$", ["<"])):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)
Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node)))


def main() -> int:
    root = pathlib.Path(sys.argv[1])
    validators = {}
    for kind, name in (("settings", "godwit"), ("masks", "masks"), ("checks", "checks")):
        schema = json.loads((root / "docs" / f"{name}.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft7Validator.check_schema(schema)
        validators[kind] = jsonschema.Draft7Validator(schema)

    accepted = refused = 0
    wrong = []

    def judge(path: pathlib.Path, kind: str, must_pass: bool) -> None:
        nonlocal accepted, refused
        try:
            document = yaml.load(path.read_text(encoding="utf-8"), Loader)
        except yaml.YAMLError:
            return
        error = next(iter(validators[kind].iter_errors(document)), None)
        accepted += must_pass
        refused += not must_pass
        if must_pass and error is not None:
            wrong.append(f"{path}: loads, but the schema refuses {error.json_path}: {error.message}")
        elif not must_pass and error is None:
            wrong.append(f"{path}: does not load, but the schema accepts it")

    for case in sorted((root / "tests" / "golden" / "config").iterdir()):
        expected = case / "expected.txt"
        if not expected.exists() or case.name in BEYOND_A_SCHEMA:
            continue
        judge(case / "input.yml", case.name.split("_")[0], expected.read_text(encoding="utf-8").startswith("ok\n"))
    for path in sorted((root / "examples").rglob("*.yml")):
        kind = "masks" if path.name.startswith("masks") else "checks" if path.name.startswith("checks") else "settings"
        judge(path, kind, True)

    for line in wrong:
        print(line)
    print(f"{accepted} files that load, {refused} that do not, {len(wrong)} judged differently by the schemas")
    # Testing nothing is a failure.
    return 1 if wrong or accepted < 6 or refused < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
