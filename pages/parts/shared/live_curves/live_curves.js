// A small SVG line chart. The whole drawing is made anew from the data at each update, inside a node that
// stays, so a growing curve costs no flicker; hovering reads the values without asking the server.
const AROUND = { top: 26, right: 16, bottom: 34, left: 44 }; // the plot, in pixels of the usual type
const margins = () => Object.fromEntries(Object.entries(AROUND).map(([side, size]) => [side, size * typeSize()]));
const SHARE = 0.29; // of the window's height, so that two charts, bars and controls are in it together
const ALONE = 0.45; // of one chart alone, beside its words: on a phone they stand below it
const WIDE = 768;
const height = (data) => {
  const share = data.alone && window.innerWidth >= WIDE ? ALONE : SHARE;
  return Math.round(Math.min(data.alone ? 420 : 320, Math.max(200, share * window.innerHeight)));
};

export default function (component) {
  const { data, parentElement } = component;
  const figure = parentElement.querySelector(".chart");
  if (!figure) return;
  const [chart, end] = lasting(
    figure,
    () => {
      const made = { data, hover: null };
      made.observer = new ResizeObserver(() => draw(figure, made));
      made.observer.observe(figure);
      return made;
    },
    (made) => made.observer.disconnect(),
  );
  chart.data = data;
  figure.onpointermove = (event) => {
    const box = figure.getBoundingClientRect();
    chart.hover = event.clientX - box.left;
    showTip(figure, chart);
  };
  figure.onpointerleave = () => {
    chart.hover = null;
    showTip(figure, chart);
  };
  draw(figure, chart);
  return end;
}

function scales(width, data) {
  const margin = margins();
  const plotWidth = Math.max(40, width - margin.left - margin.right);
  const plotHeight = height(data) - margin.top - margin.bottom;
  const [x0, x1] = data.xRange;
  const inside = data.lines.flatMap((line) => line.y.filter((_, i) => line.x[i] >= x0 && line.x[i] <= x1));
  let [low, high] = data.yRange || [Math.min(...inside), Math.max(...inside)];
  if (!isFinite(low) || !isFinite(high)) [low, high] = data.logY ? [0.01, 3] : [0, 100];
  if (data.logY) {
    low = Math.max(low, 1e-4);
    [low, high] = [low / 1.15, Math.max(high, low) * 1.15];
  } else if (!data.yRange) {
    const pad = (high - low || 1) * 0.08;
    [low, high] = [low - pad, Math.min(high + pad, data.unit === "%" ? 100.2 : Infinity)];
  }
  const f = data.logY ? Math.log10 : (v) => v;
  return {
    margin,
    plotWidth,
    plotHeight,
    low,
    high,
    x: (v) => margin.left + ((v - x0) / (x1 - x0 || 1)) * plotWidth,
    y: (v) => margin.top + plotHeight * (1 - (f(v) - f(low)) / (f(high) - f(low) || 1)),
    invertX: (px) => x0 + ((px - margin.left) / plotWidth) * (x1 - x0),
  };
}

function ticks(low, high, count) {
  const step0 = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(step0));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= step0);
  const out = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) out.push(Number(v.toPrecision(10)));
  return out;
}

function logTicks(low, high) {
  const out = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++)
    for (const m of [1, 2, 5]) {
      const v = m * 10 ** e;
      if (v >= low && v <= high) out.push(Number(v.toPrecision(6)));
    }
  return out;
}

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

function draw(figure, chart) {
  const { data } = chart;
  const width = figure.clientWidth || 400;
  const s = scales(width, data);
  const { margin } = s;
  const rem = typeSize();
  const bottom = margin.top + s.plotHeight;
  const xTicks = ticks(...data.xRange, Math.min(10, Math.max(2, s.plotWidth / (60 * rem)))).filter(
    (v) => data.xRange[1] - data.xRange[0] < 2 || Number.isInteger(v),
  );
  const yTicks = data.logY ? logTicks(s.low, s.high) : ticks(s.low, s.high, Math.max(2, Math.min(6, s.plotHeight / (22 * rem))));
  const clip = `clip-${Math.random().toString(36).slice(2)}`;
  const named = data.lines.filter((line) => line.named);
  const legend = named.map(
    (line) =>
      `<span><svg width="30" height="10" aria-hidden="true"><line x1="0" x2="30" y1="5" y2="5" stroke-width="3" stroke="${escape(line.color)}" stroke-dasharray="${escape(line.dash)}"/>${dot(line, 15, 5)}</svg>${escape(line.label)}</span>`,
  );
  for (const cross of data.crosses)
    legend.push(
      `<span><svg width="30" height="14" aria-hidden="true" class="cross">${strokes(15, 7, 5, cross.color)}</svg>${escape(cross.label)} diverged</span>`,
    );
  if (data.note) legend.push(`<span>${escape(data.note)}</span>`);
  const parts = [
    `<svg role="img" aria-label="${escape(data.alt)}" height="${height(data)}" viewBox="0 0 ${width} ${height(data)}">`,
    `<defs><clipPath id="${clip}"><rect x="${margin.left - 5}" y="${margin.top - 5}" width="${s.plotWidth + 10}" height="${s.plotHeight + 10}"/></clipPath></defs>`,
    `<text class="title" x="0" y="${16 * rem}">${escape(data.title)}</text>`,
    ...yTicks.map(
      (v) =>
        `<line class="grid" x1="${margin.left}" x2="${margin.left + s.plotWidth}" y1="${s.y(v)}" y2="${s.y(v)}"/>` +
        `<text x="${margin.left - 6 * rem}" y="${s.y(v) + 4 * rem}" text-anchor="end">${v}</text>`,
    ),
    ...xTicks.map((v) => `<text x="${s.x(v)}" y="${bottom + 16 * rem}" text-anchor="middle">${v}</text>`),
    `<text x="${margin.left + s.plotWidth / 2}" y="${bottom + 31 * rem}" text-anchor="middle">Epoch</text>`,
    `<g clip-path="url(#${clip})">`,
  ];
  for (const line of data.lines) {
    const points = line.x.map((v, i) => [s.x(v), s.y(data.logY ? Math.max(line.y[i], s.low) : line.y[i])]);
    if (points.length > 1)
      parts.push(
        `<polyline fill="none" stroke="${escape(line.color)}" stroke-width="${line.width}" stroke-dasharray="${escape(line.dash)}" points="${points.map((p) => p.map((v) => v.toFixed(1)).join(",")).join(" ")}"/>`,
      );
    if (line.dots || points.length === 1)
      for (const [x, y] of points) parts.push(dot(line, x, y));
  }
  for (const cross of data.crosses.filter((c) => inWindow(c.x, data)))
    parts.push(`<g class="cross">${strokes(s.x(cross.x), crossY(cross, data, s), 7, cross.color)}</g>`);
  parts.push("</g></svg>", `<div class="legend">${legend.join("")}</div>`, '<div class="tip" hidden></div>');
  figure.innerHTML = parts.join("");
  showTip(figure, chart);
}

function dot(line, x, y) {
  const color = escape(line.color);
  const paint = `class="${line.hollow ? "hollow" : ""}" stroke="${color}" fill="${color}"`;
  const r = line.width < 2 ? 2.5 : 4;
  if (line.shape === "circle") return `<circle ${paint} cx="${x}" cy="${y}" r="${r}"/>`;
  const turn = line.shape === "diamond" ? ` transform="rotate(45 ${x} ${y})"` : "";
  return `<rect ${paint} x="${x - r}" y="${y - r}" width="${2 * r}" height="${2 * r}"${turn}/>`;
}

const inWindow = (x, data) => x >= data.xRange[0] && x <= data.xRange[1];

// a line without a point has no height of its own: the cross stands at the top, where it went
function crossY(cross, data, s) {
  const y = cross.y === null ? s.high : Math.min(Math.max(cross.y, s.low), s.high);
  return s.y(y);
}

// twice: a border of the page's own colour lets the cross stand out from the line that it ends
function strokes(x, y, r, color) {
  const path = `M${x - r} ${y - r}L${x + r} ${y + r}M${x - r} ${y + r}L${x + r} ${y - r}`;
  return `<path class="border" d="${path}"/><path stroke="${escape(color)}" stroke-width="3" d="${path}"/>`;
}

function showTip(figure, chart) {
  const tip = figure.querySelector(".tip");
  if (!tip) return;
  const { data, hover } = chart;
  const width = figure.clientWidth || 400;
  const s = scales(width, data);
  if (hover === null || hover < s.margin.left || hover > s.margin.left + s.plotWidth) {
    tip.hidden = true;
    return;
  }
  const at = s.invertX(hover);
  const rows = data.lines
    .filter((line) => line.x.some((v) => inWindow(v, data)))
    .map((line) => {
      const i = line.x.reduce((best, v, j) => (Math.abs(v - at) < Math.abs(line.x[best] - at) ? j : best), 0);
      return `${escape(line.label)}: ${line.y[i].toFixed(data.digits)} ${escape(data.unit)} at ${line.x[i].toFixed(data.xRange[1] > 2 ? 1 : 3)}`;
    });
  for (const cross of data.crosses)
    if (inWindow(cross.x, data) && Math.abs(s.x(cross.x) - hover) < 24)
      rows.push(`<div class="why">✕ ${escape(cross.label)} diverged: ${escape(cross.reason)}</div>`);
  tip.hidden = !rows.length;
  tip.innerHTML = rows.map((row) => (row.startsWith("<div") ? row : `<div>${row}</div>`)).join("");
  tip.style.left = hover < width / 2 ? `${hover + 14}px` : "";
  tip.style.right = hover < width / 2 ? "" : `${width - hover + 14}px`;
}
