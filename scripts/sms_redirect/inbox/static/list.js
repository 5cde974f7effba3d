// The list of messages. Rows that did not change keep their element, and with it focus and scroll position.

import { capital, codeName, counted, element, flowName, foreign, recipient, time, visible } from "./dom.js";

const GROUP_LABELS = {
  phone_number: (message) => recipient(message),
  flow: (message) => flowName(message.flow),
  user_name: (message) => message.user_name ?? "Unknown user",
};

export class List {
  #rows = new Map(); // id -> {row, version}

  constructor(container, { linkTo, open, copy }) {
    this.container = container;
    this.linkTo = linkTo;
    this.copy = copy;
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
  show(messages, { group, counts, selected, arrived }) {
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
    this.#place(group ? this.#grouped(messages, group, counts) : [this.#ordered(messages, "Messages, newest first")]);
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

  /** `counts` are the server's: more may match than are loaded. */
  #grouped(messages, name, counts) {
    const groups = new Map();
    for (const message of messages) {
      const value = message[name === "phone_number" && message.kind === "email" ? "email" : name] ?? "unknown";
      if (!groups.has(value)) groups.set(value, []);
      groups.get(value).push(message);
    }
    return [...groups].map(([value, members]) => {
      const label = GROUP_LABELS[name](members[0]);
      const number = counts.get(value) ?? members.length;
      return element(
        "section.group",
        element("h3.group-heading", foreign(label), element("span.muted", ` ${counted(number, "message")}`)),
        this.#ordered(members, label),
      );
    });
  }

  /** The message after (1) or before (-1) another; the first if that one is not listed. */
  next(id, step) {
    const ids = [...this.container.querySelectorAll("a.message")].map((link) => link.dataset.id);
    const at = ids.indexOf(id);
    return ids[at < 0 ? 0 : at + step] ?? null;
  }

  /** Copy the code of a message, as its button does. */
  copyCode(id) {
    this.#rows.get(id)?.row.querySelector(".row-code")?.click();
  }

  #row(message, isNew) {
    const parts = [
      element(
        "span.row-top",
        element("span.to", foreign(recipient(message))),
        element("span.at", time(message.sent_at)),
      ),
      message.failure
        ? element("span.snippet.failure-text", element("strong", notShown(message)), foreign(message.failure.reason))
        : element("span.snippet", foreign(message.kind === "email" ? `${message.subject}: ${message.text}` : message.text)),
      element("span.more", ...more(message)),
    ];
    const link = element(`a.message${message.failure ? ".failed" : ""}`, { href: this.linkTo(message.id) }, ...parts);
    link.dataset.id = message.id;
    return element(`li${isNew ? ".arrived" : ""}`, link, message.code ? this.#codeButton(message) : null);
  }

  /** Beside the link, as it does something else. The key c does the same, so Tab goes from row to row. */
  #codeButton(message) {
    const button = element(
      "button.row-code",
      {
        type: "button",
        tabIndex: -1,
        title: `Copy the ${codeName(message)} (c)`,
        "aria-label": `Copy ${message.code}`,
        onclick: () => this.copy(message.code, `${capital(codeName(message))} copied`, button),
      },
      visible(message.code),
    );
    return button;
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

function reorder(list, rows) {
  const wanted = new Set(rows);
  for (const row of [...list.children]) if (!wanted.has(row)) row.remove();
  rows.forEach((row, index) => {
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
}
