// Writes the moment into a JPEG as cameras do (EXIF), so that the day and its zone travel with the photo.

const pad = (number) => String(number).padStart(2, "0");

// A new Blob with the local date, time and offset of `moment`.
export async function stamped(jpeg, moment) {
  const bytes = new Uint8Array(await jpeg.arrayBuffer());
  return new Blob([bytes.subarray(0, 2), segment(moment), bytes.subarray(2)], { type: "image/jpeg" });
}

function segment(moment) {
  const date = `${moment.getFullYear()}:${pad(moment.getMonth() + 1)}:${pad(moment.getDate())}`;
  const time = `${pad(moment.getHours())}:${pad(moment.getMinutes())}:${pad(moment.getSeconds())}`;
  const east = -moment.getTimezoneOffset();
  const zone = `${east < 0 ? "-" : "+"}${pad(Math.floor(Math.abs(east) / 60))}:${pad(Math.abs(east) % 60)}`;
  const body = new Uint8Array(10 + 8 + 18 + 30 + 20 + 7);
  const view = new DataView(body.buffer);
  const text = (at, words) => [...words].forEach((letter, index) => { body[at + index] = letter.charCodeAt(0); });
  const little = true;
  const entry = (at, tag, kind, count, value) => {
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, kind, little);
    view.setUint32(at + 4, count, little);
    view.setUint32(at + 8, value, little);
  };
  view.setUint16(0, 0xffe1);
  view.setUint16(2, body.length - 2);
  text(4, "Exif\0\0II*\0");
  view.setUint32(14, 8, little); // offsets count from "II", ten bytes in
  view.setUint16(18, 1, little);
  entry(20, 0x8769, 4, 1, 26); // what the camera tells stands at 26
  view.setUint16(36, 2, little);
  entry(38, 0x9003, 2, 20, 56); // when it was taken
  entry(50, 0x9011, 2, 7, 76); // and by which clock
  text(66, `${date} ${time}\0`);
  text(86, `${zone}\0`);
  return body;
}
