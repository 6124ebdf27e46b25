"""The world of the benchmarks of moving data: one table of students, 13 columns, in a source database; a target of the
same shape. Names are made of syllables: nobody is in there."""
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]
DISTRICT = "district-001"

TABLES = """
CREATE TABLE districts (id text PRIMARY KEY, name text NOT NULL);
CREATE TABLE students (
  id bigint PRIMARY KEY,
  district_id text NOT NULL,
  school_id integer NOT NULL,
  first_name varchar(40) NOT NULL,
  last_name varchar(40) NOT NULL,
  email varchar(120) NOT NULL,
  phone varchar(20),
  grade_level smallint NOT NULL,
  gpa numeric(4,2),
  absences integer NOT NULL,
  active boolean NOT NULL,
  enrolled_at timestamptz NOT NULL,
  remarks text
);
"""

# A hundred first and a thousand last names out of syllables; remarks are catalog text of a fixed length.
FILL = """
INSERT INTO districts VALUES ('district-001', 'District One');
INSERT INTO students
SELECT i, 'district-001', 1 + i % 200,
  initcap((ARRAY['ba','ce','di','fo','gu','ha','je','ki','lo','mu'])[1 + i % 10] || (ARRAY['na','ne','ni','no','nu','ra','re','ri','ro','ru'])[1 + (i / 10) % 10]),
  initcap((ARRAY['tan','ben','lin','mon','dun','sar','ver','fir','cor','wur'])[1 + (i / 7) % 10] || (ARRAY['ka','ke','ki','ko','ku','ma','me','mi','mo','mu'])[1 + (i / 70) % 10] || (ARRAY['s','t','n','r','l','m','d','k','f','x'])[1 + (i / 700) % 10]),
  'student' || i || '@school' || i % 200 || '.test',
  CASE WHEN i % 20 = 0 THEN NULL ELSE '+1 303 ' || lpad((i % 1000)::text, 3, '0') || ' ' || lpad((i % 9973)::text, 4, '0') END,
  i % 13, round((i % 401) / 100.0, 2), i % 30, i % 17 <> 0,
  timestamptz '2019-08-01 08:00+00' + (i % 1500) * interval '1 day' + (i % 86400) * interval '1 second',
  'plan ' || md5(i::text) || ' reviewed ' || md5((i * 31)::text)
FROM generate_series({first}, {last}) i;
"""

SETTINGS = """version: 1
project: bench
ledger: .godwit/ledger.db
keys: {{masking: "${{env:GODWIT_MASKING_KEY}}"}}
environments:
  prod: {{read_only: true}}
  cert: {{}}
stores:
  ids:
    kind: postgres
    prod: {{url: "${{env:BENCH_PROD}}"}}
    cert: {{url: "${{env:BENCH_CERT}}"}}
pipelines:
  district:
    from: prod
    to: cert
    stores: [ids]
    scope: {{name: district, root: ids.districts.id, keys: {{"*": district_id}}}}
    masks: masks.yml
    checks: checks.yml
    load: {{overlap: {overlap}, strategy: {strategy}, atomic: {atomic}}}
"""

MASKS = """version: 1
defaults: true
rules:
{rules}
  - {{name: districts, match: {{table: districts}}, mask: {{strategy: keep, reason: a public institution}}}}
  - {{name: kept, match: {{table: students}}, mask: {{strategy: keep, reason: made up for a benchmark}}}}
"""

# The first four are what the benchmark masks: two dictionaries, two templates. The others are for the ladder.
MASKED = {
    "first_name": "strategy: dictionary, dictionary: first_name", "last_name": "strategy: dictionary, dictionary: last_name",
    "email": "strategy: template, template: email", "phone": "strategy: template, template: phone",
    "remarks": "strategy: token, length: 40", "enrolled_at": "strategy: date_shift, range_days: 180",
    "gpa": "strategy: noise, percent: 10, min: 0, max: 4", "absences": "strategy: noise, percent: 10, min: 0, max: 180"}

# With what the catalog and the masks imply, about sixty checks of the table.
CONDITIONS = [
    "school_id <= 200", "grade_level BETWEEN 0 AND 12", "gpa BETWEEN 0 AND 5", "absences >= 0", "absences <= 180 OR NOT active",
    "length(first_name) BETWEEN 1 AND 40", "length(last_name) BETWEEN 1 AND 40", "length(phone) BETWEEN 7 AND 20", "email LIKE '%@%'",
    "email NOT LIKE '% %'", "trim(first_name) = first_name", "trim(last_name) = last_name",
    "enrolled_at < TIMESTAMPTZ '2030-01-01 00:00:00+00'", "enrolled_at > TIMESTAMPTZ '2000-01-01 00:00:00+00'",
    "NOT (active AND grade_level > 12)", "length(remarks) < 200", "district_id LIKE 'district-%'",
]
OF_FAKES = ["phone LIKE '%01%'", "email LIKE '%example.%'"]
OF_ORIGINALS = ["remarks LIKE 'plan %'"]


def write_masks(path, masked):
    rules = [f"  - {{name: {column}, match: {{table: students, column: {column}}}, mask: {{{mask}}}}}"
             for column, mask in list(MASKED.items())[:masked]]
    path.write_text(MASKS.format(rules="\n".join(rules)))


def write_own_checks(path, masked):
    lines = ["version: 1", "rules:"]
    conditions = CONDITIONS + (OF_FAKES if masked >= 4 else []) + (OF_ORIGINALS if masked <= 4 else [])
    for number, condition in enumerate(conditions):
        lines.append(f'  - {{name: rule_{number}, store: ids, table: students, condition: "{condition}", message: "rule {number}"}}')
    path.write_text("\n".join(lines) + "\n")


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    memory = int(next(line.split()[1] for line in open("/proc/meminfo") if line.startswith("MemTotal"))) >> 20
    return f"{model}, {os.cpu_count()} cores, {memory} GiB, client and server on the same machine"


class World:
    """Databases on the scratch server and a folder with a configuration."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.server = os.environ["GODWIT_TEST_PG"].rsplit("/", 1)[0]
        self.psql = os.path.join(os.environ["GODWIT_TEST_PG_BIN"], "psql")
        self.binary = os.environ.get("GODWIT_BINARY", str(ROOT / "build" / "release" / "godwit"))
        self.folder.mkdir(parents=True, exist_ok=True)

    def url(self, database):
        return f"{self.server}/{database}"

    def sql(self, database, text):
        done = subprocess.run([self.psql, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", text],
                              check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def fresh(self, database):
        self.sql("postgres", f"DROP DATABASE IF EXISTS {database}")
        self.sql("postgres", f"CREATE DATABASE {database}")
        self.sql(database, TABLES)
        self.sql("postgres", "CHECKPOINT")

    def source(self, rows):
        self.fresh("prod")
        self.sql("prod", FILL.format(first=1, last=rows))
        self.sql("prod", "VACUUM (ANALYZE) students")
        self.sql("postgres", "CHECKPOINT")
        return int(self.sql("prod", "SELECT pg_relation_size('students')"))

    def move(self, masked=4, overlap="auto", skip_load=False, write_checks=None, strategy="insert", prepare=None, atomic="store"):
        """One run of godwit into an empty target, or what `prepare` makes. Returns its report, and what the system measured
        of the process."""
        (prepare or (lambda: self.fresh("cert")))()
        (self.folder / "godwit.yml").write_text(SETTINGS.format(overlap=overlap, strategy=strategy, atomic=atomic))
        write_masks(self.folder / "masks.yml", masked)
        checks = self.folder / "checks.yml"
        write_checks(checks) if write_checks else write_own_checks(checks, masked)
        environment = {**os.environ, "GODWIT_MASKING_KEY": "bench-key-of-nobody-0123456789",
                       "BENCH_PROD": self.url("prod") + "?sslmode=disable", "BENCH_CERT": self.url("cert") + "?sslmode=disable"}
        output = self.folder / "run.json"
        with open(output, "w") as out, open(self.folder / "run.log", "w") as log:
            process = subprocess.Popen([self.binary, "run", "district", DISTRICT, "--json", *(["--skip-load"] if skip_load else [])],
                                       cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=log)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"godwit ended with {process.returncode}:\n{(self.folder / 'run.log').read_text()}")
        document = json.loads(output.read_text())
        report = json.loads(pathlib.Path(document["artifacts"]["report.json"]).read_text())
        return report, usage
