// Everything here works without this file as well; it spares reloads and typing.

const status = document.getElementById("status");
// `aloud` words are heard only: they stand on the page as well.
const tell = (words, aloud = false) => {
  status.classList.toggle("aloud", aloud);
  status.textContent = words;
};

// Digits of a code, however they were pasted: "123 456", full-width.
const digitsOf = (text) => text.normalize("NFKC").replace(/[\s\-‐–]/g, "");

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.dataset?.digits) return;
  const digits = digitsOf(field.value);
  if (digits !== field.value) field.value = digits;
  const full = digits.length === Number(field.dataset.digits);
  if (full && "sends" in field.dataset && /^\d+$/.test(digits)) field.form.requestSubmit();
});

// How long until a code may be asked for again: the server said so when the page was made.
const countDown = () => {
  for (const button of document.querySelectorAll("button[data-wait]")) {
    const left = Math.ceil((Number(button.dataset.until) - Date.now()) / 1000);
    const said = button.parentElement.querySelector(".wait");
    button.disabled = left > 0;
    if (said && left > 0) said.querySelector("[data-seconds]").textContent = left;
    if (left <= 0) {
      said?.remove();
      delete button.dataset.wait;
    }
  }
};
const startCounting = (root) => {
  for (const button of root.querySelectorAll("button[data-wait]")) {
    button.dataset.until = Date.now() + Number(button.dataset.wait) * 1000;
  }
  countDown();
};
startCounting(document);
setInterval(countDown, 1000);

// A form is sent once at a time.
const sending = new Set();
addEventListener("pageshow", () => {
  sending.clear();
  tell("");
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (sending.has(form)) {
    event.preventDefault();
    return;
  }
  sending.add(form);
  if (form.dataset.part) {
    event.preventDefault();
    send(form, event.submitter);
  } else {
    setTimeout(() => sending.has(form) && tell(status.dataset.sending), 400);
    setTimeout(() => sending.has(form) && tell(status.dataset.slow), 8000);
  }
});

// A part of the page is sent, and what the server makes of the page takes its place.
async function send(form, submitter) {
  const part = document.getElementById(form.dataset.part);
  const timers = [
    setTimeout(() => tell(status.dataset.sending), 400),
    setTimeout(() => tell(status.dataset.slow), 8000),
  ];
  part.setAttribute("aria-busy", "true");
  let wrong = status.dataset.offline;
  try {
    const body = new URLSearchParams(new FormData(form, submitter));
    const response = await fetch(form.action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    // What is no page of ours, such as a proxy's, or only tells what is wrong: all stays.
    wrong = page.getElementById("refusal")?.textContent ?? status.dataset.trouble;
    const shown = page.getElementById(part.id) ?? (response.ok && page.getElementById("main"));
    if (!shown) throw new Error(wrong);
    timers.forEach(clearTimeout);
    tell("");
    show(page, part, new URL(response.url));
  } catch {
    timers.forEach(clearTimeout);
    part.removeAttribute("aria-busy");
    tell(wrong);
  }
  sending.delete(form);
}

function show(page, part, url) {
  const fresh = page.getElementById(part.id);
  if (!fresh) {
    // Somewhere else, such as the sign-in page: all of it is shown.
    document.title = page.title;
    document.body.className = page.body.className;
    history.pushState(null, "", url.pathname + url.search);
    document.getElementById("main").replaceWith(page.getElementById("main"));
    arrive(document.getElementById("main"));
    return;
  }
  part.replaceWith(fresh);
  for (const id of ["sessions", "history", "email", "delete"]) {
    const [old, other] = [document.getElementById(id), page.getElementById(id)];
    if (id === part.id || !old || !other) continue;
    // Two cards share one step: where it is not left, what is typed into the other one stays.
    if ("step" in old.dataset && old.dataset.step === other.dataset.step) continue;
    old.replaceWith(other);
    startCounting(other);
  }
  arrive(fresh);
}

function arrive(root) {
  startCounting(root);
  const focus = root.querySelector("[autofocus]") ?? root.querySelector("h1, h2");
  focus?.setAttribute("tabindex", focus.matches("h1, h2") ? "-1" : "0");
  focus?.focus();
  // What a screen reader hears; problems announce themselves.
  const said = [...root.querySelectorAll("[data-said], [role=status]")];
  tell(said.map((each) => each.textContent.trim().replace(/\s+/g, " ")).join(" "), true);
}

// Copy what stands beside a button.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  tell(button.dataset.copied);
  button.textContent = button.dataset.copied;
});
addEventListener("popstate", () => location.reload());
