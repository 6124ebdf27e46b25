"""PostgreSQL's own regression database: what the 200-odd regression tests of PostgreSQL leave behind, made on the
scratch server of scripts/with-postgres.

The tests come with PostgreSQL's source as Debian publishes it, in the version of the installed server, fetched with
apt-get: the system's own package lists and sources stay as they are. Kept in build/regression/VERSION."""
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = "postgresql-15"
# Loaded by the tests beside the library of their own.
MODULES = ["autoinc", "refint"]
SUITES = [("http://deb.debian.org/debian", "bookworm"), ("http://deb.debian.org/debian-security", "bookworm-security")]
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
TESTS = "src/test/regress"


def output(*command, **options):
    process = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if process.returncode != 0:
        raise SystemExit(f"regression database: {' '.join(map(str, command))}: {process.stderr.strip() or process.stdout.strip()}")
    return process.stdout


def server_version():
    return output("dpkg-query", "--show", "--showformat=${Version}", PACKAGE)


def apt_options(folder):
    """Lists of our own, so that nobody's package lists change."""
    (folder / "lists" / "partial").mkdir(parents=True)
    lines = [f"{kind} [signed-by={KEYRING}] {address} {suite} main\n" for address, suite in SUITES for kind in ("deb", "deb-src")]
    (folder / "sources.list").write_text("".join(lines))
    settings = {"Dir::Etc::sourcelist": folder / "sources.list", "Dir::Etc::sourceparts": "-", "Dir::State::lists": folder / "lists",
                "APT::Sandbox::User": "root"}
    return [f"-o{name}={value}" for name, value in settings.items()]


def fetch(folder, version):
    """The tests, and the headers that their library is compiled with."""
    with tempfile.TemporaryDirectory(prefix="godwit-apt-") as name:
        work = pathlib.Path(name)
        options = apt_options(work)
        output("apt-get", "-qq", *options, "update", cwd=work)
        output("apt-get", "-qq", *options, "--download-only", "source", f"{PACKAGE}={version}", cwd=work)
        output("apt-get", "-qq", *options, "download", f"postgresql-server-dev-15={version}", cwd=work)
        archive, = work.glob("*.orig.tar.*")
        output("tar", "--extract", f"--file={archive}", f"--directory={folder}", "--strip-components=1", "--wildcards", f"*/{TESTS}/*")
        package, = work.glob("postgresql-server-dev-15_*.deb")
        output("dpkg-deb", "--extract", package, folder / "headers")


def compile_library(folder):
    include = folder / "headers/usr/include/postgresql"
    output("cc", "-O1", "-fPIC", "-shared", "-w", f"-I{include}/15/server", f"-I{include}/internal", "-o", folder / "regress.so",
           folder / TESTS / "regress.c")


def tests_folder():
    """build/regression/VERSION, filled once."""
    version = server_version()
    folder = ROOT / "build" / "regression" / version
    if not (folder / "regress.so").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        fetch(folder, version)
        compile_library(folder)
    return folder


def make():
    """Makes the databases `regression` and what else the tests want; returns how many tests passed of how many. The
    tests are read, and write, as the server's account, in a folder that goes afterwards."""
    source = tests_folder()
    server_libraries = output(f"{os.environ['GODWIT_TEST_PG_BIN']}/pg_config", "--pkglibdir").strip() if \
        pathlib.Path(os.environ["GODWIT_TEST_PG_BIN"], "pg_config").exists() else "/usr/lib/postgresql/15/lib"
    # Not removed: tablespaces of the tests lie in it for as long as the server runs.
    work = pathlib.Path(tempfile.mkdtemp(prefix="godwit-regression-"))
    shutil.copytree(source / TESTS, work / "tests")
    (work / "libraries").mkdir()
    shutil.copy(source / "regress.so", work / "libraries")
    for module in MODULES:
        shutil.copy(f"{server_libraries}/{module}.so", work / "libraries")
    for folder in ["", "output", "output/sql", "output/expected"]:
        (work / folder).mkdir(exist_ok=True)
    account = os.environ["GODWIT_TEST_PG_OS_USER"]
    as_server = []
    if os.getuid() == 0:
        output("chown", "-R", account, work)
        as_server = ["runuser", "-u", account, "--"]
    process = subprocess.run([*as_server, f"{server_libraries}/pgxs/{TESTS}/pg_regress", f"--inputdir={work}/tests", f"--outputdir={work}/output",
                              f"--dlpath={work}/libraries", f"--bindir={os.environ['GODWIT_TEST_PG_BIN']}", "--host=127.0.0.1",
                              f"--port={os.environ['PGPORT']}", "--user=postgres", "--dbname=regression", "--max-connections=4",
                              f"--schedule={work}/tests/parallel_schedule"], capture_output=True, text=True, cwd=work / "output", check=False)
    verdicts = [line for line in process.stdout.splitlines() if " ... " in line]
    failed = sum("FAILED" in line for line in verdicts)
    if not verdicts:
        raise SystemExit(f"regression database: pg_regress did not start: {process.stderr.strip()}")
    return len(verdicts) - failed, len(verdicts), work
