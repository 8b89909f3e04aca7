// onnxruntime-web: a pinned version, from a copy beside the page or from a CDN, one file as good as the other.

import { download } from './files.js';

// `files` of a device are its code and its WebAssembly, with their hashes. A graph is opened with `open(bytes)`.
export async function startRuntime(device, { base, files }) {
  const [code, binary] = await Promise.all(
    Object.entries(files[device]).map(([name, sha]) => download(base + name, sha)),
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
