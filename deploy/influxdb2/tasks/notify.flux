// Notification: one POST for each series that became critical, whichever check said so.
//
//   influx secret update --org home --key BREWCAST_WEBHOOK --value https://alerts.example.org/hook
//   influx task create --org home --file notify.flux
//
// The address is a secret of InfluxDB, because it often holds a key. A series whose very first status is
// critical has not changed, and is not told.
import "date"
import "http"
import "json"
import "influxdata/influxdb/monitor"
import "influxdata/influxdb/secrets"

option task = {name: "brewcast notify", every: 1m, offset: 10s}

rule = {
    _notification_rule_id: "b4e0ca5700000003",
    _notification_rule_name: "brewcast",
    _notification_endpoint_id: "b4e0ca5700000004",
    _notification_endpoint_name: "webhook",
}
endpoint = http.endpoint(url: secrets.get(key: "BREWCAST_WEBHOOK"))

monitor.from(start: -10m, fn: (r) => r._check_name =~ /^brewcast/)
    |> monitor.stateChanges(fromLevel: "any", toLevel: "crit")
    // The window is longer than the task's period, so that a change can be seen; each is told once.
    |> filter(fn: (r) => r._time >= date.sub(from: now(), d: task.every))
    |> monitor.notify(
        data: rule,
        endpoint:
            endpoint(
                mapFn: (r) =>
                    ({
                        headers: {"Content-Type": "application/json"},
                        data: json.encode(v: {check: r._check_name, level: r._level, message: r._message, time: r._time}),
                    }),
            ),
    )
