// The list of messages. Rows that did not change keep their element, and with it focus and scroll position.

import { counted, element, flowName, foreign, recipient, time } from "./dom.js";

const GROUP_LABELS = {
  phone_number: (message) => recipient(message),
  flow: (message) => flowName(message.flow),
  user_name: (message) => message.user_name ?? "Unknown user",
};

export class List {
  #rows = new Map(); // id -> {row, version}

  constructor(container, { linkTo, open }) {
    this.container = container;
    this.linkTo = linkTo;
    container.addEventListener("click", (event) => {
      const link = event.target.closest("a.message");
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      open(link.dataset.id);
    });
    container.addEventListener("keydown", (event) => this.#move(event));
  }

  get size() {
    return this.#rows.size;
  }

  /** Show these messages, in this order; those that just `arrived` (ids) catch the eye. */
  show(messages, { group, selected, arrived }) {
    const rows = new Map();
    for (const message of messages) {
      const version = `${message.cursor} ${message.copies} ${new Date().toDateString()}`;
      const known = this.#rows.get(message.id);
      rows.set(
        message.id,
        known?.version === version ? known : { row: this.#row(message, arrived.has(message.id)), version },
      );
    }
    const focused = document.activeElement?.dataset?.id;
    this.#rows = rows;
    this.#place(group ? this.#grouped(messages, group) : [this.#ordered(messages, "Messages, newest first")]);
    this.select(selected);
    if (focused && document.activeElement?.dataset?.id !== focused) this.focus(focused);
  }

  select(id) {
    for (const [each, { row }] of this.#rows) {
      const link = row.firstElementChild;
      if (each === id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
      link.href = this.linkTo(each);
    }
  }

  focus(id) {
    const link = this.#rows.get(id)?.row.firstElementChild ?? this.container;
    link.focus({ preventScroll: false });
  }

  #place(blocks) {
    // Only what differs is touched: a list of thousands that stays the same costs nothing.
    const current = [...this.container.children];
    if (blocks.length === 1 && current.length === 1 && current[0].tagName === "OL" && blocks[0].tagName === "OL") {
      reorder(current[0], [...blocks[0].rows]);
    } else {
      for (const block of blocks)
        for (const list of block.tagName === "OL" ? [block] : block.querySelectorAll("ol")) list.append(...list.rows);
      this.container.replaceChildren(...blocks);
    }
  }

  #ordered(messages, label) {
    const list = element("ol.rows", { "aria-label": label });
    list.rows = messages.map((message) => this.#rows.get(message.id).row);
    return list;
  }

  #grouped(messages, name) {
    const groups = new Map();
    for (const message of messages) {
      const label = GROUP_LABELS[name](message);
      if (!groups.has(label)) groups.set(label, []);
      groups.get(label).push(message);
    }
    return [...groups].map(([label, members]) =>
      element(
        "section.group",
        element("h3.group-heading", foreign(label), element("span.muted", ` ${counted(members.length, "message")}`)),
        this.#ordered(members, label),
      ),
    );
  }

  #row(message, isNew) {
    const parts = [
      element(
        "span.row-top",
        element("span.to", foreign(recipient(message))),
        element("span.muted", time(message.sent_at)),
      ),
      message.failure
        ? element("span.snippet.failure-text", element("strong", "Not shown: "), foreign(message.failure.reason))
        : element("span.snippet", foreign(message.text)),
      element("span.chips", ...chips(message)),
    ];
    const link = element(`a.message${message.failure ? ".failed" : ""}`, { href: this.linkTo(message.id) }, ...parts);
    link.dataset.id = message.id;
    return element(`li${isNew ? ".arrived" : ""}`, link);
  }

  #move(event) {
    const links = [...this.container.querySelectorAll("a.message")];
    const at = links.indexOf(document.activeElement);
    const target = { ArrowDown: at + 1, ArrowUp: Math.max(at - 1, 0), Home: 0, End: links.length - 1 }[event.key];
    if (target === undefined || !links[target] || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    links[target].focus();
  }
}

function chips(message) {
  return [
    element("span.chip", foreign(flowName(message.flow))),
    message.user_name ? element("span.chip.plain", foreign(message.user_name)) : null,
    message.segments > 1 ? element("span.chip.notable", `${message.segments} parts`) : null,
    message.encoding === "UCS-2" ? element("span.chip.notable", "UCS-2") : null,
    message.copies > 1
      ? element(
          "span.chip.notable",
          { title: "The same SMS was delivered more than once" },
          `${message.copies}× delivered`,
        )
      : null,
  ];
}

function reorder(list, rows) {
  const wanted = new Set(rows);
  for (const row of [...list.children]) if (!wanted.has(row)) row.remove();
  rows.forEach((row, index) => {
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
}
