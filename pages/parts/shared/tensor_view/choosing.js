// Cells chosen by hand, in answer to the question which of them share with the marked one: by tapping channels of images, by
// dragging a frame, by keys. While the question is open the tensor shows no sets; then each cell is marked as right,
// missed or wrong. It follows tensor_picture.js in one module.

const SLIP = 6 // pixels that a finger moves while it taps
const BADGE = 6.5 // radius of a mark
const MARKS = {
  1: { sign: "✓", name: "right", light: "#1a7f37", dark: "#4ac26b", dash: [] },
  2: { sign: "○", name: "missed", light: "#0b57d0", dark: "#79b8ff", dash: [4, 3] },
  3: { sign: "✕", name: "wrong", light: "#b3261e", dark: "#ff8a80", dash: [1, 3] },
}

class Choosing {
  constructor(view) {
    this.view = view
    this.chosen = []
    this.question = ""
    this.frame = null // both corners while one is dragged
    const { board, root } = view
    this.bar = root.querySelector(".marks")
    this.told = root.querySelector(".told")
    this.clear = root.querySelector(".clear")
    this.clear.onclick = () => this.change(() => 0)
    board.onpointerdown = (event) => this.start(event)
    board.addEventListener("pointermove", (event) => this.drag(event))
    board.onpointerup = (event) => this.finish(event)
    board.onpointercancel = () => this.stop()
  }

  // whether cells can be chosen now
  get open() {
    const { data } = this.view
    return Boolean(data && data.choice && !data.choice.marks)
  }

  // what the server says; while a question is open, what was chosen here is newer
  take(choice) {
    this.bar.hidden = !choice
    this.view.board.classList.toggle("choosing", Boolean(choice && !choice.marks))
    const question = choice ? `${choice.task} ${choice.marks}` : ""
    if (choice && question !== this.question) this.chosen = [...choice.chosen].map(Number)
    this.question = question
    if (choice) this.tell()
  }

  tell() {
    const { marks } = this.view.data.choice
    this.clear.hidden = Boolean(marks)
    if (marks) {
      const found = Object.keys(MARKS).map((mark) => `${MARKS[mark].sign} ${MARKS[mark].name}`)
      this.told.textContent = found.join("   ")
    } else {
      const count = this.chosen.reduce((sum, one) => sum + one, 0)
      this.told.textContent = count === 1 ? "1 cell chosen" : `${count} cells chosen`
      this.clear.disabled = !count
    }
  }

  label() {
    const { title } = this.view.data
    const keys = "Arrow keys move, Page Up and Page Down change the channel."
    const choose = " Space chooses a channel of an image, Enter one cell; again, and it is chosen no more. Delete chooses none."
    this.view.board.setAttribute("aria-label", `${title} ${keys}${this.open ? choose : ""}`)
  }

  flat([n, c, y, x]) {
    const [, channels, h, w] = this.view.data.shape
    return ((n * channels + c) * h + y) * w + x
  }

  // the positions of all cells, with the new state of each; the marked cell is no part of the answer
  change(next) {
    const own = this.flat(this.view.data.pinned)
    this.chosen = this.chosen.map((one, at) => (at === own ? 0 : Number(next(at, one))))
    this.tell()
    this.view.drawLight()
    this.view.setStateValue("chosen", { task: this.view.data.choice.task, cells: this.chosen.join("") })
  }

  // chosen, all of them, or none where all were chosen already
  toggle(cells) {
    const own = this.flat(this.view.data.pinned)
    const all = cells.every((at) => this.chosen[at] || at === own)
    this.change((at, one) => (cells.includes(at) ? !all : one))
  }

  plane([n, c]) {
    const first = (n * this.view.data.shape[1] + c) * this.view.plane
    return Array.from({ length: this.view.plane }, (_, i) => first + i)
  }

  place(event) {
    const area = this.view.board.getBoundingClientRect()
    return [event.clientX - area.left, event.clientY - area.top]
  }

  start(event) {
    if (!this.open || event.button) return
    this.view.board.setPointerCapture(event.pointerId)
    this.frame = [this.place(event), this.place(event)]
  }

  drag(event) {
    if (!this.frame) return
    this.frame[1] = this.place(event)
    this.view.drawLight()
  }

  get wide() {
    const [from, to] = this.frame
    return Math.hypot(to[0] - from[0], to[1] - from[1]) > SLIP
  }

  finish(event) {
    if (!this.frame) return
    this.frame[1] = this.place(event)
    const cells = this.wide ? this.framed() : null
    this.frame = null
    const cell = this.view.at(event)
    if (cells) this.change((at, one) => one || cells.includes(at))
    else if (cell) this.toggle(event.shiftKey ? [this.flat(cell)] : this.plane(cell))
    this.view.drawLight()
  }

  stop() {
    this.frame = null
    if (this.view.data) this.view.drawLight()
  }

  // the cells whose middle lies in the frame
  framed() {
    const { boxes, size } = this.view.geometry
    const w = this.view.data.shape[3]
    const [left, right] = [this.frame[0][0], this.frame[1][0]].sort((a, b) => a - b)
    const [top, bottom] = [this.frame[0][1], this.frame[1][1]].sort((a, b) => a - b)
    const found = []
    boxes.forEach((box, p) => {
      for (let i = 0; box && i < this.view.plane; i++) {
        const x = box[0] + ((i % w) + 0.5) * size
        const y = box[1] + (Math.floor(i / w) + 0.5) * size
        if (x >= left && x <= right && y >= top && y <= bottom) found.push(p * this.view.plane + i)
      }
    })
    return found
  }

  key(event) {
    if (!this.open) return false
    const cell = this.view.cell || this.view.pinned
    if (event.key === " ") this.toggle(this.plane(cell))
    else if (event.key === "Enter") this.toggle([this.flat(cell)])
    else if (event.key === "Delete" || event.key === "Backspace") this.change(() => 0)
    else return false
    this.say()
    return true
  }

  say() {
    const { view } = this
    const cell = view.cell || view.pinned
    const [n, c, y, x] = cell.map((i) => i + 1)
    const at = this.flat(cell)
    const { marks } = view.data.choice
    const own = at === this.flat(view.data.pinned)
    const state = own ? "the marked cell" : marks ? (MARKS[marks[at]] || { name: "rightly not chosen" }).name : this.chosen[at] ? "chosen" : "not chosen"
    const total = marks ? "" : ` ${this.told.textContent}.`
    view.spoken.textContent = `image ${n}, channel ${c}, row ${y}, column ${x}: ${state}.${total}`
  }

  draw(context, geometry) {
    const { view } = this
    const primary = parse(getComputedStyle(view.board).getPropertyValue("--st-primary-color").trim() || "#0b57d0")
    if (this.open) {
      context.strokeStyle = css(primary)
      context.lineWidth = 3
      this.chosen.forEach((one, at) => {
        const square = one && this.square(at, geometry)
        if (!square) return
        const [left, top, side] = square
        context.fillStyle = css(primary, 0.25)
        context.fillRect(left, top, side, side)
        context.strokeRect(left + 1.5, top + 1.5, side - 3, side - 3)
        this.badge(context, square, "✓", css(primary), css(view.background))
      })
    } else this.drawMarks(context, geometry)
    this.drawMarked(context, geometry)
    if (view.cell) view.ring(context, geometry, view.cell, false)
    if (!this.frame || !this.wide) return
    const [[x1, y1], [x2, y2]] = this.frame
    context.strokeStyle = view.text
    context.lineWidth = 1.5
    context.setLineDash([5, 4])
    context.strokeRect(x1, y1, x2 - x1, y2 - y1)
    context.setLineDash([])
  }

  square(at, geometry) {
    const [, c, h, w] = this.view.data.shape
    const plane = Math.floor(at / (h * w))
    return this.view.square(geometry, [Math.floor(plane / c), plane % c, Math.floor((at % (h * w)) / w), at % w])
  }

  // the cell that the question is about, in the colours of the text
  drawMarked(context, geometry) {
    const { view } = this
    const square = view.square(geometry, view.data.pinned)
    if (!square) return
    const [left, top, side] = square
    context.fillStyle = view.text
    context.fillRect(left - 1, top - 1, side + 2, side + 2)
    context.fillStyle = css(view.background)
    context.textAlign = "center"
    context.textBaseline = "middle"
    context.font = `bold ${Math.min(15 * view.rem, side * 0.55)}px sans-serif`
    context.fillText(short(view.x[this.flat(view.data.pinned)], side), left + side / 2, top + side / 2)
  }

  drawMarks(context, geometry) {
    const { view } = this
    const { marks } = view.data.choice
    if (!marks) return
    ;[...marks].forEach((mark, at) => {
      const square = MARKS[mark] && this.square(at, geometry)
      if (!square) return
      const { sign, light, dark, dash } = MARKS[mark]
      const [left, top, side] = square
      const colour = view.dark ? dark : light
      context.strokeStyle = colour
      context.lineWidth = 2.5
      context.lineCap = "butt"
      context.setLineDash(dash)
      context.strokeRect(left + 1.5, top + 1.5, side - 3, side - 3)
      context.setLineDash([])
      this.badge(context, square, sign, colour, css(view.background))
    })
  }

  // a sign on a small disc in the upper right corner
  badge(context, [left, top, side], sign, colour, ink) {
    const radius = Math.min(BADGE * this.view.rem, side / 5)
    context.beginPath()
    const [x, y] = [left + side - radius + 1, top + radius - 1]
    context.arc(x, y, radius, 0, 2 * Math.PI)
    context.fillStyle = colour
    context.fill()
    context.fillStyle = ink
    context.textAlign = "center"
    context.textBaseline = "middle"
    context.font = `bold ${radius * 1.6}px sans-serif`
    context.fillText(sign, x, y + 0.5)
  }
}
