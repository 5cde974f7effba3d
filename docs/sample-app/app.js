// Each form of index.html is a screen, and has a function here that says which screen is next.
import "./amplify.js";
import {
  confirmResetPassword, confirmSignIn, confirmSignUp, fetchMFAPreference, fetchUserAttributes, getCurrentUser,
  resendSignUpCode, resetPassword, signIn, signOut, signUp, updateMFAPreference,
} from "aws-amplify/auth";

const find = (selector) => document.querySelector(selector);
const fields = (form) => Object.fromEntries(new FormData(form));
let username; // of who is on the way in

const screens = {
  async "sign-in"({ username: name, password }) {
    username = name;
    return afterSignIn(await signIn({ username, password }));
  },

  async "sign-up"({ username: name, phone, password }) {
    username = name;
    const { nextStep } = await signUp({ username, password, options: { userAttributes: { phone_number: phone } } });
    sentTo(nextStep.codeDeliveryDetails);
    return "confirm";
  },

  async confirm({ code }) {
    await confirmSignUp({ username, confirmationCode: code });
    say("Your number is confirmed. Sign in to continue.");
    return "sign-in";
  },

  async "second-factor"({ code }) {
    return afterSignIn(await confirmSignIn({ challengeResponse: code }));
  },

  async reset({ username: name }) {
    username = name;
    const { nextStep } = await resetPassword({ username });
    sentTo(nextStep.codeDeliveryDetails);
    return "new-password";
  },

  async "new-password"({ code, password }) {
    await confirmResetPassword({ username, confirmationCode: code, newPassword: password });
    say("Your password is changed. Sign in with the new one.");
    return "sign-in";
  },

  async account() {
    await signOut();
    return "sign-in";
  },
};

async function afterSignIn({ nextStep }) {
  switch (nextStep.signInStep) {
    case "CONFIRM_SIGN_IN_WITH_SMS_CODE":
      sentTo(nextStep.codeDeliveryDetails);
      return "second-factor";
    case "CONFIRM_SIGN_UP":
      sentTo(await resendSignUpCode({ username }));
      return "confirm";
    case "RESET_PASSWORD":
      return "reset";
    case "DONE":
      return welcome();
    default:
      throw new Error(`This app does not know the step ${nextStep.signInStep}.`);
  }
}

async function welcome() {
  const [attributes, { enabled = [] }] = await Promise.all([fetchUserAttributes(), fetchMFAPreference()]);
  find("[data-name]").textContent = (await getCurrentUser()).username;
  find("[data-phone]").textContent = attributes.phone_number;
  find("[name=mfa]").checked = enabled.includes("SMS");
  return "account";
}

function sentTo({ destination }) {
  for (const place of document.querySelectorAll("[data-sent-to]")) place.textContent = destination;
}

function say(text) {
  find("#notice").textContent = text;
}

function show(id) {
  for (const form of document.forms) {
    form.hidden = form.id !== id;
    for (const field of form.querySelectorAll("input:not([type=checkbox])")) field.value = "";
  }
  const form = document.forms[id];
  if (username && form.elements.username) form.elements.username.value = username;
  [...form.querySelectorAll("input")].find((field) => !field.value)?.focus();
  find("#problem").textContent = "";
  history.replaceState(null, "", `#${id}`);
}

// Does something for a form: shows what is next, or what went wrong, and takes no second click meanwhile.
async function run(form, step) {
  const button = form.querySelector("button");
  find("#problem").textContent = "";
  say("");
  button.disabled = true;
  try {
    const next = await step();
    if (next) show(next);
  } catch (error) {
    find("#problem").textContent = error.message;
  } finally {
    button.disabled = false;
  }
}

for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(form, () => screens[form.id](fields(form)));
  });
}

find("#resend").addEventListener("click", () =>
  run(find("#confirm"), async () => {
    sentTo(await resendSignUpCode({ username }));
    say("A new code is on its way.");
  }));

find("[name=mfa]").addEventListener("change", ({ target }) =>
  run(find("#account"), () => updateMFAPreference({ sms: target.checked ? "PREFERRED" : "DISABLED" })));

addEventListener("hashchange", () => {
  say("");
  show(["sign-up", "reset"].find((id) => location.hash === `#${id}`) ?? "sign-in");
});

getCurrentUser().then(welcome, () => "sign-in").then(show);
