"""Reference figures for seasonal smoothing: writes three files beside this one.

Python 3.11, numpy 2.4.6, pandas 3.1.1, statsmodels 0.15.0; R 4.2.2, forecast 8.20, jsonlite 1.8.4. To run it again:

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 pandas==3.1.1 statsmodels==0.15.0
    apt-get install r-base-core r-cran-forecast r-cran-jsonlite
    venv/bin/python tests/data/reference/seasonal_ets.py

Series are made here, without a random generator whose stream could change.

statsmodels_seasonal.json and r_seasonal.json have fixed parameters. Of statsmodels, nothing estimated: one-step
forecasts, final states, point forecasts and forecast variances (`get_prediction(...).forecast_variance` by the mean
squared innovation). The script stops when they differ from its own recursion in ten lines, so that the order of the
initial slots is known: the first is that of the first value. Logarithmic runs are given the logarithms of the values.

`forecast::ets` takes fixed parameters too but searches the initial states; these are read from its `states`, and the
figures that follow from them are written. Five of the 24 runs it refuses to fit. Its variances are those of
`forecast:::class1`, without those of ANA, where release 8.20 has gamma come round after m - 1 steps (its `G[3, 1]` is
the second slot when there is no trend).

seasonal_fits.json has full fits of 240 points, maximum likelihood and all start states searched, by either library, and
the mean absolute one-step error over the 240 points after them.
"""

import json
import pathlib
import subprocess

import numpy as np
import pandas as pd
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

HORIZON = 30


def noise(seed):
    """Roughly normal numbers from a linear congruential generator: sums of 12 uniform ones."""
    state = seed
    while True:
        total = 0.0
        for _ in range(12):
            state = (state * 1103515245 + 12345) % 2**31
            total += state / 2**31
        yield total - 6.0


def simulated(seed, length, m, params, sigma, start):
    """A series of the model itself: alpha, beta, phi, gamma; level, trend, height of the season."""
    alpha, beta, phi, gamma = params
    level, trend, height = start
    slots = [height * (np.sin(2 * np.pi * i / m) + 0.4 * np.cos(4 * np.pi * i / m)) for i in range(m)]
    e, y = noise(seed), []
    for t in range(length):
        innovation = sigma * next(e)
        y.append(level + phi * trend + slots[t % m] + innovation)
        level += phi * trend + alpha * innovation
        trend = phi * trend + beta * innovation
        slots[t % m] += gamma * innovation
    return np.array(y)


# name: values, season length, logarithms taken, start states to smooth from
def series():
    day = simulated(1, 96, 24, (0.3, 0.0, 1.0, 0.2), 0.5, (20.0, 0.0, 3.0))
    week = simulated(2, 70, 7, (0.5, 0.1, 0.9, 0.1), 1.0, (100.0, 1.0, 10.0))
    high = 1e6 + simulated(3, 60, 12, (0.2, 0.02, 1.0, 0.3), 10.0, (0.0, 3.0, 50.0))
    factors = np.exp(simulated(4, 96, 24, (0.3, 0.02, 0.95, 0.2), 0.05, (3.0, 0.01, 0.5)))
    return {
        "a day": (day, 24, False, (19.5, 0.1)),
        "a week": (week, 7, False, (98.0, 0.5)),
        "a year at a million": (high, 12, False, (1000002.0, 2.5)),
        "a day of factors": (factors, 24, True, (3.1, 0.0)),
    }


MODELS = {
    "ANA": [(0.3, 0.0, 1.0, 0.2), (0.9, 0.0, 1.0, 0.05)],
    "AAA": [(0.6, 0.15, 1.0, 0.1), (0.1, 0.02, 1.0, 0.5)],
    "AAdA": [(0.5, 0.2, 0.9, 0.3), (0.05, 0.01, 0.98, 0.4)],
}


def slots(m, height):
    return [height * float(np.cos(2 * np.pi * i / m)) for i in range(m)]


def by_hand(y, m, params, level, trend, slots):
    alpha, beta, phi, gamma = params
    slots, fitted = list(slots), []
    for t, value in enumerate(y):
        expected = level + phi * trend + slots[t % m]
        innovation = value - expected
        level += phi * trend + alpha * innovation
        trend = phi * trend + beta * innovation
        slots[t % m] += gamma * innovation
        fitted.append(expected)
    return fitted, level, trend, [slots[(len(y) + i) % m] for i in range(m)]


def smoothed(z, m, model, params, start):
    alpha, beta, phi, gamma = params
    level, trend = start
    has_trend, damped = model != "ANA", model == "AAdA"
    trend = trend if has_trend else 0.0
    season = slots(m, float(np.std(z)))
    known = dict(initialization_method="known", initial_level=level, initial_seasonal=season)
    if has_trend:
        known["initial_trend"] = trend
    ets = ETSModel(
        pd.Series(z),
        error="add",
        trend="add" if has_trend else None,
        damped_trend=damped,
        seasonal="add",
        seasonal_periods=m,
        **known,
    )
    values = {"smoothing_level": alpha, "smoothing_trend": beta, "smoothing_seasonal": gamma, "damping_trend": phi}
    values |= {"initial_level": level, "initial_trend": trend}
    values |= {f"initial_seasonal.{i}": slot for i, slot in enumerate(season)}
    fit = ets.smooth(np.array([values[name] for name in ets.param_names]))
    fitted, last_level, last_trend, last_slots = by_hand(z, m, params, level, trend, season)
    np.testing.assert_allclose(fit.fittedvalues, fitted, rtol=1e-11)
    np.testing.assert_allclose(np.asarray(fit.level)[-1], last_level, rtol=1e-11)
    ahead = fit.get_prediction(start=len(z), end=len(z) + HORIZON - 1)
    return {
        "model": model,
        "alpha": alpha,
        "beta": beta,
        "phi": phi,
        "gamma": gamma,
        "initial_level": level,
        "initial_trend": trend,
        "initial_slots": season,
        "fitted": list(map(float, fit.fittedvalues)),
        "final_level": float(np.asarray(fit.level)[-1]),
        "final_trend": float(np.asarray(fit.slope)[-1]) if has_trend else 0.0,
        "final_slots": [float(np.asarray(fit.season)[len(z) - m + i]) for i in range(m)],
        "forecasts": list(map(float, fit.forecast(HORIZON))),
        "variances": list(map(float, ahead.forecast_variance / fit.mse)),
    }


R = r"""
invisible(suppressPackageStartupMessages({library(forecast); library(jsonlite)}))
cases <- fromJSON(file("stdin"), simplifyVector = FALSE)
horizon <- as.integer(commandArgs(TRUE)[1])
out <- lapply(cases, function(case) {
  z <- ts(unlist(case$values), frequency = case$season)
  if (case$logarithms) z <- log(z)
  runs <- lapply(case$runs, function(run) {
    damped <- run$model == "AAdA"
    model <- if (run$model == "ANA") "ANA" else "AAA"
    fit <- tryCatch(ets(z, model = model, damped = damped, alpha = run$alpha, beta = if (model == "AAA") run$beta,
               gamma = run$gamma, phi = if (damped) run$phi),
                    error = function(e) NULL)
    if (is.null(fit)) return(NULL)
    states <- unclass(fit$states); n <- nrow(states); m <- case$season
    seasonal <- function(row) rev(unname(states[row, (ncol(states) - m + 1):ncol(states)]))
    slope <- function(row) if (model == "AAA") unname(states[row, 2]) else 0
    trend <- if (model == "AAA") "A" else "N"
    variance <- forecast:::class1(horizon, fit$states[n, ], trend, "A", damped, m, fit$sigma2, fit$par)$var
    list(model = run$model, alpha = run$alpha, beta = run$beta, phi = run$phi, gamma = run$gamma,
         initial_level = unname(states[1, 1]), initial_trend = slope(1), initial_slots = seasonal(1),
         fitted = as.numeric(fit$fitted), final_level = unname(states[n, 1]), final_trend = slope(n),
         final_slots = seasonal(n), forecasts = as.numeric(forecast(fit, h = horizon, PI = FALSE)$mean),
         variances = if (model == "AAA") as.numeric(variance) / fit$sigma2 else list())
  })
  runs <- Filter(Negate(is.null), runs)
  list(series = case$series, season = case$season, logarithms = case$logarithms,
       values = unlist(case$values), runs = runs)
})
cat(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = 1))
"""

R_FITS = r"""
invisible(suppressPackageStartupMessages({library(forecast); library(jsonlite)}))
out <- lapply(fromJSON(file("stdin"), simplifyVector = FALSE), function(case) {
  y <- ts(unlist(case$values)[1:case$fitted], frequency = case$season)
  fit <- ets(y, model = if (case$damped) "AAA" else "ANA", damped = if (case$damped) TRUE else NULL)
  last <- unclass(fit$states)[nrow(fit$states), ]
  par <- function(name, otherwise) if (name %in% names(fit$par)) unname(fit$par[name]) else otherwise
  list(params = c(par("alpha", 0), par("beta", 0), par("phi", 1), par("gamma", 0)), level = unname(last[1]),
       trend = if (case$damped) unname(last[2]) else 0, slots = rev(unname(tail(last, case$season))))
})
cat(toJSON(out, digits = NA, auto_unbox = TRUE))
"""


def r(script, argument, given):
    run = ["Rscript", "-e", script, str(argument)]
    text = subprocess.run(run, input=json.dumps(given), stdout=subprocess.PIPE, text=True, check=True).stdout
    said = [line for line in text.splitlines() if not line.startswith('[1] "Model')]  # where it gave up
    return json.loads("\n".join(said))


FITTED = 240


def error_ahead(y, m, params, level, trend, slots):
    """Mean absolute one-step error over what follows the points that were fitted."""
    rest = y[FITTED:]
    fitted, *_ = by_hand(rest, m, params, level, trend, slots)
    return float(np.mean(np.abs(rest - fitted)))


def fits():
    cases = []
    for seed, (m, damped, params) in enumerate(
        [
            (24, False, (0.1, 0.0, 1.0, 0.1)),
            (24, False, (0.6, 0.0, 1.0, 0.2)),
            (12, False, (0.3, 0.0, 1.0, 0.4)),
            (7, False, (0.05, 0.0, 1.0, 0.05)),
            (24, True, (0.3, 0.03, 0.95, 0.1)),
            (7, True, (0.6, 0.1, 0.9, 0.2)),
        ],
        start=10,
    ):
        y = simulated(seed, 2 * FITTED, m, params, 1.0, (50.0, 0.3 if damped else 0.0, 6.0))
        trend = dict(trend="add" if damped else None, damped_trend=damped)
        model = ETSModel(pd.Series(y[:FITTED]), seasonal="add", seasonal_periods=m, **trend)
        fit = model.fit(disp=False, maxiter=5000)
        found = (
            fit.smoothing_level,
            fit.smoothing_trend if damped else 0.0,
            fit.damping_trend if damped else 1.0,
            fit.smoothing_seasonal,
        )
        level, slope = np.asarray(fit.level)[-1], np.asarray(fit.slope)[-1] if damped else 0.0
        case = {"values": list(map(float, y)), "fitted": FITTED, "season": m, "damped": damped}
        case["statsmodels"] = error_ahead(y, m, found, level, slope, np.asarray(fit.season)[-m:])
        cases.append(case)
    for case, at in zip(cases, r(R_FITS, "", cases)):
        y, m = np.array(case["values"]), case["season"]
        case["forecast"] = error_ahead(y, m, at["params"], at["level"], at["trend"], at["slots"])
    return cases


def main():
    cases = []
    for name, (y, m, logarithms, start) in series().items():
        z = np.log(y) if logarithms else y
        runs = [smoothed(z, m, model, p, start) for model, sets in MODELS.items() for p in sets]
        cases.append({"series": name, "season": m, "logarithms": logarithms, "values": list(map(float, y)), "runs": runs})
    here = pathlib.Path(__file__)
    write = lambda name, what: (here.parent / name).write_text(json.dumps(what, indent=1) + "\n")
    write("statsmodels_seasonal.json", cases)
    write("r_seasonal.json", r(R, HORIZON, cases))
    write("seasonal_fits.json", fits())


main()
