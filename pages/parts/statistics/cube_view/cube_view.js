// Boxes drawn back to front on a canvas a norm with one pair of angles. No WebGL: it works everywhere a canvas
// does, and blocks of 64 boxes need no more.

const FAINT = 0.16

export default function (component) {
  const { parentElement, data } = component
  const make = () => new Cubes(parentElement.querySelector(".cubes"))
  const [view, end] = lasting(parentElement, make, (one) => one.resize.disconnect())
  view.show(data)
  return end
}

class Cubes {
  constructor(root) {
    this.root = root
    this.turn = -0.6
    this.tilt = 0.5
    this.blocks = []
    this.resize = new ResizeObserver(() => this.draw())
    this.resize.observe(root)
  }

  show(data) {
    this.data = data
    while (this.blocks.length < data.blocks.length) this.add()
    while (this.blocks.length > data.blocks.length) this.blocks.pop().figure.remove()
    data.blocks.forEach((block, i) => {
      const { stage, title, lit } = this.blocks[i]
      title.textContent = block.title
      lit.textContent = `Solid: ${block.name}`
      stage.setAttribute("aria-label", `${block.title}. Solid: ${block.name}. Arrow keys turn all blocks.`)
    })
    this.draw()
  }

  add() {
    const add = (tag, into, name = "") => {
      const element = make(tag, "", name ? { class: name } : {})
      into.append(element)
      return element
    }
    const figure = add("figure", this.root)
    const stage = add("div", figure, "stage")
    stage.tabIndex = 0
    stage.setAttribute("role", "application")
    stage.setAttribute("aria-roledescription", "block in 3D")
    const canvas = add("canvas", stage)
    canvas.setAttribute("aria-hidden", "true")
    const caption = add("figcaption", figure)
    const title = add("strong", caption)
    const lit = add("span", caption)
    stage.onpointerdown = (event) => {
      stage.setPointerCapture(event.pointerId)
      this.from = [event.clientX, event.clientY]
    }
    stage.onpointermove = (event) => {
      if (!this.from) return
      this.rotate((event.clientX - this.from[0]) * 0.01, (event.clientY - this.from[1]) * 0.01)
      this.from = [event.clientX, event.clientY]
    }
    stage.onpointerup = stage.onpointercancel = () => (this.from = null)
    stage.onkeydown = (event) => {
      const steps = { ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] }
      if (!steps[event.key]) return
      this.rotate(...steps[event.key])
      event.preventDefault()
    }
    this.blocks.push({ figure, stage, canvas, title, lit })
  }

  rotate(turn, tilt) {
    this.turn += turn
    this.tilt = Math.max(-1.4, Math.min(1.4, this.tilt + tilt))
    cancelAnimationFrame(this.frame)
    this.frame = requestAnimationFrame(() => this.draw())
  }

  draw() {
    if (!this.data) return
    this.blocks.forEach(({ canvas }, i) => this.block(canvas, this.data.blocks[i]))
  }

  block(canvas, { planes, within, hues, lit }) {
    const width = canvas.clientWidth
    if (!width) return
    const height = Math.min(width * 0.78, 260)
    const ratio = window.devicePixelRatio || 1
    canvas.width = width * ratio
    canvas.height = height * ratio
    canvas.style.height = height + "px"
    const context = canvas.getContext("2d")
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, width, height)
    const [n, c, levels] = [planes.length, planes[0].length, this.data.levels]
    // extents: channels to the right, images into depth, positions upwards
    const size = [Math.min(2.2, 0.45 * c), 0.45 * n, Math.max(1, 0.45 * levels)]
    const step = [size[0] / c, size[1] / n, size[2]]
    const radius = Math.hypot(...size) / 2
    const rem = typeSize()
    const scale = (Math.min(width, height * 1.15) / 2 - 14 * rem) / radius
    const [ct, st, cp, sp] = [Math.cos(this.turn), Math.sin(this.turn), Math.cos(this.tilt), Math.sin(this.tilt)]
    const project = ([x, y, z]) => {
      const rx = x * ct - y * st
      const ry = x * st + y * ct
      return [width / 2 + rx * scale, height / 2 - (z * cp + ry * sp) * scale, ry * cp - z * sp]
    }
    const boxes = []
    for (let i = 0; i < n; i++)
      for (let j = 0; j < c; j++) {
        // a column is one box, or one for each of its positions where each has a set of its own
        const parts = within ? within.length : 1
        for (let k = 0; k < parts; k++) {
          const low = [j * step[0] - size[0] / 2, i * step[1] - size[1] / 2, size[2] * (k / parts - 0.5)]
          const high = [low[0] + step[0] * 0.86, low[1] + step[1] * 0.86, low[2] + size[2] / parts]
          const middle = project([0, 1, 2].map((axis) => (low[axis] + high[axis]) / 2))
          const set = planes[i][j] + (within ? within[k] : 0)
          boxes.push({ low, high, depth: middle[2], set, hue: this.data.palette[hues[set]] })
        }
      }
    boxes.sort((a, b) => b.depth - a.depth)
    for (const box of boxes) this.box(context, box, box.set === lit, project, within ? 1 : levels)
    context.globalAlpha = 1
    context.fillStyle = getComputedStyle(this.root).getPropertyValue("--st-text-color") || "#000"
    context.font = `${12 * rem}px sans-serif`
    context.textAlign = "center"
    const out = 1.16
    for (const [name, at] of [
      ["C", [0, -size[1] / 2 - 0.25, -size[2] / 2 - 0.12]],
      ["N", [size[0] / 2 + 0.25, 0, -size[2] / 2 - 0.12]],
      ["H×W", [(-size[0] / 2) * out - 0.1, (-size[1] / 2) * out, 0]],
    ]) {
      const [x, y] = project(at)
      context.fillText(name, Math.max(16 * rem, Math.min(width - 16 * rem, x)), Math.max(12 * rem, Math.min(height - 4, y)))
    }
  }

  box(context, { low, high, hue }, solid, project, levels) {
    const corner = (i) => project([0, 1, 2].map((k) => ((i >> k) & 1 ? high[k] : low[k])))
    const corners = [0, 1, 2, 3, 4, 5, 6, 7].map(corner)
    const faces = [
      [[0, 1, 3, 2], 0.8],
      [[4, 5, 7, 6], 1],
      [[0, 1, 5, 4], 0.9],
      [[2, 3, 7, 6], 0.9],
      [[0, 2, 6, 4], 0.75],
      [[1, 3, 7, 5], 0.75],
    ]
    const drawn = faces
      .map(([at, light]) => ({ points: at.map((i) => corners[i]), light }))
      .sort((a, b) => b.points.reduce((t, p) => t + p[2], 0) - a.points.reduce((t, p) => t + p[2], 0))
      .slice(3) // only the three faces turned towards the viewer
    context.lineWidth = 1
    for (const { points, light } of drawn) {
      context.globalAlpha = solid ? 1 : FAINT
      context.beginPath()
      points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)))
      context.closePath()
      context.fillStyle = dim(hue, light)
      context.fill()
      context.globalAlpha = solid ? 0.9 : 0.3
      context.strokeStyle = dim(hue, 0.5)
      context.stroke()
    }
    // rings that part the column into positions
    context.globalAlpha = solid ? 0.8 : 0.2
    for (let level = 1; level < levels; level++) {
      const z = low[2] + ((high[2] - low[2]) * level) / levels
      const ring = [
        [low[0], low[1]],
        [high[0], low[1]],
        [high[0], high[1]],
        [low[0], high[1]],
      ].map(([x, y]) => project([x, y, z]))
      const far = ring.indexOf(ring.reduce((a, b) => (b[2] > a[2] ? b : a)))
      context.beginPath()
      for (let i = 1; i < 4; i++) {
        const [x, y] = ring[(far + i) % 4]
        if (i === 1) context.moveTo(x, y)
        else context.lineTo(x, y)
      }
      context.stroke()
    }
  }
}

function dim(hex, light) {
  const parts = [1, 3, 5].map((i) => Math.round(parseInt(hex.slice(i, i + 2), 16) * light))
  return `rgb(${parts.join(",")})`
}
