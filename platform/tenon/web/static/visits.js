/* A visit report where there is no network: kept on the device with its photo, sent once later.
   What is typed is also kept until it was sent, so that a closed page loses nothing. Without this
   file the form posts as any other. Kept are the fields, never the form's token, and only for the
   person who typed them. */
(() => {
  "use strict";

  const DRAFT = "tenon-visit-draft";
  const SHELF = "tenon-visits";
  const STORE = "reports";
  const SOON = 30000;
  const PATIENCE = 20000;
  const form = document.querySelector("form[data-visit]");
  if (!form || !("indexedDB" in window)) return;
  const owner = form.dataset.visit;
  let sending = false;

  const note = (name, shown) => {
    const found = document.getElementById(`visits-${name}`);
    if (found) found.hidden = !shown;
  };

  /* ---- the shelf: whole reports, photos included */
  const shelf = new Promise((resolve, reject) => {
    const asked = indexedDB.open(SHELF, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const work = async (mode, ask) => {
    const store = (await shelf).transaction(STORE, mode).objectStore(STORE);
    return new Promise((resolve, reject) => {
      const asked = ask(store);
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  };
  const put = (report) => work("readwrite", (store) => store.put(report));
  const drop = (key) => work("readwrite", (store) => store.delete(key));
  const all = async () =>
    (await work("readonly", (store) => store.getAll())).filter((one) => one.owner === owner);

  /* ---- the draft: what is being typed, texts alone */
  const entriesOf = () =>
    [...new FormData(form)].filter(([name]) => name !== "csrf_token");
  const keepDraft = () => {
    const texts = entriesOf().filter(([, value]) => typeof value === "string");
    try {
      localStorage.setItem(DRAFT, JSON.stringify({ owner, texts }));
    } catch {
      /* no room: the form itself still holds it */
    }
  };
  const dropDraft = () => localStorage.removeItem(DRAFT);
  const fill = (texts) => {
    const given = new Map();
    for (const [name, value] of texts) given.set(name, [...(given.get(name) || []), value]);
    for (const one of form.elements) {
      if (!one.name || one.name === "csrf_token" || one.type === "file") continue;
      const values = given.get(one.name) || [];
      if (one.type === "checkbox" || one.type === "radio") one.checked = values.includes(one.value);
      else if (values.length) [one.value] = values;
    }
  };
  const takeUpDraft = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(DRAFT) || "null");
      const said = kept && new Map(kept.texts).get("words");
      if (said && kept.owner === owner && !form.elements.words.value) fill(kept.texts);
    } catch {
      dropDraft();
    }
  };

  /* ---- sending: "done", "refused", "later" (no way there), "page" (the ordinary way) */
  const send = async (entries) => {
    const body = new FormData();
    for (const [name, value] of entries) body.append(name, value);
    body.append("csrf_token", document.querySelector('meta[name="csrf-token"]')?.content || "");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        redirect: "error",
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.status === 201) return { end: "done", visit: (await answer.json()).visit };
      if ([400, 401].includes(answer.status)) return { end: "page" };
      return { end: [403, 404, 409, 413, 422].includes(answer.status) ? "refused" : "later" };
    } catch {
      return { end: "later" };
    }
  };

  const sendAll = async () => {
    if (sending) return;
    sending = true;
    let waiting = 0;
    for (const one of await all()) {
      const { end } = one.refused ? { end: "refused" } : await send(one.entries);
      if (end === "done") {
        await drop(one.key);
        note("sent", true);
      } else if (end === "refused") {
        await put({ ...one, refused: true });
        note("refused", true);
        if (!form.elements.words.value) {
          fill(one.entries.filter(([, value]) => typeof value === "string"));
        }
      } else waiting += 1;
    }
    note("kept", waiting > 0);
    sending = false;
  };

  const shelve = async (entries) => {
    const { value: key } = form.elements.key;
    await put({ key, owner, entries });
    dropDraft();
    note("kept", true);
    form.reset();
    form.elements.key.value = crypto.randomUUID().replaceAll("-", "");
    document.getElementById("visits-kept")?.scrollIntoView();
  };

  form.addEventListener("input", keepDraft);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    if (button) button.disabled = true;
    const entries = entriesOf();
    const { end, visit } = navigator.onLine ? await send(entries) : { end: "later" };
    if (button) button.disabled = false;
    if (end === "later") return shelve(entries);
    if (end !== "done") return form.submit(); // the page says what is wrong, at its field
    dropDraft();
    await drop(form.elements.key.value);
    location.assign(visit);
  });

  takeUpDraft();
  addEventListener("online", sendAll);
  setInterval(() => navigator.onLine && sendAll(), SOON);
  sendAll();
})();
