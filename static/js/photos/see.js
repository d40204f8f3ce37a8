// What one picture tells: sharpness, light, and where its edges lie. Every picture is first cut to the box of the outline,
// three wide and four high from its middle, so that a share of the picture means the same for every camera.

const WIDE = 3;
const HIGH = 4;
const COPY = 1000; // pixels: sharpness is measured on a copy so high, as the server does it
const FLAT = 0.01; // variance of a picture without any structure: its logarithm must exist
const NOISE = 10; // variance that a JPEG has without anything to see
const BRIGHT = 0.95;
const EDGES = [36, 48];
const even = (length) => 2 * Math.round(length / 2);

// The box in pixels of the source: [left, top, width, height].
export function boxOf(source) {
  const width = source.videoWidth || source.naturalWidth || source.width;
  const height = source.videoHeight || source.naturalHeight || source.height;
  const across = Math.min(width, (height * WIDE) / HIGH);
  const down = Math.min(height, (width * HIGH) / WIDE);
  return [(width - across) / 2, (height - down) / 2, across, down];
}

export function pane(width, height, reads = true) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d", { willReadFrequently: reads });
  pen.imageSmoothingQuality = "high";
  return { canvas, pen };
}

export class Eye {
  // region: [x, y, across, down], an ellipse in shares of the box.
  constructor([x, y, across, down]) {
    this.part = [x - across, y - down, 2 * across, 2 * down];
    this.near = pane(even((this.part[2] * COPY * WIDE) / HIGH), even(this.part[3] * COPY));
    this.far = pane(EDGES[0] * 2, EDGES[1] * 2);
  }

  // { sharpness, luma, clipped, dark, bright, edges } of a video, an image, a bitmap or a canvas.
  look(source) {
    const [left, top, width, height] = boxOf(source);
    const [x, y, across, down] = this.part;
    const close = greys(this.near, source, [left + x * width, top + y * height, across * width, down * height]);
    const whole = greys(this.far, source, [left, top, width, height]);
    return { ...sharpness(close), ...light(close), bright: whole.grey.slice().sort()[Math.floor(BRIGHT * whole.grey.length)], edges: edges(whole) };
  }
}

function greys({ canvas, pen }, source, [left, top, across, down]) {
  const { width, height } = canvas;
  pen.drawImage(source, left, top, across, down, 0, 0, width, height);
  const { data } = pen.getImageData(0, 0, width, height);
  const grey = new Float32Array(width * height);
  for (let at = 0; at < grey.length; at += 1) grey[at] = 0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2];
  return { grey, width, height };
}

const inEllipse = (x, y, width, height) => (2 * x / width - 1) ** 2 + (2 * y / height - 1) ** 2 < 1;

// The natural logarithm of the variance of the Laplacian over the one at half the size. A sharp picture has as much structure
// at one size as at half of it; blur takes the finer first. It hardly depends on how much hair there is. Where blur has taken
// both only noise is left, which is as strong at either size: it must not pass for structure.
function sharpness({ grey, width, height }) {
  const half = { grey: halved(grey, width, height), width: width / 2, height: height / 2 };
  return { sharpness: Math.log((variance({ grey, width, height }) + FLAT) / (variance(half) + NOISE)) };
}

function variance({ grey, width, height }) {
  let [count, sum, squares] = [0, 0, 0];
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      if (!inEllipse(x, y, width, height)) continue;
      const at = y * width + x;
      const bend = grey[at - 1] + grey[at + 1] + grey[at - width] + grey[at + width] - 4 * grey[at];
      count += 1;
      sum += bend;
      squares += bend * bend;
    }
  }
  return squares / count - (sum / count) ** 2;
}

// The median luma, and the shares of pixels that are burnt out or black.
function light({ grey, width, height }) {
  const tally = new Uint32Array(256);
  let [count, clipped, dark] = [0, 0, 0];
  for (let at = 0; at < grey.length; at += 1) {
    if (!inEllipse(at % width, Math.floor(at / width), width, height)) continue;
    tally[Math.min(255, Math.round(grey[at]))] += 1;
    count += 1;
    clipped += grey[at] > 247;
    dark += grey[at] < 8;
  }
  let [luma, seen] = [0, tally[0]];
  while (seen < count / 2) seen += tally[(luma += 1)];
  return { luma, clipped: clipped / count, dark: dark / count };
}

// Which way brightness rises, on a soft copy of 36 by 48; strong edges count more, but not in proportion: a lamp that moved
// makes one edge stronger, not another one true.
function edges({ grey, width, height }) {
  const soft = halved(softened(softened(grey, width, height), width, height), width, height);
  const [across, down] = EDGES;
  const [x, y] = [new Float32Array(across * down), new Float32Array(across * down)];
  for (let row = 1; row < down - 1; row += 1) {
    for (let column = 1; column < across - 1; column += 1) {
      const at = row * across + column;
      const right = soft[at + 1] - soft[at - 1];
      const below = soft[at + across] - soft[at - across];
      const weight = 1 / Math.sqrt(Math.hypot(right, below) + 4);
      x[at] = right * weight;
      y[at] = below * weight;
    }
  }
  return { x, y, width: across, height: down };
}

function softened(grey, width, height) {
  const across = new Float32Array(grey.length);
  const both = new Float32Array(grey.length);
  const kernel = [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let step = -2; step <= 2; step += 1) across[y * width + x] += kernel[step + 2] * grey[y * width + Math.min(Math.max(x + step, 0), width - 1)];
    }
  }
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let step = -2; step <= 2; step += 1) both[y * width + x] += kernel[step + 2] * across[Math.min(Math.max(y + step, 0), height - 1) * width + x];
    }
  }
  return both;
}

export function halved(values, width, height) {
  const half = new Float32Array((width * height) / 4);
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const at = y * width + x;
      half[(y / 2) * (width / 2) + x / 2] = (values[at] + values[at + 1] + values[at + width] + values[at + width + 1]) / 4;
    }
  }
  return half;
}
