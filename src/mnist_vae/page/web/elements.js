// The page's elements, and new ones: element("a", { href: "#i=3" }, "text or elements").

const DRAWN = ["svg", "line", "polyline", "circle", "rect", "text", "title"];

export const byId = (id) => document.getElementById(id);

export function element(name, attributes, ...children) {
  const language = DRAWN.includes(name) ? "2000/svg" : "1999/xhtml";
  const made = document.createElementNS(`http://www.w3.org/${language}`, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}
