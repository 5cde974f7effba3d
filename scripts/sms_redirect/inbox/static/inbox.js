// Puts the page together: filters, list, message, live updates.

import * as address from "./address.js";
import { get, remove } from "./api.js";
import { connection, connectPanel, testSmsButton } from "./connect.js";
import { followControls } from "./controls.js";
import { copy as putOnClipboard } from "./copy.js";
import { detail, gone } from "./detail.js";
import { counted, doctorButton, element, flowName, foreign, recipient, visible } from "./dom.js";
import { List } from "./list.js";
import { Live } from "./live.js";
import { compose, parse, suggestions } from "./search.js";
import { followSubscriptions } from "./subscriptions.js";

const PAGE = 100; // messages in a request
const TYPING = 200; // milliseconds before a search starts

const TITLE = document.title;

const byId = (id) => document.getElementById(id);
const form = byId("filters");
const pane = byId("detail");
let { filters, view, message: selected } = address.read();
let latest = 0; // the number of the last refresh: slower responses to earlier ones are dropped
let shownDetail = "";
let cursor = null;
let unseen = 0;
let connected = null; // the sandbox behind this inbox, once it is known
let unscrolled = history.state?.scroll ?? 0; // where the list was when the reader left the page

const list = new List(byId("messages"), byId("list-scroll"), {
  linkTo: (id) => address.url(filters, view, id),
  open: (id) => open(id, { step: true, focus: true }),
  copy,
  load: async (offset, limit) => (await messagesFrom(offset, limit)).messages,
});
const live = new Live({ onChange: refresh, onState: showState });

// ---- the list ----

async function refresh() {
  const turn = ++latest;
  try {
    const seen = list.wanted;
    const [page, rest] = await Promise.all([messagesFrom(0, PAGE), seen && messagesFrom(...seen)]);
    if (turn !== latest) return;
    const arrived = cursor === null ? [] : page.messages.filter((message) => isAfter(message.cursor, cursor));
    const parts = [[0, page.messages], ...(rest ? [[seen[0], rest.messages]] : [])];
    const { found, groups } = page;
    const { group } = filters;
    list.show({ found, parts, group, groups, selected, arrived: new Set(arrived.map(({ id }) => id)) });
    if (unscrolled) byId("list-scroll").scrollTop = unscrolled;
    unscrolled = 0;
    showCount(page);
    if (cursor === null) live.start(page.cursor);
    announce(arrived);
    cursor = page.cursor;
    await refreshDetail(list.messages);
  } catch (problem) {
    if (turn === latest) showProblem(problem);
    if (cursor === null) setTimeout(refresh, 1000);
  }
}

function messagesFrom(offset, limit) {
  return get("/api/messages", { kind: "all", ...filters, offset, limit });
}

/** A cursor is RUN-POSITION; what another run of the inbox has is all new. */
function isAfter(one, other) {
  const [[run, position], [otherRun, otherPosition]] = [one.split("-"), other.split("-")];
  return run !== otherRun || Number(position) > Number(otherPosition);
}

/** Another choice of filters is no longer the view that the link was for. */
function refilter() {
  view = null;
  address.write(filters, view, selected);
  showView();
  list.toTop();
  refresh();
}

/** The filters that choose messages, as the API takes them. */
function conditions() {
  const { group: _, ...rest } = filters;
  return rest;
}

function showCount(page) {
  const filtered = Object.keys(conditions()).length > 0;
  const total = filtered
    ? `${page.found.toLocaleString("en")} of ${counted(page.kept, "message")}`
    : counted(page.kept, "message");
  const [capacity, dropped] = [page.capacity, page.dropped].map((number) => number.toLocaleString("en"));
  const told = `. The inbox holds ${capacity}; the oldest ${dropped} ${page.dropped === 1 ? "was" : "were"} dropped`;
  byId("count").textContent = total + (page.dropped ? told : "");
  byId("list-tools").hidden = page.found === 0;
  showTools(page.found, filtered);
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
  const told = newest.flow === "Notice" ? newest.text : null;
  const failed = `${one} ${newest.text ? "was not redirected" : "cannot be shown"}`;
  const what = newest.failure ? failed : `New ${some}`;
  say(
    arrived.length === 1
      ? told ?? `${what}: ${flowName(newest.flow)}, to ${recipient(newest)}`
      : `${arrived.length} new messages`,
  );
  if (document.hidden) unseen += arrived.length;
  showTitle();
}

// ---- filters ----

async function showSuggestions() {
  const typed = byId("search").value;
  const choices = await get("/api/groups", { kind: "all" }).catch(() => null);
  if (!choices || typed !== byId("search").value) return;
  const options = suggestions(typed, choices);
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

/** A link for somebody's own SMS is shown as such. */
function showView() {
  byId("view").hidden = view === null;
  if (view !== null) byId("view-name").replaceChildren(foreign(view));
  showTitle();
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
  selected = id;
  address.write(filters, view, selected, { step });
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
    if (shownDetail !== version(message)) replaceDetail(detail(message, { copy, back: close, remove: removeOne }), version(message));
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
  const isBlank = document.body.classList.contains("blank");
  pane.replaceChildren(isBlank && connected ? firstSteps() : noneSelected());
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
  address.write(filters, view, null, { step: true });
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
  document.title = `${unseen ? `(${unseen}) ` : ""}${view ? `${visible(view)} · ` : ""}${TITLE}`;
}

let typing = null;
byId("search").addEventListener("focus", showSuggestions);
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
byId("delete-all").addEventListener("click", () => byId("confirm-delete").showModal());
byId("cancel-delete").addEventListener("click", () => byId("confirm-delete").close());
byId("really-delete").addEventListener("click", async () => {
  byId("confirm-delete").close();
  const chosen = conditions();
  const filtered = Object.keys(chosen).length > 0;
  const { deleted } = await remove("/api/messages", filtered ? { kind: "all", ...chosen } : {});
  say(filtered ? `${counted(deleted, "message")} deleted` : "All messages deleted");
  if (selected) close();
  await refresh();
  byId("list-heading").focus();
});

/** Delete one message, and go on with the next. */
async function removeOne(id) {
  const next = (await list.next(id, 1)) ?? (await list.next(id, -1));
  await remove(`/api/messages/${encodeURIComponent(id)}`);
  say("Message deleted");
  const isPhone = getComputedStyle(byId("back")).display !== "none";
  if (next && next !== id && !isPhone) await open(next, { focus: true });
  else close();
  await refresh();
}

/** What can be done with what is listed. */
function showTools(found, filtered) {
  const what = filtered ? `these ${found.toLocaleString("en")}` : "all";
  byId("delete-all").textContent = filtered ? `Delete ${found.toLocaleString("en")}` : "Delete all";
  byId("confirm-heading").textContent = filtered ? `Delete ${counted(found, "message")}?` : "Delete all messages?";
  byId("really-delete").textContent = `Delete ${what}`;
  byId("share").hidden = !filtered;
  for (const link of document.querySelectorAll("[data-format]")) {
    const query = new URLSearchParams({ kind: "all", ...conditions(), format: link.dataset.format });
    link.href = `/api/messages/export?${query}`;
  }
}
const KEYS = {
  __proto__: null,
  j: () => step(1),
  k: () => step(-1),
  c: () => list.copyCode(document.activeElement?.dataset?.id ?? selected) || byId("copy-code")?.click(),
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

async function step(by) {
  const next = await list.next(document.activeElement?.dataset?.id ?? selected, by);
  if (!next) return;
  open(next, { step: !selected });
  list.focus(next);
}

byId("menu").addEventListener("click", () => {
  const isOpen = document.body.classList.toggle("menu-open");
  byId("menu").setAttribute("aria-expanded", String(isOpen));
});
addEventListener("click", ({ target }) => {
  if (!target.closest?.("#export") || target.closest("a")) byId("export").open = false;
  if (target.closest?.("#menu")) return;
  document.body.classList.remove("menu-open");
  byId("menu").setAttribute("aria-expanded", "false");
});

byId("connect").addEventListener("click", () => byId("connect-dialog").showModal());
byId("close-connect").addEventListener("click", () => byId("connect-dialog").close());

// ---- a view of one's own ----

byId("share").addEventListener("click", () => {
  showViewLink();
  byId("share-dialog").showModal();
});
byId("view-label").addEventListener("input", showViewLink);
byId("close-share").addEventListener("click", () => byId("share-dialog").close());
byId("copy-view").addEventListener("click", () =>
  copy(byId("view-link").value, "Link copied", byId("copy-view")),
);
byId("leave-view").addEventListener("click", () => {
  filters = filters.group ? { group: filters.group } : {};
  showFilters();
  refilter();
  byId("search").focus();
});

function showViewLink() {
  const name = byId("view-label").value.trim() || compose(conditions());
  byId("view-link").value = new URL(address.url(filters, name, null), location.href).href;
}

addEventListener("pagehide", () => {
  history.replaceState({ ...history.state, scroll: byId("list-scroll").scrollTop }, "");
});
addEventListener("popstate", () => {
  ({ filters, view, message: selected } = address.read());
  showFilters();
  showView();
  refresh();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unseen = 0;
  showTitle();
});

showFilters();
showView();
showNothing();
refresh();
connect();
followControls(say);
followSubscriptions(byId("subscriptions"), say);
