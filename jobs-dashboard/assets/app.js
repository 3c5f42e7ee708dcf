// What pages gain with JavaScript: times in the visitor's zone, live updates over one stream a browser, charts, keys.
(() => {
  "use strict";
  const root = document.documentElement;
  const data = document.body.dataset;
  root.classList.add("js");
  // The visitor's own form of the page's language, such as en-GB.
  const locale = (navigator.languages || []).find(one => one.split("-")[0] === root.lang) || root.lang;

  // Times: relative in the visitor's language, exact in the visitor's zone.
  const exact = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "long" });
  const relative = new Intl.RelativeTimeFormat(locale, { style: "short", numeric: "auto" });
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  function times() {
    const now = Date.now();
    for (const element of document.querySelectorAll("time[datetime]")) {
      const at = new Date(element.dateTime);
      if (isNaN(at)) continue;
      element.title = exact.format(at);
      if (element.classList.contains("exact")) {
        element.textContent = exact.format(at);
      } else {
        const seconds = (at - now) / 1000;
        const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) || units[3];
        element.textContent = relative.format(Math.trunc(seconds / size), unit);
      }
    }
  }

  // Charts.
  const plots = new Map();
  function charts() {
    if (typeof uPlot === "undefined") return;
    for (const [mount, plot] of plots) {
      if (!mount.isConnected) { plot.destroy(); plots.delete(mount); }
    }
    for (const figure of document.querySelectorAll("figure[data-chart]")) {
      const mount = figure.querySelector(".plot");
      const chart = JSON.parse(figure.dataset.chart);
      const rows = [chart.at, ...chart.series.map(series => series.values)];
      figure.querySelector("svg.still")?.setAttribute("hidden", "");
      const known = plots.get(mount);
      if (known) { known.setData(rows); continue; }
      mount.hidden = false;
      const faded = getComputedStyle(figure.querySelector(".muted") || figure).color;
      const axis = { stroke: faded, grid: { stroke: "rgba(128,128,128,.18)", width: 1 }, ticks: { show: false } };
      const stroke = series => getComputedStyle(figure.querySelector(".swatch." + series.class)).color;
      const series = chart.series.map(series => ({ stroke: stroke(series), width: 1.75, points: { show: false },
        fill: stroke(series).replace("rgb(", "rgba(").replace(")", ", .08)") }));
      const days = chart.at[chart.at.length - 1] - chart.at[0] > 2 * 86400;
      const short = new Intl.DateTimeFormat(locale, days ? { month: "short", day: "numeric" } : { hour: "2-digit", minute: "2-digit" });
      const values = (_, splits) => splits.map(second => short.format(second * 1000));
      // The legend tells the numbers under the pointer, and else the sums, which the server has written.
      const sums = () => [...figure.querySelectorAll("[data-sum]")];
      const setCursor = plot => {
        const index = plot.cursor.idx;
        for (const [at, element] of sums().entries()) {
          element.textContent = index == null ? element.dataset.sum : plot.data[at + 1][index].toLocaleString(locale);
        }
        figure.querySelector("[data-at]").textContent = index == null ? "" : exact.format(plot.data[0][index] * 1000);
      };
      const size = () => ({ width: mount.clientWidth, height: 220 });
      const plot = new uPlot({ ...size(), series: [{}, ...series], legend: { show: false }, hooks: { setCursor: [setCursor] },
        axes: [{ ...axis, values }, { ...axis, size: 56, values: (_, ticks) => ticks.map(tick => tick.toLocaleString(locale)) }],
        scales: { y: { range: (_, low, high) => [0, Math.max(high, 1)] } },
        cursor: { y: false }, padding: [12, 28, 0, 0] }, rows, mount);
      plots.set(mount, plot);
      new ResizeObserver(() => plot.setSize(size())).observe(mount);
    }
  }

  // The last minute: the server draws what it knows, and the stream tells what follows. Who wants no motion sees it move every ten seconds.
  const ended = new Map(), calm = matchMedia("(prefers-reduced-motion: reduce)");
  let skew = 0;
  function note(now) {
    skew = now.at - Date.now() / 1000;
    for (const [at, counts] of now.ended) ended.set(at, counts);
  }
  function seconds() {
    const figure = document.querySelector("figure[data-now]");
    if (!figure) return;
    const last = Math.floor(Date.now() / 1000 + skew), paths = ["", ""], sums = [0, 0];
    for (const at of ended.keys()) if (at <= last - 60) ended.delete(at);
    const top = Math.max(1, ...[...ended.values()].map(([good, bad]) => good + bad));
    for (const [at, counts] of ended) {
      let y = 100;
      for (const [which, count] of counts.entries()) {
        const height = count / top * 100;
        y -= height;
        sums[which] += count;
        if (count > 0) paths[which] += `M${(59.1 - last + at).toFixed(1)} ${y.toFixed(2)}h.8v${height.toFixed(2)}h-.8z`;
      }
    }
    for (const [which, path] of figure.querySelectorAll("path").entries()) path.setAttribute("d", paths[which]);
    for (const [which, sum] of figure.querySelectorAll("b").entries()) sum.textContent = sums[which].toLocaleString(locale);
  }
  const first = document.querySelector("figure[data-now]");
  if (first) note(JSON.parse(first.dataset.now));

  // Live updates: one tab of the browser holds the stream and tells the others, because a browser opens only six connections to a
  // host. Where there is no stream, all that pages show is asked for each ten seconds.
  const SWITCH = "jobs-live", topics = ["totals", "servers"];
  const button = document.querySelector("[data-live-switch]");
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("jobs-live:" + data.live) : null;
  // Storage may be blocked; then the switch is forgotten with the page.
  const kept = { get: () => { try { return localStorage.getItem(SWITCH); } catch { return null; } },
    set: value => { try { localStorage.setItem(SWITCH, value); } catch { /* It holds for this page. */ } } };
  let wanted = kept.get() !== "off", heard = 0, lost = false, release = null, missed = false;
  let known = (data.versions || "").split(",").map(Number);
  function show(state) {
    if (!button) return;
    button.dataset.state = state;
    button.setAttribute("aria-pressed", String(state !== "off"));
    button.querySelector(".word").textContent = button.dataset[state];
  }
  function changed(names) {
    if (names.length > 0) names = [...names, "any"];
    for (const name of names) document.body.dispatchEvent(new CustomEvent("live:" + name));
  }
  function take(message) {
    heard = Date.now();
    lost = message.state === "lost";
    note(message.now);
    if (!wanted || document.hidden) return;
    show(lost ? "lost" : "on");
    for (const [name, count] of Object.entries(message.counts || {})) {
      for (const element of document.querySelectorAll(`[data-count="${CSS.escape(name)}"]`)) element.textContent = count;
    }
    changed(topics.filter((_, at) => message.versions[at] !== known[at]));
    known = message.versions;
  }
  function tell(message) { take(message); channel?.postMessage(message); }
  function hold() {
    return new Promise(resolve => {
      let source, timer, retry = 1000;
      const open = () => {
        source = new EventSource(data.live);
        source.addEventListener("pulse", event => { retry = 1000; tell(JSON.parse(event.data)); });
        source.addEventListener("error", () => {
          if (source.readyState !== EventSource.CLOSED) return;
          timer = setTimeout(open, retry);
          retry = Math.min(retry * 2, 60000);
        });
      };
      release = () => { clearTimeout(timer); source.close(); release = null; resolve(); };
      open();
    });
  }
  let waiting = null;
  function join() {
    if (!data.live || !wanted || document.hidden || waiting || !navigator.locks || !channel) return;
    waiting = new AbortController();
    navigator.locks.request("jobs-live:" + data.live, { signal: waiting.signal }, hold)
      .catch(() => {}).finally(() => { waiting = null; });
  }
  function leave() { if (release) release(); else waiting?.abort(); }
  if (data.live) {
    channel?.addEventListener("message", event => take(event.data));
    document.addEventListener("visibilitychange", () => { if (document.hidden) leave(); else { changed(topics); join(); } });
    button?.addEventListener("click", () => {
      wanted = !wanted;
      kept.set(wanted ? "on" : "off");
      show(wanted ? "on" : "off");
      if (wanted) { changed(topics); join(); } else leave();
    });
    setInterval(() => {
      if (!wanted || document.hidden) return;
      if (Date.now() - heard > 20000) changed(topics);
      join();
    }, 10000);
    // Without word from the stream it stands still: nobody knows whether nothing ends.
    let ticks = 0;
    setInterval(() => {
      const knows = wanted && !lost && !document.hidden && Date.now() - heard < 20000;
      if (knows && ticks++ % (calm.matches ? 10 : 1) === 0) seconds();
    }, 1000);
    show(wanted ? "on" : "off");
    join();
  }

  // Nothing is exchanged while somebody has ticked something, writes or points at a list: not when it is asked for, and not when the
  // answer comes. It is made up for afterwards.
  const busy = () => document.querySelector('main :is(input[name="job"]:checked, :is(input, select, textarea):focus, .list:hover)');
  for (const moment of ["htmx:before:request", "htmx:before:swap"]) {
    document.addEventListener(moment, event => {
      if (!event.target.closest?.("[hx-select-oob]") || !busy()) return;
      missed = true;
      event.preventDefault();
    });
  }
  // So is an answer that did not come.
  for (const moment of ["htmx:response:error", "htmx:error"]) {
    document.addEventListener(moment, event => {
      if (event.target.closest?.("[hx-select-oob]")) missed = true;
    });
  }
  setInterval(() => {
    if (!missed || busy() || document.hidden) return;
    missed = false;
    changed(topics);
  }, 2000);
  document.addEventListener("change", event => {
    if (!event.target.matches("[data-tick-all]")) return;
    for (const tick of event.target.form.querySelectorAll('input[name="job"]')) tick.checked = event.target.checked;
  });

  // Keys: g and a letter goes to a page, / to the first filter.
  let before = "";
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, [contenteditable]")) return;
    if (before === "g") document.querySelector(`.nav [data-key="${CSS.escape(event.key)}"]`)?.click();
    if (event.key === "/") {
      const filter = document.querySelector("[data-filter]");
      if (filter) { event.preventDefault(); filter.focus(); }
    }
    before = event.key;
  });

  document.addEventListener("htmx:after:swap", () => { times(); charts(); });
  setInterval(times, 15000);
  times();
  charts();
  // On a phone the navigation is a line that is longer than the screen.
  const bar = document.querySelector(".nav"), current = bar?.querySelector("[aria-current]");
  if (current) bar.scrollLeft = current.offsetLeft - (bar.clientWidth - current.offsetWidth) / 2;
})();
