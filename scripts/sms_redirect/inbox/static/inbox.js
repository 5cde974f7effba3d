// Puts the page together: filters, list, message, live updates.

import * as address from "./address.js";
import { get, remove } from "./api.js";
import { copy as putOnClipboard } from "./copy.js";
import { detail, gone } from "./detail.js";
import { counted, element, flowName, recipient } from "./dom.js";
import { List } from "./list.js";
import { Live } from "./live.js";
import { followSubscriptions } from "./subscriptions.js";

const PAGE = 100; // messages a step
const MOST = 1000; // messages in one response of the API
const TYPING = 200; // milliseconds before a search starts

const byId = (id) => document.getElementById(id);
const form = byId("filters");
const pane = byId("detail");
let { filters, message: selected } = address.read();
let wanted = PAGE; // rows
let latest = 0; // the number of the last refresh: slower responses to earlier ones are dropped
let shownDetail = "";
let cursor = null;
let unseen = 0;

const list = new List(byId("messages"), {
  linkTo: (id) => address.url(filters, id),
  open: (id) => open(id, { step: true, focus: true }),
});
const live = new Live({ onChange: refresh, onState: showState });

// ---- the list ----

async function refresh() {
  const turn = ++latest;
  try {
    const [page, groups] = await Promise.all([get("/api/messages", { ...filters, limit: wanted }), get("/api/groups")]);
    if (turn !== latest) return;
    const arrived = cursor === null ? [] : page.messages.filter((message) => isAfter(message.cursor, cursor));
    list.show(page.messages, { group: filters.group, selected, arrived: new Set(arrived.map(({ id }) => id)) });
    showChoices(groups);
    showCount(page);
    if (cursor === null) live.start(page.cursor);
    announce(arrived);
    cursor = page.cursor;
    await refreshDetail(page.messages);
  } catch (problem) {
    if (turn === latest) showProblem(problem);
    if (cursor === null) setTimeout(refresh, 1000);
  }
}

/** A cursor is RUN-POSITION; what another run of the inbox has is all new. */
function isAfter(one, other) {
  const [[run, position], [otherRun, otherPosition]] = [one.split("-"), other.split("-")];
  return run !== otherRun || Number(position) > Number(otherPosition);
}

function refilter() {
  wanted = PAGE;
  address.write(filters, selected);
  refresh();
}

function showCount(page) {
  const filtered = Object.keys(filters).some((name) => name !== "group");
  const total = filtered
    ? `${page.found.toLocaleString("en")} of ${counted(page.kept, "message")}`
    : counted(page.kept, "message");
  const [capacity, dropped] = [page.capacity, page.dropped].map((number) => number.toLocaleString("en"));
  const told = `. The inbox holds ${capacity}; the oldest ${dropped} ${page.dropped === 1 ? "was" : "were"} dropped`;
  byId("count").textContent = total + (page.dropped ? told : "");
  byId("reset-filters").hidden = !filtered;
  byId("delete-all").disabled = page.kept === 0;
  const older = page.found - list.size;
  byId("older").hidden = older <= 0;
  byId("older").disabled = list.size >= MOST;
  byId("older").textContent =
    list.size >= MOST
      ? `The latest ${MOST.toLocaleString("en")} are listed: filter to see older ones`
      : `Show ${Math.min(older, PAGE)} older`;
  const empty = byId("empty");
  empty.hidden = page.found > 0;
  empty.replaceChildren(...(page.kept ? nothingFound() : nothingYet()));
}

function nothingFound() {
  return [element("p.empty-title", "No message matches"), element("p", "Change the filter, or show all messages.")];
}

function nothingYet() {
  return [
    element("p.empty-title", "No SMS yet"),
    element("p", "Sign up a user, or request a new code: the SMS appears here at once."),
  ];
}

function announce(arrived) {
  if (!arrived.length) return;
  const newest = arrived[0];
  const what = newest.failure ? "An SMS cannot be shown" : "New SMS";
  say(
    arrived.length === 1
      ? `${what}: ${flowName(newest.flow)}, to ${recipient(newest)}`
      : `${arrived.length} new messages`,
  );
  if (document.hidden) unseen += arrived.length;
  showTitle();
}

// ---- filters ----

function showChoices(groups) {
  fill(form.elements.phone_number, "All numbers", groups.phone_number, (choice) =>
    choice.value === "unknown" ? "Unknown" : choice.label,
  );
  fill(form.elements.flow, "All flows", groups.flow, (choice) => flowName(choice.label));
  fill(form.elements.user_name, "All users", groups.user_name, (choice) => choice.label);
}

function fill(select, all, choices, label) {
  const chosen = filters[select.name] ?? "";
  const known = chosen === "" || choices.some((choice) => choice.value === chosen);
  const options = [
    { value: "", text: all },
    ...choices.map((choice) => ({ value: choice.value, text: `${label(choice)} (${choice.count})` })),
    ...(known ? [] : [{ value: chosen, text: `${chosen} (0)` }]),
  ];
  const unchanged =
    options.length === select.options.length &&
    options.every(
      (option, index) => select.options[index].value === option.value && select.options[index].text === option.text,
    );
  if (!unchanged) select.replaceChildren(...options.map((option) => element("option", option)));
  select.value = chosen;
}

function readFilters() {
  filters = {};
  for (const [name, value] of new FormData(form)) if (value.trim()) filters[name] = value;
  refilter();
}

function showFilters() {
  for (const name of ["text", "group"]) form.elements[name].value = filters[name] ?? "";
  form.elements.failed.checked = filters.failed === "true";
}

// ---- one message ----

async function open(id, { step = false, focus = false } = {}) {
  selected = id;
  address.write(filters, selected, { step });
  list.select(selected);
  await showDetail({ focus });
}

async function refreshDetail(messages) {
  if (!selected) return showNothing();
  const current = messages.find((message) => message.id === selected);
  if (!current || shownDetail !== version(current)) await showDetail();
}

async function showDetail({ focus = false } = {}) {
  const id = selected;
  try {
    const message = await get(`/api/messages/${encodeURIComponent(id)}`);
    if (id !== selected) return;
    if (shownDetail !== version(message)) replaceDetail(detail(message, { copy, back: close }), version(message));
  } catch (problem) {
    if (id !== selected || problem.status !== 404) return;
    replaceDetail(gone(problem.message, { back: close }), "");
  }
  document.body.classList.add("reading");
  if (focus) byId("detail-heading").focus();
}

/** A message that changed while somebody reads it keeps the reader's place. */
function replaceDetail(content, shown) {
  const isAnother = shownDetail.split(" ")[0] !== shown.split(" ")[0];
  const focused = pane.contains(document.activeElement) ? document.activeElement.id : "";
  pane.replaceChildren(...content);
  shownDetail = shown;
  if (isAnother) pane.scrollTop = 0;
  if (focused) byId(focused)?.focus({ preventScroll: true });
}

function version(message) {
  return `${message.id} ${message.cursor} ${message.copies}`;
}

function showNothing() {
  document.body.classList.remove("reading");
  shownDetail = "";
  pane.replaceChildren(
    element(
      "div.empty",
      element("p.empty-title", "No message selected"),
      element("p", "Select one to see it as on a phone, with its parts, its email and its JSON."),
    ),
  );
}

function close() {
  const left = selected;
  selected = null;
  address.write(filters, null, { step: true });
  list.select(null);
  showNothing();
  list.focus(left);
}

function copy(text, said, button) {
  return putOnClipboard(text, said, button, say);
}

// ---- everything else ----

function say(text) {
  byId("announcer").textContent = text;
}

function showState(state) {
  const status = byId("status");
  const before = status.dataset.state;
  if (state === before) return;
  status.dataset.state = state;
  status.textContent = state === "live" ? "Live" : "Connection lost, retrying…";
  if (state === "lost" || before === "lost") say(state === "lost" ? "Connection lost" : "Connected again");
}

function showProblem(problem) {
  if (problem.status) byId("count").textContent = problem.message;
  else showState("lost");
}

function showTitle() {
  document.title = document.title.replace(/^(\(\d+\) )?/, unseen ? `(${unseen}) ` : "");
}

let typing = null;
form.addEventListener("input", (event) => {
  clearTimeout(typing);
  if (event.target.type === "search") typing = setTimeout(readFilters, TYPING);
  else readFilters();
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => {
  filters = filters.group ? { group: filters.group } : {};
  setTimeout(() => {
    showFilters();
    refilter();
    form.elements.text.focus();
  });
});
byId("older").addEventListener("click", () => {
  wanted = Math.min(list.size + PAGE, MOST);
  refresh();
});
byId("delete-all").addEventListener("click", () => byId("confirm-delete").showModal());
byId("cancel-delete").addEventListener("click", () => byId("confirm-delete").close());
byId("really-delete").addEventListener("click", async () => {
  byId("confirm-delete").close();
  await remove("/api/messages");
  say("All messages deleted");
  if (selected) close();
  await refresh();
  byId("list-heading").focus();
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && selected && !byId("confirm-delete").open && !event.target.closest?.("input, select"))
    close();
});
addEventListener("popstate", () => {
  ({ filters, message: selected } = address.read());
  showFilters();
  refresh();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unseen = 0;
  showTitle();
});

showFilters();
showNothing();
refresh();
followSubscriptions(byId("subscriptions"), say);
