#!/usr/bin/env python3
"""Receipts of rehearsals: signed so that another program can check them, and demanded by an upgrade for exactly what it does."""
import base64
import json
import pathlib
import shutil
import subprocess
import unittest

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from migrated_database import Migrated


def make_key(path):
    """The private key as a file, the public one as the line that godwit.yml holds: by OpenSSL's own program."""
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(path)], check=True, capture_output=True, timeout=60)
    public = subprocess.run(["openssl", "pkey", "-in", str(path), "-pubout"], check=True, capture_output=True, text=True, timeout=60).stdout
    return public.split("\n")[1]


def canonical(document):
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Receipts:
    def setUp(self):
        super().setUp()
        self.public = make_key(self.folder / "receipt.pem")
        self.configure(f"rehearsal: required, receipt_keys: [\"{self.public}\"]")
        self.write("1_a.sql", "CREATE TABLE a (id integer PRIMARY KEY);\n")
        self.write("1_a.down.sql", "DROP TABLE a;\n")

    def configure(self, gates, key="receipt.pem"):
        path = self.folder / "godwit.yml"
        if not hasattr(self, "plain"):
            self.plain = path.read_text()
        text = self.plain.replace("project: test\n", f"project: test\nkeys: {{receipt: \"${{file:{key}}}\"}}\n")
        path.write_text(text.replace("local: {", f"local: {{{gates}, "))

    def receipt(self, name="receipt.json", **options):
        self.godwit("db", "rehearse", "--receipt", name, **options)
        return self.folder / name

    def refused(self, said, *arguments):
        for yes in ([], ["--yes"], ["--ci"]):
            outcome = self.godwit("db", "upgrade", *arguments, *yes, code=6)
            self.assertEqual(self.tables(), [])
            self.assertIn(said, outcome.stderr)

    def test_from_the_rehearsal_to_the_report(self):
        self.refused("requires a rehearsal of plan")
        document = json.loads(self.receipt().read_text())
        self.assertEqual(document["public_key"], self.public)
        self.assertTrue(document["godwit_version"])
        # Another program, with the standard's words alone, comes to the same.
        signature = base64.b64decode(document.pop("signature"))
        key = load_der_public_key(base64.b64decode(self.public))
        key.verify(signature, canonical(document))
        with self.assertRaises(InvalidSignature):
            key.verify(signature, canonical({**document, "plan_hash": "0" * 64}))
        # The ledger has it too.
        report = self.json("db", "upgrade", "--ci")
        self.assertEqual(self.tables(), ["a"])
        self.assertEqual(report["receipt"], {"from": "the ledger", "public_key": self.public, "made_at": document["made_at"],
                                             "start_fingerprint": document["start_fingerprint"],
                                             "end_fingerprint": document["end_fingerprint"],
                                             "found_fingerprint": document["end_fingerprint"]})
        for form in ("md", "html"):
            self.assertIn(self.public, self.godwit("report", report["run"], "--format", form).stdout)

    def test_the_way_back_is_what_was_rehearsed(self):
        """A down script that is a file of its own: a receipt covers it, a downgrade's plan hash too, and a downgrade wants it rehearsed."""
        receipt = self.receipt()
        rehearsed = (self.folder / "migrations/1_a.down.sql").read_text()
        self.write("1_a.down.sql", "DROP TABLE IF EXISTS a;\n")
        self.refused("the files are not those that were rehearsed", "--receipt", receipt.name)
        self.write("1_a.down.sql", rehearsed)
        self.godwit("db", "upgrade", "--ci")
        plan = self.json("db", "downgrade", "--dry-run")["plan_hash"]
        self.write("1_a.down.sql", "DROP TABLE IF EXISTS a;\n")
        self.assertNotEqual(self.json("db", "downgrade", "--dry-run")["plan_hash"], plan)
        for arguments in ([], ["--yes"], ["--receipt", receipt.name, "--ci"]):
            said = self.godwit("db", "downgrade", *arguments, code=6).stderr
            self.assertIn("the way back of 1 was not rehearsed as it stands", said)
            self.assertEqual(self.tables(), ["a"])
        self.write("1_a.down.sql", rehearsed)
        self.assertEqual(self.json("db", "downgrade", "--dry-run")["plan_hash"], plan)
        # Without its ledger godwit knows of no rehearsal; the file of the receipt is enough.
        shutil.move(self.folder / ".godwit", self.folder / "elsewhere")
        self.assertIn("no receipt of the plan that applied it", self.godwit("db", "downgrade", "--ci", code=6).stderr)
        self.godwit("db", "downgrade", "--ci", "--receipt", receipt.name)
        self.assertEqual(self.tables(), [])
        shutil.rmtree(self.folder / ".godwit")
        shutil.move(self.folder / "elsewhere", self.folder / ".godwit")
        self.godwit("db", "upgrade", "--ci", "--receipt", receipt.name)
        self.godwit("db", "downgrade", "--ci")
        self.assertEqual(self.tables(), [])

    def test_a_database_that_changed_since(self):
        self.receipt()
        self.sql("CREATE VIEW by_hand AS SELECT 1 AS one")
        self.refused("the structure of the database is not the one that the rehearsal began with")


class OnSqlite(Receipts, Migrated):
    kind = "sqlite"

    def test_a_file_is_enough_on_another_machine(self):
        receipt = self.receipt()
        shutil.rmtree(self.folder / ".godwit")
        self.refused("there is no receipt of one")
        report = self.json("db", "upgrade", "--ci", "--receipt", receipt.name)
        self.assertEqual(report["receipt"]["from"], "receipt.json")

    def test_a_plan_of_a_later_version(self):
        plan = self.json("db", "upgrade", "--dry-run")
        for version in (2, "1", None):
            (self.folder / "plan.json").write_text(json.dumps({**plan, "version": version}))
            said = self.godwit("db", "upgrade", "--ci", "--plan", "plan.json", code=2).stderr
            self.assertIn("plan.json is of a version that is not known here", said)
        self.assertEqual(self.tables(), [])

    def test_what_does_not_count(self):
        receipt = self.receipt()
        text = receipt.read_text()
        document = json.loads(text)
        self.refused("there is no receipt nowhere.json", "--receipt", "nowhere.json")
        for changed, said in (({"start_fingerprint": "0" * 64}, "signature is wrong"), ({"success": False}, "signature is wrong"),
                              ({"signature": None}, "it is not signed"), ({"version": 2}, "version that is not known"),
                              ({"made_us": "soon"}, "has no made_us")):
            receipt.write_text(json.dumps({**document, **changed}))
            self.refused(said, "--receipt", receipt.name)
        receipt.write_text("{")
        self.refused("no receipt", "--receipt", receipt.name)
        receipt.write_text(text)
        # Signed well, but by somebody else.
        other = make_key(self.folder / "other.pem")
        self.configure(f"rehearsal: required, receipt_keys: [\"{other}\"]")
        self.refused("signed with a key that is not trusted here", "--receipt", receipt.name)
        self.configure("rehearsal: required")
        self.refused("no key is trusted here", "--receipt", receipt.name)
        # Trusted again, it is what it was.
        self.configure(f"rehearsal: required, receipt_keys: [\"{other}\", \"{self.public}\"]")
        self.godwit("db", "upgrade", "--ci", "--receipt", receipt.name)

    def test_other_files_and_another_plan(self):
        receipt = self.receipt()
        self.write("1_a.sql", "CREATE TABLE a (id integer PRIMARY KEY, more text);\n")
        self.refused("another plan; the files are not those that were rehearsed", "--receipt", receipt.name)
        self.refused("requires a rehearsal of plan")
        self.write("1_a.sql", "CREATE TABLE a (id integer PRIMARY KEY);\n")
        self.write("2_b.sql", "CREATE TABLE b (id integer);\n")
        self.refused("another plan; the files are not those that were rehearsed", "--receipt", receipt.name)

    def test_a_comment_is_another_file(self):
        """The plan is the same, the file is not: what was rehearsed are these bytes."""
        receipt = self.receipt()
        self.write("1_a.sql", "-- changed\nCREATE TABLE a (id integer PRIMARY KEY);\n")
        self.refused("the files are not those that were rehearsed", "--receipt", receipt.name)

    def test_validation_cannot_be_skipped(self):
        self.receipt()
        self.refused("validation cannot be skipped", "--skip-validation")

    def test_a_rehearsal_with_findings_does_not_count(self):
        self.write("1_a.sql", "CREATE TABLE a (id integer PRIMARY KEY);\nCREATE TABLE IF NOT EXISTS c (id integer);\n")
        self.godwit("db", "rehearse", code=3)
        self.refused("the rehearsal found something wrong")

    def test_where_none_is_required_one_that_is_given_counts_all_the_same(self):
        receipt = self.receipt()
        self.configure(f"receipt_keys: [\"{self.public}\"]")
        receipt.write_text(receipt.read_text().replace('"success": true', '"success": false'))
        self.refused("signature is wrong", "--receipt", receipt.name)
        self.assertIsNone(self.json("db", "upgrade", "--ci")["receipt"])

    def test_it_can_be_checked_without_a_database(self):
        receipt = self.receipt()
        nowhere = {"DATABASE_URL": ""}
        found = self.json("db", "rehearse", "--verify", receipt.name, environment=nowhere)
        self.assertEqual((found["success"], found["public_key"]), (True, self.public))
        self.assertIn("The receipt counts", self.godwit("db", "rehearse", "--verify", receipt.name, environment=nowhere).stdout)
        self.write("1_a.sql", "CREATE TABLE other (id integer);\n")
        outcome = self.godwit("db", "rehearse", "--verify", receipt.name, environment=nowhere, code=6)
        self.assertIn("the folder does not hold 1 as it was rehearsed", outcome.stderr)
        receipt.write_text(receipt.read_text().replace('"start_from": "replay"', '"start_from": "nothing"'))
        outcome = self.godwit("db", "rehearse", "--verify", receipt.name, environment=nowhere, code=6)
        self.assertIn("signature is wrong", outcome.stderr)
        self.godwit("db", "rehearse", "--verify", "nowhere.json", code=2)

    def test_keys_that_are_none(self):
        self.configure("rehearsal: required", key="godwit.yml")
        outcome = self.godwit("db", "rehearse", "--receipt", "receipt.json", code=2)
        self.assertIn("keys.receipt: this is no Ed25519 private key", outcome.stderr)
        self.assertFalse((self.folder / "receipt.json").exists())
        path = self.folder / "godwit.yml"
        path.write_text(self.plain)
        self.assertIn("keys.receipt is not set", self.godwit("db", "rehearse", "--receipt", "r.json", code=2).stderr)

    def test_the_private_key_stands_nowhere(self):
        pem = (self.folder / "receipt.pem").read_text().split("\n")[1]
        self.receipt()
        self.godwit("db", "upgrade", "--ci")
        for path in [self.folder / "receipt.json", *pathlib.Path(self.folder / ".godwit").rglob("*")]:
            if path.is_file():
                self.assertNotIn(pem.encode(), path.read_bytes(), path)


class OnPostgres(Receipts, Migrated):
    kind = "postgres"

    def test_what_came_of_it_is_compared_with_the_end(self):
        """A migration that asks where it is, and does something else there."""
        self.write("1_a.sql", "CREATE TABLE a (id integer PRIMARY KEY);\n"
                              "DO $$ BEGIN IF current_database() LIKE 'schema\\_%' THEN ALTER TABLE a ADD COLUMN only_here text; "
                              "END IF; END $$;\n")
        receipt = json.loads(self.receipt().read_text())
        outcome = self.godwit("db", "upgrade", "--ci", "--json", code=4)
        report = json.loads(outcome.stdout)
        self.assertIn("not the one that the rehearsal ended at", report["error"])
        self.assertEqual((report["applied"], report["receipt"]["end_fingerprint"]), (1, receipt["end_fingerprint"]))
        self.assertNotEqual(report["receipt"]["found_fingerprint"], receipt["end_fingerprint"])
        self.assertEqual(self.tables(), ["a"])


if __name__ == "__main__":
    unittest.main()
