"""What a run left behind, read by tests: digests of its datasets, how they are staged; and the shipped lists of fakes."""
import json
import pathlib
import re

LISTS = pathlib.Path(__file__).resolve().parents[2] / "src/mask/dictionaries"


def entries(name):
    lines = (LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line.split(",") for line in lines if line and not line.startswith("#")]


FIRST = {name: gender for name, gender in entries("first_name")}
LAST = [name for name, in entries("last_name")]
PLACES = entries("place")


def document(folder, run, name):
    return json.loads(pathlib.Path(folder, ".godwit/runs", run, name).read_text(encoding="utf-8"))


def without_schema(dataset):
    """ids.public.students in PostgreSQL is ids.main.students in SQLite."""
    return re.sub(r"^(\w+)\.(?:public|main)\.", r"\1.", dataset)


def digests_of(folder, run):
    """{dataset: (rows, digest)}"""
    stores = document(folder, run, "manifest.json")["stores"]
    return {without_schema(each["id"]): (each["rows"], each["digest"]) for store in stores for each in store["datasets"]}


def staging_of(folder, run):
    """{dataset: {column: (staging, (class, padded), scale)}}; integers of any width are alike, as they are in a digest."""
    found = {}
    for store in document(folder, run, "plan.json")["plan"]["stores"]:
        for dataset in (planned["dataset"] for planned in store["datasets"]):
            classes = {column["name"]: (column["type_class"], column["fixed_length"]) for column in dataset["table"]["columns"]}
            found[without_schema(dataset["id"])] = {
                column["name"]: (re.sub(r"int\d+", "integer", column["staging"]), classes[column["name"]], column["scale"])
                for column in dataset["columns"]}
    return found


def masked_columns(folder, run):
    """{dataset: columns whose values are replaced}"""
    stores = document(folder, run, "manifest.json")["stores"]
    return {without_schema(each["id"]): [mask["column"] for mask in each["masks"] if mask["values"]]
            for store in stores for each in store["datasets"]}


def set_jobs(folder, jobs):
    path = pathlib.Path(folder, "godwit.yml")
    text = re.sub(r"    jobs: \d+\n", "", path.read_text(encoding="utf-8"))
    path.write_text(text.replace("    from: prod\n", f"    from: prod\n    jobs: {jobs}\n", 1), encoding="utf-8")
