// Puts the parts together once the pictures are there.

function start() {
  document.getElementById("live").hidden = false;
  document.documentElement.classList.add("running");
  makeChoices();
  listenToPlane();
  listenToButtons();
  listenToPins();
  listenToDrawing();
  listenToCompare();
  makeCells();
  listen("z", drawDecoded);
  listen("z", drawNeighbours);
  listen("z", makeSliders());
  listen("z", makeWalks());
  listen("z", followBackdrop);
  listen("z shown pins plane", drawOverlay);
  listen("shown", drawCard);
  listen("pins", drawBetween);
  listen("plane colour focus backdrop", drawPoints);
  listen("plane backdrop", drawBackdrop);
  listen("plane", describePlane);
  listen("colour", showLegend);
  listen("z shown plane colour", scheduleLink);
  listen("plane colour", showChoices);
  addEventListener("hashchange", restoreState);
  new ResizeObserver(redrawPlane).observe(document.getElementById("plane"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  set({ ...state });
  restoreState();
}

function makeChoices() {
  const planes = document.getElementById("plane-choice");
  space.planes.forEach((own, at) => {
    planes.add(new Option(own.basis.split(":")[0] || own.axes.join(" and "), at));
  });
  planes.parentElement.hidden = space.planes.length < 2;
  planes.addEventListener("change", () => set({ plane: Number(planes.value) }));
  const colours = document.getElementById("colour-choice");
  colours.addEventListener("change", () => set({ colour: colours.value }));
  const backdrop = document.getElementById("backdrop-choice");
  backdrop.checked = state.backdrop;
  backdrop.addEventListener("change", () => set({ backdrop: backdrop.checked }));
}

function showChoices() {
  document.getElementById("plane-choice").value = state.plane;
  document.getElementById("colour-choice").value = state.colour;
}

function redrawPlane() {
  drawPoints();
  drawOverlay();
}

function redraw() {
  readTheme();
  showInk();
  set({ ...state });
}

readTheme();
loadPictures(start, () => complain("The page's pictures cannot be read: the file is damaged."));
