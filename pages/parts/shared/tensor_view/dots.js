// Numbers moved by hand on the number line: with the mouse, with a finger, by keys. It follows number_line.js in one
// module. What is moved is drawn at once, with all that follows from it; once let go, it goes the way of a typed number.

const REACH = { mouse: 12, pen: 16, touch: 30 } // from the pointer to the dot that it takes
const FINE = 20 // steps that the axis has at least: 0.1 each from 0 to 10, 1 from 0 to 40
const COARSE = 10 // steps of Page Up and Page Down

class Dots {
  constructor(view, line) {
    this.view = view
    this.line = line
    this.held = null // the cell being moved, its number before, and how the axis lay then
    const { canvas } = line
    canvas.onpointerdown = (event) => this.take(event)
    canvas.onpointermove = (event) => this.follow(event)
    canvas.onpointerup = () => this.letGo()
    canvas.onpointercancel = () => this.letGo(false)
    canvas.onpointerleave = () => this.held || view.move(null)
    canvas.onkeydown = (event) => this.key(event)
    canvas.onkeyup = () => this.held && !this.held.pointer && this.letGo()
    canvas.onfocus = () => canvas.matches(":focus-visible") && this.say()
    canvas.onblur = () => {
      view.leaveTyping()
      this.letGo()
    }
  }

  get movable() {
    const { data, mode } = this.view
    return Boolean(data && data.editable && !data.lean && mode === "before")
  }

  // what the line is called and whether keys reach it
  label() {
    const { canvas } = this.line
    canvas.classList.toggle("movable", this.movable)
    const names = {
      role: "application",
      "aria-roledescription": "number line",
      "aria-label": "Number line of the pinned set. Left and Right move the chosen number, Page Up and Page Down by ten " +
        "steps, Up and Down choose another one, digits type it anew, Escape leaves it as it was.",
      tabindex: "0",
    }
    for (const [name, value] of Object.entries(names))
      if (this.movable) canvas.setAttribute(name, value)
      else canvas.removeAttribute(name)
    if (this.movable) canvas.removeAttribute("aria-hidden")
    else canvas.setAttribute("aria-hidden", "true")
  }

  place(event) {
    const area = this.line.canvas.getBoundingClientRect()
    return [event.clientX - area.left, event.clientY - area.top]
  }

  // the cell of a position in the flattened tensor
  cell(at) {
    const [, c, h, w] = this.view.data.shape
    const plane = Math.floor(at / (h * w))
    return [Math.floor(plane / c), plane % c, Math.floor((at % (h * w)) / w), at % w]
  }

  at([n, c, y, x]) {
    const [, channels, h, w] = this.view.data.shape
    return ((n * channels + c) * h + y) * w + x
  }

  // the dot within reach that is nearest to the pointer
  near(event) {
    const [x, y] = this.place(event)
    const { cells, dots } = this.line.to
    const far = dots.map((dot) => Math.hypot(dot[0] - x, dot[1] - y))
    const nearest = far.indexOf(Math.min(...far))
    return far[nearest] <= (REACH[event.pointerType] || REACH.mouse) ? this.cell(cells[nearest]) : null
  }

  hold(cell, pointer) {
    const { view, line } = this
    view.leaveTyping()
    view.pinned = cell
    view.cell = null
    const { low, high, left, right } = line.scene(cell, "before")
    const step = 10 ** Math.floor(Math.log10((high - low) / FINE))
    line.frozen = [low, high]
    this.held = { cell, pointer, step, was: view.x[this.at(cell)], low, perPixel: (high - low) / (right - left), left }
  }

  take(event) {
    if (!this.movable || event.button) return
    const cell = this.near(event)
    if (!cell) return
    this.line.canvas.setPointerCapture(event.pointerId)
    this.hold(cell, true)
    const { was, low, perPixel, left } = this.held
    this.held.grip = this.place(event)[0] - (left + (was - low) / perPixel)
    this.redraw()
  }

  follow(event) {
    if (!this.movable) return
    if (!this.held) {
      if (event.pointerType === "touch") return
      const cell = this.near(event)
      this.line.canvas.classList.toggle("near", Boolean(cell))
      if (String(cell) !== String(this.view.cell)) this.view.move(cell)
      return
    }
    if (!this.held.pointer) return
    const { grip, low, perPixel, left } = this.held
    const value = low + (this.place(event)[0] - grip - left) * perPixel
    this.put(Math.round(value / this.held.step) * this.held.step)
  }

  put(value) {
    const short = Number(value.toPrecision(6)) // what is left of rounding goes
    if (short === this.now()) return
    this.held.now = short
    this.view.put(this.held.cell, short)
  }

  now() {
    return this.held.now === undefined ? this.held.was : this.held.now
  }

  letGo(keep = true) {
    if (!this.held) return
    const { view, line } = this
    const { cell, was } = this.held
    const now = this.now()
    this.held = null
    line.frozen = null
    if (!keep) view.put(cell, was)
    else if (now !== was) view.send(cell, String(now))
    else if (String(cell) !== String(view.data.pinned)) view.pin(cell)
    if (view.late && (!keep || now === was)) view.show(view.late)
    this.redraw(true)
  }

  // other numbers have come while one was held
  drop() {
    this.held = null
    this.line.frozen = null
  }

  redraw(animated = false) {
    const { view } = this
    view.drawLight()
    view.describe(view.pinned)
    view.drawLine(animated)
  }

  key(event) {
    if (!this.movable) return
    const { view } = this
    if (view.type(event)) {
      event.preventDefault()
      return
    }
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageDown: -COARSE, PageUp: COARSE }
    if (steps[event.key]) {
      if (!this.held) this.hold(view.pinned, false)
      this.put(this.now() + steps[event.key] * this.held.step)
      this.say()
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") this.another(event.key === "ArrowUp" ? 1 : -1)
    else if (event.key === "Escape" && this.held) {
      this.letGo(false)
      this.say()
    } else return
    event.preventDefault()
  }

  // the next larger or smaller number of the set, and from the last one the first
  another(way) {
    const { view } = this
    this.letGo()
    const cells = [...this.line.to.cells].sort((a, b) => view.x[a] - view.x[b] || a - b)
    const next = (cells.indexOf(this.at(view.pinned)) + way + cells.length) % cells.length
    view.pin(this.cell(cells[next]))
    this.say()
  }

  say() {
    const { view } = this
    const [, ...facts] = [...view.numbers.children].map((row) => `${row.firstChild.textContent} ${row.lastChild.textContent}`)
    view.spoken.textContent = `${number(view.x[this.at(view.pinned)])}, ${facts.join(", ")}.`
  }
}
