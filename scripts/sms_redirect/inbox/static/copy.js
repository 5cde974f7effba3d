// Puts a text on the clipboard, and says so on the button.

const SHOWN = 2000; // milliseconds

export async function copy(text, said, button, say) {
  button.dataset.label ??= button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    say(said);
  } catch {
    button.textContent = "Select and copy by hand";
    say("The browser did not allow copying");
  }
  setTimeout(() => (button.textContent = button.dataset.label), SHOWN);
}
