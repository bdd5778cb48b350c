"use strict";
// The page reads without this; it adds sorting, a filter, larger figures and opens linked runs.

const numberIn = (text) => {
  const found = text.replaceAll("−", "-").replaceAll(",", "").match(/^[+×\s]*(-?[\d.]+)/);
  return found ? Number(found[1]) : NaN;
};

function sortBy(table, column, header) {
  const descending = header.getAttribute("aria-sort") === "ascending";
  for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => ({ row, text: row.cells[column].textContent.trim() }));
  keyed.sort((a, b) => {
    const [x, y] = [numberIn(a.text), numberIn(b.text)];
    if (Number.isNaN(x) && Number.isNaN(y)) return a.text.localeCompare(b.text) * (descending ? -1 : 1);
    if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
    return descending ? y - x : x - y;
  });
  body.append(...keyed.map((one) => one.row));
}

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = table.tHead.rows[table.tHead.rows.length - 1].cells;
  [...heads].forEach((header, column) => {
    if (header.textContent.trim() === "from") return;
    const button = document.createElement("button");
    button.type = "button";
    button.title = "Sort";
    button.append(...header.childNodes);
    button.addEventListener("click", () => sortBy(table, column, header));
    header.append(button);
  });
}

for (const table of document.querySelectorAll("table.filtered")) {
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = table.dataset.example ? `Filter, e.g. ${table.dataset.example}` : "Filter";
  input.setAttribute("aria-label", "Filter the rows");
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    for (const row of table.tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
  table.closest(".scroll").before(input);
}

const dialog = document.createElement("dialog");
dialog.innerHTML = '<img alt=""><form method="dialog"><button autofocus>Close</button></form>';
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
document.body.append(dialog);
for (const picture of document.querySelectorAll("figure > img")) {
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-label", `Enlarge: ${picture.alt.split(".")[0]}`);
  picture.replaceWith(button);
  button.append(picture);
  button.addEventListener("click", () => {
    const large = dialog.querySelector("img");
    large.src = picture.src;
    large.alt = picture.alt;
    dialog.showModal();
  });
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
  target.scrollIntoView();
}
addEventListener("hashchange", openTarget);
openTarget();
