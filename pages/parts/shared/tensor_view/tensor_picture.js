// The tensor as two canvases: `base` holds the cells and is drawn when data or size change, `light` holds
// the highlight and is drawn at every move of the pointer. One plane is one channel of one image. Either all its
// cells lie in one set, `planes[p]`, or each in another, `planes[p] + within[i]`: a highlight is at most N x C
// rectangles whatever the image size.

const GAP = 3 // between planes of one set
const SPLIT = 14 // between planes of different sets
const NARROW = 6 // the same on a phone
const LABEL = 16 // room for a set's label above a plane
const ANIMATION = 320
const GROWS = 280 // pixels around the cells that grow with the type of the page; larger type comes without a header
const PHONE = 640 // a window narrower than this is one
const FINGER = 24 // the smallest cell that a finger can hit

// What is drawn: sizes, colours, cells, highlight. `TensorView` adds what a person does.
class TensorPicture {
  // the set of place i in plane p
  set(p, i) {
    return this.data.planes[p] + (this.data.within ? this.data.within[i] : 0)
  }

  // what each way of showing the tensor shows: x, x-hat, y where gamma or beta act, and a tint of its own
  ranges() {
    const { mean, var: variance, planes, eps, gamma, beta } = this.data
    const c = this.data.shape[1]
    const xhat = new Float32Array(this.x.length)
    const out = new Float32Array(this.x.length)
    for (let p = 0; p < planes.length; p++)
      for (let i = 0; i < this.plane; i++) {
        const s = this.set(p, i)
        const at = p * this.plane + i
        xhat[at] = (this.x[at] - mean[s]) / Math.sqrt(variance[s] + eps)
        out[at] = gamma[p % c] * xhat[at] + beta[p % c]
      }
    this.shows = { before: this.x, after: xhat, out, tint: this.tint }
    this.whole = this.x.every((v) => Number.isInteger(v) && Math.abs(v) < 100)
    this.span = {}
    this.ends = {}
    for (const [mode, numbers] of Object.entries(this.shows)) {
      if (!numbers) continue
      const sorted = Float32Array.from(numbers).sort()
      // the place between the 1st and the 99th percentile, so that one outlier hides nothing
      let low = sorted[Math.floor((sorted.length - 1) * 0.01)]
      let high = sorted[Math.ceil((sorted.length - 1) * 0.99)]
      if (mode !== "before") {
        high = Math.max(-low, high) || 1 // as far to both sides of zero
        low = -high
      }
      this.span[mode] = [low, high > low ? high - low : 1]
      const ends = [[sorted[0] < low ? "≤ " : "", low], [sorted[sorted.length - 1] > high ? "≥ " : "", high]]
      this.ends[mode] = ends.map(([sign, value]) => sign + number(value, 3))
    }
  }

  colours() {
    const style = getComputedStyle(this.board)
    this.background = parse(style.getPropertyValue("--st-background-color").trim() || "#ffffff")
    this.text = style.getPropertyValue("--st-text-color").trim() || "#000000"
    this.dark = luminance(this.background) < 0.3
    const palette = this.data.palette[this.dark ? "dark" : "light"].map(parse)
    this.aroundZero = this.data.centredPalette[this.dark ? "dark" : "light"].map(parse)
    const grey = mix(this.background, parse(this.text), 0.45)
    // one colour a plane, or one for each of its places; no colour while nobody should see the sets
    const offsets = this.data.within || [0]
    this.hues = this.data.planes.map((s) => offsets.map((offset) => (this.data.secret ? grey : palette[this.data.hues[s + offset]])))
  }

  layout() {
    const [n, c, h, w] = this.data.shape
    const { planes, secret } = this.data
    const bare = this.data.lines === 2 // one set: there is nothing to tell apart
    const rem = (this.rem = typeSize())
    const label = LABEL * rem
    const width = Math.max(220, this.board.clientWidth)
    const phone = window.innerWidth < PHONE
    const side = bare ? 4 : (phone ? (this.thumbs && c * w <= 40 ? 34 : 18) : 62) * rem // room for "image 1", or for the image
    const split = phone || secret ? NARROW : SPLIT
    const same = (a, b) => !secret && planes[a] === planes[b]
    const gapsX = [0]
    for (let j = 1; j < c; j++) gapsX.push(gapsX[j - 1] + (same(j - 1, j) ? GAP : split))
    const gapsY = [0]
    for (let i = 1; i < n; i++) gapsY.push(gapsY[i - 1] + (same((i - 1) * c, i * c) ? GAP : secret ? NARROW : SPLIT))
    let size = (width - side - 8 - gapsX[c - 1]) / (c * w)
    const single = phone && size < FINGER && c > 1
    const boxes = []
    let height
    if (single) {
      // one channel: the images two by two
      const columns = 2
      size = Math.min(64, (width - SPLIT - 8) / (columns * w))
      for (let i = 0; i < n; i++)
        for (let j = 0; j < c; j++) {
          const x = 4 + (i % columns) * (w * size + SPLIT)
          const y = label + 4 + Math.floor(i / columns) * (h * size + label + SPLIT)
          boxes.push(j === this.channel ? [x, y] : null)
        }
      height = 4 + Math.ceil(n / columns) * (h * size + label + SPLIT)
    } else {
      // as high as the window has room for below the controls and above the number line, and no cell too small
      const room = Math.max(220, Math.min(640, window.innerHeight - this.data.around - GROWS * (rem - 1)))
      size = Math.min(c * w > 40 ? 14 : 46 * rem, size, Math.max(c * w > 40 ? 2 : 14, (room - n * SPLIT) / (n * h)))
      // a row has room for labels only where it starts new sets
      let top = bare ? 4 : 20 * rem
      for (let i = 0; i < n; i++) {
        const fresh = !secret && !bare && (i === 0 || !same((i - 1) * c, i * c))
        top += i ? gapsY[i] - gapsY[i - 1] : 0
        top += fresh && w * size >= 10 ? label : 0
        for (let j = 0; j < c; j++) boxes.push([side + j * w * size + gapsX[j], top])
        top += h * size
      }
      height = top + 6
    }
    return { boxes, size, width, height, single, side, bare }
  }

  layoutAndDraw() {
    if (!this.data || !this.board.clientWidth) return
    this.colours()
    this.geometry = this.layout()
    this.draw(this.geometry, this.hues)
    this.drawLight()
  }

  prepare(canvas, geometry) {
    const ratio = window.devicePixelRatio || 1
    const { width, height } = geometry
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio)
      canvas.height = Math.round(height * ratio)
      canvas.style.width = width + "px"
      canvas.style.height = height + "px"
    }
    const context = canvas.getContext("2d")
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, width, height)
    return context
  }

  animate(from, oldHues) {
    cancelAnimationFrame(this.frame)
    const to = this.geometry
    const start = performance.now()
    const step = (now) => {
      const t = Math.min(1, (now - start) / ANIMATION)
      const e = t * t * (3 - 2 * t)
      const between = {
        ...to,
        boxes: to.boxes.map((b, i) => b && (from.boxes[i] ? b.map((v, k) => from.boxes[i][k] * (1 - e) + v * e) : b)),
        size: from.size * (1 - e) + to.size * e,
      }
      this.draw(between, this.hues.map((own, p) => own.map((hue, i) => mix(colourOf(oldHues[p] || own, i), hue, e))))
      this.drawLight(between)
      if (t < 1) this.frame = requestAnimationFrame(step)
    }
    this.frame = requestAnimationFrame(step)
  }

  draw(geometry, hues) {
    const { boxes, size, single } = geometry
    const { rem } = this
    const [n, c, h, w] = this.data.shape
    const context = this.prepare(this.base, geometry)
    this.board.style.height = geometry.height + "px"
    this.pager.hidden = !single
    this.page.textContent = `channel ${this.channel + 1} of ${c}`
    const numbers = this.shows[this.mode]
    const [low, span] = this.span[this.mode]
    this.drawLegend(this.ends[this.mode])
    const digits = this.mode === "before" && this.whole // one or two digits fit a small cell
    const written = size >= (digits ? 15 : 21)
    const image = size < 12 // many small cells: one picture a plane is faster than many rectangles
    context.textAlign = "center"
    context.textBaseline = "middle"
    for (let p = 0; p < boxes.length; p++) {
      if (!boxes[p]) continue
      const [left, top] = boxes[p]
      if (image) this.drawPlane(context, p, numbers, low, span, hues[p], left, top, size)
      else
        for (let i = 0; i < this.plane; i++) {
          const value = numbers[p * this.plane + i]
          const colour = this.shade(colourOf(hues[p], i), (value - low) / span)
          const x = left + (i % w) * size
          const y = top + Math.floor(i / w) * size
          context.fillStyle = css(colour)
          context.fillRect(x, y, size - 1, size - 1)
          if (written) {
            context.fillStyle = luminance(colour) > 0.23 ? "#101418" : "#ffffff"
            context.font = `${Math.min(15 * rem, size * (digits ? 0.55 : 0.42))}px sans-serif`
            context.fillText(this.mode === "tint" ? share(value) : short(value, size), x + size / 2, y + size / 2)
          }
          if (this.old && this.old[p * this.plane + i] !== this.x[p * this.plane + i]) this.corner(context, x, y, size)
        }
    }
    if (geometry.bare) return
    context.fillStyle = this.text
    context.textAlign = "left"
    context.font = `${12 * rem}px sans-serif`
    const planes = this.data.planes
    for (let p = 0; p < boxes.length; p++) {
      if (!boxes[p] || this.data.secret) continue
      const inside = (p % c && planes[p - 1] === planes[p]) || (p >= c && planes[p - c] === planes[p])
      if (inside && !single) continue // the label stands where the set begins
      let room = w * size
      for (let q = p + 1; q % c && planes[q] === planes[p]; q++) room += w * size
      const sets = this.data.within ? `sets ${planes[p] + 1} to ${this.set(p, this.plane - 1) + 1}` : `set ${planes[p] + 1}`
      const wide = this.data.within && this.plane > 1 ? 90 : 44
      let name = room > wide * rem ? sets : room >= 10 * rem ? `${planes[p] + 1}` : ""
      if (single) name = `image ${Math.floor(p / c) + 1}, ${sets}`
      context.fillText(name, boxes[p][0], boxes[p][1] - (LABEL / 2) * rem - 1)
    }
    if (single) return
    for (let i = 0; i < n; i++) {
      const middle = boxes[i * c][1] + (h * size) / 2
      const [name, narrow] = [`image ${i + 1}`, geometry.side <= 40 * rem]
      const along = context.measureText(name).width
      if (narrow && !this.thumbs && h * size > along) {
        context.save() // along the row, which is higher than the margin is wide
        context.translate(9 * rem, middle)
        context.rotate(-Math.PI / 2)
        context.fillText(name, -along / 2, 0)
        context.restore()
        continue
      }
      const room = h * size - 14 * rem
      const fits = Math.min(42, room, geometry.side - 8)
      const side = this.thumbs && fits > 14 ? fits : 0
      context.fillText(narrow ? `${i + 1}` : name, 4, middle - (side ? side / 2 : 0))
      if (side) this.drawThumb(context, i, 4, middle - side / 2 + 8 * rem, side)
    }
    context.textAlign = "center"
    for (let j = 0; j < c; j++) {
      const room = w * size
      const name = room > 70 * rem ? `channel ${j + 1}` : room > 26 * rem ? `ch ${j + 1}` : room > 13 * rem ? `${j + 1}` : ""
      context.fillText(name, boxes[j][0] + room / 2, 10 * rem)
    }
  }

  // the mark of a cell that held another number before
  corner(context, x, y, size) {
    const side = Math.max(3, size * 0.22)
    context.fillStyle = this.text
    context.beginPath()
    context.moveTo(x + size - 1, y)
    context.lineTo(x + size - 1 - side, y)
    context.lineTo(x + size - 1, y + side)
    context.fill()
  }

  hueOfSet([n, c, y, x]) {
    return colourOf(this.hues[n * this.data.shape[1] + c], y * this.data.shape[3] + x)
  }

  // which end of the shades is the larger number: in the dark scheme it is the lighter one
  drawLegend([low, high]) {
    const hue = this.hueOfSet(this.pinned)
    this.legend.querySelector(".low").textContent = low
    this.legend.querySelector(".high").textContent = high
    const stops = (this.mode === "before" ? [0, 1] : [0, 0.5, 1]).map((t) => css(this.shade(hue, t)))
    this.legend.querySelector(".ramp").style.background = `linear-gradient(to right, ${stops.join(", ")})`
  }

  drawPlane(context, p, numbers, low, span, hues, left, top, size) {
    const [, , h, w] = this.data.shape
    this.stamp = this.stamp || document.createElement("canvas")
    this.stamp.width = w
    this.stamp.height = h
    const small = this.stamp.getContext("2d", { willReadFrequently: true })
    const pixels = small.createImageData(w, h)
    for (let i = 0; i < this.plane; i++) {
      const colour = this.shade(colourOf(hues, i), (numbers[p * this.plane + i] - low) / span)
      pixels.data.set(colour, 4 * i)
      pixels.data[4 * i + 3] = 255
    }
    small.putImageData(pixels, 0, 0)
    context.imageSmoothingEnabled = false
    context.drawImage(this.stamp, left, top, w * size, h * size)
  }

  drawThumb(context, image, left, top, side) {
    const edge = 28
    const small = document.createElement("canvas")
    small.width = small.height = edge
    const pixels = new ImageData(edge, edge)
    for (let i = 0; i < edge * edge; i++) {
      pixels.data.fill(255 - this.thumbs[image * edge * edge + i], 4 * i, 4 * i + 3)
      pixels.data[4 * i + 3] = 255
    }
    small.getContext("2d").putImageData(pixels, 0, 0)
    context.imageSmoothingEnabled = true
    context.drawImage(small, left, top, side, side)
  }

  // x in shades of its set's hue; all that is spread around zero in two colours that fade into the page there
  shade(hue, t) {
    const place = Math.max(0, Math.min(1, t))
    if (this.mode === "before") return mix(this.background, hue, 0.3 + 0.7 * place)
    const [below, above] = this.aroundZero
    return mix(this.background, place < 0.5 ? below : above, 0.06 + 0.94 * Math.abs(2 * place - 1))
  }

  drawLight(geometry = this.geometry) {
    if (!geometry) return
    const { boxes, size } = geometry
    const [, c, h, w] = this.data.shape
    const context = this.prepare(this.light, geometry)
    if (this.data.secret) {
      this.choosing.draw(context, geometry)
      return
    }
    const cell = this.cell || this.pinned
    const set = this.data.planes[cell[0] * c + cell[1]] // or the first of its plane
    const place = this.data.within ? [cell[3] * size, cell[2] * size] : null
    const veil = css([...this.background.slice(0, 3)], 0.72)
    // halos lie between the veil and the outline: above the outline they would break it, below the veil fade
    for (let p = 0; p < boxes.length && this.cell; p++) {
      const same = this.data.planes[p] === set
      if (!boxes[p] || (same && !place)) continue // at rest all sets are in full colour
      context.fillStyle = veil
      context.fillRect(boxes[p][0] - 1, boxes[p][1] - 1, w * size + 2, h * size + 2)
      if (same) context.clearRect(boxes[p][0] + place[0], boxes[p][1] + place[1], size - 1, size - 1)
    }
    const marked = this.cell ? [this.pinned, this.cell] : [this.pinned]
    for (const one of marked) this.halo(context, geometry, one)
    context.lineWidth = 2.5
    context.lineCap = "square"
    context.strokeStyle = this.text
    for (let p = 0; p < boxes.length; p++) {
      if (!boxes[p] || this.data.planes[p] !== set) continue
      const [left, top] = boxes[p]
      if (place) context.strokeRect(left + place[0] - 0.5, top + place[1] - 0.5, size, size)
      else this.outline(context, p, left - 1.5, top - 1.5, left + w * size + 0.5, top + h * size + 0.5, geometry)
    }
    for (const one of marked) this.ring(context, geometry, one, one === this.pinned)
    if (this.data.choice) this.choosing.drawMarks(context, geometry)
    if (this.typed !== null) this.writeTyped(context, geometry)
  }

  writeTyped(context, geometry) {
    const square = this.square(geometry, this.pinned)
    if (!square) return
    const [left, top, side] = square
    context.fillStyle = css(this.background)
    context.fillRect(left + 1, top + 1, side - 2, side - 2)
    context.fillStyle = this.text
    context.textAlign = "center"
    context.textBaseline = "middle"
    context.font = `${Math.max(9, Math.min(15 * this.rem, side * 0.5))}px sans-serif`
    context.fillText(this.typed + "|", left + side / 2, top + side / 2)
  }

  // one frame around the whole set: no line where the neighbouring plane belongs to it too
  outline(context, p, left, top, right, bottom, { boxes, single }) {
    const planes = this.data.planes
    const c = this.data.shape[1]
    const joined = (q, row) => !single && boxes[q] && planes[q] === planes[p] && (!row || Math.floor(q / c) === Math.floor(p / c))
    const [before, after, above, below] = [joined(p - 1, true), joined(p + 1, true), joined(p - c), joined(p + c)]
    const from = before ? boxes[p][0] - GAP : left
    const to = after ? boxes[p + 1][0] : right
    const down = below ? boxes[p + c][1] : bottom
    const line = (x1, y1, x2, y2) => {
      context.beginPath()
      context.moveTo(x1, y1)
      context.lineTo(x2, y2)
      context.stroke()
    }
    if (!above) line(from, top, to, top)
    if (!below) line(from, bottom, to, bottom)
    if (!before) line(left, top, left, down)
    if (!after) line(right, top, right, down)
  }

  // the square around a cell, [left, top, side], large enough to be seen where cells are tiny; null where none shows
  square({ boxes, size }, [n, c, y, x]) {
    const box = boxes[n * this.data.shape[1] + c]
    if (!box) return null
    const around = Math.max(size, 7)
    const shift = (size - around) / 2
    return [box[0] + x * size + shift, box[1] + y * size + shift, around - 1]
  }

  halo(context, geometry, cell) {
    const square = this.square(geometry, cell)
    if (!square) return
    const [left, top, side] = square
    context.lineWidth = 3
    context.strokeStyle = css(this.background)
    context.strokeRect(left - 2, top - 2, side + 4, side + 4)
  }

  ring(context, geometry, cell, pinned) {
    const square = this.square(geometry, cell)
    if (!square) return
    const [left, top, side] = square
    context.strokeStyle = this.text
    context.lineWidth = 2
    context.setLineDash(pinned ? [] : [3, 2])
    context.strokeRect(left, top, side, side)
    context.setLineDash([])
  }
}
