// The list of messages. However many there are, only the rows near the window exist; the rest is a height.
// Rows that did not change keep their element, and with it the focus.

import { capital, codeName, counted, element, flowName, foreign, recipient, shortTime, visible } from "./dom.js";

const PAGE = 100; // messages in one request
const WHOLE = 150; // a list up to this long has all its rows
const AROUND = 24; // rows beyond each edge of the window
const AT_ONCE = 3; // rows made in one frame beside those in the window
const LANDED = 60; // milliseconds without another leap
const STEP = 8; // rows by which what exists moves on, so that few scrolled pixels change it

const GROUP_LABELS = {
  __proto__: null,
  phone_number: ({ value, label }) => (value === "unknown" ? "Unknown number" : label),
  flow: ({ value }) => flowName(value),
  user_name: ({ value }) => (value === "unknown" ? "Unknown user" : value),
};

export class List {
  #found = 0;
  #pages = new Map(); // number -> messages
  #asked = new Set(); // numbers of the pages that are on their way
  #turn = 0; // of the data: pages of an earlier turn are dropped
  #rows = new Map(); // id -> {row, version}
  #shown = new Map(); // index -> row
  #layout = new Layout([], 0, 1, 1);
  #sections = new Map(); // number of the group -> its elements
  #selected = null;
  #new = new Set(); // ids that just arrived
  #group = null;
  #frame = null;
  #drawn = null; // what is drawn, if all of it is
  #scrolled = 0; // where the list was at the last frame
  #landing = null;

  /** `load(offset, limit)` fetches messages. */
  constructor(container, scroller, { linkTo, open, copy, load }) {
    this.container = container;
    this.scroller = scroller;
    this.linkTo = linkTo;
    this.copy = copy;
    this.load = load;
    container.addEventListener("click", (event) => {
      const link = event.target.closest("a.message");
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      open(link.dataset.id);
    });
    container.addEventListener("keydown", (event) => this.#move(event));
    scroller.addEventListener("scroll", () => this.#later(), { passive: true });
    new ResizeObserver(() => this.#later()).observe(scroller);
  }

  /** The part that a refresh should fetch beside the first page: [offset, limit], or null if that page is enough. */
  get wanted() {
    const [first, last] = this.#window(0);
    const [from, to] = [Math.floor(first / PAGE), Math.floor(Math.max(last - 1, first) / PAGE)];
    return to === 0 ? null : [from * PAGE, (to - from + 1) * PAGE];
  }

  /** Every message that is loaded. */
  get messages() {
    return [...this.#pages.values()].flat();
  }

  /**
   * Show new data: `parts` are [offset, messages]; `groups` are the server's, in their order; ids in `arrived` catch the
   * eye. What the reader looks at stays where it is.
   */
  show({ found, parts, group, groups, selected, arrived }) {
    const anchor = group || this.scroller.scrollTop < 1 ? null : this.#anchor();
    const before = this.#found;
    this.#turn += 1;
    this.#asked.clear();
    this.#pages = new Map(parts.flatMap(([offset, messages]) => paged(offset, messages, found)));
    this.#new = arrived;
    this.#found = found;
    this.#selected = selected;
    if (this.#group !== group) this.#clear();
    this.#drawn = null;
    this.#group = group;
    this.#layout = this.#measured(group ? groups : null);
    this.#labels = group ? groups.map(GROUP_LABELS[group]) : null;
    this.container.style.height = `${this.#layout.height}px`;
    this.select(selected);
    if (anchor) {
      const at = this.#indexOf(anchor.id) ?? anchor.index + Math.max(found - before, 0);
      this.scroller.scrollTop = this.#layout.top(at) + anchor.within;
      this.#scrolled = this.scroller.scrollTop;
    }
    this.#draw();
  }

  #labels = null;

  /** Back to the beginning, as for another search. */
  toTop() {
    this.scroller.scrollTop = 0;
  }

  select(id) {
    this.#selected = id;
    for (const { row } of this.#rows.values()) this.#mark(row);
  }

  /** Focus a message's row, which is scrolled into view; the list if it is not there. */
  focus(id) {
    const index = this.#indexOf(id);
    if (index === null) return this.container.focus();
    this.#reveal(index);
    this.#shown.get(index)?.firstElementChild.focus({ preventScroll: true });
  }

  /** The id of the message after (1) or before (-1) another; of the first if that one is not listed. */
  async next(id, step) {
    const at = this.#indexOf(id);
    return this.#idAt(at === null ? 0 : at + step);
  }

  /** Copy the code of a message, as its button does; false if it has none here. */
  copyCode(id) {
    const button = this.#rows.get(id)?.row.querySelector(".row-code");
    button?.click();
    return Boolean(button);
  }

  // ---- data ----

  #at(index) {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  #indexOf(id) {
    for (const [number, messages] of this.#pages) {
      const at = messages.findIndex((message) => message.id === id);
      if (at >= 0) return number * PAGE + at;
    }
    return null;
  }

  async #idAt(index) {
    if (index < 0 || index >= this.#found) return null;
    if (!this.#at(index)) await this.#fetch(Math.floor(index / PAGE));
    return this.#at(index)?.id ?? null;
  }

  async #fetch(number) {
    const turn = this.#turn;
    this.#asked.add(number);
    try {
      const messages = await this.load(number * PAGE, PAGE);
      if (turn === this.#turn) this.#pages.set(number, messages);
    } catch {
      // The next refresh asks again.
    } finally {
      if (turn === this.#turn) this.#asked.delete(number);
    }
  }

  /** Fetch what is missing near the window, one page after the other. */
  async #complete([first, last]) {
    const from = Math.max(Math.floor(first / PAGE), 0);
    const to = Math.floor(Math.max(last - 1, 0) / PAGE);
    for (let number = from; number <= to; number += 1) {
      if (number * PAGE >= this.#found || this.#pages.has(number) || this.#asked.has(number)) continue;
      await this.#fetch(number);
      this.#later();
      return;
    }
  }

  // ---- place ----

  #measured(groups) {
    const style = getComputedStyle(this.container);
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const [row, heading] = ["--row", "--heading"].map((name) => Math.round(parseFloat(style.getPropertyValue(name)) * rem));
    return new Layout(groups, this.#found, row, heading);
  }

  /** The rows in the window, and so many around it. */
  #window(around) {
    const top = this.scroller.scrollTop - this.container.offsetTop;
    const [first, last] = [this.#layout.index(top), this.#layout.index(top + this.scroller.clientHeight) + 1];
    return [Math.max(first - around, 0), Math.min(last + around, this.#found)];
  }

  #anchor() {
    const [index] = this.#window(0);
    const message = this.#at(index);
    return message ? { id: message.id, index, within: this.scroller.scrollTop - this.#layout.top(index) } : null;
  }

  #reveal(index) {
    const top = this.#layout.top(index) + this.container.offsetTop;
    const heading = this.#group ? this.#layout.heading : 0;
    const { scrollTop, clientHeight } = this.scroller;
    if (top - heading < scrollTop) this.scroller.scrollTop = top - heading;
    else if (top + this.#layout.row > scrollTop + clientHeight)
      this.scroller.scrollTop = top + this.#layout.row - clientHeight;
    this.#draw();
  }

  // ---- drawing ----

  #later() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw(AT_ONCE);
    });
  }

  #range() {
    if (this.#found <= WHOLE) return [0, this.#found];
    const [first, last] = this.#window(AROUND);
    return [Math.floor(first / STEP) * STEP, Math.min(Math.ceil(last / STEP) * STEP, this.#found)];
  }

  /** Make the rows near the window: those in it now, and of the others at most `budget` in this frame. */
  #draw(budget = Infinity) {
    const range = this.#range();
    this.#follow(range);
    const focused = this.container.contains(document.activeElement) && document.activeElement.closest("li");
    const drawn = `${this.#turn} ${this.#pages.size} ${range} ${this.#selected}`;
    if (drawn === this.#drawn) return;
    const indices = new Set();
    for (let index = range[0]; index < range[1]; index += 1) if (this.#at(index)) indices.add(index);
    if (focused && this.#at(Number(focused.dataset.index))) indices.add(Number(focused.dataset.index));
    const [first, last] = this.#window(0);
    let made = 0;
    const wanted = [];
    for (const index of [...indices].sort((a, b) => a - b)) {
      const message = this.#at(index);
      const isNew = this.#rows.get(message.id)?.version !== versionOf(message);
      if (isNew && made >= budget && (index < first || index >= last)) continue;
      if (isNew) made += 1;
      wanted.push([index, this.#rowOf(message)]);
    }
    this.#place(new Map(wanted));
    const isComplete = wanted.length === indices.size;
    this.#drawn = isComplete ? drawn : null;
    if (!isComplete) this.#later();
  }

  /** Fetch what is missing near the window. Who flies past reads nothing: that waits until the flight is over. */
  #follow([first, last]) {
    const { scrollTop, clientHeight } = this.scroller;
    const isFlying = Math.abs(scrollTop - this.#scrolled) > clientHeight / 2;
    this.#scrolled = scrollTop;
    clearTimeout(this.#landing);
    const complete = () => this.#complete([first - PAGE / 2, last + PAGE / 2]);
    if (isFlying) this.#landing = setTimeout(complete, LANDED);
    else complete();
  }

  #place(wanted) {
    const kept = new Set(wanted.values());
    for (const row of this.#shown.values()) if (!kept.has(row)) row.remove();
    const lists = new Map(); // list -> its rows
    for (const [index, row] of wanted) {
      const [number, start] = this.#layout.groupAt(index);
      const list = this.#listOf(number);
      const top = (index - start) * this.#layout.row;
      if (row.dataset.index !== String(index) || row.dataset.top !== String(top)) {
        row.style.top = `${top}px`;
        row.dataset.top = top;
        row.dataset.index = index;
        row.setAttribute("aria-posinset", index - start + 1);
      }
      const size = String(this.#layout.size(number));
      if (row.getAttribute("aria-setsize") !== size) row.setAttribute("aria-setsize", size);
      if (!lists.has(list)) lists.set(list, []);
      lists.get(list).push(row);
    }
    for (const [number, { section, list }] of this.#sections) {
      if (lists.has(list)) continue;
      section.remove();
      this.#sections.delete(number);
    }
    this.#order([...lists.keys()].map((list) => list.closest(".group") ?? list));
    for (const [list, rows] of lists) reorder(list, rows);
    this.#shown = wanted;
    const ids = new Set([...wanted.values()].map((row) => row.dataset.id));
    for (const id of this.#rows.keys()) if (!ids.has(id)) this.#rows.delete(id);
  }

  #order(sections) {
    reorder(this.container, sections);
  }

  #listOf(number) {
    const known = this.#sections.get(number);
    const [top, height] = this.#layout.section(number);
    const made = known ?? this.#section();
    this.#sections.set(number, made);
    made.section.style.top = `${top}px`;
    made.section.style.height = `${height}px`;
    if (this.#labels) {
      const [label, size] = [this.#labels[number], this.#layout.size(number)];
      const text = `${label} ${counted(size, "message")}`;
      if (made.text !== text) {
        made.heading.replaceChildren(foreign(label), element("span.muted", ` ${counted(size, "message")}`));
        made.list.setAttribute("aria-label", visible(label));
        made.text = text;
      }
    }
    return made.list;
  }

  #section() {
    if (!this.#labels) {
      const list = element("ol.rows", { "aria-label": "Messages, newest first" });
      return { section: list, list };
    }
    const [heading, list] = [element("h3.group-heading"), element("ol.rows")];
    return { section: element("section.group", heading, list), heading, list };
  }

  #clear() {
    this.container.replaceChildren();
    this.#sections.clear();
    this.#shown.clear();
  }

  // ---- rows ----

  #rowOf(message) {
    const version = versionOf(message);
    const known = this.#rows.get(message.id);
    if (known?.version === version) return known.row;
    const isFocused = known?.row.contains(document.activeElement);
    const row = this.#row(message, this.#new.has(message.id));
    this.#rows.set(message.id, { row, version });
    this.#mark(row);
    if (isFocused) queueMicrotask(() => row.firstElementChild.focus({ preventScroll: true }));
    return row;
  }

  #mark(row) {
    const link = row.firstElementChild;
    if (row.dataset.id === this.#selected) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    const href = this.linkTo(row.dataset.id);
    if (link.getAttribute("href") !== href) link.setAttribute("href", href);
  }

  #row(message, isNew) {
    const parts = [
      element(
        "span.row-top",
        element("span.to", foreign(recipient(message))),
        element("span.at", shortTime(message.sent_at)),
      ),
      message.failure
        ? element("span.snippet.failure-text", element("strong", notShown(message)), foreign(message.failure.reason))
        : element("span.snippet", foreign(message.kind === "email" ? `${message.subject}: ${message.text}` : message.text)),
      element("span.more", ...more(message)),
    ];
    const link = element(`a.message${message.failure ? ".failed" : ""}`, { href: this.linkTo(message.id) }, ...parts);
    const row = element(`li${isNew ? ".arrived" : ""}`, link, message.code ? this.#codeButton(message) : null);
    row.dataset.id = link.dataset.id = message.id;
    return row;
  }

  /** Beside the link, as it does something else. The key c does the same, so Tab goes from row to row. */
  #codeButton(message) {
    const name = codeName(message);
    const button = element(
      "button.row-code",
      {
        type: "button",
        tabIndex: -1,
        title: `Copy the ${name} (c)`,
        "aria-label": `Copy ${message.code}${name === "code" ? "" : `, the ${name}`}`,
        onclick: () => this.copy(message.code, `${capital(name)} copied`, button),
      },
      visible(message.code),
    );
    return button;
  }

  #move(event) {
    const index = Number(event.target.closest("li")?.dataset.index ?? -1);
    const wanted = { ArrowDown: index + 1, ArrowUp: Math.max(index - 1, 0), Home: 0, End: this.#found - 1 }[event.key];
    if (wanted === undefined || wanted >= this.#found || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.#idAt(wanted).then((id) => id && this.focus(id));
  }
}

/** Where each row and each group's heading is. Without groups (null) there is one, which has no heading. */
class Layout {
  constructor(groups, found, row, heading) {
    this.row = row;
    this.heading = groups ? heading : 0;
    this.sizes = groups ? groups.map(({ count }) => count) : [found];
    this.starts = []; // index of each group's first row
    let start = 0;
    for (const size of this.sizes) {
      this.starts.push(start);
      start += size;
    }
    this.height = start * row + this.sizes.length * this.heading;
  }

  size(number) {
    return this.sizes[number];
  }

  /** [number, index of its first row] of the group that a row is in. */
  groupAt(index) {
    let [low, high] = [0, this.starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.starts[middle] <= index) low = middle;
      else high = middle - 1;
    }
    return [low, this.starts[low] ?? 0];
  }

  top(index) {
    return index * this.row + (this.groupAt(index)[0] + 1) * this.heading;
  }

  /** [top, height] of a group with its heading. */
  section(number) {
    return [this.starts[number] * this.row + number * this.heading, this.sizes[number] * this.row + this.heading];
  }

  /** The row at a height. */
  index(y) {
    let [low, high] = [0, this.starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.section(middle)[0] <= y) low = middle;
      else high = middle - 1;
    }
    const [top] = this.section(low) ?? [0];
    const within = Math.floor((y - (top || 0) - this.heading) / this.row);
    return Math.max(0, (this.starts[low] ?? 0) + Math.max(0, within));
  }
}

/** The pages that messages from an offset on fill, as [number, messages]; the last one may be a part if it is the end. */
function paged(offset, messages, found) {
  const pages = [];
  for (let at = 0; at < messages.length; at += PAGE) {
    const page = messages.slice(at, at + PAGE);
    if (page.length === PAGE || offset + at + page.length >= found) pages.push([(offset + at) / PAGE, page]);
  }
  return pages;
}

let today = new Date().toDateString();
setInterval(() => (today = new Date().toDateString()), 60_000);

function versionOf(message) {
  return `${message.cursor} ${message.copies} ${today}`;
}

function notShown(message) {
  return message.text ? "Not redirected: " : "Not shown: ";
}

/** The flow, and what matters seldom. */
function more(message) {
  return [
    element("span.flow", foreign(flowName(message.flow))),
    message.user_name ? element("span.user", foreign(message.user_name)) : null,
    message.kind === "email" ? element("span.notable", "Email") : null,
    message.segments > 1 ? element("span.notable", `${message.segments} parts`) : null,
    message.encoding === "UCS-2" ? element("span.notable", "UCS-2") : null,
    message.copies > 1
      ? element(
          "span.notable",
          { title: "The same SMS was delivered more than once" },
          `${message.copies}× delivered`,
        )
      : null,
  ];
}

function reorder(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of children) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}
