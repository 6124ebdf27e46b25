#!/usr/bin/env python3
"""Metrics pushed to a real Prometheus Pushgateway, and what a run says and does when none is there."""
import base64
import contextlib
import http.server
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

from godwit_program import BINARY, World

GATEWAY = "/usr/bin/prometheus-pushgateway"
SAMPLE = re.compile(r'([a-z_]+)\{([^}]*)\} (\S+)')


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Gateway:
    """On 127.0.0.1, for one test; keeps nothing."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="godwit-gateway-")
        # The port is free when asked for; somebody else may take it first, hence the tries.
        for _ in range(5):
            self.url = f"http://127.0.0.1:{free_port()}"
            self.process = subprocess.Popen([GATEWAY, f"--web.listen-address={self.url.removeprefix('http://')}"], cwd=self.folder.name,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            deadline = time.monotonic() + 60
            while self.process.poll() is None and time.monotonic() < deadline:
                with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/-/ready", timeout=5):
                    return self
                time.sleep(0.05)
            self.process.kill()
            self.process.wait()
        raise AssertionError("the gateway did not start")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()

    def samples(self):
        """[(name, labels, value)] of what godwit pushed."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        found = [SAMPLE.fullmatch(line) for line in lines if line.startswith("godwit_")]
        return [(match[1], dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2])), float(match[3])) for match in found]


class Listener:
    """Answers every request with one status and keeps what came; silent with status None."""

    def __init__(self, status):
        listener = self
        self.requests = []
        self.released = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.requests.append((self.path, dict(self.headers), body.decode()))
                if status is None:
                    listener.released.wait(120)
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


class MetricsPush(World):
    scale = "0.05"

    def run_it(self, *options, **more):
        return self.godwit("run", "district", "district-001", *options, **more)

    def configure(self, metrics):
        path = pathlib.Path(self.folder, "godwit.yml")
        text, places = re.subn(r"(?m)^(    )from: ", rf"\1metrics: {metrics}\n\1from: ", path.read_text())
        self.assertEqual(places, 1)
        path.write_text(text)

    def test_a_gateway_has_the_whole_run(self):
        with Gateway() as gateway:
            outcome = self.run_it("--json", "--metrics", gateway.url)
            self.assertEqual(outcome.code, 0, outcome.stderr)
            self.assertNotIn("not pushed", outcome.stderr)
            report, samples = outcome.json(), gateway.samples()
        for _, labels, _ in samples:
            self.assertEqual((labels["job"], labels["pipeline"], labels["scope"]), ("godwit", "district", "district-001"))
        values = {(name, labels.get("phase"), labels.get("verdict"), labels.get("table"), labels.get("rows")): value
                  for name, labels, value in samples}
        info = [labels for name, labels, _ in samples if name == "godwit_run_info"]
        self.assertEqual([(labels["run"], labels["state"]) for labels in info], [(report["run"], "completed")])
        self.assertEqual(values["godwit_run_exit_code", None, None, None, None], 0)
        self.assertEqual(values["godwit_checks", None, "passed", None, None], report["checks"]["passed"])
        self.assertEqual(values["godwit_phase_rows", "extract", None, None, None], sum(table["rows"] for table in report["tables"]))
        for table in report["tables"]:
            self.assertEqual(values["godwit_table_rows", None, None, table["table"], "inserted"], table["inserted"])

    def test_a_later_run_replaces_what_was_there(self):
        with Gateway() as gateway:
            first = self.run_it("--json", "--skip-load", "--metrics", f"{gateway.url}/metrics/job/nightly/instance/one").json()["run"]
            second = self.run_it("--json", "--skip-load", "--metrics", f"{gateway.url}/metrics/job/nightly/instance/one").json()["run"]
            info = [labels for name, labels, _ in gateway.samples() if name == "godwit_run_info"]
        self.assertNotEqual(first, second)
        self.assertEqual([(labels["run"], labels["job"], labels["instance"]) for labels in info], [(second, "nightly", "one")])

    def test_it_is_pushed_while_it_runs(self):
        with Gateway() as gateway:
            process = subprocess.Popen([BINARY, "run", "district", "district-001", "--metrics", gateway.url], cwd=self.folder, text=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                       env={**os.environ, "GODWIT_TEST_STOP_AT": "checked"})
            try:
                for line in process.stderr:
                    if "stopped at checked" in line:
                        break
                deadline = time.monotonic() + 60
                states = []
                while not states and time.monotonic() < deadline:
                    states = [labels["state"] for name, labels, _ in gateway.samples() if name == "godwit_run_info"]
                    time.sleep(0.05)
                self.assertEqual(states, ["running"])
                process.send_signal(signal.SIGTERM)
            finally:
                process.communicate(timeout=60)
            states = [labels["state"] for name, labels, _ in gateway.samples() if name == "godwit_run_info"]
            self.assertEqual((states, process.returncode), (["cancelled"], 75))

    def test_a_file_and_a_gateway_of_the_configuration(self):
        with Listener(200) as listener:
            self.configure('{push: "http://${env:PUSH_USER}:${env:PUSH_PASSWORD}@' + listener.address + '"}')
            outcome = self.run_it("--json", "--metrics", "run.prom", environment={"PUSH_USER": "pusher", "PUSH_PASSWORD": "s3/cr:et"})
            self.assertEqual(outcome.code, 0, outcome.stderr)
            path, headers, body = listener.requests[-1]
        self.assertEqual(path, "/metrics/job/godwit/pipeline/district/scope/district-001")
        self.assertEqual(headers["Authorization"], "Basic " + base64.b64encode(b"pusher:s3/cr:et").decode())
        self.assertTrue(body.endswith("# EOF\n"))
        self.assertTrue(pathlib.Path(self.folder, "run.prom").read_text().endswith("# EOF\n"))
        for secret in ["s3/cr:et", "s3%2"]:
            self.assertNotIn(secret, outcome.stdout + outcome.stderr)
            for written in pathlib.Path(self.folder, ".godwit").rglob("*"):
                self.assertFalse(written.is_file() and secret.encode() in written.read_bytes(), written)

    def test_a_missing_secret_is_said_before_the_run(self):
        self.configure('{push: "${env:NO_SUCH_METRICS_URL}"}')
        self.assert_refused(self.run_it(), 2, "NO_SUCH_METRICS_URL", "godwit.yml")
        self.assertEqual(self.godwit("runs", "--json").json()["runs"], [])

    def test_a_password_on_the_command_line_is_refused_and_not_repeated(self):
        for url in ["http://push:s3cret@127.0.0.1:1/", "https://s3cret@127.0.0.1:1/metrics/job/x"]:
            outcome = self.run_it("--metrics", url)
            self.assert_refused(outcome, 2, "command line", "metrics: {push:")
            self.assertNotIn("s3cret", outcome.stdout + outcome.stderr)
        self.assert_refused(self.run_it("--metrics", "http://a b/"), 2, "--metrics", "URL")
        self.configure('{push: "http://push:s3cret@127.0.0.1:1/"}')
        outcome = self.run_it()
        self.assert_refused(outcome, 2, "godwit.yml")
        self.assertNotIn("s3cret", outcome.stdout + outcome.stderr)

    def test_a_gateway_that_refuses_fails_no_run(self):
        with Listener(503) as listener:
            outcome = self.run_it("--metrics", f"http://{listener.address}/metrics/job/t0ken")
            self.assertEqual(outcome.code, 0, outcome.stderr)
            self.assertGreater(len(listener.requests), 1, "the last push is tried again")
        problem = f"http://{listener.address} answered 503"
        self.assertIn(f"the last metrics were not pushed: {problem}", outcome.stdout)
        self.assertEqual(outcome.stderr.count(f"metrics could not be pushed: {problem}"), 1, outcome.stderr)
        self.assertNotIn("t0ken", outcome.stdout + outcome.stderr)

    def test_a_silent_gateway_holds_nobody_up_for_long(self):
        with Listener(None) as listener:
            outcome = self.run_it("--json", "--metrics", f"http://{listener.address}")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.assertEqual(outcome.json()["status"], "completed")
        self.assertIn("did not answer in time", outcome.stderr)


if __name__ == "__main__":
    unittest.main()
