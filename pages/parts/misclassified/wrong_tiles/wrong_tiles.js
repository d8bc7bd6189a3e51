// Images in rows, each with what is said of it and a button; which button is pressed, the server hears.

export default function ({ parentElement, data: [data], setTriggerValue }) {
  const root = parentElement.querySelector(".tiles")
  root.open = (index) => setTriggerValue("open", index)
  const seen = JSON.stringify(data)
  if (root.seen === seen) return // what has the focus keeps it
  root.seen = seen
  root.style.setProperty("--columns", data.columns)
  root.classList.toggle("beside", data.beside)
  root.replaceChildren(...data.tiles.map((one) => tile(one, (index) => root.open(index))))
}

function tile({ index, name, image, alt, lines }, open) {
  const words = make("div", "", { class: "words" })
  for (const parts of lines) {
    const line = make("p")
    line.append(...parts.map((part, place) => (place % 2 ? make("strong", part) : part)))
    words.append(line)
  }
  const button = make("button", name, { type: "button" })
  button.onclick = () => open(index)
  words.append(button)
  const whole = make("li")
  whole.append(make("img", "", { src: image, alt }), words)
  return whole
}
