// An email of a sandbox's user pool: its HTML in a frame where nothing runs, and its text.

import { card, element, foreign, visible } from "./dom.js";

/** Beside the code: the link, as its user would open it. */
export function confirmation(message) {
  if (!/^https?:\/\//u.test(message.link ?? "")) return null;
  const link = { href: message.link, target: "_blank", rel: "noopener noreferrer", id: "confirm-link" };
  return element("p.center", element("a.button.primary", link, "Open the link"));
}

export function body(message) {
  const frame = element("iframe.mail-frame", {
    title: "The email",
    sandbox: "", // no scripts, no forms, no way out of the frame
    referrerPolicy: "no-referrer",
    src: `/api/messages/${encodeURIComponent(message.id)}/html`,
  });
  return element(
    "section.card",
    { "aria-label": "The email as HTML" },
    element("h3", foreign(message.subject)),
    frame,
  );
}

export function plain(message) {
  return card(
    "As text",
    element("pre.mail-body", { tabIndex: 0, "aria-label": "The email as text", id: "email-text" }, visible(message.text)),
  );
}
