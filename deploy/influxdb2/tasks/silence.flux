// Deadman: a series of which no verdict has come for five minutes, and none is told about twice.
//
//   influx task create --org home --file silence.flux
//
// It looks at verdicts, not at forecasts: those lie in the future, and would look alive for a whole
// horizon after the sensor, Telegraf or brewcast died. With `verdicts = "1m"` (the default) a living series
// has a verdict a minute. A series that is gone for an hour is forgotten.
import "date"
import "influxdata/influxdb/monitor"
import "influxdata/influxdb/schema"

option task = {name: "brewcast silence", every: 1m, offset: 5s}

check = {_check_id: "b4e0ca5700000002", _check_name: "brewcast silence", _type: "deadman", tags: {}}

from(bucket: "brew")
    |> range(start: -1h)
    |> filter(fn: (r) => r._measurement =~ /_anomaly$/ and r._field == "y")
    |> schema.fieldsAsCols()
    |> monitor.deadman(t: date.add(d: -5m, to: now()))
    |> monitor.check(
        data: check,
        crit: (r) => r.dead,
        ok: (r) => not r.dead,
        messageFn: (r) =>
            "${r._source_measurement} ${if exists r.host then r.host else "-"} ${r.field}: ${
                if r.dead then "no verdict for five minutes" else "verdicts come"}",
    )
