// How the phone is held, where it tells: whether it leans to a side. A phone that lies flat has no side to lean to.

const LEANS = 7; // degrees
const FLAT = 30;

// tells({ words, tone }) at each change of posture; returns a function that ends it. Call it from a press: iPhones ask first.
export function watchTilt(tells) {
  const Event = window.DeviceOrientationEvent;
  if (!Event) return () => {};
  const hear = ({ beta, gamma }) => {
    if (beta !== null && gamma !== null) tells(posture(beta, gamma));
  };
  const begin = (answer) => answer === "granted" && window.addEventListener("deviceorientation", hear);
  if (Event.requestPermission) Event.requestPermission().then(begin, () => {});
  else begin("granted");
  return () => window.removeEventListener("deviceorientation", hear);
}

// beta: front to back, 0 when flat on its back; gamma: to the right, both in degrees.
function posture(beta, gamma) {
  const [front, side] = [(beta * Math.PI) / 180, (gamma * Math.PI) / 180];
  const [across, along] = [Math.cos(front) * Math.sin(side), Math.sin(front)];
  if (Math.hypot(across, along) < Math.sin((FLAT * Math.PI) / 180)) return { words: "Level", tone: "good" };
  const lean = (Math.atan2(across, along) * 180) / Math.PI;
  if (Math.abs(lean) <= LEANS || Math.abs(lean) >= 180 - LEANS) return { words: "Level", tone: "good" };
  return { words: lean > 0 ? "Leans right" : "Leans left", tone: "watch" };
}
