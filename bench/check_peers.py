"""Evaluates checks on Parquet files with DuckDB, one query a check, and with Great Expectations: what each took and
found, as JSON on standard output. The argument is a file with "files" and "checks" (condition, expectation, its
arguments)."""
import json
import os
import sys
import time

os.environ["GX_ANALYTICS_ENABLED"] = "false"
os.environ["TQDM_DISABLE"] = "1"


ARGUMENTS = {"column", "regex", "value_set", "min_value", "max_value"}


def named(expectation, arguments):
    """A check's name on both sides; limits come back as floating numbers."""
    same = {key: float(value) if key in ("min_value", "max_value") else value for key, value in arguments.items()}
    return json.dumps([expectation, same], sort_keys=True)


def duckdb_findings(files, checks):
    import duckdb
    connection = duckdb.connect()
    seconds, findings = 0.0, []
    for condition, _, _ in checks:
        started = time.monotonic()
        found = connection.execute(f"SELECT count(*) FROM read_parquet(?) WHERE NOT ({condition})", [files]).fetchone()[0]
        seconds += time.monotonic() - started
        findings.append(found)
    return {"version": duckdb.__version__, "seconds": seconds, "findings": findings, "note": "a query a check"}


def expectations_findings(files, checks):
    import great_expectations
    import pandas
    columns = sorted({arguments["column"] for _, _, arguments in checks})
    started = time.monotonic()
    frame = pandas.concat([pandas.read_parquet(file, columns=columns) for file in files])
    read_s = time.monotonic() - started
    context = great_expectations.get_context(mode="ephemeral")
    asset = context.data_sources.add_pandas("students").add_dataframe_asset("students")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    suite = great_expectations.ExpectationSuite(name="checks")
    for _, expectation, arguments in checks:
        kind = "".join(word.capitalize() for word in expectation.split("_"))
        suite.add_expectation(getattr(great_expectations.expectations, kind)(**arguments))
    started = time.monotonic()
    results = batch.validate(suite, result_format="BASIC")
    seconds = time.monotonic() - started
    # The answers come in an order of their own, with more arguments than were given.
    found = {}
    for result in results.results:
        given = {key: value for key, value in result.expectation_config.kwargs.items() if key in ARGUMENTS and value is not None}
        found[named(result.expectation_config.type, given)] = result.result["unexpected_count"]
    findings = [found[named(expectation, arguments)] for _, expectation, arguments in checks]
    return {"version": great_expectations.__version__, "seconds": seconds, "findings": findings, "note": f"one suite; reading the files, {read_s:.1f} s, is not counted"}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        task = json.load(file)
    told = sys.stdout
    sys.stdout = sys.stderr  # libraries that talk
    result = {"DuckDB": duckdb_findings(task["files"], task["checks"]), "Great Expectations": expectations_findings(task["files"], task["checks"])}
    json.dump(result, told)


if __name__ == "__main__":
    main()
