// Whoever predicts by keyboard presses a control that then goes away, and the focus would fall to the page. It goes to
// what is revealed instead, so that Tab goes on from there. Mouse and finger leave the focus as it is.

const KEYS = ["Enter", " "]
const LOOK = 50 // milliseconds
const PATIENCE = 15000 // milliseconds that the answer of a busy server may take

export default function (component) {
  const { data, parentElement } = component
  const [keeper, end] = lasting(parentElement, keep, (one) => one.stop())
  keeper.data = data
  return end
}

function keep() {
  const keeper = { data: null, timer: 0 }
  const leave = () => clearInterval(keeper.timer)
  const pressed = (event) => {
    leave()
    const control = document.activeElement
    if (!KEYS.includes(event.key) || !control || control === document.body) return
    const began = performance.now()
    keeper.timer = setInterval(() => {
      const focused = document.activeElement
      const fallen = !focused || focused === document.body
      if (fallen) reveal(keeper.data)
      if (fallen || focused !== control || performance.now() - began > PATIENCE) leave()
    }, LOOK)
  }
  document.addEventListener("keydown", pressed, true)
  document.addEventListener("pointerdown", leave, true)
  keeper.stop = () => {
    leave()
    document.removeEventListener("keydown", pressed, true)
    document.removeEventListener("pointerdown", leave, true)
  }
  return keeper
}

function reveal({ places, name }) {
  const found = places.map((key) => document.querySelector(`.st-key-${key}`)).find(Boolean)
  if (!found) return
  found.tabIndex = -1
  found.setAttribute("role", "group")
  found.setAttribute("aria-label", name)
  found.focus({ preventScroll: true })
}
