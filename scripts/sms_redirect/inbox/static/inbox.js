// Puts the page together: filters, list, message, live updates.

import * as address from "./address.js";
import { get, remove } from "./api.js";
import { connection, connectPanel, testSmsButton } from "./connect.js";
import { copy as putOnClipboard } from "./copy.js";
import { detail, gone } from "./detail.js";
import { counted, doctorButton, element, flowName, foreign, recipient } from "./dom.js";
import { List } from "./list.js";
import { Live } from "./live.js";
import { compose, parse, suggestions } from "./search.js";
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
let choices = { phone_number: [], email: [], flow: [], user_name: [] };
let connected = null; // the sandbox behind this inbox, once it is known
let scrolled = 0; // where the list was on a phone when a message opened

const list = new List(byId("messages"), {
  linkTo: (id) => address.url(filters, id),
  open: (id) => open(id, { step: true, focus: true }),
  copy,
});
const live = new Live({ onChange: refresh, onState: showState });

// ---- the list ----

async function refresh() {
  const turn = ++latest;
  try {
    const [page, groups, counts] = await Promise.all([
      get("/api/messages", { kind: "all", ...filters, limit: wanted }),
      get("/api/groups", { kind: "all" }),
      groupCounts(),
    ]);
    if (turn !== latest) return;
    const arrived = cursor === null ? [] : page.messages.filter((message) => isAfter(message.cursor, cursor));
    const ids = new Set(arrived.map(({ id }) => id));
    list.show(page.messages, { group: filters.group, counts, selected, arrived: ids });
    choices = groups;
    showSuggestions();
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

async function groupCounts() {
  if (!filters.group) return new Map();
  const { group, ...conditions } = filters;
  const counted = await get("/api/groups", { kind: "all", ...conditions });
  const values = group === "phone_number" ? [...counted.phone_number, ...counted.email] : counted[group];
  return new Map(values.map(({ value, count }) => [value, count]));
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
  const isBlank = page.kept === 0;
  if (isBlank === document.body.classList.contains("blank") && empty.childElementCount) return;
  document.body.classList.toggle("blank", isBlank);
  empty.replaceChildren(...(isBlank ? nothingYet() : nothingFound()));
  if (!selected) showNothing();
}

function nothingFound() {
  return [
    element("p.empty-title", "No message matches"),
    element("p", "Change the search, or remove its filters."),
    doctorButton(filters),
  ];
}

function nothingYet() {
  return [
    element("p.empty-title", "No SMS yet"),
    element("p", "Sign up a user, or request a new code: the SMS appears here at once."),
    ...(connected?.user_pool_id ? testSmsButton(connected, say) : []),
    doctorButton(),
  ];
}

async function connect() {
  connected = await connection().catch(() => null);
  if (!connected) return;
  byId("connect").hidden = false;
  byId("connect-content").replaceChildren(connectPanel(connected, say));
  if (!document.body.classList.contains("blank")) return;
  byId("empty").replaceChildren(...nothingYet());
  if (!selected) showNothing();
}

function announce(arrived) {
  if (!arrived.length) return;
  const newest = arrived[0];
  const [one, some] = newest.kind === "email" ? ["An email", "email"] : ["An SMS", "SMS"];
  const failed = `${one} ${newest.text ? "was not redirected" : "cannot be shown"}`;
  const what = newest.failure ? failed : `New ${some}`;
  say(
    arrived.length === 1
      ? `${what}: ${flowName(newest.flow)}, to ${recipient(newest)}`
      : `${arrived.length} new messages`,
  );
  if (document.hidden) unseen += arrived.length;
  showTitle();
}

// ---- filters ----

function showSuggestions() {
  const options = suggestions(byId("search").value, choices);
  byId("suggestions").replaceChildren(...options.map((value) => element("option", { value })));
}

function readFilters() {
  const { group } = filters;
  filters = { ...parse(byId("search").value), ...(group ? { group } : {}) };
  showChips();
  refilter();
}

function showFilters() {
  byId("search").value = compose(filters);
  byId("group").value = filters.group ?? "";
  showChips();
}

function showChips() {
  const set = Object.keys(filters).filter((name) => name !== "group" && name !== "text");
  byId("set-filters").replaceChildren(...set.map(chip));
}

function chip(name) {
  const label = compose({ [name]: filters[name] });
  const remove = () => {
    delete filters[name];
    showFilters();
    refilter();
    byId("search").focus();
  };
  const button = element("button.chip", { type: "button", "aria-label": `Remove ${label}`, onclick: remove });
  button.append(foreign(label), element("span", { "aria-hidden": "true" }, " ×"));
  return element("li", button);
}

// ---- one message ----

async function open(id, { step = false, focus = false } = {}) {
  if (!selected) scrolled = scrollY;
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
  if (!document.body.classList.contains("reading")) {
    document.body.classList.add("reading");
    if (scrolled) scrollTo(0, 0);
  }
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
  const wasReading = document.body.classList.contains("reading");
  document.body.classList.remove("reading");
  shownDetail = "";
  const isBlank = document.body.classList.contains("blank");
  pane.replaceChildren(isBlank && connected ? firstSteps() : noneSelected());
  if (wasReading) scrollTo(0, scrolled);
}

function firstSteps() {
  return element("div.first-steps", element("h2.empty-title", "Connect a client"), connectPanel(connected, say));
}

function noneSelected() {
  const keys = [
    ["j k", "next, previous"],
    ["c", "copy the code"],
    ["/", "search"],
    ["Esc", "back"],
  ];
  return element(
    "div.empty",
    element("p.empty-title", "No message selected"),
    element("p", "Select one to see it as on a phone, with its parts, its email and its JSON."),
    element("p.keys", ...keys.flatMap(([key, does]) => [element("kbd", key), ` ${does} `])),
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
byId("search").addEventListener("input", () => {
  clearTimeout(typing);
  showSuggestions();
  typing = setTimeout(readFilters, TYPING);
});
byId("group").addEventListener("change", () => {
  filters.group = byId("group").value;
  if (!filters.group) delete filters.group;
  refilter();
});
form.addEventListener("submit", (event) => event.preventDefault());
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
const KEYS = {
  __proto__: null,
  j: () => step(1),
  k: () => step(-1),
  c: () => list.copyCode(document.activeElement?.dataset?.id ?? selected),
  "/": () => byId("search").focus(),
};
addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = event.target.closest?.("input, select, textarea");
  if (event.key === "Escape" && selected && !isTyping) close();
  if (isTyping || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

function step(by) {
  const next = list.next(document.activeElement?.dataset?.id ?? selected, by);
  if (!next) return;
  open(next, { step: !selected });
  list.focus(next);
}

byId("connect").addEventListener("click", () => byId("connect-dialog").showModal());
byId("close-connect").addEventListener("click", () => byId("connect-dialog").close());

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
connect();
followSubscriptions(byId("subscriptions"), say);
