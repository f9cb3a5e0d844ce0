// Check: the worst score of each series in each minute, as a status in the bucket _monitoring.
//
//   influx task create --org home --file score.flux
//
// A score is on one scale for every series: 1 is the budget of false alarms (1/week by default), and 1.5
// comes about once in two years per series by chance. Change the two limits here, nowhere else.
import "influxdata/influxdb/monitor"
import "influxdata/influxdb/schema"

option task = {name: "brewcast score", every: 1m, offset: 5s}

check = {_check_id: "b4e0ca5700000001", _check_name: "brewcast score", _type: "custom", tags: {}}

from(bucket: "brew")
    |> range(start: -task.every)
    |> filter(fn: (r) => r._measurement =~ /_anomaly$/)
    |> filter(fn: (r) => contains(value: r._field, set: ["is_anomaly", "anomaly_score", "y", "yhat"]))
    |> schema.fieldsAsCols()
    // One row per series: a good and a bad status at one time would look like a change every minute.
    |> max(column: "anomaly_score")
    |> monitor.check(
        data: check,
        crit: (r) => r.anomaly_score >= 1.5,
        warn: (r) => r.is_anomaly,
        ok: (r) => not r.is_anomaly,
        // A tag that a series lacks is null, and a null in a message fails the task for all series.
        messageFn: (r) =>
            "${r._source_measurement} ${if exists r.host then r.host else "-"} ${r.field}: ${string(v: r.y)} where ${
                string(v: r.yhat)} was expected (score ${string(v: r.anomaly_score)})",
    )
