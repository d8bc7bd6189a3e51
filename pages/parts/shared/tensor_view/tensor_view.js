// The part that answers pointer, finger and keyboard; it follows tensor_picture.js in one module.

const MOST_UNHEARD = 64 // as the server has it

export default function (component) {
  const { parentElement, data, setStateValue } = component
  const [view, end] = lasting(parentElement, () => new TensorView(parentElement), (one) => one.stop())
  view.setStateValue = setStateValue
  view.show(data)
  return end
}

class TensorView extends TensorPicture {
  constructor(root) {
    super()
    const find = (name) => root.querySelector(name)
    this.root = root
    this.board = find(".board")
    this.base = find(".base")
    this.light = find(".light")
    this.where = find(".where")
    this.numbers = find(".numbers")
    this.hint = find(".hint")
    this.legend = find(".legend")
    this.partly = find(".partly")
    this.spoken = find(".spoken")
    this.pager = find(".pager")
    this.page = find(".page")
    this.line = new NumberLine(find(".line"), this)
    this.second = new NumberLine(find(".second"), this) // the normalized values below x, where both are shown
    this.dots = new Dots(this, this.line)
    this.choosing = new Choosing(this)
    this.buttons = { before: find(".before"), after: find(".after"), out: find(".out"), tint: find(".tint") }
    this.mode = "before"
    this.typed = null // what is being typed into the pinned cell
    this.counted = 0 // numbers sent to the server
    this.unheard = [] // those of them of which it had not heard when it answered last, the oldest first
    this.asked = null // the cell that was pinned here and of which the server has not heard
    this.cell = null // where pointer or keyboard is
    this.pinned = [0, 0, 0, 0]
    this.channel = 0 // the one shown when there is room for one only
    this.seen = ""

    for (const [mode, button] of Object.entries(this.buttons)) button.onclick = () => this.choose(mode)
    find(".previous").onclick = () => this.turn(-1)
    find(".next").onclick = () => this.turn(1)
    this.board.onpointermove = (event) => {
      if (event.pointerType !== "touch" || event.buttons) this.point(event)
    }
    this.board.onpointerleave = () => this.move(null)
    this.board.onclick = (event) => {
      if (this.data.choice) return // the marked cell is the question
      this.point(event)
      if (this.cell) this.pin(this.cell)
    }
    this.board.onkeydown = (event) => this.key(event)
    // a finger or a mouse focuses the board too, but says itself where it points
    this.board.onfocus = () => this.board.matches(":focus-visible") && this.move(this.cell || this.pinned, true)
    this.resize = new ResizeObserver(() => {
      this.drawAll()
      if (this.data) this.describe(this.cell || this.pinned) // a new width may show one channel, or all again
    })
    this.resize.observe(this.board)
    // the theme's colours arrive as CSS variables, without a call: look for them when the scheme may have changed
    this.scheme = window.matchMedia("(prefers-color-scheme: dark)")
    this.onScheme = () => requestAnimationFrame(() => this.drawAll())
    this.scheme.addEventListener("change", this.onScheme)
    this.onWindow = () => this.drawAll() // its height limits the cells
    window.addEventListener("resize", this.onWindow)
    this.board.onblur = () => this.leaveTyping()
  }

  stop() {
    window.removeEventListener("resize", this.onWindow)
    cancelAnimationFrame(this.line.frame)
    cancelAnimationFrame(this.second.frame)
    this.resize.disconnect()
    this.scheme.removeEventListener("change", this.onScheme)
    cancelAnimationFrame(this.frame)
  }

  show(data) {
    const stamp = JSON.stringify([data.shape, data.planes, data.within, data.centred, data.mean, data.var, data.pinned, data.values, data.thumbs, data.old, data.tint, data.gamma, data.beta, data.eps, data.running, data.secret, data.choice, data.leads, typeSize()])
    const first = !this.data
    const old = this.data
    const sameShape = old && old.shape.join() === data.shape.join()
    if (sameShape && this.behind(data)) return
    const before = this.geometry
    this.data = data
    if (String(data.heard.pinned) === this.asked || !sameShape) this.asked = null
    if (!this.asked) this.pinned = data.pinned
    this.choosing.take(data.choice)
    if (stamp !== this.seen || this.moved) {
      this.seen = stamp
      this.moved = false
      this.dots.drop()
      const bytes = Uint8Array.from(atob(data.values), (c) => c.charCodeAt(0))
      this.values = new Float32Array(bytes.buffer)
      this.old = floats(data.old)
      this.tint = floats(data.tint)
      const [n, c, h, w] = data.shape
      if (!sameShape) {
        this.cell = null
        this.channel = Math.min(data.pinned[1], c - 1)
      }
      this.thumbs = data.thumbs && Uint8Array.from(atob(data.thumbs), (c) => c.charCodeAt(0))
      this.plane = h * w
      this.x = this.values
      this.ranges()
      this.modes(old)
      const grouping = ({ planes, within, secret }) => `${planes} ${within} ${secret}`
      const regrouped = sameShape && grouping(old) !== grouping(data)
      const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches
      const oldHues = this.hues
      this.colours()
      this.geometry = this.layout()
      if (!first && regrouped && !calm && before && before.single === this.geometry.single) this.animate(before, oldHues)
      else this.draw(this.geometry, this.hues)
    }
    const { lean, lines, choice, secret } = data
    this.line.canvas.hidden = lean
    this.second.canvas.hidden = lean || lines < 2
    this.root.querySelector(".readout").hidden = lean
    this.root.querySelector(".tensor").classList.toggle("both", lines === 2)
    this.root.querySelector(".bar").hidden = lines === 2 || secret || Boolean(choice)
    this.press()
    this.drawLight()
    this.describe(this.cell || this.pinned)
    this.drawLine(!first)
  }

  // Whether the server had not heard of the newest number when it answered, or a dot is being moved: what is seen here
  // is newer. The answer to what was last sent holds all else, too.
  behind(data) {
    this.late = this.dots.held ? data : null
    return Boolean(this.dots.held) || data.heard.typed < this.counted
  }

  // which ways of showing there are now: y is shown once it differs from x-hat, and what has gone is left
  modes(old) {
    const acts = ({ gamma, beta }) => gamma.some((v) => v !== 1) || beta.some((v) => v !== 0)
    const there = { before: true, after: true, out: acts(this.data), tint: Boolean(this.tint) }
    for (const mode of ["out", "tint"]) this.buttons[mode].hidden = !there[mode]
    if (there.out && !(old && acts(old))) this.mode = "out"
    if (this.data.leads !== (old ? old.leads : "before")) this.mode = this.data.leads
    if (!there[this.mode]) this.mode = "after"
    if (this.data.lines === 2) this.mode = "before" // what becomes of x is on the second line
    this.buttons.tint.textContent = this.data.tintName || ""
  }

  press() {
    this.dots.label()
    if (this.data.secret) {
      this.choosing.label()
      return
    }
    for (const [mode, button] of Object.entries(this.buttons)) button.setAttribute("aria-pressed", String(mode === this.mode))
    const { title, running, editable } = this.data
    const by = running && this.mode !== "before" ? ", by the running estimates" : ""
    const keys = " Arrow keys move, Page Up and Page Down change the channel, Enter pins."
    const typing = editable ? " Digits change the pinned number." : ""
    this.board.setAttribute("aria-label", `${title} Shown: ${this.buttons[this.mode].textContent}${by}.${keys}${typing}`)
  }

  drawLine(animated = false) {
    if (!this.data || this.data.lean) return
    const moves = animated && !window.matchMedia("(prefers-reduced-motion: reduce)").matches
    const cell = this.cell || this.pinned
    const both = this.data.lines === 2
    const out = !this.buttons.out.hidden
    this.line.name = both ? "x" : ""
    this.second.name = out ? "y" : "x̂"
    this.line.show(cell, both ? "before" : this.mode, moves)
    if (both) this.second.show(cell, out ? "out" : "after", moves)
  }

  drawAll() {
    this.layoutAndDraw()
    this.drawLine()
  }

  // another number in a cell, and what follows from it for its set, at once; the server has the last word
  put(cell, value) {
    const [, c, , w] = this.data.shape
    const p = cell[0] * c + cell[1]
    this.x[p * this.plane + cell[2] * w + cell[3]] = value
    this.moved = true
    if (!this.data.running) {
      const set = this.set(p, cell[2] * w + cell[3])
      const numbers = this.line.cells(set).map((at) => this.x[at])
      const average = (all) => all.reduce((sum, v) => sum + v, 0) / all.length
      const mean = this.data.centred ? average(numbers) : 0
      const variance = average(numbers.map((v) => (v - mean) ** 2))
      const put = (all, one) => all.map((v, s) => (s === set ? one : v))
      this.data = { ...this.data, mean: put(this.data.mean, mean), var: put(this.data.var, variance) }
    }
    this.ranges()
    this.draw(this.geometry, this.hues)
    this.drawLight()
    this.describe(cell)
    this.drawLine()
  }

  at(event) {
    const area = this.board.getBoundingClientRect()
    const x = event.clientX - area.left
    const y = event.clientY - area.top
    const { boxes, size } = this.geometry
    const [, c, h, w] = this.data.shape
    // the nearest cell within a few pixels, so that gaps between cells do not make the light flicker
    const slack = SPLIT / 2
    for (let p = 0; p < boxes.length; p++) {
      if (!boxes[p]) continue
      const dx = x - boxes[p][0]
      const dy = y - boxes[p][1]
      if (dx < -slack || dy < -slack || dx >= w * size + slack || dy >= h * size + slack) continue
      const clamp = (v, top) => Math.max(0, Math.min(top - 1, Math.floor(v / size)))
      return [Math.floor(p / c), p % c, clamp(dy, h), clamp(dx, w)]
    }
    return null
  }

  point(event) {
    const cell = this.at(event)
    if (String(cell) !== String(this.cell)) this.move(cell)
  }

  move(cell, aloud = false) {
    this.cell = cell
    if (cell && this.geometry.single && cell[1] !== this.channel) {
      this.channel = cell[1]
      this.layoutAndDraw()
    } else this.drawLight()
    this.describe(cell || this.pinned)
    this.drawLine()
    if (aloud) this.say()
  }

  choose(mode) {
    this.mode = mode
    this.press()
    this.layoutAndDraw()
    this.drawLine(true)
    this.describe(this.cell || this.pinned)
    this.spoken.textContent = `Shown: ${this.buttons[mode].textContent}. ${this.line.words(this.cell || this.pinned, mode)}`
  }

  turn(step) {
    const c = this.data.shape[1]
    this.channel = (this.channel + step + c) % c
    this.cell = null
    this.layoutAndDraw()
    this.describe(this.pinned)
    this.spoken.textContent = this.page.textContent
  }

  key(event) {
    if (this.choosing.key(event) || this.type(event)) {
      event.preventDefault()
      return
    }
    const [n, c, h, w] = this.data.shape
    let [i, j, y, x] = this.cell || this.pinned
    const steps = {
      ArrowRight: () => { if (++x === w) { x = 0; j = (j + 1) % c } },
      ArrowLeft: () => { if (--x < 0) { x = w - 1; j = (j + c - 1) % c } },
      ArrowDown: () => { if (++y === h) { y = 0; i = (i + 1) % n } },
      ArrowUp: () => { if (--y < 0) { y = h - 1; i = (i + n - 1) % n } },
      PageDown: () => { j = (j + 1) % c },
      PageUp: () => { j = (j + c - 1) % c },
      Home: () => { y = 0; x = 0 },
      End: () => { y = h - 1; x = w - 1 },
    }
    if (steps[event.key]) {
      steps[event.key]()
      this.move([i, j, y, x], true)
    } else if (event.key === "Enter" || event.key === " ") this.pin([i, j, y, x], true)
    else if (event.key === "Escape") this.move(null, true)
    else return
    event.preventDefault()
  }

  // typing into the pinned cell: digits, point or comma, a leading minus; Enter takes it, Escape leaves the old number
  type(event) {
    if (!this.data.editable || event.ctrlKey || event.metaKey || event.altKey) return false
    const typed = this.typed
    if (/^[0-9.,-]$/.test(event.key)) {
      if (typed === null) {
        if (String(this.cell || this.pinned) !== String(this.pinned)) this.pin(this.cell)
        this.cell = null
      }
      this.typed = ((typed || "") + event.key).slice(0, 12)
    } else if (typed === null) return false
    else if (event.key === "Backspace") this.typed = typed.slice(0, -1)
    else if (event.key === "Escape") this.typed = null
    else if (event.key === "Enter") {
      this.leaveTyping()
      return true
    } else return false
    this.drawLight()
    this.describe(this.pinned)
    this.spoken.textContent = this.typed === null ? "The number stays." : `Typed: ${this.typed}. Enter takes it.`
    return true
  }

  // the server checks what was typed, and says what it cannot use
  leaveTyping() {
    if (this.typed) this.send(this.pinned, this.typed)
    this.typed = null
    this.drawLight()
  }

  send(cell, text) {
    this.counted = Math.max(this.counted, this.data.heard.typed) + 1
    this.unheard = [...this.unheard.filter((one) => one.count > this.data.heard.typed), { cell, text, count: this.counted }]
    // all of them: of updates that wait for a busy server only the last one reaches it
    this.setStateValue("typed", { numbers: this.unheard.slice(-MOST_UNHEARD), count: this.counted })
  }

  pin(cell, aloud = false) {
    if (this.data.choice) return
    if (this.typed) this.leaveTyping()
    this.pinned = cell
    this.drawLight()
    this.describe(cell)
    this.drawLine()
    this.asked = String(cell)
    this.setStateValue("pinned", cell)
    if (aloud) this.spoken.textContent = `Pinned. ${this.sentence} ${this.line.words(cell, this.mode)}`
  }

  describe(cell) {
    if (this.data.secret) return
    const { mean, var: variance, names, cells, shape, eps, centred } = this.data
    const [n, c, y, x] = cell
    const [, channels, , w] = shape
    const p = n * channels + c
    const s = this.set(p, y * w + x)
    const at = p * this.plane + y * w + x
    const place = `image ${n + 1}, channel ${c + 1}` + (this.plane > 1 ? `, row ${y + 1}, column ${x + 1}` : "")
    const value = this.x[at]
    const normalized = number((value - mean[s]) / Math.sqrt(variance[s] + eps))
    const was = this.old && this.old[at] !== value ? ` (was ${number(this.old[at])})` : ""
    const statistics = centred ? [["μ", number(mean[s])], ["σ²", number(variance[s])]] : [["mean of x²", number(variance[s])]]
    const facts = [["x", number(value) + was], ...statistics, ["x̂", normalized]]
    if (!this.buttons.out.hidden) facts.push(["y", number(this.shows.out[at])])
    if (this.tint) facts.push([this.data.tintName, number(this.tint[at], 3)])
    const what = centred ? "μ and σ²" : "the mean of x²"
    const shares = cells === 1 ? "it is alone in its set" : `shares ${what} with ${cells - 1} other cell${cells > 2 ? "s" : ""}`
    this.where.textContent = this.data.running
      ? `Inference: ${names[s]} has its running μ and σ², whatever else is in the batch`
      : `Set ${s + 1} (${names[s]}): this cell ${cells === 1 ? "is alone in its set" : shares}`
    const [first, last] = this.covered(n, this.data.planes[p])
    this.partly.hidden = !this.geometry || !this.geometry.single || first === last
    this.partly.textContent = `Set ${s + 1} covers channels ${first + 1} to ${last + 1}; you see channel ${this.channel + 1}.`
    if (this.numbers.childElementCount !== facts.length) {
      this.numbers.replaceChildren()
      for (const [name] of facts) {
        const row = document.createElement("div")
        row.append(Object.assign(document.createElement("dt"), { textContent: name }), document.createElement("dd"))
        this.numbers.append(row)
      }
    }
    facts.forEach(([, text], i) => (this.numbers.children[i].lastChild.textContent = text))
    const pinned = String(cell) === String(this.pinned)
    this.hint.textContent = `${place[0].toUpperCase()}${place.slice(1)}. ` +
      (this.typed !== null ? `Typing ${this.typed}: Enter takes it, Escape leaves it.`
        : !pinned ? "Click or press Enter to pin it."
        : this.dots.movable ? "Pinned: type to change it, or drag its dot." : this.data.editable ? "Pinned: type to change it." : "Pinned.")
    const spoken = centred ? `mean ${facts[1][1]}, variance ${facts[2][1]}` : `mean square ${facts[1][1]}`
    this.sentence = `${place}. Set ${s + 1}, ${names[s]}: ${shares}. x ${facts[0][1]}, ${spoken}, normalized ${normalized}.`
  }

  // the first and the last channel of one image that lie in a set
  covered(image, set) {
    const c = this.data.shape[1]
    const row = this.data.planes.slice(image * c, (image + 1) * c)
    return [row.indexOf(set), row.lastIndexOf(set)]
  }

  say() {
    if (this.data.secret) {
      this.choosing.say()
      return
    }
    this.spoken.textContent = `${this.sentence} ${this.line.words(this.cell || this.pinned, this.mode)}`
  }
}
