#!/usr/bin/env python3
"""tidy.py [--update] [ROOT]: the house rules that a compiler does not know.

Sizes only shrink: a file has at most 400 lines, a function 70, a folder 24 files, a stored file 256 KiB; what is
larger stands in scripts/tidy_baseline.txt with its size, which may only go down (--update writes the lower size).
Nothing asks the machine behind the back of main.cpp, nothing prints beside the command line, every source is
built, every test runs, and the generated page of exit codes is that of the error table.
"""
import argparse
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cpp_text import functions, without_comments, without_text  # noqa: E402

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
FOLDER_FILES_MAX = 24
BLOB_BYTES_MAX = 256 * 1024

LAID_OUT = {".h", ".cpp", ".py", ".cmake", ".md", ".yml", ".yaml", ".json", ".txt", ".def", ""}
NOT_OURS = ("tests/golden/", "tests/fuzz/corpus/")  # inputs and outputs, byte for byte
EMPTY_WORDS = re.compile(r"(?:^|_)(?:utils?|managers?|helpers?|common)(?=_|\.|$)")

# What stands in place of the forbidden call is part of the message.
BANNED = [
    (re.compile(r"\b(?:std::)?s?rand\s*\(|\bstd::random_device\b"), (), "use base/prng.h, passed in"),
    (re.compile(r"\b(?:std::)?time\s*\(\s*(?:nullptr|NULL|0)\s*\)"), (), "use the Clock of base/time.h, passed in"),
    (re.compile(r"\bsystem_clock\b|\bgettimeofday\b|\bclock_gettime\b"), ("src/os/", "src/main.cpp"),
     "use the Clock of base/time.h, passed in"),
    (re.compile(r"\b(?:secure_)?getenv\s*\("), ("src/main.cpp",), "main.cpp looks up the environment and passes it in"),
    (re.compile(r"\bstd::c(?:out|err|log)\b|\b(?:std::)?(?:f?printf|f?puts|putchar)\s*\(|\bfmt::print\b"),
     ("src/cli/", "src/main.cpp", "src/config/docs/config_docs_main.cpp", "src/base/check.cpp"),
     "return it: only the command line prints"),
    (re.compile(r"\b(?:std::)?(?:system|popen)\s*\("), ("src/os/",), "programs are started by src/os, without a shell"),
]
SKIPPED_TEST = re.compile(r"\bGTEST_SKIP\b|\bDISABLED_\w+")
PENDING_WORDS = re.compile(r"\b(?:TODO|FIXME)\b")


class Ratchet:
    """The outliers that are allowed, by what is measured; what is not in it has the limit."""

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.allowed: dict[str, int] = {}
        self.seen: dict[str, int] = {}
        self.findings: list[str] = []
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                if line and not line.startswith("#"):
                    key, size = line.rsplit(" ", 1)
                    self.allowed[key] = int(size)

    def measure(self, key: str, size: int, limit: int, unit: str):
        if size <= limit:
            return
        self.seen[key] = max(size, self.seen.get(key, 0))
        allowed = self.allowed.get(key)
        if allowed is None:
            self.findings.append(f"{key}: {size} {unit}, at most {limit}: split it")
        elif size > allowed:
            self.findings.append(f"{key}: {size} {unit}, {allowed} allowed so far: it may only shrink")

    def close(self, update: bool):
        lower = {key: min(size, self.allowed[key]) for key, size in self.seen.items() if key in self.allowed}
        if lower != self.allowed and not update:
            stale = sorted(key for key in self.allowed if lower.get(key) != self.allowed[key])
            self.findings += [f"{key}: it shrank; run scripts/tidy.py --update" for key in stale]
        if update and self.path.exists():
            head = [line for line in self.path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
            self.path.write_text("\n".join(head + [f"{k} {v}" for k, v in sorted(lower.items())]) + "\n", encoding="utf-8")


def stored_files(root: pathlib.Path) -> list[pathlib.Path]:
    """What a commit would hold; in a tree without git, everything."""
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
        return sorted({root / name for name in names if name and (root / name).is_file()})
    return sorted(path for path in root.rglob("*") if path.is_file())


def is_test(name: str) -> bool:
    return name.endswith("_test.cpp") or name.rpartition("/")[2].startswith("test_")


def check_lines(name: str, suffix: str, text: str) -> list[str]:
    findings = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line != line.rstrip():
            findings.append(f"{name}:{number}: trailing blanks")
        if "\t" in line:
            findings.append(f"{name}:{number}: a tab")
        if suffix in (".h", ".cpp", ".cmake", ".def") and PENDING_WORDS.search(line):
            findings.append(f"{name}:{number}: unfinished work is an issue, not a comment")
    if text and not text.endswith("\n"):
        findings.append(f"{name}: no line end at the end")
    return findings


def check_source(name: str, text: str, ratchet: Ratchet) -> list[str]:
    ratchet.measure(f"file {name}", text.count("\n"), FILE_LINES_MAX, "lines")
    code = without_text(text)
    for function, lines in functions(code):
        ratchet.measure(f"function {name} {function}", lines, FUNCTION_LINES_MAX, "lines")
    findings = []
    if name.endswith(".h") and not re.search(r"^#pragma once$", text, re.MULTILINE):
        findings.append(f"{name}: no #pragma once")
    for match in SKIPPED_TEST.finditer(code):
        line = code.count("\n", 0, match.start()) + 1
        findings.append(f"{name}:{line}: {match.group()}: what a test needs, it demands; it is never skipped")
    if name.startswith("src/") and not is_test(name):
        for pattern, homes, advice in BANNED:
            if name.startswith(homes) and homes:
                continue
            for match in pattern.finditer(code):
                line = code.count("\n", 0, match.start()) + 1
                findings.append(f"{name}:{line}: {match.group().strip('( ')}: {advice}")
    return findings


def check_built(root: pathlib.Path, names: list[str]) -> list[str]:
    """A source that neither its folder's CMakeLists.txt nor a files.cmake below names is never built, a test never run."""
    findings = []
    for list_name in names:
        match = re.fullmatch(r"(src/\w+)/CMakeLists\.txt", list_name)
        if not match:
            continue
        lists = [list_name] + [name for name in names if name.startswith(match[1] + "/") and name.endswith("/files.cmake")]
        text = "\n".join(re.sub(r"#[^\n]*", "", (root / name).read_text(encoding="utf-8")) for name in lists if (root / name).exists())
        listed = set(re.split(r"[\s()\"]+", text))
        for name in names:
            if name.startswith(match[1] + "/") and name.endswith(".cpp"):
                inside = name[len(match[1]) + 1:]
                if inside not in listed:
                    findings.append(f"{name}: {list_name} does not name it, so it is never built")
    return findings


def check_folders(names: list[str]) -> list[str]:
    counts: dict[str, int] = {}
    for name in names:
        folder = name.rpartition("/")[0]
        if folder.split("/")[0] in ("src", "scripts", "cmake", "docs", "bench") or folder == "tests":
            counts[folder] = counts.get(folder, 0) + 1
    return [f"{folder}/: {count} files, at most {FOLDER_FILES_MAX}: make sub-folders"
            for folder, count in sorted(counts.items()) if count > FOLDER_FILES_MAX]


def check(root: pathlib.Path, update: bool) -> tuple[list[str], int]:
    ratchet = Ratchet(root / "scripts/tidy_baseline.txt")
    findings, names, sources = [], [], 0
    for path in stored_files(root):
        name = path.relative_to(root).as_posix()
        names.append(name)
        ratchet.measure(f"blob {name}", path.stat().st_size, BLOB_BYTES_MAX, "bytes")
        if name.startswith("src/") and EMPTY_WORDS.search(name.split("/", 1)[1].replace("/", "_")):
            findings.append(f"{name}: name it after what it does")
        if path.suffix not in LAID_OUT or name.startswith(NOT_OURS) or path.stat().st_size > BLOB_BYTES_MAX:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path.name != "LICENSE":
            findings += check_lines(name, path.suffix, text)
        if path.suffix in (".h", ".cpp"):
            sources += 1
            findings += check_source(name, text, ratchet)
        elif path.suffix == ".py":
            ratchet.measure(f"file {name}", text.count("\n"), FILE_LINES_MAX, "lines")
    findings += check_folders(names) + check_built(root, names)
    if (root / "scripts/generate-exit-codes").exists():
        done = subprocess.run([root / "scripts/generate-exit-codes", "--check"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            findings.append(done.stderr.strip())
    ratchet.close(update)
    return findings + ratchet.findings, sources


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true", help="write the lower sizes of what shrank")
    parser.add_argument("root", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    arguments = parser.parse_args()
    findings, sources = check(arguments.root, arguments.update)
    for finding in findings:
        print(finding, file=sys.stderr)
    if sources == 0:
        print("tidy: no source file found", file=sys.stderr)
        return 1
    print(f"tidy: {sources} sources, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
