// Mouse, finger, pen and keyboard on the plane.

const CLICK = 4; // pixels; a longer way is a drag
const REACH = { mouse: 12, pen: 16, touch: 24 }; // pixels within which a click means a point

function listenToPlane() {
  const element = document.getElementById("plane");
  let start = null;
  const at = (event) => {
    const box = element.getBoundingClientRect();
    return [
      event.clientX - box.left - element.clientLeft,
      event.clientY - box.top - element.clientTop,
    ];
  };
  const size = () => element.clientWidth;
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    start = { at: at(event), dragging: false };
  });
  element.addEventListener("pointermove", (event) => {
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
  element.addEventListener("pointerup", (event) => {
    if (start && !start.dragging) click(at(event), size(), REACH[event.pointerType] ?? 12);
    start = null;
  });
  element.addEventListener("pointercancel", () => (start = null));
  element.addEventListener("pointerleave", () => hover(null));
  element.addEventListener("keydown", (event) => pressKey(event, size()));
}

function moveTo(at, size) {
  set({ z: toZ(fromCanvas(at, size), state.z) });
}

function hover(nearest) {
  const place = nearest && nearest.distance < REACH.mouse ? nearest.place : -1;
  if (place !== hovered) {
    hovered = place;
    drawOverlay();
  }
}

function click(at, size, reach) {
  const { place, distance } = nearestPoint(at, size);
  if (distance <= reach) showImage(place);
  else moveTo(at, size);
}

function pressKey(event, size) {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
    event.key
  ];
  const [x, y] = toCanvas(toPlane(state.z), size);
  if (step) {
    const by = size * (event.shiftKey ? 0.05 : 0.01);
    moveTo([x + by * step[0], y + by * step[1]], size);
  } else if (event.key === "Enter") {
    showImage(plane().classes ? nearestImages(1)[0] : nearestPoint([x, y], size).place);
  } else return;
  event.preventDefault();
}
