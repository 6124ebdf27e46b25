"""A tiny checkout on disk and the run of a structural check over it, for the tests of those checks."""
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class TreeTest(unittest.TestCase):
    script = ""  # of scripts/

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="godwit-tidy-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, path: str, text: str) -> pathlib.Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def folder(self, name: str, folders: str = "", **files: str):
        """A src/ folder as the checks want it; the keyword files are given by stem, as .cpp."""
        self.write(f"src/{name}/README.md", f"# {name}\n")
        sources = " ".join(f"{stem}.cpp" for stem in files)
        links = f"FOLDERS {folders}" if folders else ""
        self.write(f"src/{name}/CMakeLists.txt", f"godwit_folder({name} {links} SOURCES {sources})\n")
        for stem, text in files.items():
            self.write(f"src/{name}/{stem}.cpp", text)

    def run_check(self, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [ROOT / "scripts" / self.script, *arguments, str(self.root)], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def assert_passes(self, *arguments: str):
        code, output = self.run_check(*arguments)
        self.assertEqual(code, 0, output)

    def assert_fails(self, *wanted: str):
        code, output = self.run_check()
        self.assertEqual(code, 1, output)
        for text in wanted:
            self.assertIn(text, output)
