/* The day of an event: how long until a meeting, and the hall's board that keeps itself up to
   date. Both pages work without this file. Words come with the page. */
(() => {
  "use strict";

  /* ---- Countdown. The page says when the site made it: the phone's own clock may be wrong. */

  const page = document.querySelector("[data-now]");
  const skew = page ? new Date(page.dataset.now) - Date.now() : 0;

  function inWords(milliseconds, words) {
    let seconds = Math.max(0, Math.floor(milliseconds / 1000));
    const parts = [];
    for (const [name, size] of [["days", 86400], ["hours", 3600], ["minutes", 60]]) {
      const number = Math.floor(seconds / size);
      if (number) parts.push(words[name].replace("{n}", number));
      seconds -= number * size;
    }
    if (parts.length < 2) parts.push(words.seconds.replace("{n}", seconds));
    return parts.slice(0, 2).join(" ");
  }

  function count(place) {
    const now = Date.now() + skew;
    const begins = new Date(place.dataset.countdown), ends = new Date(place.dataset.until);
    const words = place.dataset;
    if (now < begins) place.textContent = words.before.replace("{left}", inWords(begins - now, words));
    else if (now < ends) place.textContent = words.during.replace("{left}", inWords(ends - now, words));
    else place.textContent = words.after;
    place.hidden = false;
  }

  const counted = [...document.querySelectorAll("[data-countdown]")];
  if (counted.length) {
    const all = () => counted.forEach(count);
    all();
    window.setInterval(all, 1000);
  }

  /* ---- The board. The site answers 304 while nothing has changed, so asking often is cheap. */

  const board = document.querySelector("[data-board]");
  if (!board) return;
  const EVERY = 3000;
  let stamp = board.dataset.stamp;

  /* Whoever is about to mark a meeting must not have it pulled from under the finger. */
  const inUse = () => board.querySelector("details[open]") !== null;

  async function refresh() {
    if (document.hidden || inUse()) return;
    const answer = await fetch(board.dataset.board, {
      headers: { "If-None-Match": stamp },
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
    });
    board.classList.toggle("hallboard--stale", !answer.ok && answer.status !== 304);
    if (!answer.ok) return;
    const html = await answer.text();
    if (inUse()) return;
    stamp = answer.headers.get("ETag");
    board.innerHTML = html;
  }

  async function keepAsking() {
    try {
      await refresh();
    } catch {
      board.classList.add("hallboard--stale");
    }
    window.setTimeout(keepAsking, EVERY);
  }

  window.setTimeout(keepAsking, EVERY);
  document.addEventListener("visibilitychange", () => refresh().catch(() => {}));
})();
