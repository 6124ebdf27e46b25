#!/usr/bin/env python3
"""docs/CLI.md is what the built program says of itself: every command, every option, and the check that holds it to that."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ["GODWIT_BINARY"]
PAGE = (ROOT / "docs/CLI.md").read_text(encoding="utf-8")


def told(*arguments):
    return subprocess.run([BINARY, *arguments], check=True, capture_output=True, text=True).stdout


def names(text):
    """Options and positionals that a help text lists, in its first column: the first long name of each."""
    text = text.partition("\n\n")[2].partition("\nSubcommands:\n")[0]
    return re.findall(r"^ {2}(?:-\w,)?((?:--)?[a-z][a-z-]*)(?=[ ,]|$)", text, re.MULTILINE)


def subcommands(text):
    return re.findall(r"^ {2}([a-z]+)[ ,]", text.partition("\nSubcommands:\n")[2], re.MULTILINE)


def commands():
    """Every command with the words that lead to it: ("run",), ("db", "upgrade")."""
    found = []
    for name in subcommands(told("--help")):
        below = subcommands(told(name, "--help"))
        found += [(name, one) for one in below] or [(name,)]
    return found


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL).group(1)


class Page(unittest.TestCase):
    def test_holds_every_command_and_option(self):
        overview = told("--help").partition("\nSubcommands:\n")[0]
        listed = commands()
        self.assertGreater(len(listed), 5)
        self.assertIn(("db", "upgrade"), listed)
        options = re.findall(r"--[a-z-]+(?=[ \n])", "\n".join(line[:30] for line in overview.splitlines() if line.startswith("  -")) + "\n")
        self.assertIn("--json", options)
        for option in options:
            self.assertRegex(section("With every command"), rf"(?m)^\| `(-\w, )?{option}` \|")
        for command in listed:
            title = f"godwit {' '.join(command)}"
            for name in names(told(*command, "--help")):
                if name not in options and name not in ("--help", "--help-all"):
                    with self.subTest(command=command, name=name):
                        self.assertRegex(section(title), rf"(?m)^\| `(-\w, )?{name}[`,]")
            self.assertRegex(section(title), r"Ends with 0, 1, 2[, \d]*\.")
        told_of = re.findall(r"^## godwit ([a-z ]+)$", PAGE, re.MULTILINE)
        self.assertEqual(sorted(told_of), sorted(" ".join(command) for command in listed), "and no other")

    def test_usage_is_understood(self):
        """Every line of usage names a command and options that it has."""
        lines = re.findall(r"^godwit .*$", PAGE, re.MULTILINE)
        self.assertGreater(len(lines), 10)
        known = commands()
        for line in lines:
            words = line.partition(" >")[0].partition(" |")[0].split()[1:]
            command = tuple(words[:2]) if tuple(words[:2]) in known else tuple(words[:1])
            self.assertIn(command, known, line)
            allowed = re.findall(r"--[a-z-]+", told(*command, "--help")) + ["--json"]
            for word in words:
                if word.startswith("--"):
                    self.assertIn(word, allowed, line)

    def test_exit_codes_are_those_of_the_table(self):
        known = set(re.findall(r"^\| (\d+) \|", (ROOT / "docs/EXIT_CODES.md").read_text(encoding="utf-8"), re.MULTILINE))
        self.assertEqual(set(re.findall(r"^\| (\d+) \|", section("Exit codes"), re.MULTILINE)), known)
        for codes in re.findall(r"^Ends with (.*)\.$", PAGE, re.MULTILINE):
            self.assertLessEqual(set(codes.split(", ")), known)


class Check(unittest.TestCase):
    def check(self, change):
        """The script on a copy of what it reads, with docs/CLI.md changed."""
        with tempfile.TemporaryDirectory() as folder:
            for name in ["scripts/generate-cli-reference", "docs/EXIT_CODES.md", "docs/CLI.md"]:
                copy = pathlib.Path(folder) / name
                copy.parent.mkdir(exist_ok=True)
                shutil.copy(ROOT / name, copy)
            page = pathlib.Path(folder) / "docs/CLI.md"
            page.write_text(change(PAGE), encoding="utf-8")
            return subprocess.run([f"{folder}/scripts/generate-cli-reference", "--check"], capture_output=True, text=True)

    def test_passes_the_page_as_it_is(self):
        outcome = self.check(lambda page: page)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)

    def test_finds_an_option_that_is_missing(self):
        outcome = self.check(lambda page: re.sub(r"^\| `--purge-scope` .*\n", "", page, flags=re.MULTILINE))
        self.assertEqual(outcome.returncode, 1)
        self.assertIn("run scripts/generate-cli-reference", outcome.stderr)

    def test_finds_one_that_nobody_has(self):
        self.assertEqual(self.check(lambda page: page.replace("`--force`", "`--forced`")).returncode, 1)


if __name__ == "__main__":
    unittest.main()
