"""A part of GitHub's REST API, version 2022-11-28: one repository's workflow runs and the reviews of their deployments.

Strict and stateful: a run waits for the environments of its jobs, a reviewer approves or rejects them (POST
pending_deployments), and only then the review history (GET approvals) says so. A request that GitHub would refuse is refused
with GitHub's status; one that a careful client would not send at all is in `violations` besides. From the descriptions "Get a
workflow run", "Get pending deployments for a workflow run", "Review pending deployments for a workflow run" and "Get the
review history for a workflow run" of https://docs.github.com/rest/actions/workflow-runs.
"""
import dataclasses
import http.server
import json
import re
import threading
import urllib.parse

API_VERSION = "2022-11-28"
MEDIA_TYPES = ("application/vnd.github+json", "application/vnd.github.v3+json", "application/json")


@dataclasses.dataclass
class Token:
    login: str
    actions: str = "read"  # permission: "none", "read", "write"


@dataclasses.dataclass
class Run:
    id: int
    actor: str
    triggering_actor: str
    head_sha: str
    waiting: dict  # environment → the logins that may review it
    status: str = "in_progress"
    attempt: int = 1
    reviews: list = dataclasses.field(default_factory=list)


class Refused(Exception):
    def __init__(self, status, message, headers=None):
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers or {}


class GitHub:
    """Serves on 127.0.0.1 until close(). Tokens, runs and environments are what the test says there is."""

    def __init__(self, repository="octo/repo"):
        self.repository, self.tokens, self.runs, self.environments = repository, {}, {}, {}
        self.requests, self.violations, self.fail_with = [], [], None
        self.lock = threading.Lock()
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                fake.serve(self, "GET")

            def do_POST(self):
                fake.serve(self, "POST")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def add_token(self, value, login, actions="read"):
        self.tokens[value] = Token(login, actions)

    def add_run(self, run_id, actor, waiting, triggering_actor=None, head_sha="0" * 40):
        for name in waiting:
            self.environments.setdefault(name, 1000 + len(self.environments))
        self.runs[run_id] = Run(run_id, actor, triggering_actor or actor, head_sha, dict(waiting))

    def complete(self, run_id):
        self.runs[run_id].status = "completed"

    # What the handlers do, under the lock.

    def serve(self, handler, method):
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length)
        with self.lock:
            self.requests.append((method, handler.path, dict(handler.headers)))
            try:
                status, document, headers = 200, self.answer(method, handler.path, handler.headers, body), {}
            except Refused as refused:
                status, headers = refused.status, refused.headers
                document = {"message": refused.message, "documentation_url": "https://docs.github.com/rest"}
        data = json.dumps(document).encode()
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(data)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    def answer(self, method, path, headers, body):
        if not headers.get("User-Agent"):
            self.violations.append("no User-Agent")
            raise Refused(403, "Request forbidden by administrative rules.")
        if headers.get("X-GitHub-Api-Version", API_VERSION) != API_VERSION:
            self.violations.append("another API version")
            raise Refused(400, "Unsupported API version")
        for name, wanted in (("X-GitHub-Api-Version", (API_VERSION,)), ("Accept", MEDIA_TYPES)):
            if headers.get(name) not in wanted:
                self.violations.append(f"{name}: {headers.get(name)}")
        parsed = urllib.parse.urlsplit(path)
        if parsed.query or (method == "GET" and body):
            self.violations.append(f"a query or body that nothing reads: {method} {path}")
        token = self.token_of(headers)
        if self.fail_with:
            raise Refused(*self.fail_with)
        found = re.fullmatch(r"/repos/([^/]+/[^/]+)/actions/runs/(\d+)(/approvals|/pending_deployments)?", parsed.path)
        if not found or urllib.parse.unquote(found[1]).lower() != self.repository.lower() or int(found[2]) not in self.runs:
            raise Refused(404, "Not Found")
        run, what = self.runs[int(found[2])], found[3] or ""
        if token.actions == "none":
            raise Refused(403, "Resource not accessible by integration")
        if method == "POST":
            if what != "/pending_deployments":
                raise Refused(404, "Not Found")
            return self.review(run, token, body)
        return {"": self.run_json, "/approvals": self.reviews_json, "/pending_deployments": self.pending_json}[what](run, token)

    def token_of(self, headers):
        scheme, _, value = headers.get("Authorization", "").partition(" ")
        if not value:  # a public repository could be read without; the runs of ours cannot
            raise Refused(404, "Not Found")
        if scheme.lower() not in ("bearer", "token") or value not in self.tokens:
            raise Refused(401, "Bad credentials")
        return self.tokens[value]

    def user(self, login):
        return {"login": login, "id": 1 + sum(login.encode()), "type": "User", "site_admin": False}

    def environment(self, name):
        return {"id": self.environments[name], "node_id": f"EN_{self.environments[name]}", "name": name,
                "url": f"{self.url}/repos/{self.repository}/environments/{urllib.parse.quote(name, safe='')}",
                "html_url": f"https://github.com/{self.repository}/deployments", "created_at": "2026-11-21T00:00:00Z",
                "updated_at": "2026-11-21T00:00:00Z"}

    def run_json(self, run, _token):
        return {"id": run.id, "name": "release", "head_branch": "main", "head_sha": run.head_sha, "run_number": 7,
                "event": "workflow_dispatch", "status": run.status, "conclusion": "success" if run.status == "completed" else None,
                "workflow_id": 99, "actor": self.user(run.actor), "triggering_actor": self.user(run.triggering_actor),
                "run_attempt": run.attempt, "html_url": f"https://github.com/{self.repository}/actions/runs/{run.id}"}

    def reviews_json(self, run, _token):
        return [{"state": review["state"], "comment": review["comment"], "user": self.user(review["login"]),
                 "environments": [self.environment(name) for name in review["environments"]]} for review in run.reviews]

    def pending_json(self, run, token):
        return [{"environment": self.environment(name), "wait_timer": 0, "wait_timer_started_at": None,
                 "current_user_can_approve": token.login in reviewers,
                 "reviewers": [{"type": "User", "reviewer": self.user(login)} for login in reviewers]}
                for name, reviewers in run.waiting.items()]

    def review(self, run, token, body):
        try:
            asked = json.loads(body)
            ids, state, comment = asked["environment_ids"], asked["state"], asked["comment"]
        except (ValueError, KeyError, TypeError):
            raise Refused(422, "Invalid request.") from None
        names = [name for name in run.waiting if self.environments[name] in ids]
        if state not in ("approved", "rejected") or len(names) != len(ids) or not names:
            raise Refused(422, "Validation Failed")
        if token.actions != "write" or any(token.login not in run.waiting[name] for name in names):
            raise Refused(403, "Must have admin rights to Repository.")
        for name in names:
            del run.waiting[name]
        run.reviews.append({"state": state, "comment": comment, "login": token.login, "environments": names})
        return [{"id": 5, "environment": name, "task": "deploy"} for name in names]
