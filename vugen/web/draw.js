// Pictures on canvases, each with words for those who do not see it.

// One picture of `side` pixels, of numbers in [-1, 1], channel by channel
export function toCanvas(picture, side, label) {
  const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side });
  const pixels = new ImageData(side, side);
  const area = side * side;
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = Math.round((picture[c * area + i] + 1) * 127.5);
    pixels.data[4 * i + 3] = 255;
  }
  canvas.getContext('2d').putImageData(pixels, 0, 0);
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  return canvas;
}

export function figure(canvas, ...captions) {
  const out = document.createElement('figure');
  const text = document.createElement('figcaption');
  for (const caption of captions) {
    const line = Object.assign(document.createElement('p'), { dir: 'auto' });
    line.textContent = caption;
    text.append(line);
  }
  out.append(canvas, text);
  return out;
}

// A picture under a grid of shades: the more weight a place has, the darker it is
export function shade(picture, side, weights, [rows, columns], label) {
  const canvas = toCanvas(picture, side, label);
  const pen = canvas.getContext('2d');
  const most = Math.max(...weights, 1e-9);
  const [w, h] = [side / columns, side / rows];
  weights.forEach((weight, i) => {
    pen.fillStyle = `rgb(20 30 90 / ${(0.85 * weight) / most})`;
    pen.fillRect((i % columns) * w, Math.floor(i / columns) * h, w, h);
  });
  return canvas;
}
