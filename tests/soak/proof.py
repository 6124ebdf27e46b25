"""docs/PROOF.md: what the soaks with --record append to."""
import pathlib
import time

PATH = pathlib.Path(__file__).resolve().parents[2] / "docs" / "PROOF.md"


def append(title, name, text):
    with open(PATH, "a") as proof:
        proof.write(f"\n## {title}, {time.strftime('%Y-%m-%d', time.gmtime())}\n`scripts/soak {name} --record`\n\n{text}")
