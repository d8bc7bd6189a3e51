// A table of situations: what to take in each, why, and links into this app. A plain click on a link is told to the
// server, which turns the page and keeps the visit; any other way to open it takes its address.

export default function ({ parentElement, data: [data], setTriggerValue }) {
  const root = parentElement.querySelector(".situations")
  const seen = JSON.stringify(data)
  root.go = (number) => setTriggerValue("go", number)
  if (root.seen === seen) return // what is opened stays open
  root.seen = seen
  root.replaceChildren(table(data, (number) => root.go(number)))
}

function table(data, go) {
  // roles, too: a narrow window lays rows out as blocks, and some browsers then forget what they are
  const table = make("table", "", { role: "table" })
  const head = make("tr", "", { role: "row" })
  head.append(...data.columns.map((name) => make("th", name, { role: "columnheader", scope: "col" })))
  table.createTHead().append(head)
  table.tHead.setAttribute("role", "rowgroup")
  const body = table.createTBody()
  body.setAttribute("role", "rowgroup")
  for (const [place, row] of data.rows.entries()) body.append(...lines(row, `numbers-${place}`, data, go))
  return table
}

// a situation's line, and the one below it with its numbers, closed at first
function lines(row, id, data, go) {
  const line = make("tr", "", { role: "row", class: "situation" })
  const links = cell("", { class: "links" })
  links.append(...row.links.map((one) => link(one, go)))
  line.append(make("th", row.when, { role: "rowheader", scope: "row" }), cell(row.take, { class: "take" }))
  line.append(cell(row.why), links)
  if (!row.numbers.length) return [line]
  const below = make("tr", "", { role: "row", class: "numbers", id, hidden: "" })
  const text = cell("", { colspan: data.columns.length })
  text.append(...row.numbers.map(piece))
  below.append(text)
  const opener = make("button", data.numbers, { type: "button", "aria-expanded": "false", "aria-controls": id })
  opener.setAttribute("aria-label", `${data.numbers}: ${row.when}`)
  opener.prepend(icon("query_stats"))
  opener.onclick = () => opener.setAttribute("aria-expanded", String(!(below.hidden = !below.hidden)))
  links.append(opener)
  return [line, below]
}

function link({ number, label, icon: name, address }, go) {
  const base = new URL(location.pathname.replace(/\/?$/, "/"), location.origin) // the first page is the app's address
  const anchor = make("a", label, { href: new URL(address, base) })
  anchor.prepend(icon(name))
  anchor.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    go(number)
  }
  return anchor
}

function piece([words, address]) {
  return address ? make("a", words, { href: address, target: "_blank", rel: "noopener noreferrer" }) : words
}

function icon(name) {
  return make("span", name, { class: "icon", "aria-hidden": "true", translate: "no" })
}

function cell(text, attributes = {}) {
  return make("td", text, { role: "cell", ...attributes })
}
