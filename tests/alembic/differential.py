"""The real Alembic's side of agrees_test.py; runs in the environment that scripts/install-rival makes.

differential.py PROBE SEED GRAPHS: makes random folders of revisions, lets Alembic and the probe upgrade and
downgrade along them, and compares heads, labels, order, rows after every step, and errors. Prints what was compared;
exits with 1 at the first difference, which it shows whole.

Where Alembic leaves an order to the hash of a Python set, several depends_on of one revision, it is pinned to the order
in the file, as godwit has it.
"""
import collections
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import warnings

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import create_engine, text

HEADERS = [
    'revision = {rev!r}\ndown_revision = {down!r}\nbranch_labels = {labels!r}\ndepends_on = {needs!r}\n',
    'revision: str = {rev!r}\ndown_revision: Union[str, Sequence[str], None] = {down!r}\n'
    'branch_labels: Union[str, Sequence[str], None] = {labels!r}\ndepends_on: Union[str, None] = {needs!r}\n',
    'revision: str = (\n    {rev!r}  # itself\n)\ndown_revision: "str | None" = \\\n    {down!r}\n'
    'branch_labels = {labels!r}; depends_on = {needs!r}\n',
]
FILE = '''"""step {rev}

Revision ID: {rev}
"""
from typing import Sequence, Union

{header}

def upgrade():
    revision = "not this one"


def downgrade():
    pass
'''


def scalar(names):
    return None if not names else names[0] if len(names) == 1 else tuple(names)


class Folder:
    """Random revisions: mostly lines, with branches, merges, dependencies and labels in it; some cannot be a graph."""

    def __init__(self, chance: random.Random, size: int):
        self.chance, self.labels, self.ids, self.files = chance, [], [], {}
        tips: list[str] = []
        flawed = chance.random() < 0.08
        density = chance.choice([0.0, 0.15, 0.4])
        for number in range(size):
            rev = self.new_id()
            if not tips or chance.random() < 0.12:
                down = []
            elif len(tips) > 1 and chance.random() < 0.2:
                down = chance.sample(tips, min(len(tips), chance.choice([2, 2, 3])))
            elif chance.random() < 0.25:
                down = [chance.choice(self.ids)]
            else:
                down = [chance.choice(tips)]
            needs = []
            if self.ids and chance.random() < density:
                needs = chance.sample(self.ids + self.labels, min(len(self.ids), chance.choice([1, 1, 1, 2])))
                needs = [name for name in needs if name not in down]
            labels = []
            if chance.random() < (0.5 if not down else 0.08):
                labels = [f"label{number}"] + ([f"other{number}"] if chance.random() < 0.2 else [])
            if flawed and chance.random() < 0.25:
                flaw = chance.choice(["missing", "self", "label", "cycle"])
                later = f"{chance.getrandbits(48):012x}"
                if flaw == "missing":
                    down = down + [later]
                elif flaw == "self":
                    needs = needs + [rev]
                elif flaw == "label" and self.labels:
                    labels = labels + [chance.choice(self.labels)]
                elif flaw == "cycle":
                    self.add(later, scalar([rev]), None, None)
                    down = down + [later]
            self.add(rev, scalar(down), scalar(needs), scalar(labels))
            self.ids.append(rev)
            self.labels += labels
            tips = [tip for tip in tips if tip not in down] + [rev]

    def new_id(self) -> str:
        while True:
            start = self.chance.choice(self.ids)[:4] if self.ids and self.chance.random() < 0.1 else ""
            rev = (start + f"{self.chance.getrandbits(48):012x}")[: self.chance.choice([3, 5, 8, 12, 12, 12])]
            if rev not in self.ids:
                return rev

    def add(self, rev, down, needs, labels):
        header = self.chance.choice(HEADERS).format(rev=rev, down=down, needs=needs, labels=labels)
        self.files[f"{rev}_x.py"] = FILE.format(rev=rev, header=header)

    def target(self) -> str:
        chance = self.chance
        rev, label = chance.choice(self.ids), chance.choice(self.labels or self.ids)
        return chance.choice([
            "heads", "heads", "head", "base", rev, rev, rev, rev[:5], rev[:2], f"{label}@head", f"{label}@heads",
            f"{label}@base", f"{label}@{rev}", "+1", "+2", "-1", "-1", "-2", f"{rev}+1", f"{rev}-1", f"{rev}+2",
            f"{rev}-2", f"{label}@+1", f"{label}@-1", f"{label}@-2", f"{label}@{rev}+1", f"{label}@{rev}-1", label,
            "ffff", "none@head", "head-1", "base+1", "+0", f"{rev}+0", "heads-1"])


class Alembic:
    """The real thing over a folder and a database in memory."""

    def __init__(self, home: pathlib.Path):
        self.engine = create_engine("sqlite://")
        self.script = ScriptDirectory(str(home), version_locations=[str(home / "versions")])
        revisions = self.script.revision_map
        for rev in set(filter(None, revisions._revision_map.values())):
            pinned = [need for need in rev._resolved_dependencies if need in rev._normalized_resolved_dependencies]
            rev._normalized_resolved_dependencies = tuple(pinned)
        self.connection = self.engine.connect()

    def close(self):
        self.connection.close()
        self.engine.dispose()

    def describe(self):
        revisions = self.script.revision_map
        return {"heads": list(revisions.heads), "effective_heads": list(revisions._real_heads),
                "bases": list(revisions.bases),
                "labels": {rev.revision: sorted(rev.branch_labels) for rev in revisions._revision_map.values() if rev},
                "order": [rev.revision for rev in self.script.walk_revisions()][::-1]}

    def lines(self):
        """What `alembic heads` and `alembic history` print; names that come from a set sorted."""
        revisions, every = self.script.get_revisions, self.script.walk_revisions
        show = {
            "heads": [rev.cmd_format(False, include_branches=True, tree_indicators=False)
                      for rev in revisions(self.script.get_heads())],
            "effective_heads": [rev.cmd_format(False, include_branches=True, tree_indicators=False)
                                for rev in revisions("heads")],
            "history": [rev.cmd_format(False, include_branches=True, include_doc=True, include_parents=True)
                        for rev in every()],
            "verbose": [line for rev in every()
                        for line in (rev.cmd_format(True) + "\n").removesuffix("\n").split("\n")]}
        return {name: [sorted_names(line) for line in lines] for name, lines in show.items()}

    def created(self):
        context = MigrationContext.configure(connection=self.connection)
        context._ensure_version_table()
        return self.connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'alembic_version'")).scalar()

    def rows(self):
        return sorted(row[0] for row in self.connection.execute(text("SELECT version_num FROM alembic_version")))

    def move(self, direction: str, target: str):
        """(steps, error): of a run that failed, the steps until then."""
        steps: list = []
        plan = self.script._upgrade_revs if direction == "up" else self.script._downgrade_revs
        context = MigrationContext.configure(
            connection=self.connection,
            opts={"fn": lambda rows, _: plan(target, rows), "on_version_apply": [
                lambda step, **_: steps.append([step.up_revision_id, self.rows()])]})
        try:
            context.run_migrations()
        except CommandError as error:
            return steps, str(error)
        except (AssertionError, KeyError, IndexError, AttributeError, TypeError) as error:
            return steps, f"crash: {type(error).__name__}"
        return steps, None

    def applied(self):
        revisions = self.script.revision_map
        heads = revisions.get_revisions(tuple(self.rows()))
        return revisions._topological_sort(set(revisions._get_ancestor_nodes(heads)), heads)[::-1]


def sorted_names(line: str) -> str:
    """A line of a listing with the names in brackets and behind some headings in one order, and no folder."""
    line = re.sub(r"\(([^()]*,[^()]*)\)", lambda match: f"({', '.join(sorted(match[1].split(', ')))})", line)
    line = re.sub(r"^(Branches into|Branch names): (.*)",
                  lambda match: f"{match[1]}: {', '.join(sorted(match[2].split(', ')))}", line)
    return re.sub(r"^Path: .*/", "Path: ", line)


def words(message: str):
    """Names inside a message come from sets, and rows from the database: their order says nothing."""
    if " overlaps with other requested revisions " in message:
        return ["overlaps"]
    return sorted(re.findall(r"[\w@+-]+", message))


class Comparison:
    def __init__(self, probe: str, home: pathlib.Path):
        self.home, self.counts = home, collections.Counter()
        self.probe = subprocess.Popen([probe, str(home / "probe.db")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True)

    def ask(self, question):
        self.probe.stdin.write(json.dumps(question) + "\n")
        self.probe.stdin.flush()
        line = self.probe.stdout.readline()
        if not line:
            raise SystemExit("the probe ended")
        return json.loads(line)

    def differ(self, what, theirs, ours, files):
        for name, source in files.items():
            print(f"--- {name}\n" + "\n".join(line for line in source.splitlines() if "= " in line or ")" in line))
        print(f"difference in {what}\n alembic: {theirs}\n godwit:  {ours}")
        raise SystemExit(1)

    def folder(self, seed: int):
        chance = random.Random(seed)
        folder = Folder(chance, chance.randint(2, 14))
        moves = [[chance.choice(["up", "up", "down"]), folder.target()] for _ in range(14)]
        home = self.home / str(seed)
        (home / "versions").mkdir(parents=True)
        for name, source in folder.files.items():
            (home / "versions" / name).write_text(source, encoding="utf-8")
        ours = self.ask({"moves": moves, "files": [{"path": name, "text": folder.files[name]}
                                                   for name in sorted(folder.files)]})
        self.counts["folders"] += 1
        try:
            alembic = Alembic(home)
        except Exception as error:  # whatever it is that a broken graph makes of it
            if "error" not in ours:
                self.differ(f"reading folder {seed}", repr(error), ours, folder.files)
            self.counts["folders refused by both"] += 1
            return
        if "error" in ours:
            if "is detected in revisions" not in ours["error"]:
                self.differ(f"reading folder {seed}", "a graph", ours, folder.files)
            self.counts["cycles refused by godwit alone"] += 1
            return
        try:
            self.compare(alembic, moves, ours, f"folder {seed}", folder.files)
        finally:
            alembic.close()

    def compare(self, alembic, moves, ours, where, files):
        theirs = alembic.describe()
        ours["labels"] = {rev: sorted(labels) for rev, labels in ours["labels"].items()}
        for key, value in theirs.items():
            if ours[key] != value:
                self.differ(f"{key} of {where}", value, ours[key], files)
        if ours["created"] != alembic.created():
            self.differ("CREATE TABLE", alembic.created(), ours["created"], files)
        for name, lines in alembic.lines().items():
            mine = [sorted_names(line) for line in ours["lines"][name]]
            if mine != lines:
                self.differ(f"{name} as lines of {where}", "\n".join(lines), "\n".join(mine), files)
            self.counts["lines"] += len(lines)
        for number, ((direction, target), one) in enumerate(zip(moves, ours["moves"])):
            what = f"{where}, move {number}: {direction} {target}"
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                steps, error = alembic.move(direction, target)
            if any("ambiguous" in str(warning.message) for warning in warned):
                # Which row it starts at is the database's choice there; godwit refuses.
                if "ambiguous" not in one.get("error", ""):
                    self.differ(what, "a warning", one, files)
                self.counts["ambiguous walks refused by godwit alone"] += 1
                return
            if error and error.startswith("crash"):
                # A bug of Alembic's, which its command line shows as a traceback. Where it meets it while it merges rows
                # that another row stands for already, godwit goes on; until then both did the same.
                if "error" not in one:
                    if error != "crash: KeyError" or [[rev, sorted(rows)] for rev, rows in
                                                      one["steps"][:len(steps)]] != steps:
                        self.differ(what, (steps, error), one, files)
                    self.counts["crashes of alembic where godwit goes on"] += 1
                    return
                self.counts["crashes of alembic that are errors of godwit"] += 1
                if steps:
                    return
                continue
            if error:
                if words(error) != words(one.get("error", "")):
                    self.differ(what, error, one, files)
                self.counts["errors"] += 1
                continue
            if "error" in one:
                self.differ(what, steps, one, files)
            mine = [[rev, sorted(rows)] for rev, rows in one["steps"]]
            if mine != steps:
                self.differ(what, steps, mine, files)
            if one["applied"] != alembic.applied():
                self.differ(f"{what}: applied", alembic.applied(), one["applied"], files)
            self.counts["moves"] += 1
            self.counts["steps"] += len(steps)


def main() -> int:
    probe, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="godwit-alembic-") as home:
        comparison = Comparison(probe, pathlib.Path(home))
        for number in range(count):
            comparison.folder(seed + number)
        comparison.probe.stdin.close()
        comparison.probe.wait(timeout=60)
    print(json.dumps(comparison.counts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
