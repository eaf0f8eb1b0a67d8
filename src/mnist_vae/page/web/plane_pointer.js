// Mouse, finger, pen and keyboard on the plane.

import { byId } from "./elements.js";
import { nearestImages } from "./nearest_images.js";
import { plane, set, state } from "./page_state.js";
import { fromCanvas, nearestPoint, toCanvas, toPlane, toZ } from "./plane_coordinates.js";
import { showImage } from "./shown_image.js";

const CLICK = 4; // pixels; a longer way is a drag
const REACH = { mouse: 12, pen: 16, touch: 24 }; // pixels within which a click means a point
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function listenToPlane() {
  const area = byId("plane");
  let start = null;
  const at = (event) => {
    const { left, top } = area.getBoundingClientRect();
    return [event.clientX - left - area.clientLeft, event.clientY - top - area.clientTop];
  };
  const size = () => area.clientWidth;
  area.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    area.setPointerCapture(event.pointerId);
    start = { at: at(event), dragging: false };
  });
  area.addEventListener("pointermove", (event) => {
    const here = at(event);
    if (!start) {
      hover(event.pointerType === "mouse" ? nearestPoint(here, size()) : null);
      return;
    }
    start.dragging ||= Math.hypot(here[0] - start.at[0], here[1] - start.at[1]) > CLICK;
    if (start.dragging) {
      hover(null);
      moveTo(here, size());
    }
  });
  area.addEventListener("pointerup", (event) => {
    if (start && !start.dragging) click(at(event), size(), REACH[event.pointerType] ?? 12);
    start = null;
  });
  area.addEventListener("pointercancel", () => (start = null));
  area.addEventListener("pointerleave", () => hover(null));
  area.addEventListener("keydown", (event) => pressKey(event, size()));
}

function moveTo(at, size) {
  set({ z: toZ(fromCanvas(at, size), state.z) });
}

function hover(nearest) {
  const place = nearest && nearest.distance < REACH.mouse ? nearest.place : -1;
  if (place !== state.hovered) set({ hovered: place });
}

function click(at, size, reach) {
  const { place, distance } = nearestPoint(at, size);
  if (distance <= reach) showImage(place);
  else moveTo(at, size);
}

function pressKey(event, size) {
  const step = ARROWS[event.key];
  const [x, y] = toCanvas(toPlane(state.z), size);
  if (step) {
    const by = size * (event.shiftKey ? 0.05 : 0.01);
    moveTo([x + by * step[0], y + by * step[1]], size);
  } else if (event.key === "Enter") {
    showImage(plane().classes ? nearestImages(1)[0] : nearestPoint([x, y], size).place);
  } else return;
  event.preventDefault();
}
