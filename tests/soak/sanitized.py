"""What soak asan and soak tsan are: the whole suite, command-line tests included, built with a sanitizer."""
import argparse
import re
import subprocess
import sys
import time

from proof import PATH, append

ROOT = PATH.parents[1]
NAMES = {"asan": "address and undefined-behaviour sanitizer, leaks included", "tsan": "thread sanitizer"}


def main(preset):
    parser = argparse.ArgumentParser(prog=f"soak {preset}", description=f"The whole suite under the {NAMES[preset]}; a finding fails its test.")
    parser.add_argument("--record", action="store_true", help="append the totals to docs/PROOF.md; only of the whole suite")
    options, of_ctest = parser.parse_known_args()
    if options.record and of_ctest:
        parser.error("--record is for the whole suite")
    started_s = time.monotonic()
    process = subprocess.Popen([ROOT / "scripts" / "test", preset, *of_ctest], stdout=subprocess.PIPE, text=True)
    said = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        said += line
    totals = re.search(r"(\d+)% tests passed, (\d+) tests failed out of (\d+)", said)
    if process.wait() != 0 or not totals:
        return 1
    if options.record:
        append(f"The suite under the {NAMES[preset]}", preset,
               f"{totals.group(3)} tests in {time.monotonic() - started_s:.0f} s with building, {totals.group(2)} failed.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv.pop(1)))
