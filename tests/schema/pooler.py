"""A real PgBouncer in transaction mode before the scratch server, on a free port of this machine."""
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.parse

SERVER = urllib.parse.urlparse(os.environ.get("GODWIT_TEST_PG", ""))


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Pooler:
    def __init__(self, pool_size):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="godwit-pooler-"))
        self.pool_size = pool_size
        for _ in range(5):  # somebody else may take the port first
            self.port = free_port()
            if self.start():
                return
        raise AssertionError((self.folder / "log").read_text())

    def start(self):
        settings = self.folder / "pgbouncer.ini"
        settings.write_text(f"[databases]\n* = host=127.0.0.1 port={SERVER.port} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
                            f"listen_port = {self.port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n"
                            f"default_pool_size = {self.pool_size}\nmax_client_conn = 200\nlogfile = {self.folder}/log\n"
                            "ignore_startup_parameters = extra_float_digits\n")
        user = os.environ["GODWIT_TEST_PG_OS_USER"]
        command = [shutil.which("pgbouncer") or "/usr/sbin/pgbouncer", str(settings)]
        if os.getuid() == 0:  # it refuses to run as root
            shutil.chown(self.folder, user)
            command = ["setpriv", f"--reuid={user}", "--clear-groups", *command]
        with open(self.folder / "out", "w", encoding="utf-8") as out:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
            time.sleep(0.02)
        return False

    def url(self, database):
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def stop(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
