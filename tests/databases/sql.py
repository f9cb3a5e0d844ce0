"""Runs SQL over tables in memory with Apache DataFusion; JSON in, JSON out.

In: {"tables": {name: {"columns": {name: type}, "rows": [...]}}, "queries": [...]}. Out: for each query
{"rows": [...]} with times in ns, or {"error": text}. The columns are those of InfluxDB 3: `time` in ns, tags
as dictionaries, fields by type.
"""
import json
import sys

import datafusion
import pyarrow

TYPES = {
    "tag": pyarrow.dictionary(pyarrow.int32(), pyarrow.string()),
    "float": pyarrow.float64(),
    "integer": pyarrow.int64(),
    "unsigned": pyarrow.uint64(),
    "boolean": pyarrow.bool_(),
    "string": pyarrow.string(),
}


def plain(value):
    """A value as JSON has it; a time in ns."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return getattr(value, "value", str(value))


def column(rows, name, kind):
    values = [row.get(name) for row in rows]
    if kind == "tag":
        return pyarrow.array(values, pyarrow.string()).dictionary_encode()
    return pyarrow.array(values, TYPES[kind])


def main():
    work = json.load(sys.stdin)
    config = datafusion.SessionConfig().with_information_schema(True)
    context = datafusion.SessionContext(config)
    for name, table in work["tables"].items():
        rows = table["rows"]
        arrays = {"time": pyarrow.array([row["time"] for row in rows], pyarrow.timestamp("ns"))}
        arrays.update({key: column(rows, key, kind) for key, kind in table["columns"].items()})
        batch = pyarrow.RecordBatch.from_pydict(arrays)
        context.register_record_batches(f'"{name}"', [[batch]])
    answers = []
    for query in work["queries"]:
        try:
            batches = context.sql(query).collect()
            rows = []
            for batch in batches:
                for at, field in enumerate(batch.schema):
                    if pyarrow.types.is_timestamp(field.type):
                        whole = batch.column(at).cast(pyarrow.timestamp("ns")).cast(pyarrow.int64())
                        batch = batch.set_column(at, field.name, whole)
                rows += batch.to_pylist()
            answers.append({"rows": [{k: plain(v) for k, v in row.items()} for row in rows]})
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is the answer
            answers.append({"error": str(fault)})
    json.dump(answers, sys.stdout)


main()
