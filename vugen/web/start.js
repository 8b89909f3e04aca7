// Starts the page. If it cannot start, one line says which file is to blame, and what to do.

const say = (text) => {
  document.getElementById('status').classList.remove('late');
  document.getElementById('status').textContent = text;
};

async function isWhole(name, sha) {
  const answer = await fetch(name, { cache: 'no-store' });
  if (!answer.ok) return false;
  const hash = await crypto.subtle.digest('SHA-256', await answer.arrayBuffer());
  return [...new Uint8Array(hash)].map((b) => b.toString(16).padStart(2, '0')).join('') === sha;
}

// The first small file that is not as `manifest.json` has it
async function brokenFile() {
  const files = await (await fetch('manifest.json')).json();
  for (const [name, { sha256 }] of Object.entries(files)) {
    if (/\.(js|json)$/.test(name) && !(await isWhole(name, sha256))) return name;
  }
  return null;
}

async function explain(error) {
  const name = await brokenFile().catch(() => null);
  const what = name ? `${name} is missing or damaged` : `The page does not work (${error.message})`;
  return `${what}; reload it, or write it again with \`vugen export page\`.`;
}

if (!isSecureContext) {
  say('The page checks what it loads, and a browser can do that only over https or on localhost; open it at such an address.');
} else if (!globalThis.DecompressionStream) {
  say('This browser is too old for the page; bring it up to date, or use another one.');
} else {
  say('');
  import('./page.js').then(({ main }) => main(explain)).catch(async (error) => say(await explain(error)));
}
