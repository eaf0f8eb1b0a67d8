// Images as grey levels 0 to 1, and how they are put on canvases.

import { theme } from "./colours.js";
import { element } from "./elements.js";
import { nameOf, network, PIXELS, SIDE, space } from "./run_data.js";

let pictureBytes = null; // of all test images, one after the other

// The pictures are one PNG with a row for each image. `img.decode()` may never end where nobody
// looks at the page; the event `load` always comes.
export function loadPictures(ready, failed) {
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    const colours = context.getImageData(0, 0, canvas.width, canvas.height).data;
    pictureBytes = new Uint8Array(canvas.width * canvas.height);
    for (let at = 0; at < pictureBytes.length; at++) pictureBytes[at] = colours[4 * at];
    ready();
  };
  image.onerror = failed;
  image.src = space.pictures;
}

export function picture(place) {
  const part = pictureBytes.subarray(place * PIXELS, (place + 1) * PIXELS);
  return Float32Array.from(part, (level) => level / 255);
}

// One or more images side by side, ink on paper in the colours of the page.
export function imageData(pixels) {
  const { ink, paper } = theme;
  const width = (pixels.length / PIXELS) * SIDE;
  const image = new ImageData(width, SIDE);
  for (let at = 0; at < pixels.length; at++) {
    const row = Math.floor((at % PIXELS) / SIDE);
    const place = 4 * (row * width + Math.floor(at / PIXELS) * SIDE + (at % SIDE));
    for (let c = 0; c < 3; c++) image.data[place + c] = paper[c] + pixels[at] * (ink[c] - paper[c]);
    image.data[place + 3] = 255;
  }
  return image;
}

export function paint(canvas, pixels) {
  const image = imageData(pixels);
  if (canvas.width !== image.width) canvas.width = image.width;
  if (canvas.height !== image.height) canvas.height = image.height;
  canvas.getContext("2d").putImageData(image, 0, 0);
}

export function wipe(canvas) {
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
}

// A list of small pictures, which lead to their test images where the page can encode them.
export function showThumbs(list, places) {
  list.replaceChildren(
    ...places.map((place) => {
      const index = space.index[place];
      const title = `Test image ${index}: ${nameOf(place)}`;
      const canvas = element("canvas", { role: "img", "aria-label": title });
      paint(canvas, picture(place));
      const shown = network ? element("a", { href: `#i=${index}` }, canvas) : canvas;
      return element("li", {}, shown);
    }),
  );
}

// As many frames as there will be pictures, so that nothing moves when they come.
export function showFrames(list, count) {
  const frame = () => element("li", { "aria-hidden": true }, element("canvas", {}));
  list.replaceChildren(...Array.from({ length: count }, frame));
}
