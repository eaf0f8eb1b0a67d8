// Images as grey levels 0 to 1, and how they are put on canvases.

let pictureBytes = null; // of all test images, one after the other

// The pictures are one PNG with a row for each image. `img.decode()` may never end where nobody
// looks at the page; the event `load` always comes.
function loadPictures(ready, failed) {
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

function picture(place) {
  const part = pictureBytes.subarray(place * PIXELS, (place + 1) * PIXELS);
  return Float32Array.from(part, (level) => level / 255);
}

// One or more images side by side, ink on paper in the colours of the page.
function imageData(pixels, columns = 1, rows = 1) {
  const { ink, paper } = theme;
  const data = new ImageData(columns * SIDE, rows * SIDE);
  for (let tile = 0; tile < columns * rows; tile++) {
    const corner = Math.floor(tile / columns) * SIDE * columns * SIDE + (tile % columns) * SIDE;
    for (let at = 0; at < PIXELS; at++) {
      const value = pixels[tile * PIXELS + at];
      const place = 4 * (corner + Math.floor(at / SIDE) * columns * SIDE + (at % SIDE));
      for (let c = 0; c < 3; c++) data.data[place + c] = paper[c] + value * (ink[c] - paper[c]);
      data.data[place + 3] = 255;
    }
  }
  return data;
}

function paint(canvas, pixels, columns = 1, rows = 1) {
  const data = imageData(pixels, columns, rows);
  if (canvas.width !== data.width) canvas.width = data.width;
  if (canvas.height !== data.height) canvas.height = data.height;
  canvas.getContext("2d").putImageData(data, 0, 0);
}

function wipe(canvas) {
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
}

// A list of small pictures that lead to their test images.
function showThumbs(list, places) {
  list.replaceChildren(
    ...places.map((place) => {
      const canvas = document.createElement("canvas");
      const link = document.createElement("a");
      const item = document.createElement("li");
      paint(canvas, picture(place));
      link.href = `#i=${space.index[place]}`;
      link.setAttribute("aria-label", `Test image ${space.index[place]}: ${nameOf(place)}`);
      link.append(canvas);
      item.append(link);
      return item;
    }),
  );
}

// As many frames as there will be pictures, so that nothing moves when they come.
function showFrames(list, count) {
  list.replaceChildren(
    ...Array.from({ length: count }, () => {
      const item = document.createElement("li");
      item.setAttribute("aria-hidden", "true");
      item.append(document.createElement("canvas"));
      return item;
    }),
  );
}

const nameOf = (place) => run.classes[space.labels[place]];
