#!/usr/bin/env python3
"""What machines see of a run: the metrics file while it runs and after it, and a log that names run and table."""
import json
import os
import pathlib
import re
import signal
import subprocess
import unittest

from godwit_program import BINARY, World

HELP = re.compile(r"# HELP ([a-z_]+) \S.*")
TYPE = re.compile(r"# TYPE ([a-z_]+) gauge")
SAMPLE = re.compile(r'([a-z_]+)\{((?:[a-z_]+="(?:[^"\\]|\\["\\n])*",?)*)\} (-?[0-9][0-9.e+-]*)')


def read_metrics(text):
    """{(name, labels): value}; refuses what OpenMetrics or the text format of Prometheus would."""
    lines = text.split("\n")
    assert lines[-2:] == ["# EOF", ""], lines[-2:]
    families, samples, name = [], {}, None
    for line in lines[:-2]:
        if match := HELP.fullmatch(line):
            name = match.group(1)
            assert name not in families, f"{name} twice"
            families.append(name)
        elif match := TYPE.fullmatch(line):
            assert match.group(1) == name, line
        else:
            match = SAMPLE.fullmatch(line)
            assert match and match.group(1) == name, line
            labels = tuple(sorted(re.findall(r'([a-z_]+)="((?:[^"\\]|\\.)*)"', match.group(2))))
            assert (name, labels) not in samples, line
            samples[(name, labels)] = float(match.group(3))
    return samples


class MetricsWorld(World):
    scale = "0.05"

    def setUp(self):
        super().setUp()
        self.file = pathlib.Path(self.folder, "run.prom")

    def values(self):
        self.samples = read_metrics(self.file.read_text())
        return self.samples

    def value(self, name, **labels):
        wanted = set({**{"pipeline": "district", "scope": "district-001"}, **labels}.items())
        found = [value for (family, own), value in self.samples.items() if family == name and wanted <= set(own)]
        self.assertEqual(len(found), 1, f"{name} {labels}")
        return found[0]

    def state(self):
        return next(dict(labels)["state"] for name, labels in self.samples if name == "godwit_run_info")

    def log(self, run):
        return [json.loads(line) for line in pathlib.Path(self.folder, ".godwit/runs", run, "log.jsonl").read_text().splitlines()]


class Metrics(MetricsWorld):
    def test_of_a_run(self):
        outcome = self.godwit("run", "district", "district-001", "--json", "--metrics", "run.prom")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        report = outcome.json()
        self.values()
        self.assertEqual(self.state(), "completed")
        self.assertEqual(self.value("godwit_run_exit_code"), 0)
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o644, "collectors run under an account of their own")
        for verdict in ["passed", "failed", "warned", "skipped"]:
            self.assertEqual(self.value("godwit_checks", verdict=verdict), report["checks"][verdict])
        rows = sum(table["rows"] for table in report["tables"])
        self.assertGreater(rows, 0)
        self.assertEqual(self.value("godwit_phase_rows", phase="extract"), rows)
        self.assertEqual(self.value("godwit_phase_bytes", phase="extract"), sum(table["bytes"] for table in report["tables"]))
        for phase in ["plan", "extract", "check", "load", "commit", "verify"]:
            self.assertGreaterEqual(self.value("godwit_phase_duration_seconds", phase=phase, state="done"), 0)
        for table in report["tables"]:
            name = table["table"]
            self.assertEqual(self.value("godwit_table_phase_rows", phase="extract", table=name), table["rows"])
            self.assertEqual(self.value("godwit_table_phase_bytes", phase="extract", table=name), table["bytes"])
            self.assertEqual(self.value("godwit_table_rows", rows="inserted", table=name), table["inserted"])
            self.assertGreaterEqual(self.value("godwit_table_phase_duration_seconds", phase="load", table=name), 0)

    def test_while_it_runs_and_after_it_was_cancelled(self):
        process = subprocess.Popen([BINARY, "run", "district", "district-001", "--metrics", "run.prom"], cwd=self.folder, text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   env={**os.environ, "GODWIT_TEST_STOP_AT": "checked"})
        try:
            for line in process.stderr:
                if "stopped at checked" in line:
                    break
            self.values()
            self.assertEqual(self.state(), "running")
            self.assertGreater(self.value("godwit_phase_rows", phase="extract"), 0)
            process.send_signal(signal.SIGTERM)
        finally:
            process.communicate(timeout=60)
        self.values()
        self.assertEqual((self.state(), self.value("godwit_run_exit_code")), ("cancelled", 75))

    def test_a_file_that_cannot_be_written(self):
        outcome = self.godwit("run", "district", "district-001", "--metrics", "no/such/folder/run.prom")
        self.assert_refused(outcome, 1, "no/such/folder/run.prom")
        self.assertEqual(self.godwit("runs", "--json").json()["runs"][0]["status"], "completed", "the run itself was done")

    def test_the_log_names_run_and_table(self):
        run = self.godwit("run", "district", "district-001", "--json").json()["run"]
        events = self.log(run)
        self.assertEqual({event["run"] for event in events}, {run})
        for event in events:
            if event["event"] == "dataset":
                self.assertRegex(event["dataset"], r"^\w+\.\w+\.\w+$")
                self.assertGreaterEqual(event["duration_ms"], 0)
        last = events[-1]
        self.assertEqual((last["event"], last["state"], last["exit_code"], last["level"]), ("end", "completed", 0, "info"))
        self.assertGreater(last["duration_ms"], 0)


class FailedRun(MetricsWorld):
    violate = ["enrollment_date_logical"]

    def test_of_a_run(self):
        outcome = self.godwit("run", "district", "district-001", "--json", "--metrics", "run.prom")
        self.assertEqual(outcome.code, 3, outcome.stderr)
        self.values()
        self.assertEqual((self.state(), self.value("godwit_run_exit_code")), ("check_failed", 3))
        self.assertGreater(self.value("godwit_checks", verdict="failed"), 0)
        last = self.log(outcome.json()["run"])[-1]
        self.assertEqual((last["event"], last["state"], last["level"]), ("end", "check_failed", "error"))
        self.assertIn("checks:", last["text"])


if __name__ == "__main__":
    unittest.main()
