// A table of buttons, one a pair of methods: which of them is pressed, the server says.

export default function ({ parentElement, data, setStateValue }) {
  const root = parentElement.querySelector(".matrix")
  const focused = root.querySelector("button:focus")?.dataset.place
  const numbered = data.labels.length > 4
  const short = (place) => (numbered ? String(place + 1) : data.labels[place])

  const title = make("p", data.title, { class: "title" })
  const table = make("table", "", { "aria-label": data.title })
  const head = table.createTHead().insertRow()
  head.append(make("td"))
  for (let column = 0; column + 1 < data.labels.length; column++) {
    head.append(make("th", short(column), { scope: "col", title: data.labels[column] }))
  }
  const body = table.createTBody()
  for (let row = 1; row < data.labels.length; row++) {
    const line = body.insertRow()
    const name = numbered ? `${row + 1} ${data.labels[row]}` : data.labels[row]
    line.append(make("th", name, { scope: "row", title: data.labels[row] }))
    for (const cell of data.cells.filter((one) => one.row === row)) {
      const place = `${cell.row},${cell.column}`
      const pressed = data.chosen !== null && data.chosen.join() === place
      const button = make("button", "", {
        "aria-label": cell.words,
        "aria-pressed": pressed,
        class: cell.kind,
        "data-place": place,
        title: cell.words,
        type: "button",
      })
      const [symbol, ...within] = cell.symbols
      button.append(make("span", `${symbol} ${cell.difference}`, { class: "difference" }))
      button.append(...within.map((text) => make("span", text)))
      // counted, so that the same pair pressed twice is told twice
      button.onclick = () => setStateValue("pair", [cell.row, cell.column, Date.now()])
      line.insertCell().append(button)
    }
  }
  const legend = make("p", "", { class: "legend" })
  for (const [symbol, words] of data.legend) {
    const entry = make("span")
    entry.append(make("b", symbol), ` ${words}`)
    legend.append(entry, " ")
  }
  if (numbered) legend.append(make("span", `1 is ${data.labels[0]}`))
  root.replaceChildren(title, table, legend)
  if (focused) root.querySelector(`[data-place="${focused}"]`)?.focus()
}
