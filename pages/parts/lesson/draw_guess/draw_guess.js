// A chart on logarithmic axes in which a person draws one point for each place, by one stroke or by keys; once the
// curves are measured it only shows. What is drawn stays here until a stroke ends: the server gets it then.

const STEP = 1.06 // of a key up or down
const LEAP = 1.5 // of Page Up and Page Down
const PHONE = 768 // below this width the words follow the picture, on the same screen

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const [chart, end] = lasting(parentElement, () => new Chart(parentElement), (one) => one.resize.disconnect())
  chart.send = (points) => setTriggerValue("drawn", points)
  chart.show(data)
  return end
}

class Chart {
  constructor(root) {
    const find = (name) => root.querySelector(name)
    this.figure = find(".guess")
    this.svg = find(".chart")
    this.parts = { title: find(".title"), legend: find(".legend"), readout: find(".readout"), note: find(".note") }
    this.spoken = find(".spoken")
    this.chosen = null // the number of a place
    this.changed = false // by keys, since the server was told
    this.last = null // of a stroke: where it was
    this.svg.onpointerdown = (event) => this.begin(event)
    this.svg.onpointermove = (event) => (this.last ? this.stroke(event) : this.choose(this.nearest(this.place(event)[0])))
    this.svg.onpointerup = (event) => this.end(event)
    this.svg.onpointercancel = (event) => this.end(event)
    this.svg.onpointerleave = () => !this.last && this.choose(null)
    this.svg.onkeydown = (event) => this.key(event)
    this.svg.onkeyup = () => this.tell()
    this.svg.onblur = () => this.tell()
    this.svg.onfocus = () => this.svg.matches(":focus-visible") && this.choose(this.chosen ?? 0, true)
    this.resize = new ResizeObserver(() => this.data && this.draw())
    this.resize.observe(this.figure)
  }

  // while it can be drawn in, what is here is newer than what the server sends back of it
  show(data) {
    if (!this.data || this.data.editable !== data.editable || !data.editable) this.points = [...data.guess]
    this.data = data
    this.svg.setAttribute("role", "application")
    this.svg.classList.toggle("editable", data.editable)
    const keys = data.editable
      ? "Left and right arrow keys choose a place, up and down arrow keys move its point, Page Up and Page Down move it further."
      : "Left and right arrow keys read what is measured."
    this.svg.setAttribute("aria-label", `${data.alt} ${keys}`)
    this.parts.title.textContent = data.title
    this.parts.note.textContent = data.note
    this.parts.legend.innerHTML = this.legend()
    this.draw()
  }

  // ---- the drawing

  draw() {
    const { places, span, ticks, lines, xTitle } = this.data
    const rem = typeSize()
    const width = this.figure.clientWidth || 400
    const height = Math.round(Math.min(window.innerWidth < PHONE ? 200 : 400, 0.46 * window.innerHeight))
    const left = 34 * rem
    const right = width - 14 * rem
    const bottom = height - 36 * rem
    const top = 8 * rem
    const log = (v, low, high) => Math.log(v / low) / Math.log(high / low)
    const inset = 12 * rem
    const [first, last] = [places[0], places[places.length - 1]]
    this.x = (v) => left + inset + log(v, first, last) * (right - left - 2 * inset)
    this.y = (v) => bottom - log(Math.min(Math.max(v, span[0]), span[1]), ...span) * (bottom - top)
    this.error = (y) => span[0] * (span[1] / span[0]) ** Math.min(1, Math.max(0, (bottom - y) / (bottom - top)))
    const parts = []
    for (const tick of ticks)
      parts.push(
        `<line class="grid" x1="${left}" x2="${right}" y1="${this.y(tick)}" y2="${this.y(tick)}"/>`,
        `<text x="${left - 5 * rem}" y="${this.y(tick) + 4 * rem}" text-anchor="end">${tick}</text>`,
      )
    places.forEach((place, i) =>
      parts.push(
        `<line class="column${i === this.chosen ? " chosen" : ""}" x1="${this.x(place)}" x2="${this.x(place)}" y1="${top}" y2="${bottom}"/>`,
        `<text x="${this.x(place)}" y="${bottom + 15 * rem}" text-anchor="middle">${place}</text>`,
      ),
    )
    parts.push(`<text x="${(left + right) / 2}" y="${bottom + 31 * rem}" text-anchor="middle">${escape(xTitle)}</text>`)
    for (const line of lines.filter((one) => !one.thin)) parts.push(this.band(line))
    for (const line of lines) parts.push(this.curve(line, rem))
    parts.push(this.own(rem))
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`)
    this.svg.setAttribute("height", height)
    this.svg.innerHTML = parts.join("")
    this.read()
  }

  band(line) {
    const at = (values) => this.there(values).map((point) => point.join(","))
    return `<polygon fill="${line.color}" opacity="0.2" points="${[...at(line.high), ...at(line.low).reverse()].join(" ")}"/>`
  }

  // where there is a value
  there(values) {
    return this.data.places.flatMap((place, i) => (values[i] === null ? [] : [[this.x(place), this.y(values[i])]]))
  }

  curve(line, rem) {
    const points = this.there(line.mean)
    const drawn = points.map((point) => point.join(",")).join(" ")
    const width = line.thin ? 1.8 : 2.5
    return (
      `<polyline fill="none" stroke="${line.color}" stroke-width="${width}" stroke-dasharray="${line.dash}" points="${drawn}"/>` +
      (line.thin ? "" : points.map(([x, y]) => dot(line, x, y, 4 * rem)).join(""))
    )
  }

  // the guess, and a faint line where a point lacks between two
  own(rem) {
    const there = this.there(this.points)
    const drawn = there.map((point) => point.join(",")).join(" ")
    return `<polyline class="own" points="${drawn}"/>` + there.map(([x, y]) => `<circle class="own dot" cx="${x}" cy="${y}" r="${5 * rem}"/>`).join("")
  }

  legend() {
    const sample = (inner) => `<svg width="30" height="12" aria-hidden="true">${inner}</svg>`
    const own = `<span>${sample('<line class="own" x1="0" x2="30" y1="6" y2="6"/><circle class="own dot" cx="15" cy="6" r="4.5"/>')}your guess</span>`
    const lines = this.data.lines.map(
      (line) =>
        `<span>${sample(`<line x1="0" x2="30" y1="6" y2="6" stroke="${line.color}" stroke-width="${line.thin ? 1.8 : 2.5}" stroke-dasharray="${line.dash}"/>${line.thin ? "" : dot(line, 15, 6, 4)}`)}${escape(line.label)}</span>`,
    )
    return (this.data.editable || this.points.some(Boolean) ? own : "") + lines.join("")
  }

  // ---- what is at a place

  choose(number, aloud = false) {
    if (number !== this.chosen) {
      this.chosen = number
      this.draw()
    }
    if (aloud) this.spoken.textContent = this.words()
  }

  words() {
    const { places, lines, editable, drawn } = this.data
    const i = this.chosen
    if (i === null) return editable ? this.lacking() : "Point at a batch size to read its numbers."
    const guess = this.points[i] ? [`your guess ${shown(this.points[i])} %`] : editable ? [`no guess yet for ${drawn}`] : []
    const measured = lines.filter((line) => line.mean[i] !== null).map((line) => `${line.label} ${shown(line.mean[i])} %`)
    return `Batch size ${places[i]}: ${[...guess, ...measured].join("; ")}.`
  }

  lacking() {
    const open = this.data.places.filter((_, i) => !this.points[i])
    if (!open.length) return "Drawn. Change it, or see what is measured."
    if (open.length === this.data.places.length) return `Draw ${this.data.drawn} here, from left to right.`
    const last = open.pop()
    return open.length ? `Still to draw: batch sizes ${open.join(", ")} and ${last}.` : `Still to draw: batch size ${last}.`
  }

  read() {
    this.parts.readout.textContent = this.words()
    this.parts.note.hidden = this.chosen !== null // so that what follows keeps its place
  }

  // ---- mouse and finger

  place(event) {
    const area = this.svg.getBoundingClientRect()
    return [event.clientX - area.left, event.clientY - area.top]
  }

  nearest(x) {
    const away = this.data.places.map((place) => Math.abs(this.x(place) - x))
    return away.indexOf(Math.min(...away))
  }

  begin(event) {
    if (!this.data.editable || event.button) return
    this.svg.setPointerCapture(event.pointerId)
    this.last = this.place(event)
    this.crossed = new Set()
    this.at = this.nearest(this.last[0])
    this.set(this.at, this.last[1])
  }

  // every column between two places of the pointer gets the height at which the stroke crosses it
  stroke(event) {
    const now = this.place(event)
    const [x0, y0] = this.last
    const near = this.nearest(now[0])
    this.data.places.forEach((place, i) => {
      const x = this.x(place)
      if (x === x0 || (x - x0) * (x - now[0]) > 0) return
      this.crossed.add(i)
      this.set(i, now[0] === x0 ? now[1] : y0 + ((now[1] - y0) * (x - x0)) / (now[0] - x0))
    })
    // before it crosses a column, and beside the last one, a stroke sets the one that it is nearest to
    if (!this.crossed.has(near)) this.set(near, now[1])
    this.last = now
    this.choose(near)
  }

  end() {
    if (!this.last) return
    this.last = null
    this.send(this.points)
  }

  set(i, y) {
    this.points[i] = rounded(this.error(y))
    this.chosen = i
    this.draw()
  }

  // ---- keys

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const many = this.data.places.length
    const i = this.chosen ?? 0
    const moves = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: many - 1 }
    const factors = { ArrowUp: STEP, ArrowDown: 1 / STEP, PageUp: LEAP, PageDown: 1 / LEAP }
    if (event.key in moves) this.choose(Math.min(many - 1, Math.max(0, moves[event.key])), true)
    else if (event.key in factors && this.data.editable) this.lift(i, factors[event.key])
    else return
    event.preventDefault()
  }

  // a new point starts beside its left neighbour, the first one on the line that is given
  lift(i, factor) {
    const from = this.points[i] || this.points[i - 1] || this.data.lines[0].mean[i]
    const [low, high] = this.data.span
    let to = rounded(Math.min(high, Math.max(low, from * factor)))
    if (to === from && this.points[i]) to = Math.min(high, Math.max(low, from + (factor > 1 ? 1 : -1) * (from < 10 ? 0.1 : 1)))
    this.points[i] = rounded(to)
    this.changed = true
    this.chosen = i
    this.draw()
    this.spoken.textContent = this.words()
  }

  tell() {
    if (this.changed) this.send(this.points)
    this.changed = false
  }
}

const rounded = (error) => (error < 9.95 ? Math.round(error * 10) / 10 : Math.round(error))
const shown = (error) => String(rounded(error))
const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c])

function dot(line, x, y, r) {
  const paint = `class="${line.hollow ? "hollow" : ""}" stroke="${line.color}" fill="${line.color}"`
  if (line.shape === "circle") return `<circle ${paint} cx="${x}" cy="${y}" r="${r}"/>`
  const turn = line.shape === "diamond" ? ` transform="rotate(45 ${x} ${y})"` : ""
  return `<rect ${paint} x="${x - r}" y="${y - r}" width="${2 * r}" height="${2 * r}"${turn}/>`
}
