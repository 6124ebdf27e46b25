#!/usr/bin/env python3
"""Fail closed on PostgreSQL: each refusal has its own message, hint and exit code; no password is printed or kept; the
target stays as it was. And what `godwit doctor` says about accounts."""
import contextlib
import os
import pathlib
import socket
import subprocess
import threading
import unittest

from godwit_program import BINARY, TEST_KEY
from postgres_world import PORT, psql
from three_stores import STORES, ThreeStores

PASSWORD = os.environ["GODWIT_TEST_PG_PASSWORD"]
WRONG = "wrong-and-never-printed"


@contextlib.contextmanager
def server_without_tls():
    """A PostgreSQL that answers the request for TLS with no, whoever asks; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        def answer():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:  # closed: nobody asks any more
                    return
                with connection:
                    connection.recv(8)
                    connection.sendall(b"N")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


class FailClosed(ThreeStores):
    def setUp(self):
        super().setUp()
        self.environment = {"RIGHT_PASSWORD": PASSWORD, "WRONG_PASSWORD": WRONG}

    def address(self, side, store, new):
        """Another address for a store of one side."""
        self.addresses[side, store] = new
        self.write_settings()

    def assert_refused(self, code, message, hint, *arguments):
        before = self.dump()
        outcome = self.godwit(*(arguments or ("run", "district", "district-001")))
        self.assertEqual(outcome.code, code, outcome.stderr)
        self.assertIn(message, outcome.stderr)
        self.assertIn("hint: ", outcome.stderr)
        self.assertIn(hint, outcome.stderr)
        self.assertEqual(self.dump(), before)
        self.assert_no_password(outcome)
        return outcome

    def assert_no_password(self, *outcomes):
        left = b"".join(path.read_bytes() for path in pathlib.Path(self.folder).rglob("*") if path.is_file() and path.name != "godwit.yml")
        for secret in (PASSWORD, WRONG, TEST_KEY):
            for outcome in outcomes:
                self.assertNotIn(secret, outcome.stdout + outcome.stderr)
            self.assertNotIn(secret.encode(), left)

    def test_wrong_password(self):
        for side in ["prod", "cert"]:
            with self.subTest(side=side):
                self.address(side, "health", self.endpoint(side, "health", "godwit_password_test", 'password: "${env:WRONG_PASSWORD}"'))
                self.assert_refused(5, f"store health ({side})", "check user and password of this store")
                self.assert_refused(5, "28P01", "check user and password of this store")
                self.address(side, "health", self.endpoint(side, "health"))

    def test_wrong_password_in_a_url(self):
        self.address("cert", "scores", '{url: "postgresql://godwit_password_test:${env:WRONG_PASSWORD}@127.0.0.1:' +
                     f'{PORT}/{self.database("cert", "scores")}?sslmode=require"}}')
        self.assert_refused(5, "store scores (cert)", "check user and password of this store")

    def test_a_password_in_the_configuration(self):
        self.address("cert", "scores", self.endpoint("cert", "scores", more=f'password: "{WRONG}"'))
        refused = self.assert_refused(2, "stores.scores.cert.password: a credential must not stand here in the clear", "docs/CONFIGURATION.md")
        self.assertRegex(refused.stderr, r"godwit\.yml:\d+:\d+: ")
        self.address("cert", "scores", f'{{url: "postgresql://admin_user:{WRONG}@127.0.0.1/scores"}}')
        self.assert_refused(2, "a password stands in this url in the clear", "docs/CONFIGURATION.md")

    def test_a_url_that_cannot_be_read(self):
        self.address("cert", "scores", '{url: "postgresql://somebody:${env:WRONG_PASSWORD}@[127.0.0.1/x"}')
        self.assert_refused(2, "the PostgreSQL URL cannot be read", "special characters percent-encoded")

    def test_no_password_given(self):
        self.address("prod", "people", self.endpoint("prod", "people", "godwit_password_test"))
        self.assert_refused(5, "asks for a password and none is given", "give this store a password")

    def test_unreachable_port(self):
        with socket.socket() as taken:  # bound and not listening: nobody else answers there
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            self.address("cert", "scores", f"{{host: 127.0.0.1, port: {port}, database: nothing, user: admin_user}}")
            self.assert_refused(5, f"store scores (cert): cannot connect to 127.0.0.1:{port}", "check host, port and that the server runs")

    def test_unknown_database_and_host(self):
        self.address("cert", "scores", f"{{host: 127.0.0.1, port: {PORT}, database: no_such_database, user: admin_user, tls: require}}")
        self.assert_refused(5, "store scores (cert)", "check the database name of this store")
        self.address("cert", "scores", "{host: no-such-host.invalid, database: nothing, user: admin_user}")
        self.assert_refused(5, "cannot connect to no-such-host.invalid", "check host, port and that the server runs")

    def test_a_server_that_nobody_vouches_for(self):
        self.address("cert", "scores", f"{{host: 127.0.0.1, port: {PORT}, database: {self.database('cert', 'scores')}, user: admin_user}}")
        self.assert_refused(5, "certificate", "tls_root_certificate")
        self.address("cert", "scores", f"{{host: 127.0.0.1, port: {PORT}, database: {self.database('cert', 'scores')}, user: admin_user, tls: disable}}")
        told = self.godwit("doctor")
        self.assertEqual(told.code, 0, told.stderr)
        self.assertRegex(told.stdout, r"! scores \(cert\) +the connection is not encrypted \(tls: disable\)")
        moved = self.godwit("run", "district", "district-001", "--json")
        self.assertEqual(moved.code, 0, moved.stderr)
        weak = "cert: the connection is not encrypted (tls: disable)"
        self.assertEqual({store["store"]: store["connection_notes"] for store in moved.json()["stores"]},
                         {"people": [], "health": [], "scores": [weak]}, "once, where it belongs")
        self.assertNotIn("encrypted", "".join(moved.json()["notes"]))
        for form in ["html", "md"]:
            self.assertEqual(self.godwit("report", moved.json()["run"], "--format", form).stdout.count("not encrypted"), 1)

    def test_a_server_without_tls(self):
        with server_without_tls() as port:
            self.address("cert", "scores", f"{{host: 127.0.0.1, port: {port}, database: nothing, user: admin_user}}")
            refused = self.assert_refused(5, "store scores (cert)", "asks for tls: verify-full; name the server's authority")
            self.assertRegex(refused.stderr, r"stores\.scores\.cert \(.*godwit\.yml:\d+:\d+\)")
            self.assertIn("does not support SSL", refused.stderr)
            told = self.godwit("doctor", "--json")
            self.assertEqual(told.code, 5, told.stderr)
            [finding] = [finding for finding in told.json()["findings"] if finding["subject"] == "scores (cert)"]
            self.assertIn("weaken it on purpose", finding["hint"])

    def test_read_only_target(self):
        psql(self.database("cert", "health"), f"ALTER DATABASE {self.database('cert', 'health')} SET default_transaction_read_only = on")
        self.assert_refused(6, "store health (cert) is read-only: default_transaction_read_only is on", "load into a writable server")
        told = self.godwit("doctor")
        self.assertEqual(told.code, 6, told.stderr)
        self.assertIn("default_transaction_read_only is on", told.stdout)

    def test_an_account_that_may_not_keep_undo_data(self):
        self.address("cert", "people", self.endpoint("cert", "people", "godwit_password_test", 'password: "${env:RIGHT_PASSWORD}"'))
        self.assert_refused(6, "store people (cert): the role may not keep undo data", "create schema godwit")

    def test_source_is_target_whatever_it_is_called(self):
        database = self.database("prod", "health")
        spellings = {
            "the same address": self.endpoint("prod", "health", "postgres"),
            "another name of the host": self.endpoint("prod", "health", "postgres", host="localhost"),
            "a URL": f'{{url: "postgresql://postgres@localhost:{PORT}/{database}?sslmode=require"}}',
            "a URL of key words": f'{{url: "postgresql:///{database}?host=127.0.0.1&port={PORT}&user=postgres&sslmode=require"}}',
        }
        source = psql(database, "SELECT count(*), sum(id) FROM visits")
        for name, spelling in spellings.items():
            with self.subTest(spelling=name):
                self.address("cert", "health", spelling)
                self.assert_refused(2, "source and target are the same database: health (prod) and health (cert)",
                                    "point the two environments at different databases")
                self.assertEqual(psql(database, "SELECT count(*), sum(id) FROM visits"), source)
                self.assertEqual(psql(database, "SELECT to_regnamespace('godwit') IS NULL"), [["t"]])
        # Another store's source counts as well.
        self.address("cert", "health", self.endpoint("prod", "people", "postgres"))
        self.assert_refused(2, "people (prod) and health (cert)", "different databases")

    def test_two_runs_of_one_scope(self):
        first = subprocess.Popen([BINARY, "run", "district", "district-001"], cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
                                 env={**os.environ, "GODWIT_TEST_KEY": TEST_KEY, "GODWIT_TEST_STOP_AT": "planned"},
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            for line in first.stderr:
                if "stopped at planned" in line:
                    break
            self.assert_refused(7, "is under way", "")
            # Another machine has another ledger; the target's own lock holds.
            settings = pathlib.Path(self.folder) / "godwit.yml"
            settings.write_text(settings.read_text() + "ledger: .godwit/another.db\n")
            self.assert_refused(7, "pipeline district, scope district-001 of store people is locked by pid", "wait for the other run")
            other = self.godwit("run", "district", "district-002", "--dry-run")
            self.assertEqual(other.code, 0, other.stderr)
        finally:
            first.kill()
            first.wait()
            first.stderr.close()

    def test_a_key_that_somebody_else_has(self):
        psql(self.database("cert", "scores"), "INSERT INTO scores VALUES (1001, 'district-002', 0, '2026-01-01')")
        before = self.dump()
        outcome = self.godwit("run", "district", "district-001")
        self.assertEqual(outcome.code, 1, outcome.stderr)
        self.assertIn("scores.public.scores", outcome.stderr)
        self.assertNotIn("1001", outcome.stderr)
        self.assertEqual(self.dump(), before)

    def findings(self):
        outcome = self.godwit("doctor", "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.assert_no_password(outcome)
        return {finding["subject"]: (finding["verdict"], finding["detail"]) for finding in outcome.json()["findings"]}

    def test_doctor_knows_who_can_write(self):
        told = self.findings()
        for store in STORES:
            self.assertEqual(told[f"{store} (prod) is read-only"], ("ok", "the account may write no table"))
        phases = "one" if psql("postgres", "SHOW max_prepared_transactions") == [["0"]] else "two"
        self.assertEqual(told["people (cert)"], ("ok", f"reachable, {phases}-phase commit"))
        self.address("prod", "people", self.endpoint("prod", "people", "postgres"))
        psql(self.database("prod", "health"), "GRANT UPDATE (minutes), INSERT ON visits TO readonly_user")
        try:
            told = self.findings()
            self.assertEqual(told["people (prod) is read-only"], ("warning", "this account can write: the account is a superuser"))
            self.assertEqual(told["health (prod) is read-only"],
                             ("warning", "this account can write: the account may write 1 tables, public.visits for example"))
            self.assertEqual(told["scores (prod) is read-only"][0], "ok")
        finally:
            psql(self.database("prod", "health"), "REVOKE ALL ON visits FROM readonly_user")
        psql(self.database("prod", "health"), "GRANT UPDATE (minutes) ON visits TO readonly_user")
        try:
            self.assertEqual(self.findings()["health (prod) is read-only"][0], "warning", "one column is enough to write")
        finally:
            psql(self.database("prod", "health"), "REVOKE ALL (minutes) ON visits FROM readonly_user")


if __name__ == "__main__":
    unittest.main()
