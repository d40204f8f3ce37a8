// What is seen, against the limits on the dialog: words for the eye, one word for the ear, and whether the shutter is free.

// limits: the dialog's data; seen: Eye.look(); fit: fitOf() or null without an earlier photo; before: the earlier photo's
// look or null; mirrored: the camera faces the person, so the phone goes the other way.
export function judge(limits, seen, fit, before, mirrored) {
  const sharp = sharpnessOf(limits, seen, before);
  const light = lightOf(limits, seen);
  const place = placeOf(limits, fit, mirrored);
  const ok = sharp.ok && light.ok && place.ok;
  const say = [place, light, sharp].find((part) => !part.ok)?.say ?? "Hold still";
  return { ok, sharpness: sharp, light, position: place, say, near: nearness(limits, fit, ok) };
}

const MUCH = 0.4;
const fine = (words) => ({ ok: true, tone: "good", words });
const not = (words, say) => ({ ok: false, tone: "watch", words, say });

function sharpnessOf(limits, seen, before) {
  const least = before ? before.sharpness - Number(limits.sharpBelow) : Math.log(Number(limits.sharpLeast));
  if (seen.sharpness >= least) return fine("Sharp");
  return seen.sharpness >= least - MUCH ? not("A little soft", "Hold still") : not("Blurred", "Hold still");
}

// Black hair in good light is darker than the limit as well: then something else in the picture is bright.
function lightOf(limits, seen) {
  const dark = Number(seen.bright < Number(limits.lit) ? limits.dark : limits.darkest);
  if (seen.luma < dark || seen.dark > Number(limits.black)) return not("Too dark", "More light");
  if (seen.luma > Number(limits.bright)) return not("Too bright", "Less light");
  return seen.clipped > Number(limits.clipped) ? not("A bright spot", "Less light") : fine("Good");
}

function placeOf(limits, fit, mirrored) {
  if (!fit) return { ok: true, tone: "neutral", words: "Use the outline" };
  if (fit.match < Number(limits.fit)) return not("Not found yet", "Look for the place");
  const way = direction(limits, fit, mirrored);
  return way ? not(way, way) : fine("Fits");
}

// The worst of what is off, as the way the phone has to go.
function direction(limits, fit, mirrored) {
  const side = mirrored ? -1 : 1;
  const off = [
    [Math.abs(Math.log(fit.size)) / Number(limits.size), fit.size > 1 ? "Further away" : "Closer"],
    [Math.abs(fit.dx) / Number(limits.near), fit.dx * side > 0 ? "To the right" : "To the left"],
    [Math.abs(fit.dy) / Number(limits.near), fit.dy > 0 ? "Lower" : "Higher"],
    [Math.abs(fit.turn) / Number(limits.turn), fit.turn * side > 0 ? "Turn right" : "Turn left"],
  ].sort(([one], [other]) => other - one);
  return off[0][0] > 1 ? off[0][1] : "";
}

// From 0 (lost) to 1 (within tolerance): how fast and high the tone is.
function nearness(limits, fit, ok) {
  if (ok) return 1;
  if (!fit) return 0.5;
  const far = Math.abs(Math.log(fit.size)) + Math.abs(fit.dx) + Math.abs(fit.dy) + Math.abs(fit.turn) / 90;
  return Math.max(0, Math.min(0.9, fit.match - far));
}
