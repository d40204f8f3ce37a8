// How one picture lies over another: the shift, size and turn under which their edges agree best, and how well they agree.
// Searched coarsely on a quarter of the points, then stepwise on all of them; a few milliseconds.
import { halved } from "./see.js";

const SIZES = [0.77, 0.88, 1, 1.14, 1.3];
const TURNS = [-0.26, -0.13, 0, 0.13, 0.26];
const LEAST_SHARED = 0.55; // of the points must lie in both pictures, or chance agrees

// edges as in see.js. Returns { match: -1 to 1, dx, dy: shares of width and height by which the frame's content lies to the
// right and below, size: over 1 when it is larger, turn: degrees clockwise }.
export function fitOf(ghost, frame) {
  const rest = { dx: 0, dy: 0, size: 1, turn: 0 };
  const [less, lesser] = [quarter(ghost), quarter(frame)];
  let best = { ...rest, worth: -2 };
  for (const size of SIZES) {
    for (const turn of TURNS) {
      for (let dx = -4.5; dx <= 4.5; dx += 1.5) {
        for (let dy = -6; dy <= 6; dy += 1.5) best = better(less, lesser, { dx, dy, size, turn }, best);
      }
    }
  }
  best = climbed(ghost, frame, { ...best, dx: best.dx * 2, dy: best.dy * 2 });
  const still = { ...rest, worth: worth(ghost, frame, rest) };
  if (still.worth >= best.worth) best = still;
  const { match } = agreement(ghost, frame, best);
  return { match, dx: best.dx / ghost.width, dy: best.dy / ghost.height, size: best.size, turn: (best.turn * 180) / Math.PI };
}

function quarter({ x, y, width, height }) {
  return { x: halved(x, width, height), y: halved(y, width, height), width: width / 2, height: height / 2 };
}

function better(ghost, frame, pose, best) {
  const value = worth(ghost, frame, pose);
  return value > best.worth ? { ...pose, worth: value } : best;
}

function climbed(ghost, frame, start) {
  let best = { ...start, worth: worth(ghost, frame, start) };
  for (let step = 1; step > 0.1; step *= 0.6) {
    for (const way of [1, -1]) {
      best = better(ghost, frame, { ...best, dx: best.dx + way * 1.5 * step }, best);
      best = better(ghost, frame, { ...best, dy: best.dy + way * 1.5 * step }, best);
      best = better(ghost, frame, { ...best, size: best.size * (1 + 0.06 * step) ** way }, best);
      best = better(ghost, frame, { ...best, turn: best.turn + way * 0.06 * step }, best);
    }
  }
  return best;
}

// Agreement, less a little for every move: of two poses that agree alike the nearer one is true.
function worth(ghost, frame, pose) {
  const { match, shared } = agreement(ghost, frame, pose);
  if (shared < LEAST_SHARED) return -1;
  return match - 0.1 * (Math.abs(pose.dx / ghost.width) + Math.abs(pose.dy / ghost.height) + Math.abs(Math.log(pose.size)) + Math.abs(pose.turn));
}

function agreement(ghost, frame, { dx, dy, size, turn }) {
  const { width, height } = ghost;
  const [middle, centre] = [(width - 1) / 2, (height - 1) / 2];
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  let [both, one, other, shared] = [0, 0, 0, 0];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [right, below] = [(x - middle) * size, (y - centre) * size];
      const column = Math.round(cos * right - sin * below + middle + dx);
      const row = Math.round(sin * right + cos * below + centre + dy);
      if (column < 0 || column >= width || row < 0 || row >= height) continue;
      const [here, there] = [y * width + x, row * width + column];
      const along = cos * frame.x[there] + sin * frame.y[there];
      const down = cos * frame.y[there] - sin * frame.x[there];
      both += ghost.x[here] * along + ghost.y[here] * down;
      one += ghost.x[here] ** 2 + ghost.y[here] ** 2;
      other += along ** 2 + down ** 2;
      shared += 1;
    }
  }
  return { match: both / (Math.sqrt(one * other) + 1e-6), shared: shared / (width * height) };
}
