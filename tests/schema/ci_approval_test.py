#!/usr/bin/env python3
"""require_approval in GitHub Actions: a review of the run's environment satisfies it, as GitHub tells it, and nothing else does."""
import http.client
import json
import os
import pathlib
import sys
import unittest
import urllib.parse
import urllib.request

from migrated_database import Migrated

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
from github_actions import API_VERSION, GitHub  # noqa: E402

TOKEN = "ghs_canary" + os.urandom(12).hex()


class Approval(Migrated):
    kind = "sqlite"

    def setUp(self):
        super().setUp()
        self.github = GitHub()
        self.github.add_token(TOKEN, "github-actions[bot]")
        self.github.add_token("carols", "carol", "write")
        self.github.add_token("anns", "ann", "write")
        self.github.add_run(42, "ann", {"production": ["ann", "carol"], "staging": ["carol"]})
        self.write("1_a.sql", "CREATE TABLE a (id int);\n")
        path = self.folder / "godwit.yml"
        path.write_text(path.read_text().replace("path: app.db", "path: app.db, require_approval: true, ci_environment: production"))

    def tearDown(self):
        self.github.close()
        self.assertEqual(self.github.violations, [])
        super().tearDown()

    def review(self, token, environment, state="approved", run=42):
        base = f"{self.github.url}/repos/octo/repo/actions/runs/{run}/pending_deployments"
        headers = {"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": API_VERSION, "Accept": "application/vnd.github+json"}
        with urllib.request.urlopen(urllib.request.Request(base, headers=headers), timeout=30) as answer:
            waiting = {one["environment"]["name"]: one["environment"]["id"] for one in json.load(answer)}
        body = {"environment_ids": [waiting[environment]], "state": state, "comment": "seen"}
        urllib.request.urlopen(urllib.request.Request(base, json.dumps(body).encode(), headers), timeout=30).close()

    def actions(self, **more):
        return {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "42", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_REPOSITORY": "octo/repo",
                "GITHUB_API_URL": self.github.url, "GITHUB_TOKEN": TOKEN, "GITHUB_ACTOR": "ann", "GITHUB_SHA": "abc",
                "GITHUB_SERVER_URL": "https://github.com", **more}

    def refused(self, **more):
        for options in ([], ["--yes"], ["--ci"]):
            outcome = self.godwit("db", "upgrade", *options, environment=self.actions(**more), code=6)
            self.assertEqual(self.tables(), [])
            self.assertNotIn(TOKEN, outcome.stdout + outcome.stderr)
        return outcome.stderr

    def test_a_review_opens_it_and_stands_in_the_report(self):
        self.assertIn("nobody approved workflow run 42 for environment production", self.refused())
        self.review("carols", "production")
        report = self.json("db", "upgrade", "--ci", environment=self.actions())
        self.assertEqual((report["approved_by"], report["approval"]), ("carol", "environment production of workflow run 42"))
        self.assertEqual((report["ci_run_id"], report["ci_attempt"], report["ci_url"]),
                         ("42", "1", "https://github.com/octo/repo/actions/runs/42"))
        self.assertEqual(self.tables(), ["a"])
        folder = self.folder / ".godwit"
        for path in folder.rglob("*"):
            if path.is_file():
                self.assertNotIn(TOKEN.encode(), path.read_bytes(), path)
        self.assertIn("carol", (folder / "runs" / report["run"] / "report.md").read_text())
        # The token went where it belongs, in a header, and nowhere else.
        for _, path, headers in self.github.requests:
            self.assertNotIn(TOKEN, path)
            self.assertEqual([name for name, value in headers.items() if TOKEN in value], [] if "pending" in path else ["Authorization"])

    def test_of_another_environment_it_does_not_count(self):
        self.review("carols", "staging")
        self.assertIn("nobody approved", self.refused())

    def test_the_requester_does_not_approve(self):
        self.review("anns", "production")
        self.assertIn("ann approved workflow run 42, who also started it", self.refused())
        # Who started it is GitHub's word, whatever the variable says.
        self.assertIn("who also started it", self.refused(GITHUB_ACTOR="somebody"))

    def test_a_rejection(self):
        self.review("carols", "production", "rejected")
        self.assertIn("carol rejected", self.refused())

    def test_of_another_run_it_does_not_count(self):
        self.github.add_run(41, "ann", {"production": ["carol"]})
        self.review("carols", "production", run=41)
        self.refused()
        self.github.complete(41)
        self.assertIn("run 41 is completed", self.refused(GITHUB_RUN_ID="41"))

    def test_github_that_cannot_be_asked_refuses(self):
        self.review("carols", "production")
        for status in (401, 403, 404, 429, 500, 503):
            self.github.fail_with = (status, "no")
            self.assertIn(f"it answers {status}", self.refused())
        self.github.fail_with = (403, "API rate limit exceeded", {"x-ratelimit-remaining": "0"})
        self.assertIn("too many requests", self.refused())
        self.github.fail_with = None
        self.assertIn("it does not know the token", self.refused(GITHUB_TOKEN="ghs_wrong"))
        self.github.add_token("weak", "github-actions[bot]", "none")
        self.assertIn("the token may not read workflow runs", self.refused(GITHUB_TOKEN="weak"))
        self.assertIn("GITHUB_TOKEN is not set", self.refused(GITHUB_TOKEN=""))
        self.assertIn("no such run", self.refused(GITHUB_REPOSITORY="octo/other"))
        self.assertIn("is not https", self.refused(GITHUB_API_URL="http://api.github.invalid"))
        self.assertIn("GitHub could not say", self.refused(GITHUB_API_URL="http://127.0.0.1:1"))

    def test_outside_of_actions_nobody_is_asked(self):
        self.review("carols", "production")
        asked = len(self.github.requests)
        self.refused(GITHUB_ACTIONS="")
        self.assertEqual(len(self.github.requests), asked)

    def test_an_approval_of_the_plan_counts_there_too(self):
        plan = self.json("db", "upgrade", "--dry-run")["plan_hash"]
        self.godwit("db", "approve", plan, environment={"GITHUB_ACTOR": "dan"})
        report = self.json("db", "upgrade", "--ci", environment=self.actions())
        self.assertEqual((report["approved_by"], report["approval"]), ("dan", "this plan"))


class Fake(unittest.TestCase):
    """What the fake refuses, or a test of it would prove nothing."""

    def setUp(self):
        self.github = GitHub()
        self.addCleanup(self.github.close)
        self.github.add_token("t", "bot")
        self.github.add_run(1, "ann", {"production": ["carol"]})

    def status(self, path, *headers, method="GET", body=None):
        """`headers` as lines; one without a value is not sent."""
        sent = {"User-Agent": "a test", **dict(line.split(":", 1) for line in headers)}
        address = urllib.parse.urlparse(self.github.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        try:
            connection.request(method, path, body, {name: value.strip() for name, value in sent.items() if value.strip()})
            return connection.getresponse().status
        finally:
            connection.close()

    def test_it_is_strict(self):
        good = ("Authorization: Bearer t", "Accept: application/vnd.github+json", f"X-GitHub-Api-Version: {API_VERSION}")
        run = "/repos/octo/repo/actions/runs/1"
        self.assertEqual(self.status(run + "/approvals", *good), 200)
        self.assertEqual(self.github.violations, [])
        self.assertEqual(self.status(run, *good[1:]), 404)
        self.assertEqual(self.status(run, "Authorization: Bearer x", *good[1:]), 401)
        self.assertEqual(self.status(run, "Authorization: Basic t", *good[1:]), 401)
        self.assertEqual(self.status("/repos/octo/repo/actions/runs/2/approvals", *good), 404)
        self.assertEqual(self.status(run + "/approvals", *good, method="POST", body="{}"), 404)
        self.assertEqual(self.status(run + "/pending_deployments", *good, method="POST", body="{}"), 422)
        review = json.dumps({"environment_ids": [1000], "state": "approved", "comment": ""})
        self.assertEqual(self.status(run + "/pending_deployments", *good, method="POST", body=review), 403)
        self.assertEqual(self.status(run, good[0], good[1], "X-GitHub-Api-Version: 2021-01-01"), 400)
        self.assertEqual(self.status(run, good[0], good[2], "User-Agent:"), 403)
        self.assertEqual(self.status(run + "?page=2", *good), 200)
        self.assertEqual(len(self.github.violations), 3)


if __name__ == "__main__":
    unittest.main()
