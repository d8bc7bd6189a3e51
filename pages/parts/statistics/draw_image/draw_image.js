// Ink is kept as one number from 0 to 255 a pixel; the canvas only shows it.

const SIDE = 28

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const [sheet, end] = lasting(parentElement, () => start(parentElement))
  const inner = parentElement.querySelector(".inner")
  inner.hidden = !data.border
  inner.style.inset = `${100 * data.border}%`
  sheet.send = (text) => setTriggerValue("drawing", text)
  return end
}

function start(root) {
  const paper = root.querySelector(".paper")
  const canvas = root.querySelector("canvas")
  const pen = root.querySelector(".pen")
  const context = canvas.getContext("2d")
  const ink = new Uint8Array(SIDE * SIDE)
  const sheet = { send: () => {} }
  let last = null
  let at = [SIDE / 2, SIDE / 2]

  const show = () => {
    const image = context.createImageData(SIDE, SIDE)
    for (let i = 0; i < ink.length; i++) {
      image.data.fill(255 - ink[i], 4 * i, 4 * i + 3)
      image.data[4 * i + 3] = 255
    }
    context.putImageData(image, 0, 0)
  }
  // a round pen about two cells wide with a soft rim, like the strokes of the data sets
  const dot = (x, y) => {
    for (let row = Math.max(0, Math.floor(y - 2)); row <= Math.min(SIDE - 1, y + 2); row++)
      for (let column = Math.max(0, Math.floor(x - 2)); column <= Math.min(SIDE - 1, x + 2); column++) {
        const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y)
        const amount = Math.round(255 * Math.max(0, Math.min(1, 1.9 - distance)))
        ink[row * SIDE + column] = Math.max(ink[row * SIDE + column], amount)
      }
  }
  const stroke = (from, to) => {
    const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) * 2))
    for (let s = 0; s <= steps; s++)
      dot(from[0] + ((to[0] - from[0]) * s) / steps, from[1] + ((to[1] - from[1]) * s) / steps)
    show()
  }
  const place = (event) => {
    const area = canvas.getBoundingClientRect()
    return [((event.clientX - area.left) / area.width) * SIDE, ((event.clientY - area.top) / area.height) * SIDE]
  }
  const movePen = () => {
    pen.style.left = `${(at[0] / SIDE) * 100 - 2.5}%`
    pen.style.top = `${(at[1] / SIDE) * 100 - 2.5}%`
  }
  paper.onpointerdown = (event) => {
    paper.setPointerCapture(event.pointerId)
    last = place(event)
    stroke(last, last)
  }
  paper.onpointermove = (event) => {
    if (!last) return
    const now = place(event)
    stroke(last, now)
    last = now
  }
  paper.onpointerup = paper.onpointercancel = () => (last = null)
  paper.onkeydown = (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]
    if (step) {
      const next = [0, 1].map((k) => Math.max(0.5, Math.min(SIDE - 0.5, at[k] + step[k])))
      if (event.shiftKey) stroke(at, next)
      at = next
      movePen()
    } else if (event.key === " ") stroke(at, at)
    else return
    event.preventDefault()
  }
  root.querySelector(".clear").onclick = () => {
    ink.fill(0)
    show()
  }
  root.querySelector(".use").onclick = () => sheet.send(btoa(String.fromCharCode(...ink)))
  movePen()
  show()
  return sheet
}
