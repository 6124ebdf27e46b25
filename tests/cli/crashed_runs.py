"""Runs over three stores that are killed with -9, at a named point or at a moment drawn from a seed, and what must hold
afterwards. The servers are asked with psql and the ledger is read with SQL: never through the product."""
import calendar
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

from godwit_program import BINARY, TEST_KEY
from postgres_world import CA, literal, psql, url
from three_stores import STORES, ThreeStores

# Where a moment may lie.
UNPLANNED = "before there is a plan"
BEFORE = "between the plan and the first commit"
BETWEEN = "between the first commit and the ledger's last word"
POINTS_BETWEEN = [f"after-commit:{STORES[0]}"] + [f"{step}-commit:{store}" for store in STORES[1:] for step in ["before", "after"]]
DRAWS_MAX = 25
SESSIONS_END_S = 30

Span = collections.namedtuple("Span", "from_s length_s")  # from the start of the process, or of its commit phase
Killed = collections.namedtuple("Killed", "run how")
Held = collections.namedtuple("Held", "outcome transaction")


def disagreements(told, held, finished, failed=False):
    """Where `godwit status` differs from what the servers hold. `told` is its entry for the run, `held` says per store
    committed, undone, prepared or nothing, and by which transaction; `finished`: the ledger has said its last word;
    `failed`: it was that of a run that ended by itself without success."""
    found = []
    stores = {store["store"]: Held(store["state"], store["transaction_id"]) for store in told["stores"]}
    for store, real in held.items():
        said = stores.get(store, Held("", ""))
        if real.outcome and said != real:
            found.append(f"{store} is {real.outcome} by {real.transaction}, told: {said.outcome} by {said.transaction}")
        if not real.outcome and said.outcome in ("committed", "prepared", "undone"):
            found.append(f"{store} holds nothing of the run, told: {said.outcome}")
    outcomes = collections.Counter(real.outcome for real in held.values())
    status = told["status"]
    if finished and not failed:
        right = status == "completed"
    elif outcomes["committed"] == len(held):
        right = status in ("committed", "verified")
    elif outcomes["committed"]:
        right = status == "partial"
    elif outcomes["prepared"]:
        right = status == "committing"
    elif failed:
        right = status == "failed"
    else:
        right = status in ("planned", "extracting", "extracted", "checking", "loading", "loaded", "committing")
    return found if right else [*found, f"the stores are {dict(outcomes)}, the run is told to be {status}"]


class CrashedRuns(ThreeStores):
    seed = int(os.environ.get("GODWIT_TEST_SEED", "20261121"))
    shared_ledger = False  # on PostgreSQL; else the default, a file

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ledger = f"{cls.token}_ledger"
        if cls.shared_ledger:
            psql("postgres", f"CREATE DATABASE {cls.ledger} OWNER admin_user")
        cls.reference = None
        cls.missed = 0  # moments that lay elsewhere, drawn again
        cls.places = collections.Counter()  # what the servers held at the moments that count
        cls.clean = True

    def write_settings(self):
        super().write_settings()
        if self.shared_ledger:
            settings = pathlib.Path(self.folder, "godwit.yml")
            ledger = f"{url(self.ledger, 'admin_user')}?sslmode=verify-full&sslrootcert={CA}"
            settings.write_text(f'{settings.read_text()}ledger: "{ledger}"\n')

    def undisturbed(self):
        """What the target holds before and after a run that nobody kills; its timeline is measured on the way."""
        cls = type(self)
        if cls.reference is None:
            before, started_s = self.dump(), time.time()
            outcome = self.godwit("run", "district", "district-001", "--json")
            self.assertEqual(outcome.code, 0, outcome.stderr)
            self.assertEqual(self.prepared(), [])
            run = outcome.json()["run"]
            plan_s, commit_s = self.phase_s(run, "plan", "done") - started_s, self.phase_s(run, "commit", "running") - started_s
            last_word_s = self.last_word_s(run) - started_s
            cls.reference = (before, self.dump())
            cls.spans = {UNPLANNED: Span(0, plan_s), BEFORE: Span(plan_s, commit_s - plan_s), BETWEEN: Span(0, last_word_s - commit_s)}
            self.assertTrue(all(cls.reference[0][store] != cls.reference[1][store] for store in STORES))
            self.assertTrue(all(span.length_s > 0 for span in cls.spans.values()), cls.spans)
            self.rolled_back(run)
        return cls.reference

    # What happened, by the run's own log and ledger.

    def phase_s(self, run, phase, state):
        """When a phase began or was done, in seconds of the clock; None: not yet."""
        path = pathlib.Path(self.folder, ".godwit", "runs", run, "log.jsonl")
        for line in path.read_text().splitlines() if path.exists() else []:
            if f'"phase":"{phase}","state":"{state}"' in line:
                return time_of(json.loads(line)["time"])
        return None

    def ledger_row(self, sql, *values):
        return self.shared_ledger_row(sql, *values) if self.shared_ledger else self.file_ledger_row(sql, *values)

    def shared_ledger_row(self, sql, *values):
        for value in values:
            sql = sql.replace("?", literal(value), 1)
        rows = psql(self.ledger, f"""
            SELECT to_regclass('godwit_ledger.run') IS NOT NULL AS there \\gset
            \\if :there
            SET search_path = godwit_ledger;
            {sql};
            \\endif""")
        return rows[0] if rows else None

    def file_ledger_row(self, sql, *values):
        """Read from a copy: the killed process may have left a journal that only a writer can settle."""
        with tempfile.TemporaryDirectory(prefix="godwit-ledger-") as folder:
            for path in pathlib.Path(self.folder, ".godwit").glob("ledger.db*"):
                shutil.copy(path, folder)
            ledger = sqlite3.connect(f"{folder}/ledger.db")
            try:
                there = ledger.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'run'").fetchone()[0]
                return ledger.execute(sql, values).fetchone() if there else None
            finally:
                ledger.close()

    def last_word_s(self, run):
        """When the ledger said its last word about the run, in seconds of the clock; None: not yet."""
        (finished_us,) = self.ledger_row("SELECT finished_us FROM run WHERE run = ?", run)
        return int(finished_us) / 1e6 if int(finished_us) else None

    def has_failed(self, run):
        """It ended by itself, without success."""
        (exit_code,) = self.ledger_row("SELECT exit_code FROM run WHERE run = ?", run)
        return int(exit_code) > 0

    def newest_run(self):
        row = self.ledger_row("SELECT run FROM run WHERE kind = 'mig' ORDER BY started_us DESC, run DESC LIMIT 1")
        return row[0] if row else None

    def has_plan(self, run):
        return pathlib.Path(self.folder, ".godwit", "runs", run, "plan.json").exists()

    # What the servers hold.

    def targets(self):
        return [self.database("cert", store) for store in STORES]

    def wait_for_sessions_to_end(self):
        """A server may still be working on the last words of a client that is dead."""
        names = ", ".join(literal(name) for name in [self.ledger, *(self.database(side, store) for side in ["prod", "cert"] for store in STORES)])
        deadline_s = time.monotonic() + SESSIONS_END_S
        while psql("postgres", f"SELECT count(*) FROM pg_stat_activity WHERE datname IN ({names}) AND backend_type = 'client backend'") != [["0"]]:
            self.assertLess(time.monotonic(), deadline_s, "sessions of a dead process do not end")
            time.sleep(0.02)

    def held(self, run):
        prepared = dict(psql("postgres", "SELECT gid, transaction FROM pg_prepared_xacts"))
        return {store: self.held_by(run, store, prepared.get(f"godwit:{run}:{store}")) for store in STORES}

    def held_by(self, run, store, prepared):
        marker = psql(self.database("cert", store), f"""
            SELECT to_regclass('godwit.run') IS NOT NULL AS there \\gset
            \\if :there
            SELECT state, xid FROM godwit.run WHERE run = {literal(run)} AND store = {literal(store)};
            \\endif""")
        if marker:
            self.assertIsNone(prepared, f"{store} is committed and prepared")
            return Held(*marker[0])
        return Held("prepared", prepared) if prepared else Held("", "")

    def advisory_locks(self):
        names = ", ".join(map(literal, self.targets()))
        return psql("postgres", f"SELECT d.datname, l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
                                f"WHERE l.locktype = 'advisory' AND d.datname IN ({names})")

    # What the program tells.

    def status(self, run):
        outcome = self.godwit("status", run, "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        return outcome.json()["runs"][0]

    def told(self, run):
        return self.status(run)["status"]

    def stores(self, run):
        return {store["store"]: (store["state"], store["transaction_id"]) for store in self.status(run)["stores"]}

    def assert_truth(self, run):
        """What status tells is what psql sees, whole stores are visible or nothing of them. Returns how many stores are
        committed and how many prepared."""
        before, after = self.undisturbed()
        held, target = self.held(run), self.dump()
        for store in STORES:
            visible = held[store].outcome == "committed"
            self.assertEqual(target[store], (after if visible else before)[store], f"{store}: {held[store]}")
        finished, failed = self.last_word_s(run) is not None, self.has_failed(run)
        self.assertEqual(disagreements(self.status(run), held, finished, failed), [])
        self.assertEqual(self.held(run), held, "asking changes nothing")
        outcomes = collections.Counter(real.outcome for real in held.values())
        self.assertEqual(len(self.prepared()), outcomes["prepared"], "prepared by nobody's run")
        return outcomes["committed"], outcomes["prepared"]

    # Killing.

    def start(self, environment, *arguments):
        with open(f"{self.folder}/stderr.txt", "w") as error:
            return subprocess.Popen([BINARY, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=error,
                                    env={**os.environ, "GODWIT_TEST_KEY": TEST_KEY, **self.environment, **environment})

    def killed_at(self, point, *arguments):
        process = self.start({"GODWIT_TEST_KILL_AT": point}, *(arguments or ("run", "district", "district-001")))
        process.wait(timeout=300)
        said = pathlib.Path(self.folder, "stderr.txt").read_text()
        self.assertEqual(process.returncode, -signal.SIGKILL, f"{point} was not reached: {said}")
        return self.newest_run()

    @staticmethod
    def kill_after(process, delay_s):
        try:
            process.wait(timeout=delay_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def wait_for_commit(self, process, known):
        runs = pathlib.Path(self.folder, ".godwit", "runs")
        while process.poll() is None:
            new = {path.name for path in runs.glob("mig-*")} - known
            if new and self.phase_s(*new, "commit", "running") is not None:
                return
            time.sleep(0.002)

    def killed(self, within, draw):
        """A run, killed at a moment that `draw` decides; no run when it had none yet."""
        last, known = self.newest_run(), {path.name for path in pathlib.Path(self.folder, ".godwit", "runs").glob("mig-*")}
        by_name = within == BETWEEN and draw.random() < 0.5  # half of them: the steps lie too close for a clock
        point = draw.choice(POINTS_BETWEEN) if by_name else ""
        span = self.spans[within]
        delay_s = draw.uniform(0, span.length_s)
        process = self.start({"GODWIT_TEST_KILL_AT": point} if by_name else {}, "run", "district", "district-001")
        if by_name:
            process.wait(timeout=300)
        else:
            if within == BETWEEN:
                self.wait_for_commit(process, known)
            self.kill_after(process, span.from_s + delay_s)
        # What was sent before the kill is still carried out: the servers say nothing final until they noticed.
        self.wait_for_sessions_to_end()
        run = self.newest_run()
        how = f"at {point}" if by_name else f"{delay_s * 1000:.0f} ms into the {span.length_s * 1000:.0f} ms {within}"
        self.assertIn(process.returncode, (0, -signal.SIGKILL), f"{how}: {pathlib.Path(self.folder, 'stderr.txt').read_text()}")
        return Killed(None if run == last else run, f"seed {self.seed}: killed {how}, run {run}")

    # Moments.

    def moment(self, within, name, resume):
        """One kill that counts: drawn until it lies where it is to lie, then told, resumed or not, and rolled back."""
        self.as_before()
        killed = self.drawn(within, name)
        with self.subTest(killed.how):
            outcomes = self.assert_truth(killed.run)
            self.rolled_back(self.resumed(killed.run) if resume else killed.run)
            type(self).places[(within, *outcomes)] += 1
            type(self).clean = True

    def as_before(self):
        """The target is as before any run; whoever leaves it so again says that it is clean. Making it anew takes seconds."""
        self.undisturbed()
        if not self.clean:  # an earlier moment failed
            self.forget_prepared()
            self.fresh_target()
        type(self).clean = False

    def drawn(self, within, name):
        for attempt in range(DRAWS_MAX):
            killed = self.killed(within, random.Random(f"{self.seed}/{name}/{attempt}"))
            if killed.run is not None and self.landed(killed.run) == within:
                return killed
            type(self).missed += 1
            if killed.run is not None:
                self.rolled_back(killed.run)
            self.assertEqual(self.dump(), self.undisturbed()[0], killed.how)
        self.fail(f"seed {self.seed}: none of {DRAWS_MAX} moments lay {within}")

    def landed(self, run):
        """Where the kill really was, by servers and ledger; None: after the last word."""
        asked = self.godwit("status", run, "--json")
        self.assertIn(asked.code, (0, 8), f"asked at once it may not know yet, and says so: {asked.stderr}")
        self.wait_for_sessions_to_end()
        if self.last_word_s(run) is not None:
            return None
        if any(real.outcome == "committed" for real in self.held(run).values()):
            return BETWEEN
        return BEFORE if self.has_plan(run) else UNPLANNED

    def resumed(self, run):
        """Continues the run, to what an undisturbed one leaves. One that had no plan yet is replaced by a new run."""
        before, after = self.undisturbed()
        planned = self.has_plan(run)
        outcome = self.godwit("run", "district", "district-001", "--resume", run, "--json")
        if not planned:
            self.assertEqual(outcome.code, 2, outcome.stderr)
            self.assertIn("nothing to resume", outcome.stderr)
            self.assertEqual(self.dump(), before)
            outcome = self.godwit("run", "district", "district-001", "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        run = outcome.json()["run"]
        self.assertEqual(self.dump(), after)
        self.assertEqual(self.prepared(), [])
        self.assertEqual(self.told(run), "completed")
        self.assertEqual(self.assert_truth(run), (len(STORES), 0))
        return run

    def rolled_back(self, run):
        outcome = self.godwit("rollback", run, "--confirm", run)
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.assertEqual(self.dump(), self.undisturbed()[0])
        self.assertEqual(self.prepared(), [])
        self.assertEqual(self.told(run), "rolled_back")
        self.assertNotIn("committed", [real.outcome for real in self.held(run).values()])
        self.wait_for_sessions_to_end()
        self.assertEqual(self.advisory_locks(), [])

    def forget_prepared(self):
        for store in STORES:
            for (gid,) in psql("postgres", f"SELECT gid FROM pg_prepared_xacts WHERE database = {literal(self.database('cert', store))}"):
                psql(self.database("cert", store), f"ROLLBACK PREPARED {literal(gid)}")


def time_of(text):
    """Seconds of the clock; the log writes UTC with milliseconds."""
    whole, fraction = text.rstrip("Z").split(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float(f"0.{fraction}")
