#!/usr/bin/env python3
"""What --resume does again and what it does not: extraction goes on at the first unfinished store, loading at the first
store that is not committed, --skip-load leaves a run that can be loaded later."""
import hashlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import unittest

from godwit_program import BINARY, STORES, World

EXTRACTED_BEFORE = ["ids", "hcp1"]
EXTRACTED_AFTER = ["hcp2", "adb"]


class Resume(World):
    scale = "0.05"

    def killed_at(self, point):
        process = subprocess.run([BINARY, "run", "district", "district-001"], cwd=self.folder, capture_output=True, text=True,
                                 env={**os.environ, "GODWIT_TEST_KILL_AT": point}, stdin=subprocess.DEVNULL, timeout=300)
        self.assertEqual(process.returncode, -signal.SIGKILL, f"{point} was not reached: {process.stderr}")
        return self.godwit("runs", "--json").json()["runs"][0]["run"]

    def undisturbed(self):
        if not hasattr(Resume, "reference"):
            self.assertEqual(self.godwit("run", "district", "district-001").code, 0)
            Resume.reference = self.dump_target()
            self.tearDown()
            self.setUp()
        return Resume.reference

    def resumed(self, run):
        """Continues the run; the datasets that it extracted and loaded now, by store."""
        log = pathlib.Path(self.folder, ".godwit/runs", run, "log.jsonl")
        known = len(log.read_text().splitlines())
        outcome = self.godwit("run", "district", "district-001", "--resume", run)
        self.assertEqual(outcome.code, 0, outcome.stderr)
        events = [json.loads(line) for line in log.read_text().splitlines()[known:]]
        done = {"extract": {}, "load": {}}
        for event in events:
            if event["event"] == "dataset" and event["phase"] in done:
                store = event["dataset"].split(".")[0]
                done[event["phase"]][store] = done[event["phase"]].get(store, 0) + 1
        return done

    def data_files(self, run):
        """Inode and time of every data file, by store."""
        files = {store: {} for store in STORES}
        for path in pathlib.Path(self.folder, ".godwit/runs", run, "data").rglob("*.parquet"):
            store = path.relative_to(pathlib.Path(self.folder, ".godwit/runs", run, "data")).parts[0]
            files[store][str(path)] = (path.stat().st_ino, path.stat().st_mtime_ns)
        return files

    def snapshots(self, run):
        manifest = json.loads(pathlib.Path(self.folder, ".godwit/runs", run, "manifest.json").read_text())
        return {store["store"]: store["snapshot_us"] for store in manifest["stores"]}

    def empty_source(self, store):
        """Whoever reads this store again finds nothing."""
        source = sqlite3.connect(f"{self.folder}/prod/{store}.db")
        for (table,) in source.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall():
            source.execute(f'DELETE FROM "{table}"')
        source.commit()
        source.close()

    def test_extraction_goes_on_at_the_first_unfinished_store(self):
        after = self.undisturbed()
        run = self.killed_at("extracted-store:hcp1")
        files, snapshots = self.data_files(run), self.snapshots(run)
        self.assertEqual(sorted(snapshots), sorted(EXTRACTED_BEFORE))
        for store in EXTRACTED_BEFORE:
            self.empty_source(store)
        done = self.resumed(run)
        self.assertEqual(sorted(done["extract"]), sorted(EXTRACTED_AFTER))
        for store in EXTRACTED_BEFORE:
            self.assertEqual(self.data_files(run)[store], files[store])
            self.assertEqual(self.snapshots(run)[store], snapshots[store])
        self.assertEqual(self.dump_target(), after)

    def test_half_a_store_is_extracted_again_under_one_snapshot(self):
        after = self.undisturbed()
        # The last table of the second store: everything before it is on disk, and counts for nothing.
        plan = self.godwit("run", "district", "district-001", "--dry-run", "--json").json()["plan"]
        last = [store["datasets"][-1]["dataset"]["id"] for store in plan["stores"] if store["store"] == "hcp1"][0]
        run = self.killed_at(f"extracted:{last}")
        files = self.data_files(run)
        self.assertEqual(sorted(self.snapshots(run)), ["ids"])
        self.assertTrue(files["hcp1"])
        done = self.resumed(run)
        self.assertEqual(sorted(done["extract"]), ["adb", "hcp1", "hcp2"])
        self.assertEqual(done["extract"]["hcp1"], len(self.data_files(run)["hcp1"]))
        again = self.data_files(run)["hcp1"]
        self.assertTrue(all(again[path] != files["hcp1"][path] for path in files["hcp1"]))
        self.assertEqual(self.dump_target(), after)

    def test_loading_goes_on_at_the_first_store_that_is_not_committed(self):
        after = self.undisturbed()
        run = self.killed_at("after-commit:hcp1")

        def bytes_of(store):
            return hashlib.sha256(pathlib.Path(self.folder, "cert", f"{store}.db").read_bytes()).hexdigest()

        committed = {store: bytes_of(store) for store in ["ids", "hcp1"]}
        for store in STORES:
            self.empty_source(store)
        done = self.resumed(run)
        self.assertEqual(done["extract"], {})
        self.assertEqual(sorted(done["load"]), ["adb", "hcp2"])
        self.assertEqual({store: bytes_of(store) for store in committed}, committed)
        self.assertEqual(self.dump_target(), after)

    def test_what_was_not_loaded_is_loaded_later(self):
        after, before = self.undisturbed(), self.dump_target()
        outcome = self.godwit("run", "district", "district-001", "--skip-load", "--json")
        self.assertEqual((outcome.code, outcome.json()["status"]), (0, "checked"), outcome.stderr)
        self.assertEqual(self.dump_target(), before)
        for store in STORES:
            self.empty_source(store)
        done = self.resumed(outcome.json()["run"])
        self.assertEqual(done["extract"], {})
        self.assertEqual(sorted(done["load"]), sorted(STORES))
        self.assertEqual(self.dump_target(), after)

    def test_changed_data_is_not_loaded(self):
        before = self.dump_target()
        run = self.godwit("run", "district", "district-001", "--skip-load", "--json").json()["run"]
        path = sorted(self.data_files(run)["hcp1"])[0]
        with open(path, "r+b") as file:
            file.seek(20)
            file.write(b"\xff")
        self.assert_refused(self.godwit("run", "district", "district-001", "--resume", run), 1, "is not the file that was extracted")
        self.assertEqual(self.dump_target(), before)

    def test_options_that_a_resumed_run_cannot_follow(self):
        for option in [["--skip-load"], ["--dry-run"], ["--strategy", "upsert"], ["--from-run", "mig-20260101-000000-001"]]:
            with self.subTest(option=option):
                self.assert_refused(self.godwit("run", "district", "district-001", "--resume", "mig-20260101-000000-002", *option), 2,
                                    "excludes")


if __name__ == "__main__":
    unittest.main()
