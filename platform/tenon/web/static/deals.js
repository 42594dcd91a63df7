/* Terms that are asked only where another term has a certain value: hidden while they are not.
   Without this file all of them are shown, each with the words that say when it counts. */
(() => {
  "use strict";

  for (const form of document.querySelectorAll("form[data-terms]")) {
    const conditional = [...form.querySelectorAll("[data-when]")].map((part) => ({
      part,
      when: JSON.parse(part.dataset.when),
    }));
    for (const hint of form.querySelectorAll("[data-hint]")) hint.hidden = true;

    /* What a term says at present: the values of its inputs, while it is shown itself. */
    const said = (code) => {
      const own = form.querySelector(`[data-term="${code}"]`);
      if (own && own.hidden) return [];
      return new FormData(form).getAll(`t.${code}`).filter((value) => value !== "");
    };

    const holds = ({ term, among, given }) => {
      const values = said(term);
      return given ? values.length > 0 : values.some((value) => among.includes(value));
    };

    /* One term may hang on another that hangs on a third: go on until nothing changes. */
    const settle = () => {
      for (let round = 0; round < 6; round += 1) {
        let changed = false;
        for (const { part, when } of conditional) {
          const hidden = !when.every(holds);
          changed = changed || hidden !== part.hidden;
          part.hidden = hidden;
        }
        if (!changed) break;
      }
    };

    settle();
    form.addEventListener("change", settle);
    form.addEventListener("input", settle);
  }
})();
