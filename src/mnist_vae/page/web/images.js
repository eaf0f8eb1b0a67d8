// Images as values 0 to 1, channels first, and how they are put on canvases.

import { theme } from "./colours.js";
import { element } from "./elements.js";
import { CHANNELS, HEIGHT, nameOf, network, PIXELS, run, space, VALUES, WIDTH } from "./run_data.js";

export const GAP = run.filled ? 1 : 0; // pixels between images in a row, if they fill their frames
const AS_THEY_ARE = { ink: [255, 255, 255], paper: [0, 0, 0] };

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
    pictureBytes = channelsFirst(colours);
    ready();
  };
  image.onerror = failed;
  image.src = space.pictures;
}

// Four bytes for each pixel of the canvas -> as many as there are channels.
function channelsFirst(colours) {
  const found = new Uint8Array((colours.length / 4) * CHANNELS);
  for (let at = 0; at < colours.length / 4; at++) {
    const first = Math.floor(at / PIXELS) * VALUES + (at % PIXELS);
    for (let c = 0; c < CHANNELS; c++) found[first + c * PIXELS] = colours[4 * at + c];
  }
  return found;
}

export function picture(place) {
  const part = pictureBytes.subarray(place * VALUES, (place + 1) * VALUES);
  return Float32Array.from(part, (level) => level / 255);
}

export const widthOf = (count, gap) => count * (WIDTH + gap) - gap;

// One or more images side by side: as they are, or grey ones as ink on the page's paper. A gap is
// transparent.
export function imageData(values, gap = 0) {
  const { ink, paper } = run.ink ? theme : AS_THEY_ARE;
  const count = values.length / VALUES;
  const image = new ImageData(widthOf(count, gap), HEIGHT);
  for (let at = 0; at < count * PIXELS; at++) {
    const [number, pixel] = [Math.floor(at / PIXELS), at % PIXELS];
    const column = number * (WIDTH + gap) + (pixel % WIDTH);
    const place = 4 * (Math.floor(pixel / WIDTH) * image.width + column);
    for (let c = 0; c < 3; c++) {
      const level = values[number * VALUES + (c % CHANNELS) * PIXELS + pixel];
      image.data[place + c] = paper[c] + level * (ink[c] - paper[c]);
    }
    image.data[place + 3] = 255;
  }
  return image;
}

export function paint(canvas, values, gap = 0) {
  const image = imageData(values, gap);
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
