// The way of an SMS, step by step, and what the sender logged of it.

import { card, clock, element, visible } from "./dom.js";

const NAMES = {
  __proto__: null,
  event: "Event",
  key: "Key",
  sender: "Sender",
  template: "Template",
  topic: "Topic",
  email: "Email",
};
const STATES = { __proto__: null, done: "", failed: "failed", skipped: "skipped", unknown: "not seen" };

export function timeline(steps) {
  if (!steps?.length) return null;
  const list = element("ol.timeline", { "aria-label": "The way of this SMS" }, ...steps.map(step));
  return card("Timeline", list);
}

function step({ step: name, at, state, text }) {
  return element(
    `li.step.${state}`,
    element(
      "p.step-top",
      element("strong", NAMES[name] ?? visible(name)),
      STATES[state] ? element("span.step-state", STATES[state]) : null,
      at === null ? null : clock(at),
    ),
    element("p.step-text", visible(text)),
  );
}

export function log(lines, { open = false } = {}) {
  return element(
    "details.card.log",
    { open, id: "log" },
    element("summary", element("h3", "Log of the sender")),
    element("ol.log-lines", { "aria-label": "Log of the sender", tabIndex: 0 }, ...lines.map(line)),
  );
}

function line({ at, level, text }) {
  const isError = level === "ERROR" || level === "CRITICAL";
  return element(
    "li",
    clock(at),
    level ? element(`span.level${isError ? ".error" : ""}`, visible(level)) : null,
    element("span.line", visible(text)),
  );
}
