// Arrow keys and Page Up and Page Down, which a presenter's remote control sends, turn step or page; Escape leaves.
// Never those of a control that uses them itself: what has the focus comes first.

const WAYS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back" }
const FIELDS = 'input:not([type="checkbox"], [type="radio"], [type="button"]), textarea, select, [contenteditable="true"]'
const ROLES = ["application", "slider", "spinbutton", "combobox", "textbox", "searchbox", "listbox", "option", "menu", "menuitem", "grid", "gridcell", "tree", "dialog"]
// these use the arrows and leave the Page keys alone
const ARROWS = 'input[type="radio"], [role="radio"], [role="radiogroup"], [role="tab"], [role="tablist"], [role="toolbar"]'
const OPEN = '[role="dialog"], [role="listbox"], [role="menu"], [data-baseweb="popover"], [data-testid="stPopoverBody"]'

export default function (component) {
  const { data, parentElement } = component
  const [listener, end] = lasting(parentElement, listen, (one) => one.stop())
  listener.data = data
  return end
}

function listen() {
  const listener = { data: null, open: false }
  // before the page hears of it: what Escape closes is gone afterwards
  const before = (event) => {
    if (event.key === "Escape") listener.open = document.querySelector(OPEN) !== null
  }
  const pressed = (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    const path = event.composedPath().filter((node) => node instanceof Element)
    if (path.some((node) => node.matches(FIELDS) || ROLES.includes(node.getAttribute("role")))) return
    if (event.key === "Escape") {
      if (!listener.open) button(listener.data.leave)?.click()
    } else if (event.key in WAYS) {
      if (event.key.startsWith("Arrow") && path.some((node) => node.matches(ARROWS))) return
      event.preventDefault()
      if (!event.repeat) go(listener, WAYS[event.key])
    }
  }
  document.addEventListener("keydown", before, true)
  document.addEventListener("keydown", pressed)
  listener.stop = () => {
    document.removeEventListener("keydown", before, true)
    document.removeEventListener("keydown", pressed)
  }
  return listener
}

function go(listener, way) {
  const own = button(listener.data.buttons[way])
  if (own && !own.disabled) own.click()
  else document.querySelector(listener.data.links[way])?.click()
}

const button = (key) => document.querySelector(`.st-key-${key} button`)
