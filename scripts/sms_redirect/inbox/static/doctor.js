// "No SMS?": asks the doctor of the stack behind this inbox. Any button with `data-doctor`, the subject as JSON, opens it.

import { get } from "./api.js";
import { counted, element, visible } from "./dom.js";

const byId = (id) => document.getElementById(id);
const dialog = byId("doctor-dialog");
const form = byId("doctor-form");
const FIELDS = ["phone_number", "user_name", "flow"];
const MARKS = { __proto__: null, ok: "OK", warning: "Warning", problem: "Problem", "could not check": "Not checked" };
let turn = 0; // the number of the last check: slower ones are dropped

async function check() {
  const mine = ++turn;
  const asked = FIELDS.map((name) => [name, form.elements[name].value.trim()]).filter(([, value]) => value);
  byId("doctor-verdict").replaceChildren();
  byId("doctor-report").replaceChildren();
  byId("doctor-progress").textContent = "Checking stack, pool, key, sender, queue, topic, subscriptions and texts…";
  dialog.setAttribute("aria-busy", "true");
  try {
    const report = await get("/api/diagnosis", asked);
    if (mine !== turn) return;
    byId("doctor-verdict").replaceChildren(report.verdict ? mostLikely(report.verdict) : nothingFound(report.findings));
    byId("doctor-report").replaceChildren(...checked(report.findings));
    byId("doctor-progress").textContent = `${counted(report.findings.length, "finding")} in ${report.seconds.toFixed(1)} s.`;
  } catch (problem) {
    if (mine === turn) byId("doctor-progress").textContent = problem.message;
  } finally {
    if (mine === turn) dialog.removeAttribute("aria-busy");
  }
}

function checked(findings) {
  const causes = [...new Set(findings.map(({ cause }) => cause))];
  return [
    element("h3.doctor-checked", "Everything that was checked"),
    element(
      "dl.doctor-findings",
      ...causes.flatMap((cause) => [
        element("dt", cause),
        ...findings.filter((each) => each.cause === cause).map((each) => element("dd", ...finding(each))),
      ]),
    ),
  ];
}

function mostLikely(verdict) {
  return element(
    "section.doctor-verdict.problem",
    { "aria-label": "Verdict" },
    element("p", element("strong", "Most likely cause: "), ...withCommands(verdict.says)),
    verdict.next_step ? element("p", element("strong", "Next step: "), ...withCommands(verdict.next_step)) : null,
  );
}

function nothingFound(findings) {
  const unchecked = findings.filter(({ status }) => status === "could not check").length;
  const limits = unchecked ? ` ${counted(unchecked, "check was", "checks were")} not possible: see below.` : "";
  return element(
    "section.doctor-verdict",
    { "aria-label": "Verdict" },
    element("p", element("strong", "Nothing found"), ` that would keep this SMS out of the inbox.${limits}`),
    element("p", "Look at the response of the call that should have sent it, and at its pool and client id."),
  );
}

function finding({ status, says, evidence, next_step: next }) {
  return [
    element(`span.doctor-mark.${status.replaceAll(" ", "-")}`, MARKS[status] ?? status),
    element("p", ...withCommands(says)),
    evidence ? element("p.muted", visible(evidence)) : null,
    next && status !== "ok" ? element("p", "→ ", ...withCommands(next)) : null,
  ];
}

/** Text, with what is between backticks as code. */
function withCommands(text) {
  return text.split("`").map((part, index) => (index % 2 ? element("code", visible(part)) : visible(part)));
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-doctor]");
  if (!button) return;
  const subject = JSON.parse(button.dataset.doctor || "{}");
  for (const name of FIELDS) form.elements[name].value = subject[name] ?? "";
  dialog.showModal();
  check();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  check();
});
byId("close-doctor").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => turn++);
