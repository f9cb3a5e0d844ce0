//! A search for the least value of a function of few numbers in a box: Nelder & Mead (1965).
//!
//! Promises a fixed number of evaluations, no allocation, and a point of the box that is no worse
//! than the first. Does not promise a minimum: the criterion is not smooth, and what is searched
//! are smoothing parameters, of which neighbours forecast alike.

/// Most numbers that are searched at once.
pub(super) const DIMENSIONS: usize = 5;

/// Where the search may go and which coordinates it may change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region<'a> {
    /// (low, high) of each coordinate.
    pub(super) bounds: [(f64, f64); DIMENSIONS],
    /// The coordinates that are free.
    pub(super) free: &'a [usize],
    /// Evaluations in all.
    pub(super) evaluations: usize,
}

type Point = [f64; DIMENSIONS];

impl Region<'_> {
    /// The nearest point of the box; its low end for what is not a number.
    pub(super) fn clamp(&self, mut x: Point) -> Point {
        for (value, (low, high)) in x.iter_mut().zip(self.bounds) {
            *value = if value.is_nan() {
                low
            } else {
                value.clamp(low, high)
            };
        }
        x
    }

    /// `from + weight * (to - from)`, inside the box.
    fn between(&self, from: Point, to: Point, weight: f64) -> Point {
        self.clamp(std::array::from_fn(|i| {
            from[i] + weight * (to[i] - from[i])
        }))
    }

    /// The best point that was met on the way from `first`.
    ///
    /// Standard coefficients: reflection 1, expansion 2, contraction and shrinkage 1/2.
    pub(super) fn minimise(&self, first: Point, mut objective: impl FnMut(Point) -> f64) -> Point {
        let free = self.free.len();
        let mut simplex = [(first, objective(first)); DIMENSIONS + 1];
        let simplex = &mut simplex[..=free];
        let mut evaluations = 1 + free;
        for (vertex, &i) in simplex[1..].iter_mut().zip(self.free) {
            let (low, high) = self.bounds[i];
            let step = 0.25 * (high - low);
            vertex.0[i] += if vertex.0[i] + step <= high {
                step
            } else {
                -step
            };
            vertex.1 = objective(vertex.0);
        }
        while evaluations < self.evaluations {
            simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
            let (best, worst, second) = (simplex[0], simplex[free], simplex[free - 1]);
            let mut centre = [0.0; DIMENSIONS];
            for (vertex, _) in &simplex[..free] {
                for (sum, value) in centre.iter_mut().zip(vertex) {
                    *sum += value / free as f64;
                }
            }
            let mut attempt = |weight: f64| {
                evaluations += 1;
                let x = self.between(worst.0, centre, weight);
                (x, objective(x))
            };
            let mut candidate = attempt(2.0); // reflection
            if candidate.1 < best.1 {
                let expanded = attempt(3.0);
                if expanded.1 < candidate.1 {
                    candidate = expanded;
                }
            } else if candidate.1 >= second.1 {
                candidate = if candidate.1 < worst.1 {
                    attempt(1.5)
                } else {
                    attempt(0.5)
                };
            }
            if candidate.1 < worst.1 {
                simplex[free] = candidate;
                continue;
            }
            for vertex in &mut simplex[1..] {
                evaluations += 1;
                vertex.0 = self.between(best.0, vertex.0, 0.5);
                vertex.1 = objective(vertex.0);
            }
        }
        simplex
            .iter()
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(first, |vertex| vertex.0)
    }
}
