/* The door on a prepared device: codes are held against the list on the device, noted there, and
   sent to the site when there is network. Without this file the page's forms do the same, with
   network. The list is deleted when it expires or the device is withdrawn. */
(() => {
  "use strict";

  const door = document.querySelector("[data-door]");
  if (!door) return;
  if (!window.isSecureContext || !window.indexedDB) {
    door.querySelector("[data-insecure]").hidden = false;
    return;
  }
  const event = door.dataset.door, words = JSON.parse(door.dataset.words), SEND_EVERY = 4000, RENEW_EVERY = 60000, KEPT = "tenon-door";
  const part = (name) => door.querySelector(`[data-${name}]`);
  const reader = { script: door.dataset.reader, wasm: door.dataset.readerWasm }, builtIn = () => "BarcodeDetector" in window;
  const field = door.querySelector("#code"), search = door.querySelector("#q");
  let own = null; // {event, device, name, until, skew, last, csrf}
  let people = new Map(), here = new Map(), offline = false, sending = false, shown = null, renewed = 0;

  /* ---- What lies on the device */

  const opened = new Promise((resolve, reject) => {
    const asked = indexedDB.open("tenon-door", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("devices", { keyPath: "event" });
      asked.result.createObjectStore("lists", { keyPath: "event" });
      asked.result.createObjectStore("noted", { keyPath: "key" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });

  async function store(name, mode, work) {
    const database = await opened;
    return new Promise((resolve, reject) => {
      const change = database.transaction(name, mode);
      const asked = work(change.objectStore(name));
      change.oncomplete = () => resolve(asked.result);
      change.onerror = () => reject(change.error);
    });
  }

  const keep = (name, value) => store(name, "readwrite", (at) => at.put(value));
  const read = (name, key) => store(name, "readonly", (at) => at.get(key));
  const drop = (name, key) => store(name, "readwrite", (at) => at.delete(key));
  const noted = async () =>
    (await store("noted", "readonly", (at) => at.getAll()))
      .filter((one) => one.event === event)
      .sort((one, other) => one.at.localeCompare(other.at));
  /* Whatever finishes late, an expired list does not come back. */
  const keepList = () =>
    isOver() ? drop("lists", event) : keep("lists", { event, people: [...people.values()], here: [...here] });

  async function wipe(withNoted) {
    for (const name of ["lists", "devices"]) await drop(name, event);
    if (withNoted) for (const one of await noted()) await drop("noted", one.key);
    own = null;
    people = new Map();
    here = new Map();
    await caches.delete(KEPT);
  }

  /* ---- Words and times */

  const now = () => new Date(Date.now() + (own ? own.skew : 0));
  const clock = (moment) =>
    new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: door.dataset.zone });
  const plain = (code) => code.replace(/[\s-]/g, "").toLowerCase();

  function show(tone, title, lines = []) {
    const result = part("result");
    result.className = `door__result door__result--${tone}`;
    result.replaceChildren(line("strong", title), ...lines.filter(Boolean).map((text) => line("span", text)));
    result.hidden = false;
  }

  function line(kind, text) {
    const made = document.createElement(kind);
    made.textContent = text;
    return made;
  }

  function report(text) {
    part("reports").hidden = false;
    part("report-list").prepend(line("li", `${clock(now())} ${text}`));
  }

  async function tell(trouble) {
    const waiting = (await noted()).length, said = [], problem = trouble || (isOver() ? "over" : null);
    if (problem) said.push(words[problem]);
    if (own) {
      if (!problem) said.push(words.held.replace("{time}", clock(own.until)));
      said.push(waiting ? words.waiting.replace("{n}", waiting) : words.sent);
      if (offline) said.push(words.offline);
      part("arrived").textContent = [...here.keys()].filter((code) => people.has(code)).length;
      // Who attends online is not waited for, but counts once here.
      part("expected").textContent = [...people].filter(([code, who]) => !who.online || here.has(code)).length;
    }
    part("state").textContent = said.join(" ");
    part("state").classList.toggle("door__state--offline", offline || Boolean(problem));
    part("prepare").hidden = Boolean(own);
    part("own").hidden = !own;
    part("camera").hidden = !own || !navigator.mediaDevices || !(builtIn() || reader.script);
  }

  /* ---- Checking in */

  async function take(typed, way) {
    const code = plain(typed);
    if (!code) return;
    if (code.length > Number(door.dataset.longest)) { // a poster's address, say: no code of anybody's
      show("bad", words.unknown);
      return;
    }
    if (await expired()) {
      show("bad", words.over);
      return;
    }
    const who = people.get(code), about = who ? [who.name, who.house, who.group] : [code];
    if (here.has(code)) {
      show("again", words.already, [...about, words.here.replace("{time}", clock(here.get(code)))]);
      return;
    }
    const entry = { key: crypto.randomUUID(), event, code, way, at: now().toISOString() };
    await keep("noted", entry);
    here.set(code, entry.at);
    await keepList();
    shown = entry.key;
    if (who) show("good", words.arrived, about);
    else show("open", words.noted, about);
    await tell();
    list();
    send();
  }

  const isOver = () => Boolean(own) && new Date(own.until) <= now();

  /* What was noted before stays, and is sent: it holds codes alone. */
  async function expired() {
    if (!isOver()) return false;
    await drop("lists", event);
    if (people.size) show("bad", words.over);
    people = new Map();
    here = new Map();
    await tell();
    return true;
  }

  /* ---- Talking to the site */

  async function ask(address, options = {}) {
    const answer = await fetch(address, {
      credentials: "same-origin",
      cache: "no-store",
      redirect: "manual",
      ...options,
      headers: { Accept: "application/json", ...(options.headers || {}) },
    });
    if (answer.ok) return answer.json();
    const said = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(said.type || String(answer.status)), { status: answer.status });
  }

  const token = () => (own && own.csrf) || document.querySelector('meta[name="csrf-token"]').content;

  function learn(said) {
    own = { ...own, device: said.device, until: said.until, csrf: said.csrf, skew: new Date(said.now) - Date.now() };
    for (const one of said.arrived || []) here.set(plain(one.code), one.at);
    if (said.last !== undefined) own.last = said.last;
  }

  async function settle(results, sent) {
    const entries = new Map(sent.map((entry) => [entry.key, entry]));
    for (const one of results) {
      const { code } = entries.get(one.key), fine = one.result === "arrived" || one.result === "repeated";
      const name = one.name || (people.get(code) || {}).name || code;
      if (one.result === "already") report(`${name}: ${words.already} (${clock(one.at)})`);
      else if (!fine) {
        here.delete(code);
        report(`${name}: ${words[one.result]}`);
      }
      if (one.key === shown) show(fine ? "good" : one.result === "already" ? "again" : "bad", words[one.result], [name]);
      await drop("noted", one.key);
    }
  }

  async function exchange() {
    const waiting = (await noted()).slice(0, 200), at = `${door.dataset.devices}${own.device}`;
    if (!waiting.length) {
      if (isOver()) return;
      const said = await ask(`${at}/roster?since=${own.last}`);
      learn(said);
      await compare(said.here);
      return;
    }
    const body = JSON.stringify({ since: own.last, entries: waiting.map(({ key, code, way, at: when }) => ({ key, code, way, at: when })) });
    const said = await ask(`${at}/sync`, { method: "POST", body, headers: { "Content-Type": "application/json", "X-CSRFToken": token() } });
    await settle(said.results, waiting);
    learn(said);
  }

  /* News say who came, not whose check-in was taken back: the stamp of the site's list does. */
  async function compare(stamp) {
    const unsent = new Set((await noted()).map((one) => one.code));
    const ours = [...here.keys()].filter((code) => !unsent.has(code)).sort().join(",");
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(ours)));
    const held = [...bytes.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (stamp === held || Date.now() - renewed < RENEW_EVERY) return;
    renewed = Date.now();
    await takeList();
    list();
  }

  async function send() {
    if (!own || sending) return;
    sending = true;
    let problem = null;
    try {
      await exchange();
      offline = false;
      await keep("devices", own);
      if (!(await expired())) await keepList();
    } catch (error) {
      problem = await trouble(error);
    }
    sending = false;
    await tell(problem);
  }

  async function trouble(error) {
    offline = error.status === undefined;
    if (error.message.endsWith("device_withdrawn")) {
      await wipe(true);
      list();
      show("bad", words.gone);
      return "gone";
    }
    if (error.message.endsWith("roster_expired")) {
      own.until = now().toISOString(); // the site's word counts, whatever was said before
      await keep("devices", own);
      await expired();
      return "over";
    }
    if (error.message.endsWith("csrf")) {
      own.csrf = null; // the next round asks for the list, which brings a new one
      await ask(`${door.dataset.devices}${own.device}/roster?since=${own.last}`).then(learn, () => {});
      return null;
    }
    return [0, 302, 401, 403, 404].includes(error.status) ? "sign_in" : null;
  }

  /* ---- The device itself */

  async function takeList() {
    const said = await ask(`${door.dataset.devices}${own.device}/roster`);
    people = new Map(said.people.map((one) => [plain(one.code), one]));
    here = new Map();
    learn(said);
    for (const one of await noted()) here.set(one.code, one.at);
  }

  async function fetchList() {
    await takeList();
    await keep("devices", own);
    await keepList();
    await keepPage();
  }

  /* The page without anybody's name on it, and every file that it is made of. */
  async function keepPage() {
    const cache = await caches.open(KEPT), parts = 'link[rel="stylesheet"], link[rel="icon"], script[src], use[href]';
    const files = [...document.querySelectorAll(parts)].map((one) => (one.getAttribute("href") || one.getAttribute("src")).split("#")[0]);
    await cache.put(door.dataset.scope, await fetch(door.dataset.scope, { cache: "no-store" }));
    if (!builtIn() && reader.script) files.push(reader.script, reader.wasm);
    await cache.addAll([...new Set(files)]);
  }

  async function prepare(form) {
    try {
      if (navigator.serviceWorker) await navigator.serviceWorker.register(door.dataset.worker, { scope: door.dataset.scope });
      const said = await ask(door.dataset.register, { method: "POST", body: new FormData(form), headers: { "X-CSRFToken": token() } });
      own = { event, name: said.name, last: 0 };
      learn(said);
      await fetchList();
      await tell();
    } catch {
      own = null;
      await tell("refused");
    }
    list();
  }

  async function renew() {
    try {
      learn(await ask(`${door.dataset.devices}${own.device}/renew`, { method: "POST", headers: { "X-CSRFToken": token() } }));
      await fetchList();
      await tell();
    } catch (error) {
      await tell((await trouble(error)) || "refused");
    }
  }

  /* ---- The list on the page */

  function list() {
    if (!own) return;
    const asked = search.value.trim().toLowerCase();
    const found = asked ? [...people.values()].filter((one) => `${one.name} ${one.house} ${one.code}`.toLowerCase().includes(asked)) : [];
    part("list").replaceChildren(...found.slice(0, 40).map(row));
    if (asked && !found.length) part("list").append(line("li", words.none));
  }

  function row(one) {
    const item = document.createElement("li"), names = document.createElement("span"), code = plain(one.code);
    names.className = "who";
    names.append(line("strong", one.name), line("span", [one.house, one.group].filter(Boolean).join(" · ")));
    item.append(names);
    if (here.has(code)) item.append(line("span", words.here.replace("{time}", clock(here.get(code)))));
    else {
      const button = line("button", words.check);
      button.type = "button";
      button.className = "button button--small button--primary";
      button.addEventListener("click", () => take(code, "list"));
      item.append(button);
    }
    return item;
  }

  /* ---- Camera and scanner */

  /* Many browsers read no codes by themselves; a library kept beside the page does it for them. */
  async function detector() {
    const wanted = { formats: ["qr_code"] };
    if (builtIn()) return new window.BarcodeDetector(wanted);
    if (!window.BarcodeDetectionAPI) await load(reader.script);
    const { BarcodeDetector, prepareZXingModule } = window.BarcodeDetectionAPI;
    await prepareZXingModule({ overrides: { locateFile: () => reader.wasm }, fireImmediately: true });
    return new BarcodeDetector(wanted);
  }

  const load = (address) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      Object.assign(script, { src: address, onload: resolve, onerror: reject });
      document.head.append(script);
    });

  async function watch() {
    const video = part("video"), recently = new Map();
    let codes;
    try {
      codes = await detector();
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      show("bad", words.camera);
      return;
    }
    video.hidden = false;
    await video.play();
    let looking = false;
    window.setInterval(async () => {
      if (looking) return; // a slow phone looks as often as it can
      looking = true;
      const [found] = await codes.detect(video).catch(() => []);
      looking = false;
      if (!found || Date.now() - (recently.get(found.rawValue) || 0) < 5000) return;
      recently.set(found.rawValue, Date.now());
      take(found.rawValue, "camera");
    }, 250);
  }

  /* A scanner types faster than anybody: less than 40 ms a sign. */
  let first = 0;
  const way = () => (field.value.length > 5 && (Date.now() - first) / field.value.length < 40 ? "scanner" : "typed");

  field.addEventListener("input", () => {
    if (field.value.length <= 1) first = Date.now();
  });
  part("take").addEventListener("submit", (submitted) => {
    submitted.target.elements.way.value = way();
    if (!own) return;
    submitted.preventDefault();
    take(field.value, way());
    field.value = "";
    field.focus();
  });
  part("search").addEventListener("submit", (submitted) => {
    if (!own) return;
    submitted.preventDefault();
    list();
  });
  search.addEventListener("input", list);
  part("prepare").addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    prepare(submitted.target);
  });
  part("renew").addEventListener("click", renew);
  part("forget").addEventListener("click", () => wipe(false).then(() => location.reload()));
  part("camera").addEventListener("click", watch);
  window.addEventListener("online", send);

  /* ---- Beginning */

  async function begin() {
    own = (await read("devices", event)) || null;
    const kept = own && (await read("lists", event));
    if (kept) {
      people = new Map(kept.people.map((one) => [plain(one.code), one]));
      here = new Map(kept.here);
    }
    if (!(await expired())) await tell();
    await send();
    window.setInterval(() => expired().then(send), SEND_EVERY);
  }

  begin();
})();
