// The camera itself: the main lens, as many pixels as it gives, no zoom, no light; and why it could not be had.

const REASONS = {
  NotAllowedError: "The camera is not allowed on this page. You can allow it in your browser's settings for this page, or choose photos below instead.",
  NotFoundError: "No camera was found. You can choose photos below instead.",
  NotReadableError: "The camera is busy: another app or tab may be using it. Close that one and try again, or choose photos below instead.",
};
const OTHER = "The camera could not be started. You can choose photos below instead.";

// facing: "environment" (away from the screen) or "user". Raises an Error with a `sentence`.
export async function openStream(facing) {
  const video = { facingMode: { ideal: facing }, width: { ideal: 4096 }, height: { ideal: 3072 } };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video });
    await plain(stream.getVideoTracks()[0]);
    return stream;
  } catch (error) {
    throw Object.assign(new Error("no camera", { cause: error }), { sentence: REASONS[error.name] ?? OTHER });
  }
}

export function closeStream(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

// Two cameras: worth a button to change.
export async function hasOther() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter(({ kind }) => kind === "videoinput").length > 1;
}

// What the camera says of itself, where it does; "user" shows a mirror.
export const facesPerson = (stream, asked) => (stream.getVideoTracks()[0].getSettings().facingMode ?? asked) === "user";

async function plain(track) {
  const able = track.getCapabilities?.() ?? {};
  const advanced = [];
  if (able.torch) advanced.push({ torch: false });
  if (able.zoom && able.zoom.min <= 1 && able.zoom.max >= 1) advanced.push({ zoom: 1 });
  if (able.focusMode?.includes("continuous")) advanced.push({ focusMode: "continuous" });
  if (advanced.length) await track.applyConstraints({ advanced }).catch(() => {});
}
