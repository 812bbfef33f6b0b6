// The server has drawn each chart already; here it is drawn again so that it can be asked: what stands under the pointer is
// said below it, and it is as wide as its box. Without the library, or without a script, the first drawing stays.
const numbers = new Intl.NumberFormat(document.documentElement.lang || "en-GB");
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const HEIGHT = 230;

function barsOf(series) {
  const look = {
    main: { fill: ink("--spot"), stroke: ink("--spot"), width: 0 },
    rest: { fill: ink("--stock"), stroke: ink("--edge"), width: 1 },
  }[series.look];
  return { ...look, paths: window.uPlot.paths.bars({ size: [0.62, 60] }), points: { show: false } };
}

const beforeOf = () => ({ stroke: ink("--ink-3"), width: 1.5, dash: [2, 4], cap: "round", points: { show: false } });
const lineOf = () => ({ stroke: ink("--spot"), width: 2.5, points: { show: false } });

// The number of the highest, with a dot on a line.
function markPeak(data) {
  const highest = data.series.filter((series) => series.look !== "before").sort((one, other) => Math.max(...other.values) - Math.max(...one.values))[0];
  const most = Math.max(...highest.values);
  const at = highest.values.indexOf(most);
  return (plot) => {
    const x = plot.valToPos(at, "x", true);
    const y = plot.valToPos(most, "y", true);
    const { ctx } = plot;
    const ratio = devicePixelRatio || 1;
    ctx.save();
    if (data.kind === "line") {
      ctx.beginPath();
      ctx.arc(x, y, 4.5 * ratio, 0, 2 * Math.PI);
      ctx.fillStyle = ink("--spot");
      ctx.fill();
      ctx.lineWidth = 2 * ratio;
      ctx.strokeStyle = ink("--paper");
      ctx.stroke();
    }
    ctx.font = `600 ${12 * ratio}px ${ink("--sans")}`;
    ctx.fillStyle = ink("--ink");
    ctx.textAlign = "center";
    ctx.fillText(numbers.format(most), x, y - 9 * ratio);
    ctx.restore();
  };
}

function options(data, drawn, width, asked) {
  const sans = `12px ${ink("--sans")}`;
  const narrow = width < 480;
  const every = Math.ceil(data.labels.length / (narrow ? 6 : 13));
  const last = data.labels.length - 1;
  return {
    width,
    height: HEIGHT,
    padding: [22, 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: { x: { time: false, range: [-0.5, last + 0.5] }, y: { range: (plot, low, high) => [0, Math.max(high * 1.06, 1)] } },
    axes: [
      {
        stroke: ink("--ink-3"),
        font: sans,
        grid: { show: false },
        ticks: { show: false },
        size: 28,
        splits: () => data.labels.map((label, number) => number).filter((number) => (last - number) % every === 0),
        values: (plot, splits) => splits.map((number) => data.labels[number]),
      },
      {
        side: 1,
        stroke: ink("--ink-3"),
        font: sans,
        size: 52,
        space: 44,
        grid: { stroke: ink("--hair"), width: 1 },
        ticks: { show: false },
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000],
        values: (plot, splits) => splits.map((value) => numbers.format(value)),
      },
    ],
    series: [{}, ...drawn.map((series) => (series.look === "before" ? beforeOf() : data.kind === "line" ? lineOf() : barsOf(series)))],
    hooks: {
      draw: [markPeak(data)],
      setCursor: [
        (plot) => {
          const at = plot.cursor.idx;
          asked.hidden = at === null || at === undefined;
          if (asked.hidden) return;
          const said = data.series.map((series) => `${series.name} ${numbers.format(series.values[at])}`);
          asked.textContent = `${data.names[at]}: ${said.join(" · ")}`;
        },
      ],
    },
  };
}

function draw(figure) {
  const data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  const box = figure.querySelector(".lp-drawing");
  const asked = figure.querySelector(".lp-asked");
  const order = { rest: 0, before: 1, main: 2 };
  const drawn = [...data.series].sort((one, other) => order[one.look] - order[other.look]);
  const rows = [data.labels.map((label, number) => number), ...drawn.map((series) => series.values)];
  let plot = null;
  const again = () => {
    const width = Math.floor(box.clientWidth);
    if (!width) return;
    plot?.destroy();
    box.replaceChildren();
    plot = new window.uPlot(options(data, drawn, width, asked), rows, box);
  };
  again();
  let known = box.clientWidth;
  new ResizeObserver(() => {
    if (Math.abs(box.clientWidth - known) < 2) return;
    known = box.clientWidth;
    again();
  }).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme", "data-ink"] });
}

if (window.uPlot) {
  await document.fonts?.ready;
  for (const figure of document.querySelectorAll("[data-chart]")) draw(figure);
}
