/* Draws each <figure data-chart> with ECharts from the JSON in its attribute. The table beside it
   says the same and is there without this file. Colours are the site's own, read from its style
   sheet, so a drawing follows the theme when it changes; on paper it is black on white. SVG, so
   that it stays sharp in print. Nothing inline and no eval: the content security policy. */
(() => {
  "use strict";

  const engine = window.echarts;
  if (!engine) return;

  const root = document.documentElement;
  const motion = window.matchMedia("(prefers-reduced-motion: reduce)");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const drawn = new Map();
  let paper = false;

  function colours() {
    const style = getComputedStyle(root);
    const read = (name) => style.getPropertyValue(name).trim();
    if (paper) {
      return { ink: "#000", muted: "#222", line: "#777", ground: "#fff", target: "#000",
        series: ["#444", "#999", "#666", "#bbb", "#222"], low: "#ffffff", high: "#555555" };
    }
    return {
      ink: read("--ink"), muted: read("--muted"), line: read("--line"), ground: read("--surface"),
      target: read("--focus"),
      series: ["--action", "--timber-line", "--good", "--bad", "--muted"].map(read),
      low: read("--sunken"), high: read("--action"),
    };
  }

  const short = new Intl.NumberFormat(root.lang, { notation: "compact", maximumFractionDigits: 1 });

  function axisWords(unit) {
    const sign = unit === "percent" || unit === "share" ? "%" : "";
    return (value) => short.format(value) + sign;
  }

  function cut(text, most) {
    return text.length > most ? `${text.slice(0, most - 1)}…` : text;
  }

  /* Chinese takes two places a character. */
  function places(text) {
    return [...text].reduce((sum, each) => sum + (each.charCodeAt(0) > 0x2e80 ? 2 : 1), 0);
  }

  /* Text of a tile must be readable on its shade: mix two colours, then weigh the light of it. */
  function channels(colour) {
    const hex = colour.replace("#", "");
    const full = hex.length === 3 ? [...hex].map((each) => each + each).join("") : hex;
    return [0, 2, 4].map((start) => parseInt(full.slice(start, start + 2), 16));
  }

  function mix(low, high, share) {
    const [from, to] = [channels(low), channels(high)];
    return from.map((each, index) => Math.round(each + (to[index] - each) * share));
  }

  function luminance(rgb) {
    const [r, g, b] = rgb.map((each) => {
      const part = each / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function textOn(rgb) {
    return luminance(rgb) > 0.179 ? "#000000" : "#ffffff";
  }

  function frame(chart, look) {
    return {
      animation: !paper && !motion.matches,
      animationDuration: 300,
      color: look.series,
      textStyle: { color: look.ink, fontFamily: getComputedStyle(document.body).fontFamily },
      // Patterns beside colours, so that series differ on any paper and to any eye.
      aria: { enabled: true, label: { enabled: false }, decal: { show: chart.series.length > 1 } },
      tooltip: {
        renderMode: "richText", confine: true, backgroundColor: look.ground,
        borderColor: look.line, textStyle: { color: look.ink },
        formatter: (point) => {
          const one = Array.isArray(point) ? point : [point];
          const place = one[0].dataIndex;
          return [chart.labels[place], ...chart.series.map(
            (each) => `${each.name}: ${each.words[place]}`)].join("\n");
        },
      },
      legend: chart.series.length > 1
        ? { top: 0, textStyle: { color: look.ink }, inactiveColor: look.muted } : undefined,
      grid: { left: 8, right: 24, top: chart.series.length > 1 ? 40 : 12, bottom: 8,
        containLabel: true },
    };
  }

  function axes(look, unit, width) {
    return {
    value: { type: "value", splitNumber: width < 480 ? 2 : 5,
        axisLabel: { color: look.muted, hideOverlap: true, formatter: axisWords(unit) },
        splitLine: { lineStyle: { color: look.line } } },
      names: { type: "category", axisLine: { lineStyle: { color: look.line } },
        axisTick: { show: false }, axisLabel: { color: look.ink } },
    };
  }

  function bars(chart, look, width) {
    const { value, names } = axes(look, chart.series[0].unit, width);
    const stacked = chart.kind === "stacked";
    const room = width < 480 ? 8 : 18;
    const longest = Math.max(...chart.series.flatMap((each) => each.words.map(places)));
    const framed = frame(chart, look);
    return {
      ...framed,
      // Room for the words behind the longest bar.
      grid: { ...framed.grid, right: stacked ? 24 : 16 + 7 * longest },
      xAxis: value,
      yAxis: { ...names, type: "category", inverse: true,
        data: chart.labels.map((each) => cut(each, room)) },
      series: chart.series.map((each) => ({
        name: each.name, type: "bar", data: each.values, barMaxWidth: 22,
        stack: stacked ? "all" : undefined,
        itemStyle: { borderColor: look.ink, borderWidth: paper ? 1 : 0 },
        label: { show: !stacked, position: "right", color: look.ink,
          formatter: (point) => each.words[point.dataIndex] },
      })),
    };
  }

  function line(chart, look, width) {
    const { value, names } = axes(look, chart.series[0].unit, width);
    const marks = ["circle", "rect", "triangle", "diamond"];
    const dashes = ["solid", "dashed", "dotted", [10, 3, 2, 3]];
    return {
      ...frame(chart, look),
      tooltip: { ...frame(chart, look).tooltip, trigger: "axis" },
      xAxis: { ...names, data: chart.labels, boundaryGap: false },
      yAxis: value,
      series: chart.series.map((each, index) => ({
        name: each.name, type: "line", data: each.values, connectNulls: false,
        symbol: each.target ? "none" : marks[index % marks.length], symbolSize: 7,
        color: each.target ? look.target : look.series[index % look.series.length],
        lineStyle: { width: 2, type: each.target ? [6, 4] : dashes[index % dashes.length] },
        emphasis: { disabled: true },
      })),
    };
  }

  /* Stages from the top, each centred: a bar between two that nobody sees. */
  function funnel(chart, look, width) {
    const [main] = chart.series;
    const most = Math.max(...main.values, 1);
    const side = main.values.map((each) => (most - (each || 0)) / 2);
    const room = width < 480 ? 7 : 18;
    return {
      ...frame({ ...chart, series: [main] }, look),
      legend: undefined,
      grid: { left: 8, right: 8, top: 8, bottom: 8, containLabel: true },
      xAxis: { type: "value", show: false, max: most },
      yAxis: { type: "category", inverse: true, axisTick: { show: false },
        axisLine: { show: false }, axisLabel: { color: look.ink },
        data: chart.labels.map((each) => cut(each, room)) },
      series: [
        { type: "bar", stack: "all", data: side, silent: true, itemStyle: { opacity: 0 },
          tooltip: { show: false } },
        { type: "bar", stack: "all", data: main.values, barCategoryGap: "18%",
          itemStyle: { color: look.series[0], borderColor: look.ink, borderWidth: paper ? 1 : 0 },
          label: { show: true, position: "inside", color: look.ink, backgroundColor: look.ground,
            padding: [2, 6], borderRadius: 3,
            formatter: (point) => main.words[point.dataIndex] } },
      ],
    };
  }

  function tiles(chart, look, width) {
    const [main] = chart.series;
    const shown = chart.places.map((place, index) => ({ place, index }))
      .filter(({ place }) => place[0] >= 0);
    const columns = Math.max(...shown.map(({ place }) => place[0])) + 1;
    const rows = Math.max(...shown.map(({ place }) => place[1])) + 1;
    const size = Math.floor(Math.min(width / columns, 92)) - 4;
    const most = Math.max(...main.values.map((each) => each || 0), 0);
    const letters = size < 60 ? 10 : 12;
    const numbers = (count) => ({ type: "category", show: false, data: [...Array(count).keys()] });
    return {
      ...frame({ ...chart, series: [main] }, look),
      legend: undefined,
      grid: { left: (width - columns * (size + 4)) / 2, width: columns * (size + 4), top: 0,
        height: rows * (size + 4) },
      xAxis: numbers(columns),
      yAxis: { ...numbers(rows), inverse: true },
      series: [{
        type: "scatter", symbol: "rect", symbolSize: size,
        data: shown.map(({ place, index }) => {
          const shade = mix(look.low, look.high, most ? (main.values[index] || 0) / most : 0);
          return {
            value: place, place: index,
            itemStyle: { color: `rgb(${shade.join(",")})`, borderColor: look.line, borderWidth: 1 },
            label: { color: textOn(shade) },
          };
        }),
        label: { show: true, fontSize: letters, lineHeight: letters + 4,
          width: size - 2, overflow: "truncate",
          formatter: (point) => {
            const place = point.data.place;
            return `${chart.short[place]}\n${main.words[place]}`;
          } },
        tooltip: { formatter: (point) => {
          const place = point.data.place;
          return `${chart.labels[place]}\n${main.name}: ${main.words[place]}`;
        } },
        emphasis: { disabled: true },
      }],
      rows, size,
    };
  }

  const KINDS = { bar: bars, stacked: bars, line, funnel, map: tiles };

  function height(chart, option) {
    if (chart.kind === "map") return option.rows * (option.size + 4);
    if (chart.kind === "line") return 320;
    const each = chart.kind === "bar" ? 14 + 20 * chart.series.length : 38;
    return Math.min(48 + chart.labels.length * each, 1400);
  }

  function draw(figure) {
    const known = drawn.get(figure);
    const chart = known ? known.chart : JSON.parse(figure.dataset.chart);
    const kind = KINDS[chart.kind];
    if (!kind || !chart.series.length) return;
    figure.hidden = false;
    const place = figure.querySelector(".chart__drawing");
    const width = paper ? 640 : place.clientWidth;
    if (!width) return;
    const option = kind(chart, colours(), width);
    const size = { width, height: height(chart, option) };
    place.style.height = `${size.height}px`;
    let plot = known && known.plot;
    if (plot) plot.resize(size);
    else {
      plot = engine.init(place, null, { renderer: "svg", ...size });
      plot.on("click", (point) => {
        const at = point.data && point.data.place !== undefined ? point.data.place : point.dataIndex;
        if (chart.links[at]) window.location.assign(chart.links[at]);
      });
    }
    delete option.rows;
    delete option.size;
    plot.setOption(option, { notMerge: true });
    place.classList.toggle("chart__drawing--leads", chart.links.some(Boolean));
    drawn.set(figure, { chart, plot });
    figure.dataset.drawn = paper ? "paper" : "screen";
  }

  function drawAll() {
    for (const figure of document.querySelectorAll("figure[data-chart]")) draw(figure);
  }

  function print(begins) {
    if (paper === begins) return;
    paper = begins;
    // On paper nothing unfolds: what a figure means stands open.
    for (const fold of document.querySelectorAll("details.how-counted")) fold.open = begins;
    drawAll();
  }

  let waiting = 0;
  window.addEventListener("resize", () => {
    window.cancelAnimationFrame(waiting);
    waiting = window.requestAnimationFrame(drawAll);
  });
  new MutationObserver(drawAll).observe(root, { attributeFilter: ["data-theme"] });
  dark.addEventListener("change", drawAll);
  motion.addEventListener("change", drawAll);
  window.addEventListener("beforeprint", () => print(true));
  window.addEventListener("afterprint", () => print(false));
  window.matchMedia("print").addEventListener("change", (event) => print(event.matches));
  drawAll();
})();
