// Colours: of the classes, which are categories, of nats, which are a scale, and of the page.

import { byId, element } from "./elements.js";
import { state } from "./page_state.js";
import { run, space } from "./run_data.js";

const TEN_COLOURS = [
  ..."#1f77b4 #ff7f0e #2ca02c #d62728 #9467bd".split(" "),
  ..."#8c564b #e377c2 #7f7f7f #bcbd22 #17becf".split(" "),
];
const CLASS_COLOURS = classColours(run.classes.length);
const SCALE = ["#3b0f70", "#8c2981", "#de4968", "#fe9f6d", "#e8d26a"]; // few nats to many

// As figures/style.py has them: of more than ten classes, hues evenly around the circle, by turns
// dark and light.
function classColours(count) {
  if (count <= TEN_COLOURS.length) return TEN_COLOURS;
  return Array.from({ length: count }, (_, label) => {
    return `hsl(${(360 * label) / count} 75% ${label % 2 ? 60 : 38}%)`;
  });
}

export const theme = { ink: [0, 0, 0], paper: [255, 255, 255] };

export function readTheme() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["ink", "paper", "line", "muted", "accent", "second", "panel"]) {
    theme[`${name}Text`] = style.getPropertyValue(`--${name}`).trim();
  }
  for (const name of ["ink", "paper"]) theme[name] = channels(theme[`${name}Text`]);
}

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

// The place of a number among the page's test images' nats, from 0 to 1.
export function rank(nats) {
  let [low, high] = [0, space.count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (space.sortedNats[middle] < nats) low = middle + 1;
    else high = middle;
  }
  return low / space.count;
}

function scaleColour(share) {
  return SCALE[Math.min(Math.floor(share * SCALE.length), SCALE.length - 1)];
}

export function pointColour(place) {
  if (state.colour === "nats") return scaleColour(rank(space.nats[place]));
  return CLASS_COLOURS[(state.colour === "label" ? space.labels : space.predicted)[place]];
}

export function showLegend() {
  const entries =
    state.colour === "nats"
      ? [["nats", `linear-gradient(90deg, ${SCALE.join(", ")})`]]
      : run.classes.map((name, label) => [name, CLASS_COLOURS[label]]);
  const items = entries.map(([name, colour]) => {
    const scale = state.colour === "nats";
    const key = { class: scale ? "key scale" : "key", style: `background: ${colour}` };
    return element("li", {}, element("span", key), scale ? natsRange() : name);
  });
  const legend = byId("legend");
  legend.replaceChildren(...items);
  legend.tabIndex = legend.scrollHeight > legend.clientHeight ? 0 : -1; // to scroll it by its keys
}

function natsRange() {
  const at = (share) => space.sortedNats[Math.round(share * (space.count - 1))].toFixed(0);
  return `${at(0)} to ${at(1)} nats (median ${at(0.5)}); each colour is a fifth of the images`;
}
