"""Reference figures for the innovations form: writes statsmodels_ets.json beside this file.

Python 3.11, numpy 2.4.6, pandas 3.1.1, statsmodels 0.15.0. To run it again:

    python3 -m venv venv && venv/bin/pip install numpy==2.4.6 pandas==3.1.1 statsmodels==0.15.0
    venv/bin/python tests/data/reference/statsmodels_ets.py

Four series are made here, without a random generator whose stream could change. Each is smoothed
with fixed parameters from fixed initial states: fitted one-step forecasts, final states, point
forecasts and forecast variances. Nothing is estimated.

`beta` is the book's beta (alpha * beta_star), the convention of ETSModel. ExponentialSmoothing
quotes beta_star; the script feeds it beta / alpha and stops if the two do not agree. The initial
state is the one *before* the first value. Variances are the closed forms of the library
(`get_prediction(...).forecast_variance`), divided by its mean squared innovation.
"""

import json
import pathlib

import numpy as np
import pandas as pd
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.holtwinters import ExponentialSmoothing

HORIZON = 12
LENGTH = 40


def noise(seed):
    """Roughly normal numbers from a linear congruential generator: sums of 12 uniform ones."""
    state = seed
    while True:
        total = 0.0
        for _ in range(12):
            state = (state * 1103515245 + 12345) % 2**31
            total += state / 2**31
        yield total - 6.0


def series():
    e = noise(1)
    walk = 20.0 + np.cumsum([next(e) for _ in range(LENGTH)])
    e = noise(2)
    weight = np.cumsum(0.93 ** np.arange(1, LENGTH + 1))
    damped_line = 5.0 + 1.5 * weight + 0.4 * np.array([next(e) for _ in range(LENGTH)])
    e = noise(3)
    outlier = 60.0 + np.array([next(e) for _ in range(LENGTH)])
    outlier[17] = 88.0
    e = noise(4)
    high = 1e6 + 3.0 * np.arange(LENGTH) + 10.0 * np.array([next(e) for _ in range(LENGTH)])
    return {
        "walk": (walk, (20.5, 0.3)),
        "damped line": (damped_line, (4.0, 1.7)),
        "level with an outlier": (outlier, (59.0, -0.2)),
        "level of a million": (high, (1000002.0, 2.5)),
    }


MODELS = {
    "ANN": [(0.3, 0.0, 1.0), (0.95, 0.0, 1.0)],
    "AAN": [(0.6, 0.15, 1.0), (0.1, 0.02, 1.0)],
    "AAdN": [(0.5, 0.2, 0.9), (0.8, 0.05, 0.98)],
}


def smoothed(y, model, params, start):
    alpha, beta, phi = params
    level, trend = start
    has_trend, damped = model != "ANN", model == "AAdN"
    kind = dict(trend="add" if has_trend else None, damped_trend=damped)
    known = dict(initialization_method="known", initial_level=level)
    if has_trend:
        known["initial_trend"] = trend
    ets = ETSModel(pd.Series(y), error="add", **kind, **known)
    values = [alpha] + ([beta] if has_trend else []) + ([phi] if damped else [])
    values += [level] + ([trend] if has_trend else [])
    fit = ets.smooth(np.array(values))
    assert (fit.smoothing_level, fit.initial_level) == (alpha, level)
    assert not has_trend or (fit.smoothing_trend, fit.initial_trend) == (beta, trend)
    assert not damped or fit.damping_trend == phi
    forecasts = fit.forecast(HORIZON)

    fixed = dict(smoothing_level=alpha, optimized=False)
    if has_trend:
        fixed["smoothing_trend"] = beta / alpha
    if damped:
        fixed["damping_trend"] = phi
    other = ExponentialSmoothing(y, **kind, **known).fit(**fixed)
    np.testing.assert_allclose(other.fittedvalues, fit.fittedvalues, rtol=1e-12)
    np.testing.assert_allclose(other.forecast(HORIZON), forecasts, rtol=1e-12)

    ahead = fit.get_prediction(start=LENGTH, end=LENGTH + HORIZON - 1)
    variances = ahead.forecast_variance / fit.mse
    return {
        "model": model,
        "alpha": alpha,
        "beta": beta,
        "phi": phi,
        "initial_level": level,
        "initial_trend": trend if has_trend else 0.0,
        "fitted": list(map(float, fit.fittedvalues)),
        "final_level": float(np.asarray(fit.level)[-1]),
        "final_trend": float(np.asarray(fit.slope)[-1]) if has_trend else 0.0,
        "forecasts": list(map(float, forecasts)),
        "variances": list(map(float, variances)),
    }


def main():
    cases = []
    for name, (y, start) in series().items():
        runs = [smoothed(y, m, p, start) for m, sets in MODELS.items() for p in sets]
        cases.append({"series": name, "values": list(map(float, y)), "runs": runs})
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(cases, indent=1) + "\n")


main()
