// A batch as tiles, one row an image and one column a channel, once for every norm: the tile that is pointed at lights
// all tiles that share its mean, under each norm at once. Which tiles those are follows from the dimensions that
// number a norm's sets; sentences come from the server as templates.

export default function (component) {
  const { parentElement, data: [data] } = component
  const [view, end] = lasting(parentElement, () => new SharedMeans(parentElement))
  view.show(data)
  return end
}

class SharedMeans {
  constructor(root) {
    this.lead = root.querySelector(".lead")
    this.steppers = root.querySelector(".steppers")
    this.norms = root.querySelector(".norms")
    this.said = root.querySelector(".said")
  }

  show(data) {
    const seen = JSON.stringify(data)
    if (seen === this.seen) return
    this.seen = seen
    this.data = data
    this.sizes = { ...data.sizes }
    this.wanted = data.sizes.G // where C allows it
    this.place = { ...data.place }
    this.build()
    this.draw()
  }

  // how many groups a norm makes of the channels
  groups(norm) {
    const { C, G } = this.sizes
    return { one: 1, each: C, chosen: G }[norm.grouping]
  }

  view(norm) {
    const groups = this.groups(norm)
    return { N: this.sizes.N, G: groups, "C/G": this.sizes.C / groups, H: 1, W: 1 }
  }

  set(norm, n, c) {
    const sizes = this.view(norm)
    const place = { N: n, G: Math.floor(c / sizes["C/G"]), "C/G": c % sizes["C/G"], H: 0, W: 0 }
    return norm.numbering.map((dimension) => place[dimension]).join()
  }

  // the values that a size may take, ascending
  choice(name) {
    const { C } = this.sizes
    if (name === "G") return Array.from({ length: C }, (_, i) => i + 1).filter((g) => C % g === 0)
    const [least, most] = this.data.limits[name]
    return Array.from({ length: most - least + 1 }, (_, i) => least + i)
  }

  next(name, by) {
    const choice = this.choice(name)
    return choice[choice.indexOf(this.sizes[name]) + by]
  }

  step(name, by) {
    const value = this.next(name, by)
    if (value === undefined) return
    this.sizes[name] = value
    if (name === "G") this.wanted = value
    this.sizes.G = Math.max(...this.choice("G").filter((g) => g <= this.wanted))
    this.place.n = Math.min(this.place.n, this.sizes.N - 1)
    this.place.c = Math.min(this.place.c, this.sizes.C - 1)
    this.draw()
  }

  build() {
    this.lead.textContent = this.data.words.lead
    this.buttons = []
    this.values = {}
    this.steppers.replaceChildren(
      ...Object.entries(this.data.names).map(([name, title]) => {
        const group = element("div", "stepper")
        group.setAttribute("role", "group")
        group.setAttribute("aria-label", title)
        this.values[name] = element("output", "value")
        group.append(element("span", "", title), this.button(name, -1), this.values[name], this.button(name, 1))
        return group
      }),
    )
    this.boards = this.data.norms.map((norm) => {
      const board = element("div", "board")
      board.tabIndex = 0
      board.setAttribute("role", "application")
      board.setAttribute("aria-roledescription", "tiles")
      board.style.setProperty("--colour", norm.color)
      const point = (event) => this.point(board, event)
      board.onpointerdown = point
      board.onpointermove = point
      board.onkeydown = (event) => this.key(event)
      const words = element("div", "words")
      const parts = { board, count: element("p", "count"), short: element("p", "short") }
      words.append(parts.count, parts.short)
      const article = element("div", `norm ${norm.name}`)
      article.append(board, words)
      return { ...parts, article }
    })
    this.norms.replaceChildren(...this.boards.map(({ article }) => article))
  }

  button(name, by) {
    const button = element("button", by < 0 ? "less" : "more", by < 0 ? "−" : "+")
    button.type = "button"
    const title = this.data.names[name]
    button.setAttribute("aria-label", fill(by < 0 ? this.data.words.less : this.data.words.more, { title }))
    button.onclick = () => this.step(name, by)
    this.buttons.push({ button, name, by })
    return button
  }

  point(board, event) {
    const { N, C } = this.sizes
    const box = board.getBoundingClientRect()
    const within = (share, count) => Math.max(0, Math.min(count - 1, Math.floor(share * count)))
    const n = within((event.clientY - box.top) / box.height, N)
    const c = within((event.clientX - box.left) / box.width, C)
    if (n !== this.place.n || c !== this.place.c) this.move(n, c)
  }

  key(event) {
    const { n, c } = this.place
    const { N, C } = this.sizes
    const to = {
      ArrowRight: [n, (c + 1) % C],
      ArrowLeft: [n, (c + C - 1) % C],
      ArrowDown: [(n + 1) % N, c],
      ArrowUp: [(n + N - 1) % N, c],
      Home: [n, 0],
      End: [n, C - 1],
    }[event.key]
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    this.move(...to)
  }

  move(n, c) {
    this.place = { n, c }
    this.light()
  }

  // a norm's sentence: where groups are all channels or one each, or there is one image, another one
  short(norm) {
    const { N, C, G } = this.sizes
    return (N === 1 && norm.alone) || (G === 1 && norm.one) || (G === C && norm.each) || norm.short
  }

  // after a size has changed: other tiles, other counts
  draw() {
    const { N, C, G } = this.sizes
    const { words } = this.data
    for (const [name, value] of Object.entries(this.values)) value.textContent = this.sizes[name]
    for (const { button, name, by } of this.buttons)
      button.setAttribute("aria-disabled", String(this.next(name, by) === undefined))
    this.boards.forEach((parts, i) => {
      const norm = this.data.norms[i]
      parts.board.style.gridTemplate = `repeat(${N}, minmax(0, 1fr)) / repeat(${C}, minmax(0, 1fr))`
      parts.board.replaceChildren(...Array.from({ length: N * C }, () => element("div", "tile")))
      const sizes = this.view(norm)
      const means = norm.numbering.reduce((product, dimension) => product * sizes[dimension], 1)
      const count = fill(means === 1 ? words.mean : words.means, { ...norm, means })
      parts.count.replaceChildren(...bold(count))
      parts.short.replaceChildren(...bold(fill(this.short(norm), { g: G, per: C / G })))
      const title = fill(words.board, { title: norm.title, count: count.replaceAll("**", ""), n: N, c: C })
      parts.board.setAttribute("aria-label", title)
    })
    this.light()
  }

  light() {
    const { n, c } = this.place
    const { C } = this.sizes
    const others = this.boards.map(({ board }, i) => {
      const norm = this.data.norms[i]
      const set = this.set(norm, n, c)
      let lit = 0
      for (const [at, tile] of [...board.children].entries()) {
        const [row, column] = [Math.floor(at / C), at % C]
        const shares = this.set(norm, row, column) === set
        lit += shares
        tile.classList.toggle("lit", shares)
        tile.classList.toggle("here", row === n && column === c)
      }
      return [norm.name, lit]
    })
    this.said.textContent = fill(this.data.words.said, { image: n + 1, channel: c + 1, ...Object.fromEntries(others) })
  }
}

function element(tag, name, text = "") {
  return make(tag, text, name ? { class: name } : {})
}

// a template's places in braces
function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (place, name) => (name in values ? values[name] : place))
}

// what stands between pairs of asterisks is bold
function bold(text) {
  return text.split("**").map((part, i) => (i % 2 ? element("strong", "", part) : document.createTextNode(part)))
}
