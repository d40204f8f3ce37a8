// Several frames within half a second, of which the sharpest that fits is kept; and, where the camera takes larger still
// photos than its film has frames, one of those, if it shows the same and is as sharp.
import { fitOf } from "./fit.js";

const APART = 70; // milliseconds
const LARGER = 1.5; // times the pixels of a frame: below that a still photo is not worth the wait
const STILL_TIME = 4000;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// eye: see.js; verdictOf(seen): judge's answer. Returns { bitmap, seen, verdict }; the caller closes the bitmap.
export async function burst(video, count, eye, verdictOf) {
  let best = null;
  for (let taken = 0; taken < count; taken += 1) {
    if (taken) await pause(APART);
    const bitmap = await createImageBitmap(video);
    const seen = eye.look(bitmap);
    best = better(best, { bitmap, seen, verdict: verdictOf(seen) });
  }
  return finer(best, await stillPhoto(video, best.bitmap), eye, verdictOf);
}

// One that fits before one that does not; of two alike the sharper one.
function better(one, other) {
  const wins = !one || (other.verdict.ok === one.verdict.ok ? other.seen.sharpness > one.seen.sharpness : other.verdict.ok);
  (wins ? one : other)?.bitmap.close();
  return wins ? other : one;
}

async function stillPhoto(video, frame) {
  const track = video.srcObject?.getVideoTracks()[0];
  if (!window.ImageCapture || !track) return null;
  try {
    const camera = new ImageCapture(track);
    const able = await camera.getPhotoCapabilities();
    const [imageWidth, imageHeight] = [able.imageWidth.max, able.imageHeight.max];
    if (imageWidth * imageHeight < LARGER * frame.width * frame.height) return null;
    const settings = { imageWidth, imageHeight, ...(able.fillLightMode?.includes("off") && { fillLightMode: "off" }) };
    const photo = await Promise.race([camera.takePhoto(settings), pause(STILL_TIME)]);
    return photo ? await createImageBitmap(photo) : null;
  } catch {
    return null; // many cameras promise still photos and give none
  }
}

function finer(best, bitmap, eye, verdictOf) {
  if (!bitmap) return best;
  const seen = eye.look(bitmap);
  const verdict = verdictOf(seen);
  const { match, dx, dy, size } = fitOf(best.seen.edges, seen.edges);
  const same = match > 0.7 && Math.abs(dx) < 0.04 && Math.abs(dy) < 0.04 && Math.abs(Math.log(size)) < 0.06;
  const wins = same && seen.sharpness > best.seen.sharpness - 0.2 && (verdict.ok || !best.verdict.ok);
  (wins ? best.bitmap : bitmap).close();
  return wins ? { bitmap, seen, verdict } : best;
}
