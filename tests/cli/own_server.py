"""The scratch server of scripts/with-postgres, for tests that stop it, start it, or take its disk away: they run in one of
their own, and nothing else uses it."""
import os
import pathlib
import subprocess

BIN = os.environ["GODWIT_TEST_PG_BIN"]
DATA = os.environ["GODWIT_TEST_PG_DATA"]
OS_USER = os.environ["GODWIT_TEST_PG_OS_USER"]


def as_server(*command):
    """A command under the server's account; root is not allowed to be it."""
    prefix = ["runuser", "-u", OS_USER, "--"] if os.getuid() == 0 and OS_USER != "root" else []
    done = subprocess.run([*prefix, *command], cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stdout}")
    return done.stdout


def stop():
    """At once, as a crash: sessions end, prepared transactions stay."""
    as_server(f"{BIN}/pg_ctl", f"--pgdata={DATA}", "--mode=immediate", "--wait", "stop")


def start():
    log = pathlib.Path(DATA).parent / "server.log"
    # Not through a pipe: the server would keep it open.
    as_server("sh", "-c", f"exec {BIN}/pg_ctl --pgdata={DATA} --log={log} --timeout=60 --wait start >/dev/null 2>&1")


def limit_files(bytes_max):
    """No file of the server grows beyond it, in sessions that begin from now on; None takes the limit away."""
    pid = as_server("head", "-n", "1", f"{DATA}/postmaster.pid").strip()
    as_server("prlimit", f"--pid={pid}", f"--fsize={'unlimited' if bytes_max is None else bytes_max}:")
