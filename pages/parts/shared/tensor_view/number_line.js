// The set that is pointed at, or pinned, as dots on a number line, with mean and standard deviation: switching from x
// to its normalized values moves the dots. It follows tensor_picture.js in one module and draws what that one holds;
// what a person does with the dots is in dots.js.

// in pixels of the usual type; they grow with it
const LINE = 96 // its height
const AXIS = 62 // of the axis below its top
const MOST_LINES = 48 // from dots to the mean: more would be a grey area
const TICKS = 5
const EDGE = 14 // from the ends of the axis to those of the canvas
const ROOM = { still: 0.04, movable: 0.12 } // beyond the outermost number, as a share of the axis

class NumberLine {
  constructor(canvas, picture) {
    this.canvas = canvas
    this.picture = picture
    this.frozen = null // the ends of the axis while a dot is moved
    this.name = "" // what the axis shows, where there are two of them
  }

  // the positions in the flattened tensor of all cells of a set
  cells(set) {
    const found = []
    const { planes } = this.picture.data
    for (let p = 0; p < planes.length; p++)
      for (let i = 0; i < this.picture.plane; i++) if (this.picture.set(p, i) === set) found.push(p * this.picture.plane + i)
    return found
  }

  // where everything stands in one way of showing the tensor
  scene(cell, mode) {
    const { picture } = this
    const { editable } = picture.data
    const [, c, , w] = picture.data.shape
    const set = picture.set(cell[0] * c + cell[1], cell[2] * w + cell[3])
    const cells = this.cells(set)
    const numbers = picture.shows[mode]
    const values = cells.map((at) => numbers[at])
    const count = values.length
    const mean = values.reduce((sum, v) => sum + v, 0) / count
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / count)
    let [middle, spread] = [mean, deviation]
    if (mode === "before" && picture.data.centred) {
      // what is subtracted and divided by: in inference it is not the set's own
      middle = picture.data.mean[set]
      spread = Math.sqrt(picture.data.var[set])
    }
    const [low, high] = this.ends(values, middle, spread, mode)
    const left = EDGE
    const right = picture.geometry.width - EDGE
    const at = (v) => left + ((v - low) / (high - low)) * (right - left)
    const { rem } = picture
    const radius = rem * (editable && count <= 24 ? 6 : count <= 64 ? 4.5 : count <= 400 ? 3 : 2)
    const stacks = new Map()
    const dots = values.map((v) => {
      const place = Math.round(at(v) / (2 * radius))
      const level = stacks.get(place) || 0
      stacks.set(place, level + 1)
      return [at(v), level]
    })
    const highest = Math.max(1, ...stacks.values())
    const step = Math.min(2 * radius, ((AXIS - 26) * rem) / highest)
    for (const dot of dots) dot[1] = AXIS * rem - radius - 1 - dot[1] * step
    const chosen = cells.indexOf((cell[0] * c + cell[1]) * picture.plane + cell[2] * w + cell[3])
    return { cells, dots, mean: at(middle), ends: [at(middle - spread), at(middle + spread)], middle, spread, low, high, at, radius, chosen, left, right }
  }

  // the numbers at both ends of the axis
  ends(values, middle, spread, mode) {
    const { reach, lines, editable } = this.picture.data
    let low = Math.min(...bounds(values), middle - spread)
    let high = Math.max(...bounds(values), middle + spread)
    if (this.frozen && mode === "before") return [Math.min(low, this.frozen[0]), Math.max(high, this.frozen[1])]
    if (mode === "after" && lines === 2) {
      // none of n normalized numbers is farther from 0 than this: the axis stays where it is, whatever they do
      const farthest = Math.sqrt(values.length - 1)
      ;[low, high] = [Math.min(low, -farthest), Math.max(high, farthest)]
    } else if (reach && mode !== "after") [low, high] = [Math.min(low, reach[0]), Math.max(high, reach[1])]
    else if (mode !== "before") [low, high] = [Math.min(low, -2), Math.max(high, 2)]
    if (high - low < 1e-12) [low, high] = [low - 1, high + 1]
    const room = (editable && mode === "before" && !reach ? ROOM.movable : ROOM.still) * (high - low)
    return [low - room, high + room]
  }

  // what it shows of the set of a cell, for who does not see it
  words(cell, mode) {
    if (!this.picture.geometry || !this.picture.shows) return ""
    const { middle, spread } = this.scene(cell, mode === "tint" ? "after" : mode)
    return `On the number line: mean ${rounded(middle)}, standard deviation ${rounded(spread)}.`
  }

  show(cell, mode, animated) {
    if (!this.picture.geometry || !this.picture.shows) return
    if (mode === "tint") mode = "after" // what tints the cells has no mean of interest
    const to = this.scene(cell, mode)
    const before = this.to
    this.to = to
    // dots on their way to the same places go on: the server's answer or the pointer may come meanwhile
    if (this.frame && String([before.dots, before.ends]) === String([to.dots, to.ends])) return
    cancelAnimationFrame(this.frame)
    this.frame = 0
    const from = this.seen
    if (!animated || !from || from.dots.length !== to.dots.length) {
      this.draw(to, mode)
      return
    }
    const start = performance.now()
    const between = (a, b, e) => a * (1 - e) + b * e
    const step = (now) => {
      const t = Math.min(1, (now - start) / (2 * ANIMATION))
      const e = t * t * (3 - 2 * t)
      this.frame = t < 1 ? requestAnimationFrame(step) : 0
      const { to } = this // which cell is chosen may have changed
      this.draw(
        {
          ...to,
          dots: to.dots.map(([x, y], i) => [between(from.dots[i][0], x, e), between(from.dots[i][1], y, e)]),
          mean: between(from.mean, to.mean, e),
          ends: to.ends.map((end, i) => between(from.ends[i], end, e)),
        },
        mode,
      )
    }
    this.frame = requestAnimationFrame(step)
  }

  draw(scene, mode) {
    const { picture } = this
    const { dots, mean, ends, middle, spread, low, high, at, radius, chosen, left, right } = scene
    const { rem } = picture
    const [height, axis] = [LINE * rem, AXIS * rem]
    this.seen = scene
    const context = picture.prepare(this.canvas, { width: picture.geometry.width, height })
    const faint = css(mix(picture.background, parse(picture.text), 0.35))
    context.strokeStyle = faint
    context.fillStyle = picture.text
    context.lineWidth = 1
    const line = (x1, y1, x2, y2) => {
      context.beginPath()
      context.moveTo(x1, y1)
      context.lineTo(x2, y2)
      context.stroke()
    }
    line(left, axis, right, axis)
    context.font = `${11 * rem}px sans-serif`
    context.textAlign = "center"
    const marks = ticks(low, high)
    for (const tick of marks) line(at(tick), axis, at(tick), axis + 4 * rem)
    // every cell of the set has a part in its mean
    context.globalAlpha = 0.5
    if (dots.length <= MOST_LINES) for (const [x, y] of dots) line(x, y, mean, axis + 24 * rem)
    context.globalAlpha = 1
    // one standard deviation to each side, below the ticks, and the mean through all of it
    context.strokeStyle = picture.text
    context.lineWidth = 2
    line(ends[0], axis + 24 * rem, ends[1], axis + 24 * rem)
    for (const end of ends) line(end, axis + 20 * rem, end, axis + 28 * rem)
    line(mean, 14 * rem, mean, axis + 28 * rem)
    // no line goes through a number of the axis
    context.textBaseline = "top"
    context.strokeStyle = css(picture.background)
    context.lineWidth = 4 * rem
    context.lineJoin = "round"
    for (const tick of marks) {
      context.strokeText(number(tick, 3), at(tick), axis + 6 * rem)
      context.fillText(number(tick, 3), at(tick), axis + 6 * rem)
    }
    context.textBaseline = "bottom"
    const [m, d] = picture.data.running && mode === "before" ? ["running μ", "running σ"] : ["μ", "σ"]
    const said = `${m} = ${rounded(middle)}, ${d} = ${rounded(spread)}`
    const half = context.measureText(said).width / 2
    const taken = this.name ? left + context.measureText(this.name).width : left
    context.fillText(said, Math.max(taken + half, Math.min(right - half, mean)), 12 * rem)
    context.textAlign = "left"
    context.fillText(this.name, 2, 12 * rem)
    const dot = css(mode === "before" ? picture.hueOfSet(this.picture.cell || this.picture.pinned) : mix(picture.background, parse(picture.text), 0.6))
    // the chosen one last, so that no other lies on it
    const order = [...dots.keys()].filter((i) => i !== chosen)
    for (const i of chosen < 0 ? order : [...order, chosen]) {
      const [x, y] = dots[i]
      context.beginPath()
      context.arc(x, y, radius, 0, 2 * Math.PI)
      context.globalAlpha = dots.length > 400 ? 0.5 : 1
      context.fillStyle = dot
      context.fill()
      if (i !== chosen) continue
      context.globalAlpha = 1
      context.lineWidth = 2
      context.strokeStyle = picture.text
      context.stroke()
    }
    context.globalAlpha = 1
  }
}

// what is left of rounding is 0
function rounded(value) {
  return Math.abs(value) < 5e-7 ? "0" : number(Number(value.toPrecision(4)), 4)
}

function bounds(values) {
  return [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)]
}

// round numbers between two, about so many
function ticks(low, high) {
  const rough = (high - low) / TICKS
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)
  const found = []
  for (let k = Math.ceil(low / step); k * step <= high; k++) found.push(Number((k * step).toPrecision(12)))
  return found
}
