#!/usr/bin/env python3
"""A run in which no test ran is a failure: for a person, for a preset and for continuous integration."""
import json
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def ctest(folder: str, *arguments: str) -> int:
    command = ["ctest", "--test-dir", folder, "--no-tests=error", *arguments]
    return subprocess.run(command, capture_output=True, check=False).returncode


class ZeroTestsTest(unittest.TestCase):
    def test_ctest_fails_when_nothing_runs(self):
        with tempfile.TemporaryDirectory(prefix="godwit-tidy-") as folder:
            tests = pathlib.Path(folder) / "CTestTestfile.cmake"
            tests.write_text("", encoding="utf-8")
            self.assertNotEqual(ctest(folder), 0)
            tests.write_text('add_test(one "/bin/true")\n', encoding="utf-8")
            self.assertEqual(ctest(folder), 0)
            self.assertNotEqual(ctest(folder, "-R", "two"), 0)

    def test_the_one_command_asks_for_it(self):
        script = (ROOT / "scripts/test").read_text(encoding="utf-8")
        self.assertRegex(script, r"(?s)ctest .*--no-tests=error")
        self.assertRegex((ROOT / ".ci/run").read_text(encoding="utf-8"), r"exec \./scripts/test\n$")

    def test_every_test_preset_asks_for_it(self):
        presets = json.loads((ROOT / "CMakePresets.json").read_text(encoding="utf-8"))["testPresets"]
        self.assertTrue(presets)
        for preset in presets:
            self.assertEqual(preset.get("execution", {}).get("noTestsAction"), "error", preset["name"])


if __name__ == "__main__":
    unittest.main()
