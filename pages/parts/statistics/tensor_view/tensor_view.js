// The part that answers pointer, finger and keyboard; it follows tensor_picture.js in one module.

const instances = new WeakMap()

export default function (component) {
  const { parentElement, data, setStateValue } = component
  let view = instances.get(parentElement)
  if (!view) {
    view = new TensorView(parentElement)
    instances.set(parentElement, view)
  }
  view.setStateValue = setStateValue
  view.show(data)
  return () => {
    view.stop()
    instances.delete(parentElement)
  }
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
    this.buttons = { before: find(".before"), after: find(".after") }
    this.normalized = false
    this.cell = null // where pointer or keyboard is
    this.pinned = [0, 0, 0, 0]
    this.channel = 0 // the one shown when there is room for one only
    this.seen = ""

    this.buttons.before.onclick = () => this.choose(false)
    this.buttons.after.onclick = () => this.choose(true)
    find(".previous").onclick = () => this.turn(-1)
    find(".next").onclick = () => this.turn(1)
    this.board.onpointermove = (event) => {
      if (event.pointerType !== "touch" || event.buttons) this.point(event)
    }
    this.board.onpointerleave = () => this.move(null)
    this.board.onclick = (event) => {
      this.point(event)
      if (this.cell) this.pin(this.cell)
    }
    this.board.onkeydown = (event) => this.key(event)
    // a finger or a mouse focuses the board too, but says itself where it points
    this.board.onfocus = () => this.board.matches(":focus-visible") && this.move(this.cell || this.pinned, true)
    this.resize = new ResizeObserver(() => {
      this.layoutAndDraw()
      if (this.data) this.describe(this.cell || this.pinned) // a new width may show one channel, or all again
    })
    this.resize.observe(this.board)
    // the theme's colours arrive as CSS variables, without a call: look for them when the scheme may have changed
    this.scheme = window.matchMedia("(prefers-color-scheme: dark)")
    this.onScheme = () => requestAnimationFrame(() => this.layoutAndDraw())
    this.scheme.addEventListener("change", this.onScheme)
  }

  stop() {
    this.resize.disconnect()
    this.scheme.removeEventListener("change", this.onScheme)
    cancelAnimationFrame(this.frame)
  }

  show(data) {
    const stamp = JSON.stringify([data.shape, data.planes, data.within, data.centred, data.mean, data.var, data.pinned, data.values, data.thumbs])
    const first = !this.data
    const old = this.data
    const before = this.geometry
    this.data = data
    this.pinned = data.pinned
    this.board.setAttribute("aria-label", data.title + " Arrow keys move, Page Up and Page Down change the channel, Enter pins.")
    if (stamp !== this.seen) {
      this.seen = stamp
      const bytes = Uint8Array.from(atob(data.values), (c) => c.charCodeAt(0))
      this.values = new Float32Array(bytes.buffer)
      const [n, c, h, w] = data.shape
      const sameShape = old && old.shape.join() === data.shape.join()
      if (!sameShape) {
        this.cell = null
        this.channel = Math.min(data.pinned[1], c - 1)
      }
      this.thumbs = data.thumbs && Uint8Array.from(atob(data.thumbs), (c) => c.charCodeAt(0))
      this.plane = h * w
      this.x = this.values
      this.ranges()
      const grouping = ({ planes, within }) => `${planes} ${within}`
      const regrouped = sameShape && grouping(old) !== grouping(data)
      const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches
      const oldHues = this.hues
      this.colours()
      this.geometry = this.layout()
      if (!first && regrouped && !calm && before && before.single === this.geometry.single) this.animate(before, oldHues)
      else this.draw(this.geometry, this.hues)
    }
    this.drawLight()
    this.describe(this.cell || this.pinned)
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
    if (aloud) this.say()
  }

  choose(normalized) {
    this.normalized = normalized
    this.buttons.before.setAttribute("aria-pressed", String(!normalized))
    this.buttons.after.setAttribute("aria-pressed", String(normalized))
    this.layoutAndDraw()
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

  pin(cell, aloud = false) {
    this.pinned = cell
    this.drawLight()
    this.describe(cell)
    this.setStateValue("pinned", cell)
    if (aloud) this.spoken.textContent = "Pinned. " + this.sentence
  }

  describe(cell) {
    const { mean, var: variance, names, cells, shape, eps, centred } = this.data
    const [n, c, y, x] = cell
    const [, channels, , w] = shape
    const p = n * channels + c
    const s = this.set(p, y * w + x)
    const at = p * this.plane + y * w + x
    const place = `image ${n + 1}, channel ${c + 1}` + (this.plane > 1 ? `, row ${y + 1}, column ${x + 1}` : "")
    const value = this.x[at]
    const normalized = number((value - mean[s]) / Math.sqrt(variance[s] + eps))
    const statistics = centred ? [["μ", number(mean[s])], ["σ²", number(variance[s])]] : [["mean of x²", number(variance[s])]]
    const facts = [["x", number(value)], ...statistics, ["x̂", normalized]]
    const what = centred ? "μ and σ²" : "the mean of x²"
    const shares = cells === 1 ? "it is alone in its set" : `shares ${what} with ${cells - 1} other cell${cells > 2 ? "s" : ""}`
    this.where.textContent = `Set ${s + 1} (${names[s]}): this cell ${shares}`
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
      (pinned ? "Pinned: the sections below follow this cell." : "Click or press Enter to pin it.")
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
    this.spoken.textContent = this.sentence
  }
}

function number(value, digits = 5) {
  if (!Number.isFinite(value)) return "not defined"
  if (Number.isInteger(value)) return String(value)
  const size = Math.abs(value)
  return size >= 1e5 || size < 1e-4 ? value.toExponential(digits - 2) : String(Number(value.toPrecision(digits)))
}
