// One message: the phone's bubble, and beside it what the text costs, where it came from, its email and its document.

import { autofill } from "./autofill.js";
import { cost } from "./cost.js";
import { capital, card, codeName, doctorButton, element, flowName, foreign, pairs, recipient, time, visible, visibleJson } from "./dom.js";
import { body, confirmation, plain } from "./email.js";
import { log, timeline } from "./timeline.js";

const TEMPLATES = {
  __proto__: null,
  verification: "Verification message",
  authentication: "Authentication message",
  invitation: "Invitation message",
  "custom-message": "The pool's CustomMessage function",
  none: "No template: Cognito documents no text for this flow",
};
const SOURCES = {
  __proto__: null,
  pool: "read from the pool's settings",
  cached: "the last known text: the pool could not be read when this SMS was sent",
  default: "Cognito's default: the pool sets no text, or could not be read",
  "custom-message": "composed by the function",
};

/** The content of the detail pane for a message. */
export function detail(message, { copy, back, remove }) {
  if (message.flow === "Notice") return notice(message, { copy, back });
  const heading = element("h2.detail-heading", { tabIndex: -1, id: "detail-heading" }, foreign(recipient(message)));
  return [
    backButton(back),
    element(
      "header.detail-top",
      heading,
      element("p.muted", foreign(flowName(message.flow)), " · ", time(message.sent_at, { dated: true })),
    ),
    message.failure ? failure(message) : null,
    message.failure && message.log?.length ? log(message.log, { open: true }) : null,
    message.kind === "email" ? emailColumns(message, copy) : smsColumns(message, copy),
    tools(message, remove), // beside the heading; after the code for the keyboard
  ].filter(Boolean);
}

function tools({ id }, remove) {
  const eml = { href: `/api/messages/${encodeURIComponent(id)}/eml`, download: "", title: "Download as an email file" };
  return element(
    "div.detail-tools",
    element("a.button.quiet.small", eml, "EML"),
    element(
      "button.button.quiet.small",
      { type: "button", id: "delete-one", "aria-label": "Delete this message", onclick: () => remove(id) },
      "Delete",
    ),
  );
}

function smsColumns(message, copy) {
  const shown = message.text !== ""; // a sandbox knows some that failed to be redirected
  return element(
    "div.columns",
    element("div.column", shown ? phone(message, copy) : null, timeline(message.timeline), facts(message)),
    element(
      "div.column",
      shown ? cost(message) : null,
      shown ? template(message) : null,
      autofill(message.autofill),
      emails(message),
      message.failure || !message.log?.length ? null : log(message.log),
      json(message, copy),
    ),
  );
}

function emailColumns(message, copy) {
  const sent = message.failure === null;
  return element(
    "div.columns",
    element(
      "div.column",
      sent ? body(message) : null,
      message.code ? codeBox(message, copy) : null,
      confirmation(message),
      facts(message),
    ),
    element("div.column", sent ? plain(message) : null, warnings(message), json(message, copy)),
  );
}

function warnings(message) {
  if (!message.warnings.length) return null;
  return card("Warnings", element("ul", ...message.warnings.map(({ text }) => element("li", visible(text)))));
}

/** The content of the detail pane if the message no longer exists. */
export function gone(why, { back }) {
  const heading = element("h2.empty-title", { tabIndex: -1, id: "detail-heading" }, "This message is gone");
  return [backButton(back), element("div.empty", heading, element("p", why))];
}

/** A word of the stack's watch: no phone, no code, no cost. */
function notice(message, { copy, back }) {
  return [
    backButton(back),
    element(
      "header.detail-top",
      element("h2.detail-heading", { tabIndex: -1, id: "detail-heading" }, foreign(recipient(message))),
      element("p.muted", foreign(flowName(message.flow)), " · ", time(message.sent_at, { dated: true })),
    ),
    card("Notice", element("p", { id: "notice-text" }, foreign(message.text)), pairs([["User pool", code(message.user_pool_id)]])),
    json(message, copy),
  ];
}

function backButton(back) {
  return element("button.button.quiet.back", { type: "button", id: "back", onclick: back }, "‹ Messages");
}

function failure({ kind, text, flow, failure: { reason, hint } }) {
  const what = kind === "email" ? "This email" : "This SMS";
  return element(
    "section.failure",
    { "aria-labelledby": "failure-heading" },
    element("h3", { id: "failure-heading" }, `${what} ${text ? "was not redirected" : "cannot be shown"}`),
    element("p", foreign(reason)),
    hint ? element("p", element("strong", "What to do: "), foreign(hint)) : null,
    // Of its user nothing more can be wrong: Cognito handed the SMS over.
    kind === "email" ? null : doctorButton({ flow }, "Check the stack"),
  );
}

function phone(message, copy) {
  return element(
    "section.phone",
    { "aria-label": "The SMS on a phone" },
    element("p.phone-top", { "aria-hidden": "true" }, "Text message"),
    // As sent, with every character: this is the preview. Its direction ends with the bubble.
    element("p.bubble", { dir: "auto", id: "sms-text" }, message.text),
    message.code ? codeBox(message, copy) : element("p.muted.center", "No code in this SMS"),
  );
}

function codeBox(message, copy) {
  const [code, name] = [message.code, codeName(message)];
  const button = element(
    "button.button.primary",
    {
      type: "button",
      id: "copy-code",
      "aria-label": `Copy ${name} ${code}`,
      onclick: () => copy(code, `${capital(name)} copied`, button),
    },
    name === "code" ? "Copy code" : "Copy temporary password",
  );
  return element("div.code-box", element("code.code", visible(code)), button);
}

function facts(message) {
  const metadata = Object.keys(message.client_metadata).length ? JSON.stringify(message.client_metadata) : null;
  const rows = [
    ["To", addressee(message)],
    ["User", message.user_name ? foreign(message.user_name) : "unknown"],
    ["Flow", element("span", foreign(flowName(message.flow)), " ", code(message.trigger_source))],
    ["User pool", code(message.user_pool_id)],
    ["App client", message.client_id ? code(message.client_id) : null],
    ["Metadata", metadata ? code(metadata) : null],
    ["Delivered", message.copies > 1 ? `${message.copies} times; duplicates are shown once` : null],
  ];
  return card("About", pairs(rows));
}

function addressee({ kind, email, phone_number: number, phone_number_display: display }) {
  if (kind === "email") return foreign(email);
  if (number === null) return "unknown: the event has no phone number";
  return element("span", foreign(display), number === display ? null : element("span.muted", ` (${visible(number)})`));
}

function code(text) {
  return element("code", visible(text));
}

function template(message) {
  const name = TEMPLATES[message.template] ?? visible(message.template);
  const source = SOURCES[message.template_source] ?? visible(message.template_source);
  return card(
    "Template",
    element("p", element("strong", name), message.template === "none" ? "." : `, ${source}.`),
    message.template_text === null
      ? null
      : element("pre", { "aria-label": "The text with its placeholders", tabIndex: 0 }, visible(message.template_text)),
    message.template_read_at === null
      ? null
      : element("p.muted", "Read ", time(message.template_read_at, { dated: true }), "."),
  );
}

function emails({ emails: mails, timeline: steps }) {
  if (mails === null)
    return card(
      "Email",
      element(
        "p.muted",
        "Sent to the confirmed subscribers of the topic. This inbox reads the topic, not their mailboxes.",
      ),
    );
  if (!mails.length) {
    const why = steps.filter(({ step, state }) => step === "email" && state !== "unknown");
    const told = why.length ? why.map(({ text }) => text) : ["No email of this SMS is in the sandbox's mailbox."];
    return card("Email", ...told.map((text) => element("p.muted", visible(text))));
  }
  return card(
    mails.length > 1 ? `Emails (${mails.length})` : "Email",
    ...mails.map((mail, index) => email(mail, index === 0)),
  );
}

function email(mail, open) {
  return element(
    "details.email",
    { open },
    element("summary", "To ", foreign(mail.recipient)),
    pairs([
      ["From", foreign(mail.sender)],
      ["Subject", foreign(mail.subject)],
      ["Delivered", time(mail.delivered_at, { dated: true })],
    ]),
    element("pre.mail-body", { tabIndex: 0, "aria-label": "Body of the email" }, visible(mail.body)),
  );
}

function json(message, copy) {
  const text = visibleJson(message.document);
  const button = element(
    "button.button.quiet",
    { type: "button", id: "copy-json", onclick: () => copy(text, "JSON copied", button) },
    "Copy JSON",
  );
  return element(
    "details.card.json",
    element("summary", element("h3", "JSON")),
    button,
    element("pre", { tabIndex: 0, "aria-label": "The message document" }, text),
  );
}
