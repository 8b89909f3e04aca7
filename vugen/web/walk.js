// From noise to data, as in `vugen.flow`: time runs from 1 to 0, a velocity says where to go.

// `steps + 1` times; a shift above 1 spends more of them near noise.
export function timeGrid(steps, shift = 1) {
  return Float32Array.from({ length: steps + 1 }, (_, i) => {
    const t = 1 - i / steps;
    return (shift * t) / (1 - t + shift * t);
  });
}

const along = (x, v, step) => x.map((value, i) => value + step * v[i]);

// One step of a solver. A velocity is a function of x and t.
export const SOLVERS = {
  euler: async (velocity, x, t, s) => along(x, await velocity(x, t), s - t),

  // Euler's step, corrected by the velocity where it lands
  heun: async (velocity, x, t, s) => {
    const v = await velocity(x, t);
    if (s === 0) return along(x, v, s - t);
    const w = await velocity(along(x, v, s - t), s);
    return along(x, v.map((value, i) => (value + w[i]) / 2), s - t);
  },
};

// The decoder's way: estimate the picture, mix it with fresh noise, ask again.
export async function renoise(estimate, x, steps, generator) {
  const times = timeGrid(steps);
  for (let i = 0; i < steps; i++) {
    const s = times[i + 1];
    x = await estimate(x, times[i]);
    if (s > 0) {
      const noise = generator.normal(x.length);
      x = x.map((value, j) => (1 - s) * value + s * noise[j]);
    }
  }
  return x;
}
