// onnxruntime-web: a pinned version, from a copy beside the page or from a CDN, one file as good as the other.

import { download } from './files.js';

const CDN = 'https://cdn.jsdelivr.net/npm/onnxruntime-web@1.30.0/dist/';
const FILES = {
  wasm: {
    'ort.wasm.bundle.min.mjs': '11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90',
    'ort-wasm-simd-threaded.wasm': '3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2',
  },
  webgpu: {
    'ort.webgpu.bundle.min.mjs': '0730816731ce2cdfb06f273da065d4a1c7091eb9d1756a83b2916c8a89d015e2',
    'ort-wasm-simd-threaded.asyncify.wasm': '39f9f0894d478800487ed9f7dbe92618498db320cf55c8e3d89adff8dce658da',
  },
};

export const runtimeHashes = Object.values(FILES).flatMap((files) => Object.values(files));

// `beside`: the folder of a local copy, or null. A graph is opened with `open(bytes)`.
export async function startRuntime(device, beside) {
  const base = (device === 'wasm' && beside) || CDN; // a copy holds what most readers need
  const [code, binary] = await Promise.all(
    Object.entries(FILES[device]).map(([name, sha]) => download(base + name, sha)),
  );
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
  const ort = await import(url);
  ort.env.wasm.wasmBinary = binary;
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const how = { executionProviders: [device], graphOptimizationLevel: 'basic' };
  let before = Promise.resolve(); // a graphics card takes one graph at a time
  const open = (bytes) => {
    const session = before.then(() => ort.InferenceSession.create(bytes, how));
    before = session.catch(() => {});
    return session;
  };
  return { Tensor: ort.Tensor, open };
}
