// Puts the parts together once the pictures are there.

import { drawTraining } from "./charts.js";
import { readTheme } from "./colours.js";
import { listenToComparison } from "./comparison.js";
import { makeCells } from "./confusion_matrix.js";
import { explore } from "./explorer.js";
import { loadPictures } from "./images.js";
import { complain } from "./page_address.js";
import { network } from "./run_data.js";

function start() {
  document.documentElement.classList.add("running");
  drawTraining();
  makeCells();
  listenToComparison();
  if (network) explore();
}

readTheme();
loadPictures(start, () => complain("The page's pictures cannot be read: the file is damaged."));
