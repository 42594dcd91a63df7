/* What came of a meeting, said where there is no network: kept on the device, sent later. Without
   this file the form posts as any other. Kept are the fields, never the form's token. */
(() => {
  "use strict";

  const SHELF = "tenon-outcomes";
  const SOON = 30000;
  const PATIENCE = 8000;
  let sending = false;

  const kept = () => {
    try {
      const found = JSON.parse(localStorage.getItem(SHELF) || "[]");
      return Array.isArray(found) ? found : [];
    } catch {
      return [];
    }
  };
  const keep = (all) => localStorage.setItem(SHELF, JSON.stringify(all));
  const without = (key) => keep(kept().filter((one) => one.key !== key));

  const token = () => document.querySelector('meta[name="csrf-token"]')?.content || "";
  const formOf = (meeting) =>
    document.querySelector(`form[data-outcome="${CSS.escape(meeting)}"]`);
  const show = (meeting, part) => {
    const form = formOf(meeting);
    if (!form) return;
    for (const name of ["kept", "refused"]) {
      const note = form.querySelector(`[data-outcome-${name}]`);
      if (note) note.hidden = name !== part;
    }
  };

  /* Returns "done", "refused" (the site will not have it), "later" (no way there), or "page" (the
     form must go the ordinary way: signed out, or its token has expired). */
  const send = async (one) => {
    const body = new URLSearchParams({ ...one.fields, csrf_token: token() });
    try {
      const answer = await fetch(one.action, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        redirect: "error",
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.status === 204) return "done";
      if ([400, 401].includes(answer.status)) return "page";
      return [403, 404, 409, 422].includes(answer.status) ? "refused" : "later";
    } catch {
      return "later";
    }
  };

  const sendAll = async () => {
    if (sending) return;
    sending = true;
    let done = 0;
    for (const one of kept()) {
      const outcome = await send(one);
      if (outcome === "later" || outcome === "page") continue;
      without(one.key);
      if (outcome === "done") done += 1;
      else show(one.meeting, "refused");
    }
    sending = false;
    if (done) location.reload();
  };

  const fieldsOf = (form) => {
    const fields = Object.fromEntries(new FormData(form));
    delete fields.csrf_token;
    delete fields.at;
    return fields;
  };

  const shelve = (form, fields) => {
    const meeting = form.dataset.outcome;
    const said = { ...fields, at: new Date().toISOString() };
    const rest = kept().filter((one) => one.meeting !== meeting);
    keep([...rest, { key: fields.client_key, meeting, action: form.action, fields: said }]);
    show(meeting, "kept");
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.dataset.outcome) return;
    const fields = fieldsOf(form);
    if (!fields.outcome || !fields.rating) return; // the site says what is missing
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    if (button) button.disabled = true;
    const outcome = navigator.onLine ? await send({ action: form.action, fields }) : "later";
    if (button) button.disabled = false;
    if (outcome === "later") return shelve(form, fields);
    if (outcome !== "done") return form.submit();
    keep(kept().filter((one) => one.meeting !== form.dataset.outcome));
    location.reload();
  });

  for (const one of kept()) show(one.meeting, "kept");
  addEventListener("online", sendAll);
  setInterval(() => kept().length && navigator.onLine && sendAll(), SOON);
  sendAll();
})();
