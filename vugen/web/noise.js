// The random numbers of torch, so that a seed means the same picture here and there.

// Hash integers to one seed, as `vugen.core.mix_seeds` does; torch keeps its last 32 bits.
export async function mixSeeds(...seeds) {
  const text = new TextEncoder().encode(seeds.join(','));
  const hash = await crypto.subtle.digest('SHA-256', text);
  return Number(BigInt.asUintN(32, new DataView(hash).getBigUint64(0) >> 1n));
}

// The Mersenne Twister: 624 numbers of 32 bits, each replaced by a mix of three others.
export class Generator {
  constructor(seed) {
    const state = this.state = new Uint32Array(624);
    state[0] = seed;
    for (let i = 1; i < 624; i++) {
      state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
    this.next = 624;
  }

  refill() {
    const s = this.state;
    for (let i = 0; i < 624; i++) {
      const y = (s[i] & 0x80000000) | (s[(i + 1) % 624] & 0x7fffffff);
      s[i] = s[(i + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.next = 0;
  }

  // 24 random bits, as a number in [0, 1)
  uniform() {
    if (this.next === 624) this.refill();
    let y = this.state[this.next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return (y & 0xffffff) / 2 ** 24;
  }

  // Like `torch.randn(n)` for n of 16 or more: Box-Muller, eight pairs at a time.
  normal(n) {
    if (n < 16) throw new Error(`${n} numbers: torch draws fewer than 16 in another way`);
    const out = Float32Array.from({ length: n }, () => this.uniform());
    for (let i = 0; i + 16 <= n; i += 16) pairs(out.subarray(i, i + 16));
    if (n % 16) {
      const last = out.subarray(n - 16);
      for (let i = 0; i < 16; i++) last[i] = this.uniform();
      pairs(last);
    }
    return out;
  }
}

// Sixteen uniform numbers become sixteen normal ones, in place.
function pairs(x) {
  for (let i = 0; i < 8; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - x[i]));
    const angle = 2 * Math.PI * x[i + 8];
    x[i] = radius * Math.cos(angle);
    x[i + 8] = radius * Math.sin(angle);
  }
}
