// What a text costs: its parts, and the characters that make it more expensive.

import { card, codePoint, counted, element, foreign, visible } from "./dom.js";

// Warnings that the figures and the table say already.
const SAID_BETTER = new Set(["not-gsm-7", "several-parts"]);

export function cost(message) {
  const { parts, price_factor: factor, replaced } = message.anatomy;
  const others = parts.flat().filter((run) => run.kind === "other");
  const extended = parts.flat().filter((run) => run.kind === "extended");
  const warnings = message.warnings.filter(({ code }) => !SAID_BETTER.has(code));
  return card(
    "Parts and price",
    element(
      "p.figures",
      figure(counted(message.segments, "part")),
      figure(`${factor}× the price`, "of a one-part SMS"),
      figure(message.encoding),
      figure(counted(message.characters, "character")),
    ),
    element(
      "ol.parts",
      { "aria-label": "Where the text splits" },
      parts.map((runs, index) => part(runs, index, parts.length)),
    ),
    extended.length ? element("p.muted", `Dotted: ${doubled(extended)} as two in GSM-7.`) : null,
    others.length ? replacements(others, replaced, message) : null,
    warnings.length
      ? element(
          "ul.warnings",
          { "aria-label": "Warnings" },
          warnings.map((warning) => element("li", foreign(warning.text))),
        )
      : null,
  );
}

function doubled(runs) {
  const characters = [...runs.map((run) => run.text).join("")].length;
  return characters === 1 ? "1 character that counts" : `${characters} characters that count`;
}

function figure(main, more = "") {
  return element("span.figure", element("strong", main), more ? ` ${more}` : null);
}

function part(runs, index, count) {
  const text = runs.map((run) => {
    if (run.kind === "gsm") return visible(run.text);
    if (run.kind === "extended")
      return element("mark.extended", { title: "Counts as two characters" }, visible(run.text));
    return element("mark.other", { title: `${run.name}: not in the GSM-7 alphabet` }, shown(run.text));
  });
  return element("li", element("span.part-label", `Part ${index + 1} of ${count}`), element("bdi.part-text", ...text));
}

function replacements(others, replaced, message) {
  const distinct = new Map(others.map((run) => [run.code_point, run]));
  const rows = [...distinct.values()].map((run) =>
    element(
      "tr",
      element("td", element("mark.other", shown(run.text))),
      element("td", run.name, element("span.muted", ` ${run.code_point}`)),
      element("td", instead(run.replacement)),
    ),
  );
  return element(
    "div.replacements",
    element(
      "p",
      `${counted(distinct.size, "character")} outside GSM-7: a part holds 70 characters instead of 160 (UCS-2).`,
    ),
    element(
      "table",
      element("caption.hidden", "Characters outside GSM-7"),
      element(
        "thead",
        element("tr", ...["Character", "Name", "Type instead"].map((name) => element("th", { scope: "col" }, name))),
      ),
      element("tbody", ...rows),
    ),
    replaced ? element("p", saving(replaced, message)) : null,
  );
}

function saving({ segments, encoding }, message) {
  const instead = segments < message.segments ? `, instead of ${message.segments}` : "";
  return `With these replacements: ${counted(segments, "part")}, ${encoding}${instead}.`;
}

function instead(replacement) {
  if (replacement === null) return element("span.muted", "no replacement");
  if (replacement === "") return element("span.muted", "leave it out");
  return element("kbd", replacement === " " ? "a plain space" : replacement);
}

function shown(text) {
  return /^[\s\p{Cf}\p{Cc}\p{Zs}]+$/u.test(text)
    ? [...text].map((character) => `[${codePoint(character)}]`).join("")
    : visible(text);
}
