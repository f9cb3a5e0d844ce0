-- SQL to begin with in InfluxDB 3; each statement ends with a semicolon.

-- What was flagged in the last hour, and why.
SELECT time, brew, field, y, yhat, anomaly_score, kind, reason
FROM temperature_anomaly
WHERE is_anomaly AND time > now() - interval '1 hour'
ORDER BY time;

-- The forecast: there is no upper bound unless one is given.
SELECT time, brew, yhat, yhat_lower, yhat_upper
FROM temperature_forecast
WHERE time > now() AND field = 'temperature'
ORDER BY brew, time;

-- The events that are open.
SELECT brew, field, kind, peak_score, reason
FROM (
  SELECT *, row_number() OVER (PARTITION BY brew, field ORDER BY time DESC) AS latest
  FROM temperature_event
) AS events
WHERE latest = 1 AND active = 1;

-- Flags per series and hour, and the worst score.
SELECT date_bin(interval '1 hour', time) AS hour, brew, field, count(*) AS flags, max(anomaly_score) AS worst
FROM temperature_anomaly
WHERE is_anomaly
GROUP BY 1, 2, 3
ORDER BY hour, brew;

-- How far off was the first step of the forecast, on average, at the points that were judged?
SELECT f.brew, avg(abs(t.temperature - f.yhat)) AS error, count(*) AS points
FROM temperature_forecast AS f
JOIN temperature AS t ON t.time = f.time AND t.brew = f.brew
WHERE f.field = 'temperature'
GROUP BY f.brew;

-- What brewcast says of itself: flags that came beside those that chance alone would have brought.
SELECT instance, max(flags) AS flags, max(flags_expected) AS flags_expected, min(config_ok) AS config_ok
FROM brewcast
GROUP BY instance;
