#!/usr/bin/env python3
"""docs/SCHEMA.md: every example of it, executed in the order of the page, in one folder."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from godwit_program import BINARY  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/SCHEMA.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(yaml|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Guide(unittest.TestCase):
    def test_every_example(self):
        with tempfile.TemporaryDirectory(prefix="godwit-guide-") as folder:
            os.makedirs(f"{folder}/bin")
            os.symlink(BINARY, f"{folder}/bin/godwit")
            environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"}
            executed = 0
            for language, text in BLOCK.findall(PAGE):
                if language == "yaml":
                    # A whole file says so in its first line; the others are parts.
                    if text.startswith("# godwit.yml\n"):
                        pathlib.Path(folder, "godwit.yml").write_text(text)
                    continue
                done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                      capture_output=True, text=True, timeout=300)
                self.assertEqual(done.returncode, 0, f"{text}\n{done.stdout}{done.stderr}")
                executed += 1
            self.assertGreater(executed, 1)


if __name__ == "__main__":
    unittest.main()
