/* What pages do beyond HTML: the theme switch, closing menus, htmx's token, forms that are
   sent once. Every page works without this file. No inline handlers, no eval: the content
   security policy forbids both. */
(() => {
  "use strict";

  const root = document.documentElement;
  const YEAR = 365 * 24 * 3600;

  function shownTheme() {
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    return root.dataset.theme || (dark ? "dark" : "light");
  }

  function switchTheme() {
    const next = shownTheme() === "dark" ? "light" : "dark";
    root.dataset.theme = next;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${next}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
  }

  for (const button of document.querySelectorAll("[data-theme-button]")) {
    button.hidden = false;
    button.addEventListener("click", switchTheme);
  }

  /* Menus made of <details> close when one clicks elsewhere or presses Escape. */
  const MENUS = "details.dropdown[open], details.phone-menu[open]";

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(MENUS)) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll(MENUS)) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  /* Filters stand open beside a list where there is room for them. */
  const wide = window.matchMedia("(min-width: 64.01rem)");

  function unfold() {
    for (const fold of document.querySelectorAll("details[data-open-wide]")) fold.open = wide.matches;
  }

  unfold();
  wide.addEventListener("change", unfold);

  /* A form is sent once: a second press of its button while the answer is awaited does nothing. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    window.addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
    window.setTimeout(() => delete form.dataset.sent, 5000);
  });

  /* A slider and the field beside it move together; a slider stands on its steps only. */
  document.addEventListener("input", (event) => {
    const moved = event.target;
    if (!moved.form || !(moved.dataset.field || moved.dataset.slider)) return;
    const other = moved.form.elements[moved.dataset.field || moved.dataset.slider];
    if (!other) return;
    if (moved.dataset.slider) {
      other.value = moved.value;
      return;
    }
    const step = Number(moved.dataset.step), low = Number(moved.min);
    const places = (moved.dataset.step.split(".")[1] || "").length;
    other.value = (low + Math.round((moved.value - low) / step) * step).toFixed(places);
  });

  /* htmx's own requests carry the page's token. */
  document.addEventListener("htmx:config:request", (event) => {
    const token = document.querySelector('meta[name="csrf-token"]');
    if (token) event.detail.ctx.request.headers["X-CSRFToken"] = token.content;
  });

  /* Of tabs that do not all fit, the one shown is in view. */
  for (const here of document.querySelectorAll(".tabs a[aria-current]")) {
    const bar = here.closest(".tabs");
    bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;
  }

  /* What went wrong with a form is where reading goes on. */
  const summary = document.querySelector(".error-summary");
  if (summary) summary.focus();
})();
